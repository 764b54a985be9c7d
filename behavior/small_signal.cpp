// SPDX-License-Identifier: Apache-2.0
#include "behavior/small_signal.hpp"

#include <cmath>

#include "devices/constants.hpp"

namespace arrayspice {

std::vector<double> thermal_noise(ArrayProbe& probe, double temperature) {
  probe.solve(std::vector<double>(static_cast<std::size_t>(probe.rows()), 0.0));
  std::vector<double> density;
  for (const double g : probe.output_conductance())
    density.push_back(std::sqrt(4.0 * kBoltzmann * temperature * g));
  return density;
}

}  // namespace arrayspice
