// SPDX-License-Identifier: Apache-2.0
// The noise that an array adds to its outputs.
#pragma once

#include <vector>

#include "behavior/array_probe.hpp"

namespace arrayspice {

/// Thermal noise current of every virtual-ground output at zero input, A/sqrt(Hz), low
/// frequencies. A network in equilibrium at temperature T shows the density 4 k T G at a
/// terminal (Nyquist 1928), G being the conductance that the sense node sees with all
/// inputs at 0 V: cells, wires, drivers and access devices together.
std::vector<double> thermal_noise(ArrayProbe& probe, double temperature);

}  // namespace arrayspice
