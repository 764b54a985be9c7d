// SPDX-License-Identifier: Apache-2.0
// Nested dissection of a wired array by its geometry. The word-line nodes of one column
// part the columns left and right of it: the bit line of that column touches nothing
// else. So do the bit-line nodes of one row. A separator is one layer of nodes, where a
// plane grid of that size has the same number of nodes in all.
#pragma once

#include <cstdint>

#include "solver/core_matrix.hpp"

namespace arrayspice::lines {

/// An order in which to eliminate the nodes: word line (i, j) is i * columns + j, bit
/// line (i, j) the same after all nodes of word lines.
Permutation dissect(std::int64_t rows, std::int64_t columns);

}  // namespace arrayspice::lines
