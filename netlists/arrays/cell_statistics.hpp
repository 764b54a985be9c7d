// SPDX-License-Identifier: Apache-2.0
// What cells that were programmed really hold, later, and how they read. With
// u = g/cell.maximum and t = time + drift_start:
//
//   programming  g = w exp(s z - s^2/2) + cell.maximum (c0 + c1 u + ... + c4 u^4) z
//   drift        g (t/drift_start)^-nu, nu = drift_exponent + drift_exponent_sigma z
//   reading      g (1 + read_noise z), z anew for every product
//
// `statistics = "pcm"` adds those of phase-change memory to all three (devices/pcm.hpp):
// polynomial, exponent and noise depend on the conductance. Stuck cells stay at the ends
// of their range whatever else there is.
#pragma once

#include <cstdint>

#include "netlists/arrays/spec.hpp"

namespace arrayspice {

/// Standard deviation of what is added when g is programmed, in the weight's unit.
double programming_sigma(const ArraySpec& spec, double g);

/// What cell (i, j) of this chip holds when w was asked for, in the weight's unit.
double programmed_value(const ArraySpec& spec, double w, std::int64_t i, std::int64_t j);

/// Do cells read differently from product to product?
bool reads_vary(const ArraySpec& spec);
/// Standard deviation of a reading of a cell that holds g.
double read_sigma(const ArraySpec& spec, double g);

/// How a cell that holds g reads in this product; positive where g is.
double read_conductance(const ArraySpec& spec, double g, std::int64_t i, std::int64_t j,
                        std::int64_t product);

}  // namespace arrayspice
