// SPDX-License-Identifier: Apache-2.0
// Capacitors differ: a capacitor of n units varies by capacitor_sigma/sqrt(n) of its
// value, as an average of n units does.
#pragma once

#include <algorithm>
#include <cmath>

#include "netlists/arrays/random.hpp"
#include "netlists/arrays/spec.hpp"

namespace arrayspice {

/// What capacitor k of cell (i, j) of this chip really has, F.
inline double mismatched(const ArraySpec& spec, double farad, std::int64_t i,
                         std::int64_t j, std::int64_t k = 0) {
  constexpr std::int64_t kPerCell = 64;  // capacitors of one cell have draws of their own
  const double sigma = spec.variation.capacitor_sigma;
  if (sigma == 0.0 || farad == 0.0) return farad;
  const double units = farad / spec.cell.unit_capacitance;
  const double draw = normal(spec.array.seed, Draw::Capacitor, i, j * kPerCell + k);
  return farad * std::max(0.0, 1.0 + sigma / std::sqrt(units) * draw);
}

}  // namespace arrayspice
