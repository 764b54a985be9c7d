// SPDX-License-Identifier: Apache-2.0
// What the array solver is told about the wires of an array: two families of parallel
// lines that cross at the cells. Conductances in siemens.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace arrayspice::lines {

/// Wires without resistance, and ends without: conductances so large that all others
/// round away beside them, and an end's beside a wire's. What that leaves of the factors
/// (schur.hpp) is exact: c m = 1, the loads e add up to what the line sees, sums of
/// currents come through scaled by 1/c, and all cells get the same voltage to the last
/// bit, so that no current between them has to be known.
inline constexpr double kPerfectWire = 0x1p200, kPerfectEnd = 0x1p100;  // S

/// One family of lines. A line that reaches a terminal neither through an end nor, by
/// conducting cells, through the other family has no defined voltage: it stays at 0 V.
struct Family {
  std::vector<double> segment;    ///< by line: between neighbouring cells
  std::vector<double> first_end;  ///< by line: first cell to its terminal; 0: open
  std::vector<double> last_end;   ///< by line: last cell to its terminal; 0: open
  /// By line: from each cell to ground (a capacitance in a time step); empty: none.
  std::vector<double> shunt = {};
  /// Lines x (cells - 1), row-major: in place of `segment` where wires are not uniform
  /// (0: a broken wire); empty: uniform.
  std::vector<double> varied = {};

  /// Are its lines one node each?
  bool is_perfect() const { return !segment.empty() && segment[0] == kPerfectWire; }
  /// Has a line the voltage of its terminal?
  bool is_held(std::int64_t line) const {
    return is_perfect() && std::max(first_end[line], last_end[line]) == kPerfectEnd;
  }
};

/// Word lines are rows, bit lines columns. A cell (i, j) joins word line i, of which it
/// is cell j, to bit line j, of which it is cell i.
struct Grid {
  std::int64_t rows = 0, columns = 0;
  Family word, bit;
};

}  // namespace arrayspice::lines
