// SPDX-License-Identifier: Apache-2.0
// What an array will take, computed from its size alone, in floating point: an absurd
// size gives an absurd number, never an overflow.
#include <cmath>

#include "netlists/arrays/pairs.hpp"

namespace arrayspice {

namespace {
double cells(const ArraySpec& spec) {
  const double pair = has_pairs(spec) ? 2.0 : 1.0;
  return pair * static_cast<double>(spec.array.rows) *
         static_cast<double>(spec.array.columns);
}
}  // namespace

double memory_for_weights(const ArraySpec& spec) {
  constexpr double kCopies = 3.0;  // weights, conductances, the file they come from
  return kCopies * sizeof(double) * cells(spec);
}

double memory_needed(const ArraySpec& spec) {
  // Measured: nodes, devices, names and pattern take 600 bytes per cell. The factor of
  // two coupled n x n grids fills like n log n with nested dissection.
  constexpr double kPerCell = 600.0, kPerFill = 60.0;
  const double n = cells(spec);
  return memory_for_weights(spec) + n * (kPerCell + kPerFill * std::log2(n + 1.0));
}

double deck_size(const ArraySpec& spec) {
  constexpr double kPerCell = 115.0;  // one cell, two wires
  return kPerCell * cells(spec);
}

}  // namespace arrayspice
