// SPDX-License-Identifier: Apache-2.0
// The array's equations as one sparse matrix, factored: what is left where the iteration
// does not converge.
//
//     [ T_w  -in ] [w]   [s]
//     [-out  T_b ] [b] = [t]
//
// Eliminated in the order of dissection.hpp, by Cholesky where in = out, else by LU.
#pragma once

#include <memory>
#include <span>

#include "solver/core_matrix.hpp"
#include "solver/lines/grid.hpp"

namespace arrayspice::lines {

class GridFactors {
 public:
  /// `in`, `out`: of the cells, rows x columns, row-major, S; the same data for
  /// two-terminal cells. Null: the matrix is singular, or its factors take more than
  /// `most_bytes`.
  static std::unique_ptr<GridFactors> make(const Grid& grid, std::span<const double> in,
                                           std::span<const double> out,
                                           double most_bytes);

  /// In place: s and then t, rows x columns each, row-major, become w and b.
  void solve(std::span<double> both) const { factors_->solve(both, 1); }
  /// The same with in and out exchanged but in T_w and T_b.
  void solve_transposed(std::span<double> both) const {
    factors_->solve_transposed(both);
  }
  std::int64_t nonzeros() const { return factors_->nonzeros(); }

 private:
  CoreMatrix matrix_;
  std::unique_ptr<CoreFactor> factors_;
};

}  // namespace arrayspice::lines
