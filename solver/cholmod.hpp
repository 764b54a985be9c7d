// SPDX-License-Identifier: Apache-2.0
// Cholesky factors of a symmetric positive definite matrix by CHOLMOD.
#pragma once

#include "solver/core_matrix.hpp"
#include "solver/ordering.hpp"

namespace arrayspice {

/// The matrix must outlive the factor. factor() gives Singular when the matrix is not
/// (numerically) positive definite.
std::unique_ptr<CoreFactor> make_cholmod(const CoreMatrix& matrix,
                                         const Ordering& ordering);

/// A = A^T to rounding, with a positive diagonal.
bool is_symmetric_positive(const CoreMatrix& matrix);

}  // namespace arrayspice
