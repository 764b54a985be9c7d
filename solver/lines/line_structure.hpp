// SPDX-License-Identifier: Apache-2.0
// Wires found in the matrix of any circuit: chains of strongly coupled unknowns ("lines")
// that weaker devices connect. No names and no geometry are used, so a deck written by
// anyone is recognised, with its nodes in any order.
//
// 1. Lines: couplings of at least 0.1 of the strongest at either end, taken while no node
//    gets three and no cycle closes; where there is a choice, the stronger first. The
//    rest of the edges stay couplings between lines.
// 2. Colours: lines are two-coloured along their couplings (word lines, bit lines), weak
//    ones (below 1e-8 of the strongest, or zero today) only where no other reaches.
// 3. Levels: an independent set of lines of one colour is eliminated exactly; the other
//    colour is kept, and so is what spoils the independence (gate lines, odd wires).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "solver/lines/reduced_matrix.hpp"

namespace arrayspice::lines {

enum Level : std::size_t { kFirst, kOdd, kEliminated, kLevels };

struct LineStructure {
  /// Rows of the matrix; line k is order[starts[k]] .. order[starts[k + 1] - 1].
  std::vector<std::int32_t> order;
  std::vector<std::int32_t> starts{0};
  /// The lines of level l are [level_ends[l - 1], level_ends[l]).
  std::array<std::int32_t, kLevels> level_ends{};
  std::int64_t couplings = 0;  ///< between lines
  /// Couplings in no line that are about as strong as those of the lines: many in a mesh,
  /// hardly any in an array of wires.
  std::int64_t strong_couplings = 0;

  std::int32_t size() const { return static_cast<std::int32_t>(starts.size()) - 1; }
  std::int32_t level_begin(std::size_t level) const {
    return level == 0 ? 0 : level_ends[level - 1];
  }
};

/// `pattern`: structurally symmetric; rows with in_border are in no line.
LineStructure find_lines(const RowPattern& pattern, std::span<const double> values,
                         const std::vector<std::uint8_t>& in_border);

}  // namespace arrayspice::lines
