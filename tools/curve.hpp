// SPDX-License-Identifier: Apache-2.0
// A polyline y(t) and what can be asked of it. t is monotonic, up or down; equal
// neighbours are a jump.
#pragma once

#include <optional>
#include <vector>

namespace arrayspice {

struct Curve {
  std::vector<double> t, y;
};

struct Crossing {
  double t;
  bool rising;  ///< from below zero to zero or above
};

/// Where y passes zero, in the order of the points; touching zero counts once.
std::vector<Crossing> crossings(const Curve& curve);
/// y at t; nullopt outside. At a jump the value after it.
std::optional<double> value_at(const Curve& curve, double t);
/// dy/dt of the segment that holds t; at a point, the mean of both sides.
std::optional<double> slope_at(const Curve& curve, double t);
/// The part between `low` and `high`, with interpolated ends.
Curve clipped(const Curve& curve, double low, double high);
/// The integral of y, and of y^2, from the first to the last point.
double integral(const Curve& curve);
double integral_of_square(const Curve& curve);

}  // namespace arrayspice
