// SPDX-License-Identifier: Apache-2.0
#include "solver/sensitivity.hpp"

namespace arrayspice {

Adjoints solve_adjoints(System& system, DirectSolver& solver, std::span<const double> x,
                        const Env& env, std::span<const OutputSelector> outputs) {
  Adjoints result;
  Evaluation at;
  system.evaluate(x, env, Want::ResidualAndJacobian, at);
  FactorStatus status = solver.factor(at.g);
  for (const OutputSelector& output : outputs) {
    if (status != FactorStatus::Ok) break;
    std::vector<double> lambda(x.size(), 0.0);
    for (const auto& [unknown, coefficient] : output) lambda[unknown] += coefficient;
    status = solver.solve_transposed(lambda);
    result.lambda.push_back(std::move(lambda));
  }
  result.outcome = status == FactorStatus::Ok         ? Outcome::Converged
                   : status == FactorStatus::Singular ? Outcome::Singular
                                                      : Outcome::NotFinite;
  return result;
}

}  // namespace arrayspice
