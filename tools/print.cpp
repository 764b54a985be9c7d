// SPDX-License-Identifier: Apache-2.0
#include "tools/print.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tools/curve.hpp"

namespace arrayspice {

namespace {

/// The curve at start, start + step, ... up to the end.
Curve on_grid(const Curve& curve, double start, double step, double stop) {
  Curve grid;
  const auto count =
      static_cast<std::size_t>(std::floor((stop - start) / step * (1.0 + 1e-12) + 1e-9));
  for (std::size_t k = 0; k <= count; ++k) {
    const double t = start + static_cast<double>(k) * step;
    if (const auto y = value_at(curve, t)) {
      grid.t.push_back(t);
      grid.y.push_back(*y);
    }
  }
  return grid;
}

}  // namespace

void print_value(std::string_view name, double value, int digits) {
  fmt::print("{} = {:.{}e}\n", name, value, digits);
}

void print_table(const std::vector<std::string>& names,
                 const std::vector<std::vector<double>>& columns, int digits) {
  const int number_width = digits + 7;  // "-1.", "e+00"
  const auto width = [&](std::size_t c) {
    return std::max(number_width, static_cast<int>(names[c].size()));
  };
  std::string line = fmt::format("{:>7}", "index");
  for (std::size_t c = 0; c < names.size(); ++c)
    line += fmt::format("  {:>{}}", names[c], width(c));
  fmt::print("{}\n", line);
  for (std::size_t k = 0; !columns.empty() && k < columns.front().size(); ++k) {
    line = fmt::format("{:>7}", k);
    for (std::size_t c = 0; c < columns.size(); ++c)
      line += fmt::format("  {:>{}.{}e}", columns[c][k], width(c), digits);
    fmt::print("{}\n", line);
  }
}

void print_outputs(const Plot& plot, const std::vector<OutputExpression>& outputs,
                   int digits) {
  if (plot.scale_name.empty()) {
    for (const OutputExpression& output : outputs)
      print_value(output.label, output.value(plot.row(0)), digits);
    return;
  }
  std::vector<std::string> names{plot.scale_name};
  std::vector<std::vector<double>> columns{plot.scale};
  for (const OutputExpression& output : outputs) {
    Curve curve{plot.scale, {}};
    for (std::size_t k = 0; k < plot.points(); ++k)
      curve.y.push_back(output.value(plot.row(k)));
    if (plot.print_step > 0.0) {
      curve = on_grid(curve, plot.first, plot.print_step, plot.last);
      columns.front() = curve.t;
    }
    names.push_back(output.label);
    columns.push_back(std::move(curve.y));
  }
  print_table(names, columns, digits);
}

}  // namespace arrayspice
