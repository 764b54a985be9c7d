// SPDX-License-Identifier: Apache-2.0
// The circuit's own gradient, by which that of a model is judged.
#pragma once

#include <optional>
#include <span>

#include "behavior/line_model.hpp"
#include "netlists/arrays/spec.hpp"

namespace arrayspice {

/// Derivatives of sum_j weights_j I_j at the circuit's solution, by one solve of its
/// transposed equations. Nothing for arrays whose cells are more than one two-terminal
/// device, or which the line solver does not solve. di/dg is that of the table.
std::optional<LineArray::Gradient> circuit_gradient(const ArraySpec& spec,
                                                    const ChordTable& table,
                                                    const Matrix& conductances,
                                                    std::span<const double> input,
                                                    std::span<const double> weights);

/// Squared distance from the circuit's gradient, and its square: to be summed over cases.
struct GradientError {
  double by_conductance = 0.0, by_conductance_of = 0.0;
  double by_input = 0.0, by_input_of = 0.0;
  void add(const LineArray::Gradient& model, const LineArray::Gradient& circuit);
  double relative_by_conductance() const;
  double relative_by_input() const;
};

}  // namespace arrayspice
