// SPDX-License-Identifier: Apache-2.0
// States between two walls. A rate is projected: within an edge of the wall it moves to,
// it fades to zero, so a state neither winds up behind a wall nor sticks to it.
#pragma once

#include <algorithm>
#include <stdexcept>

#include "solver/dual.hpp"

namespace arrayspice {

/// x, or the nearer bound without a derivative.
template <class T>
T between(const T& x, double low, double high) {
  return value_of(x) < low ? T(low) : value_of(x) > high ? T(high) : x;
}

/// The rate of a state x in [low, high], made zero at and behind the wall ahead.
template <class T>
T projected(const T& x, const T& rate, double low, double high, double edge) {
  const T room = value_of(rate) < 0.0 ? x - low : high - x;
  const T s = between(room / edge, 0.0, 1.0);
  return rate * (s * s * (3.0 - 2.0 * s));
}

/// How much of the way to a wall a normalised state x in [0, 1] is slowed down on.
inline constexpr double kStateEdge = 5e-3;

template <class T>
T projected(const T& x, const T& rate) {
  return projected(x, rate, 0.0, 1.0, kStateEdge);
}

/// A programmed state x in [0, 1], rounding forgiven.
inline double normalised_start(double x) {
  constexpr double kSlack = 1e-9;
  if (!(x >= -kSlack && x <= 1.0 + kSlack))
    throw std::invalid_argument("the programmed state lies outside what the cell can be");
  return std::clamp(x, 0.0, 1.0);
}

}  // namespace arrayspice
