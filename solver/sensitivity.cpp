// SPDX-License-Identifier: Apache-2.0
#include "solver/sensitivity.hpp"

namespace arrayspice {

Adjoints solve_adjoints(System& system, DirectSolver& solver, std::span<const double> x,
                        const Env& env, std::span<const OutputSelector> outputs) {
  Adjoints result;
  Evaluation at;
  system.evaluate(x, env, Want::ResidualAndJacobian, at);
  const FactorStatus status = solver.factor(at.g);
  if (status != FactorStatus::Ok) {
    result.outcome =
        status == FactorStatus::Singular ? Outcome::Singular : Outcome::NotFinite;
    return result;
  }
  for (const OutputSelector& output : outputs) {
    std::vector<double> lambda(x.size(), 0.0);
    for (const auto& [unknown, coefficient] : output) lambda[unknown] += coefficient;
    solver.solve_transposed(lambda);
    result.lambda.push_back(std::move(lambda));
  }
  result.outcome = Outcome::Converged;
  return result;
}

}  // namespace arrayspice
