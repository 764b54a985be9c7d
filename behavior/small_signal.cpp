// SPDX-License-Identifier: Apache-2.0
#include "behavior/small_signal.hpp"

#include <cmath>

#include "devices/constants.hpp"

namespace arrayspice {

Matrix effective_conductance(ArrayProbe& probe) {
  const auto rows = static_cast<std::int64_t>(probe.array().inputs.size());
  const auto columns = static_cast<std::int64_t>(probe.array().outputs.size());
  Matrix g{rows, columns, {}};
  g.values.resize(static_cast<std::size_t>(rows * columns));
  for (std::int64_t j = 0; j < columns; ++j) {
    const std::vector<double> lambda = probe.adjoint(j);
    for (std::int64_t i = 0; i < rows; ++i) g(i, j) = lambda[probe.input_branch(i)];
  }
  return g;
}

std::vector<double> thermal_noise(ArrayProbe& probe, double temperature) {
  const std::size_t columns = probe.array().outputs.size();
  probe.solve(std::vector<double>(probe.array().inputs.size(), 0.0));
  std::vector<double> density;
  for (std::size_t j = 0; j < columns; ++j) {
    // The output is the branch current of the sense source, so that its own entry of
    // lambda is the derivative by that source's voltage.
    const auto column = static_cast<std::int64_t>(j);
    const double g = std::abs(probe.adjoint(column)[probe.output_unknown(column)]);
    density.push_back(std::sqrt(4.0 * kBoltzmann * temperature * g));
  }
  return density;
}

}  // namespace arrayspice
