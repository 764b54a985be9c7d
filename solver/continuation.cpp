// SPDX-License-Identifier: Apache-2.0
#include "solver/continuation.hpp"

#include <algorithm>
#include <cmath>

namespace arrayspice {
namespace {

/// Points on the way need not be exact.
constexpr Accuracy kOnTheWay{.reltol = 1e-3, .most_iterations = 50, .polish = false};
constexpr int kEasy = 8;  // iterations: the next point may be farther away
constexpr int kMostPoints = 1000;

}  // namespace

bool OperatingPointSearch::solve(const Equation& equation, const Env& env,
                                 const Accuracy& accuracy, std::vector<double>& x) {
  Equation with_held = equation;
  with_held.held = held;
  with_held.conserved = options.conserved;
  std::vector<double> trial = x;
  last = newton.solve(with_held, env, accuracy, trial);
  iterations += last.iterations;
  if (last.ok()) {
    x = std::move(trial);
  } else {
    system.forget_limits();
  }
  return last.ok();
}

bool start_directly(OperatingPointSearch&, std::vector<double>&) { return true; }

bool step_gmin(OperatingPointSearch& search, std::vector<double>& x) {
  constexpr double kFirst = 1e-2, kLast = 1e-13, kSmallestRatio = 1.001;
  Env env = search.options.env;
  double reached = 0.0, ratio = 10.0;
  for (int points = 0; points < kMostPoints; ++points) {
    const double shunt = reached > 0.0 ? std::max(reached / ratio, kLast) : kFirst;
    env.gmin = std::max(shunt, search.options.tolerances.gmin);
    if (search.solve({.shunt = shunt}, env, kOnTheWay, x)) {
      if (shunt == kLast) return true;
      reached = shunt;
      ratio =
          std::min(search.last.iterations < kEasy ? ratio * std::sqrt(10.0) : ratio, 1e3);
    } else {
      ratio = std::sqrt(std::sqrt(ratio));
      if (reached == 0.0 || ratio < kSmallestRatio) return false;
    }
  }
  return false;
}

bool step_sources(OperatingPointSearch& search, std::vector<double>& x) {
  constexpr double kSmallestStep = 1e-6;
  Env env = search.options.env;
  env.gmin = search.options.tolerances.gmin;
  env.source_scale = 0.0;
  std::fill(x.begin(), x.end(), 0.0);
  if (!search.solve({}, env, kOnTheWay, x)) return false;
  double reached = 0.0, step = 0.1;
  for (int points = 0; points < kMostPoints; ++points) {
    env.source_scale = std::min(1.0, reached + step);
    if (search.solve({}, env, kOnTheWay, x)) {
      if (env.source_scale == 1.0) return true;
      reached = env.source_scale;
      if (search.last.iterations < kEasy) step *= 2.0;
    } else {
      step *= 0.2;
      if (step < kSmallestStep) return false;
    }
  }
  return false;
}

bool follow_pseudo_transient(OperatingPointSearch& search, std::vector<double>& x) {
  // [q(x) - q(x0)]/h + C (x - x0)/h + f(x) = 0;   shunt = C/h.
  constexpr double kCapacitance = 1e-12, kFirst = 1e-1, kLast = 1e-15, kLargest = 1e6;
  System& system = search.system;
  DirectSolver solver(system.pattern(), {});  // capacitive entries are in use here
  Newton newton(system, solver, search.options.tolerances);
  OperatingPointSearch stepping{system, newton, search.options, search.held};
  Env env = search.options.env;
  env.gmin = search.options.tolerances.gmin;

  Evaluation start;
  std::vector<double> history(x.size()), reference;
  double shunt = kFirst;
  bool steady = false;
  for (int points = 0; points < kMostPoints && shunt < kLargest && !steady; ++points) {
    const double alpha = shunt / kCapacitance;
    system.evaluate(x, env, Want::Residual, start);
    for (std::size_t k = 0; k < x.size(); ++k) history[k] = -alpha * start.q[k];
    reference = x;
    const Equation step{
        .alpha = alpha, .history = history, .shunt = shunt, .reference = reference};
    if (stepping.solve(step, env, kOnTheWay, x)) {
      steady = shunt <= kLast;
      shunt *= stepping.last.iterations < kEasy ? 0.5 : 1.0;
    } else {
      shunt *= 8.0;
    }
  }
  search.last = stepping.last;
  search.iterations += stepping.iterations;
  return steady;
}

}  // namespace arrayspice
