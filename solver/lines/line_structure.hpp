// SPDX-License-Identifier: Apache-2.0
// Wires found in the matrix of any circuit: chains of strongly coupled unknowns ("lines")
// that weaker devices connect. No names and no geometry are used, so a deck written by
// anyone is recognised, with its nodes in any order.
//
// 1. Inner nodes: at most four neighbours, each coupled weakly compared with that
//    neighbour's strongest coupling (the node between a cell and its access transistor).
//    Each is eliminated exactly.
// 2. Lines: edges of weight >= 0.1 of the strongest at either end, taken greedily by
// weight
//    while no node gets three and no cycle closes. The rest of the edges stay couplings.
// 3. Colours: lines are two-coloured along their couplings (word lines, bit lines);
// couplings
//    below 1e-8 of the strongest do not count, conflicts are only counted.
#pragma once

#include <cstdint>
#include <vector>

#include "solver/core_matrix.hpp"

namespace arrayspice::lines {

struct LineStructure {
  std::vector<std::int32_t> inner;  ///< unknowns eliminated one by one
  std::vector<std::int32_t>
      order;  ///< the others: first colour, then second, line by line
  std::vector<std::int32_t>
      starts;                     ///< line k is order[starts[k]] .. order[starts[k+1]-1]
  std::int32_t first_colour = 0;  ///< elements of `order` in the first colour
  std::int64_t couplings = 0;     ///< edges between lines
  std::int64_t conflicts = 0;     ///< of them, between lines of one colour

  /// Worth trying: long lines, hardly any conflicts.
  bool promising() const;
};

LineStructure find_lines(const CoreMatrix& matrix);

}  // namespace arrayspice::lines
