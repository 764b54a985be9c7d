// SPDX-License-Identifier: Apache-2.0
// What an array does to small changes at an operating point, by one adjoint solve per
// column: its effective conductance matrix and its thermal noise.
#pragma once

#include <vector>

#include "behavior/array_probe.hpp"

namespace arrayspice {

/// G(i, j) = d output_j / d input_i at the probe's operating point, rows x columns.
Matrix effective_conductance(ArrayProbe& probe);

/// Thermal noise current of every virtual-ground output at zero input, A/sqrt(Hz), low
/// frequencies. A network in equilibrium at temperature T shows the density 4 k T G at a
/// terminal (Nyquist 1928), G being the conductance that the sense node sees with all
/// inputs at 0 V: cells, wires, drivers and access transistors together.
std::vector<double> thermal_noise(ArrayProbe& probe, double temperature);

}  // namespace arrayspice
