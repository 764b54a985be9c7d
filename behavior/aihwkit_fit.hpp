// SPDX-License-Identifier: Apache-2.0
// What aihwkit's own parameters can say of an array, fitted to circuit solves, and how
// far that is from them.
#pragma once

#include <array>

#include "behavior/test_set.hpp"
#include "netlists/arrays/spec.hpp"

namespace arrayspice {

/// Of a tile with weights (G+ - G-) / (G_max - G_min) and inputs V / V_max: IOParameters
/// by their names, WeightModifierParameter POLY, and relative errors of both.
struct AihwkitFit {
  double out_scale = 1.0;         ///< digital factor behind the converter
  double ir_drop_g_ratio = 0.0;   ///< of a segment of the bit line over a largest cell
  double ir_drop = 0.0;           ///< 0 where there is no segment
  double out_nonlinearity = 0.0;  ///< n of y / (1 + n |y|)
  double out_noise = 0.0;         ///< RMS of what the fit leaves, before out_scale
  double error = 0.0;             ///< RMS of the same over that of the circuit
  double ideal_error = 0.0;       ///< of the product without any parameter
  std::array<double, 3> modifier_coefficients{};  ///< sigma over |w|, |w| in 0 to 1
  double modifier_error = 0.0;                    ///< RMS over RMS
};

/// Inputs of aihwkit are word lines from the sense end on: its drop grows with the input.
AihwkitFit fit_aihwkit(const TestSet& test, const ArraySpec& spec);

/// Outputs (batch x columns) with aihwkit's IR drop of this array's bit lines and nothing
/// fitted.
Matrix aihwkit_outputs(const ArraySpec& spec, const Matrix& conductances,
                       const Matrix& inputs);

}  // namespace arrayspice
