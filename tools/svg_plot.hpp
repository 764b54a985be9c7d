// SPDX-License-Identifier: Apache-2.0
// Plots as inline SVG for the report. Colours of axes and text come from the page's style
// sheet (classes plot-*), so that a plot is readable on light and dark paper.
#pragma once

#include <string>
#include <vector>

#include "netlists/arrays/array.hpp"

namespace arrayspice {

struct AxisLabel {
  std::string name;
  std::string unit;  ///< SI; values get a prefix
};

struct Series {
  std::string name;  ///< for the legend; empty: not in it
  std::vector<double> x, y;
};

enum class Mark { Line, Points, Steps };

struct LinePlot {
  AxisLabel x, y;
  std::vector<Series> series;
  Mark mark = Mark::Line;
  bool y_from_zero = false;
  bool log_y = false;  ///< powers of ten; every y must be positive
};
std::string svg_of(const LinePlot& plot);

/// How often values fall into equal bins.
struct Histogram {
  AxisLabel x;
  std::vector<double> values;
  int bins = 41;
};
std::string svg_of(const Histogram& plot);

/// A map over the array: row 0 at the top, column 0 at the left, colours from the
/// smallest to the largest value. Big maps are averaged down to 512 pixels a side.
struct HeatMap {
  AxisLabel value;
  AxisLabel x{"column", ""}, y{"row", ""};
  Matrix values;
};
std::string svg_of(const HeatMap& plot);

/// Text with &, <, > and quotes replaced.
std::string escaped(std::string_view text);

}  // namespace arrayspice
