// SPDX-License-Identifier: Apache-2.0
// What a user of one chip sees of its products: inputs through DACs, the circuit, noise,
// codes of ADCs.
#pragma once

#include <vector>

#include "behavior/mvm.hpp"

namespace arrayspice {

struct ChipProducts {
  Matrix outputs;            ///< (batch, columns); of an ADC what its codes stand for
  Matrix codes;              ///< empty without an ADC
  std::int64_t clipped = 0;  ///< outputs beyond the range of the ADC
  MvmStats stats;
};

/// Products of the chip of this spec with inputs (batch, rows); weights are what was
/// asked for. Throws as ArraySolver does.
ChipProducts multiply_on_chip(const ArraySpec& spec, const Matrix& weights,
                              const Matrix& inputs, const MvmOptions& options = {});

/// Standard deviations (batch, columns) of the noise that products of `inputs` add to
/// their outputs: kT/C, thermal currents within a bandwidth, the sense circuit's own
/// ([noise]). `held`: what the cells hold.
Matrix output_noise(const ArraySpec& spec, const Matrix& held, const Matrix& inputs);

/// Adds draws of such a noise, for products 0, 1 ...
void add_noise(const ArraySpec& spec, const Matrix& sigma, Matrix& outputs);

}  // namespace arrayspice
