// SPDX-License-Identifier: Apache-2.0
// Axes of a plot: round tick values, SI prefixes, and the map from values to pixels.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace arrayspice {

struct Interval {
  double low = 0.0, high = 1.0;
};

/// The smallest range that holds all finite values; [0, 1] when there are none.
Interval range_of(const std::vector<double>& values);

/// A factor and the prefix that goes with it: 2.5e-5 A -> {1e6, "µ"} -> 25 µA.
struct Prefix {
  double factor = 1.0;
  std::string_view symbol;
};
/// The prefix that brings `largest` between 1 and 1000; none for a unit that takes none
/// (empty, "%", "LSB").
Prefix prefix_for(double largest, std::string_view unit);

/// "25.0 µA", with `digits` significant digits.
std::string with_unit(double value, std::string_view unit, int digits = 4);

/// A linear axis from pixel `from` to pixel `to`, widened to round ticks.
class Axis {
 public:
  /// scale: values are multiplied by it in tick labels (Prefix::factor).
  Axis(Interval values, double from, double to, int ticks, double scale);
  double pixel(double value) const;
  struct Tick {
    double pixel;
    std::string label;
  };
  std::vector<Tick> ticks() const;
  Interval range() const { return range_; }

 private:
  Interval range_;
  double from_, to_, step_, scale_;
};

}  // namespace arrayspice
