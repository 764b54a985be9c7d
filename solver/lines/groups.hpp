// SPDX-License-Identifier: Apache-2.0
// Which unknowns of a circuit matrix are no part of a wire, and what becomes of them.
//
// 1. Special unknowns have no pivot of their own: zero diagonals (the current of a
//    floating source or ammeter, the output of an amplifier), or an entry that outweighs
//    the diagonals of both its ends (the row of a finite gain). With their neighbours
//    they form connected sets.
// 2. Small sets, and small components of strong couplings (the nodes between a memory
//    cell and its access transistor), become groups: no two of them are adjacent, each is
//    eliminated exactly by dense factors.
// 3. Larger special sets and nodes with many neighbours (rails, summing nodes) become the
//    border: one block that the preconditioner factors.
#pragma once

#include <cstdint>
#include <vector>

#include "solver/core_matrix.hpp"

namespace arrayspice::lines {

struct Groups {
  std::vector<std::int32_t> members;  ///< group k: members[starts[k]] .. [starts[k+1]-1]
  std::vector<std::int32_t> starts{0};  ///< one more than there are groups
  std::vector<std::int32_t> border;     ///< unknowns, ascending

  std::int32_t size() const { return static_cast<std::int32_t>(starts.size()) - 1; }
};

/// By the pattern and the present values of the matrix, in O(nonzeros).
Groups find_groups(const CoreMatrix& matrix);

}  // namespace arrayspice::lines
