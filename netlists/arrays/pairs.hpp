// SPDX-License-Identifier: Apache-2.0
// Signed weights on differential pairs of cells: w = G+ - G-, with
// G+ = minimum + max(w, 0), G- = minimum + max(-w, 0).
//
//   separate                              interleaved
//
//   in_i --+---[G+]      [G-]             in_2i   = +V_i --+--[G+]
//          |     |         |                               |    |
//          +---- | --------+              in_2i+1 = -V_i --+--[G-]
//                |         |                                    |
//             out_2j    out_2j+1                              out_j
//
//   y_j = I_2j - I_(2j+1)                 y_j = I_j
//
// The array that is built has twice as many columns, or rows: its wires, its chip and
// its circuit are those of an array without pairs.
#pragma once

#include <span>
#include <vector>

#include "netlists/arrays/array.hpp"

namespace arrayspice {

bool has_pairs(const ArraySpec& spec);

/// The array that is built; without pairs the same.
ArraySpec physical_array(const ArraySpec& spec);
/// Weights (rows, columns) as conductances of the cells that are built.
Matrix physical_weights(const ArraySpec& spec, const Matrix& weights);
/// Inputs (batch, rows) as those of the array that is built.
Matrix physical_inputs(const ArraySpec& spec, const Matrix& inputs);
std::vector<double> physical_input(const ArraySpec& spec, std::span<const double> input);
/// Outputs (batch, columns) from those of the array that is built.
Matrix logical_outputs(const ArraySpec& spec, Matrix outputs);

}  // namespace arrayspice
