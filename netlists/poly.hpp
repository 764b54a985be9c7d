// SPDX-License-Identifier: Apache-2.0
// The controlled sources of SPICE2 as programs: POLY(n) and TABLE.
#pragma once

#include <span>

#include "devices/program.hpp"

namespace arrayspice {

/// POLY(n) of n inputs, in the order of SPICE2 (manual of SPICE 2G6, "Nonlinear dependent
/// sources"): constant, x1 ... xn, x1^2, x1 x2, ..., x1 xn, x2^2, ..., x1^3, x1^2 x2, ...
/// A single coefficient of POLY(1) is the gain: c x1. n and the list are not empty.
Program polynomial(std::int32_t inputs, std::span<const double> coefficients);

/// TABLE {x} = (x1, y1) ...: the table at the value of `x`.
Program tabulated(const Program& x, Program::Table table);

/// Are the points of a table sorted, each x once, as Program wants them?
bool is_ascending(std::span<const double> x);

}  // namespace arrayspice
