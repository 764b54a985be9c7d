// SPDX-License-Identifier: Apache-2.0
// LU factors of a general matrix: block triangular form, then KLU on every block.
#pragma once

#include "solver/core_matrix.hpp"
#include "solver/ordering.hpp"

namespace arrayspice {

/// The matrix must outlive the factor. `dissect`: try nested dissection on every block.
/// What was decided for the largest block goes to `decided`.
std::unique_ptr<CoreFactor> make_klu(const CoreMatrix& matrix, bool dissect,
                                     Ordering& decided);
/// LU in the given order, without a search for blocks.
std::unique_ptr<CoreFactor> make_klu(const CoreMatrix& matrix, Permutation order);

}  // namespace arrayspice
