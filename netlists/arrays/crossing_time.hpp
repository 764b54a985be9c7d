// SPDX-License-Identifier: Apache-2.0
// When a threshold is passed: by a capacitor that currents charge, each from a time of
// its own on, and by an output that settles exponentially.
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <vector>

namespace arrayspice {

/// When currents that start at `times` have brought `charge`, s, and what flows then, A.
struct Crossing {
  double time, current;
};
inline Crossing crossing(double charge, std::span<const double> currents,
                         std::span<const double> times) {
  std::vector<std::size_t> order(times.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return times[a] < times[b]; });
  double moment = charge, sum = 0.0, t = INFINITY;
  for (const std::size_t i : order) {
    if (t <= times[i]) break;  // a late input does not count
    moment += currents[i] * times[i];
    sum += currents[i];
    t = moment / sum;
  }
  return {t, sum};
}

/// s, of an output that settles from 0 to `end` with the time constant `tau` (s).
inline double settling_crossing(double tau, double threshold, double end) {
  return -tau * std::log1p(-threshold / end);
}

}  // namespace arrayspice
