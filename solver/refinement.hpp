// SPDX-License-Identifier: Apache-2.0
// Iterative refinement of solutions that factors gave: cheap against factoring, and what
// makes a solution as exact as the numbers allow.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "solver/core_matrix.hpp"

namespace arrayspice {

class Refinement {
 public:
  /// In place: r becomes A^-1 r, or A^-T r.
  using Solve = std::function<void(std::span<double>)>;
  Refinement(const CoreMatrix& matrix, bool transposed, Solve solve);

  /// Improves x, a solution of A x = b (A^T x = b) by the same factors, while that helps.
  void refine(std::span<double> x, std::span<const double> b);

 private:
  double backward_error(std::span<const double> x, std::span<const double> b);

  const CoreMatrix& a_;
  bool transposed_;
  Solve solve_;
  std::vector<double> residual_, magnitude_;
};

}  // namespace arrayspice
