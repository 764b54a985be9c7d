// SPDX-License-Identifier: Apache-2.0
// What the sources of an array do over time.
#pragma once

#include <initializer_list>
#include <utility>
#include <vector>

namespace arrayspice {

/// Straight lines between points (s, V or A), constant before the first and after the
/// last.
struct Signal {
  std::vector<std::pair<double, double>> points;

  Signal(double constant) : points{{0.0, constant}} {}
  Signal(std::initializer_list<std::pair<double, double>> list) : points(list) {}

  bool is_constant() const { return points.size() == 1; }
  double start() const { return points.front().second; }
};

/// `high` from the middle of one edge to the middle of the other, `low` outside.
inline Signal pulse(double low, double high, double from, double until, double edge) {
  const double half = 0.5 * edge;
  return {{0.0, low},
          {from - half, low},
          {from + half, high},
          {until - half, high},
          {until + half, low}};
}

/// From 0 to `high` for `width`, measured at half the height, from the middle of the
/// first edge on. A pulse shorter than its edge ends before it is up: its height shrinks
/// with its width, down to nothing.
inline Signal width_pulse(double high, double from, double width, double edge) {
  if (width <= 0.0) return 0.0;
  if (width > edge) return pulse(0.0, high, from, from + width, edge);
  const double start = from - 0.5 * edge;
  return {{0.0, 0.0},
          {start, 0.0},
          {start + width, high * width / edge},
          {start + 2.0 * width, 0.0}};
}

/// From `before` to `after`; t is the middle of the edge.
inline Signal step(double before, double after, double t, double edge) {
  return {{0.0, before}, {t - 0.5 * edge, before}, {t + 0.5 * edge, after}};
}

}  // namespace arrayspice
