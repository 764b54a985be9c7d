// SPDX-License-Identifier: Apache-2.0
// Where the elements of lines lie in memory. Up to eight lines side by side make a panel,
//
//     position = panel.first + step * panel.width + lane,
//
// so that tridiagonal systems, a chain of dependent operations each, are solved eight at
// a time. A lane holds one long line or several short ones; what remains of a lane is
// padding.
#pragma once

#include <cstdint>
#include <vector>

#include "solver/lines/line_structure.hpp"

namespace arrayspice::lines {

struct Panel {
  std::int32_t first, steps, width;
};

struct LinePanels {
  std::vector<Panel> panels;
  /// The panels of level l end here.
  std::array<std::int32_t, kLevels> level_ends{};
  /// Ditto for positions; the border has the positions between the kept levels and the
  /// eliminated one.
  std::array<std::int32_t, kLevels> position_ends{};
  std::int32_t border_begin = 0, border_end = 0;
  std::vector<std::int32_t> position;  ///< by row of the matrix
  std::vector<std::int32_t> above;     ///< by row: the row before it on its line, or -1
  std::vector<std::int32_t> padding;   ///< positions that hold nothing

  std::int32_t size() const { return position_ends.back(); }
};

LinePanels make_panels(const LineStructure& lines,
                       const std::vector<std::uint8_t>& in_border);

}  // namespace arrayspice::lines
