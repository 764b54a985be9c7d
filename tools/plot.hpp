// SPDX-License-Identifier: Apache-2.0
// The points of one analysis, kept in memory: the swept variable and, per point, a row of
// probe values. Printing, measuring and control commands work on it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace arrayspice {

struct Plot {
  std::string kind;                ///< "op", "dc", "tran"
  std::string title;               ///< "Transient Analysis"
  std::string scale_name;          ///< "time", "v-sweep"; empty for an operating point
  double print_step = 0.0;         ///< of the table that `.print tran` writes
  double first = 0.0, last = 0.0;  ///< range that was asked for
  std::vector<double> scale;
  std::vector<double> values;  ///< points x width
  std::size_t width = 0;

  std::size_t points() const { return scale.size(); }
  std::span<const double> row(std::size_t k) const {
    return std::span(values).subspan(k * width, width);
  }
};

}  // namespace arrayspice
