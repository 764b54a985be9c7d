// SPDX-License-Identifier: Apache-2.0
// Adjoint sensitivities of a solved operating point. For an output y = e^T x and an
// equation F(x, p) = 0,
//
//     dy/dp = -lambda^T dF/dp,    J^T lambda = e,
//
// so one transposed solve per output gives its derivative to every source and parameter.
// With p a current drawn into row k, dF_k/dp = 1 and dy/dp = -lambda_k.
#pragma once

#include <span>
#include <vector>

#include "solver/analysis.hpp"

namespace arrayspice {

/// A linear output: sum of coefficient * x[unknown].
using OutputSelector = std::vector<NodeValue>;

struct Adjoints {
  Outcome outcome = Outcome::NotConverged;
  std::vector<std::vector<double>> lambda;  ///< one per output, by row
  bool ok() const { return outcome == Outcome::Converged; }
};

/// x must solve f(x) = 0 at env. Factors J = G(x) (reused when `solver` has it already).
Adjoints solve_adjoints(System& system, DirectSolver& solver, std::span<const double> x,
                        const Env& env, std::span<const OutputSelector> outputs);

}  // namespace arrayspice
