// SPDX-License-Identifier: Apache-2.0
// What remains of a matrix after peeling, and the interface of what factors it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "solver/linear_solver.hpp"

namespace arrayspice {

/// Square, compressed columns, rows ascending. `values` change, the rest does not.
struct CoreMatrix {
  std::int32_t n = 0;
  std::vector<std::int32_t> starts{0};
  std::vector<std::int32_t> rows;
  std::vector<double> values;
};

class CoreFactor {
 public:
  virtual ~CoreFactor() = default;
  /// Factors the current values of the matrix it was made for.
  virtual FactorStatus factor() = 0;
  /// Solve in place, for `count` right-hand sides with leading dimension n; false when an
  /// iterative method gave up (b is then lost).
  virtual bool solve(std::span<double> b, std::int32_t count) = 0;
  virtual bool solve_transposed(std::span<double> b) = 0;
  virtual std::int64_t nonzeros() const = 0;
  /// After Singular: the column at which elimination failed, or -1.
  virtual std::int32_t singular_column() const = 0;
};

/// An elimination order of A + A^T: order[k] is the k-th unknown to eliminate.
using Permutation = std::vector<std::int32_t>;

}  // namespace arrayspice
