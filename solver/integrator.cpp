// SPDX-License-Identifier: Apache-2.0
#include "solver/integrator.hpp"

#include <algorithm>
#include <cmath>

namespace arrayspice {
namespace {

const Tableau& tableau(Method method) {
  switch (method) {
    case Method::TrBdf2:
      return tableaus::kTrBdf2;
    case Method::BackwardEuler:
      return tableaus::kBackwardEuler;
    default:
      return tableaus::kTrapezoidal;
  }
}

/// The error of an unknown is relative to its size, but at its zero crossings to this
/// part of the largest it had.
constexpr double kOfLargest = 0.1;

}  // namespace

Integrator::Integrator(System& system, DirectSolver& solver,
                       const TransientOptions& options)
    : system_(system),
      options_(options),
      newton_(system, solver, options.tolerances),
      env_(options.env),
      history_(system.unknowns()),
      largest_(system.unknowns(), 0.0) {
  env_.transient = env_.moving = true;
  env_.gmin = options.tolerances.gmin;
  for (UnknownId k = 1; k < system.unknowns(); ++k)
    if (system.quantity(k) == Quantity::State)
      states_.push_back({k, system.pattern().slot(k, k)});
}

void Integrator::start(double t, std::vector<double> x, std::vector<double> q) {
  now_ = {t, std::move(x), std::move(q), std::vector<double>(largest_.size(), 0.0)};
  now_.q.resize(largest_.size());
  for (std::size_t k = 0; k < largest_.size(); ++k) largest_[k] = std::abs(now_.x[k]);
  restart();
}

NewtonReport Integrator::make_consistent(double h, std::span<const double> q,
                                         std::vector<double>& x) {
  env_.time = 0.0;
  for (std::size_t k = 0; k < history_.size(); ++k) history_[k] = -q[k] / h;
  const Tolerances& t = options_.tolerances;
  return newton_.solve({.alpha = 1.0 / h, .history = history_}, env_,
                       {.reltol = t.reltol, .most_iterations = t.itl1, .polish = true},
                       x);
}

NewtonReport Integrator::solve_stage(double t, double alpha, std::vector<double>& x) {
  env_.time = t;
  const Tolerances& tolerances = options_.tolerances;
  return newton_.solve({.alpha = alpha, .history = history_}, env_,
                       {.reltol = 0.1 * tolerances.reltol,
                        .most_iterations = tolerances.itl4,
                        .keep_factors = options_.keep_factors},
                       x);
}

StepTrial Integrator::attempt(double h, double t_end) {
  StepTrial trial;
  const bool gear = options_.method == Method::Gear2 && smooth_points_ >= 2;
  const bool starts = smooth_points_ == 0 && options_.method != Method::BackwardEuler;
  const bool first_of_gear = options_.method == Method::Gear2 && !gear;
  const Tableau& formula =
      starts || first_of_gear ? tableaus::kStarter : tableau(options_.method);
  trial.newton = gear ? take_gear(h, t_end) : take_stages(formula, h, t_end);
  if (!trial.newton.ok() || options_.fixed_step) return trial;

  // Errors of q: trapezoidal rule h^3/12 q''', Gear h^2 (h + h0)^2/(6 (2h + h0)) q''',
  // backward Euler h/2 (g_1 - g_0).
  const double before = now_.t - before_.t;
  if (gear) {
    const double sum = h + before, alpha = (h + sum) / (h * sum);
    measure_error(third_derivative_error(h * sum / (6.0 * alpha)), alpha, trial);
    return trial;
  }
  const double alpha = 1.0 / (formula.diagonal * h);
  trial.error_order = formula.error_order;
  if (formula.error[0] != 0.0) {
    measure_error(tableau_error(formula, h), alpha, trial);
  } else if (options_.method == Method::BackwardEuler) {
    if (smooth_points_ == 0) return trial;
    std::vector<double> error(now_.g.size());
    for (std::size_t k = 0; k < error.size(); ++k)
      error[k] = 0.5 * h * (next_.g[k] - now_.g[k]);
    measure_error(error, alpha, trial);
  } else if (smooth_points_ >= 2) {
    measure_error(third_derivative_error(h * h * h / 12.0), alpha, trial);
  }
  return trial;
}

NewtonReport Integrator::take_stages(const Tableau& formula, double h, double t_end) {
  const double alpha = 1.0 / (formula.diagonal * h);
  const std::size_t n = now_.q.size();
  g_.resize(formula.stages);
  if (formula.explicit_first) g_[0] = now_.g;
  NewtonReport report;
  int iterations = 0;
  for (int i = formula.explicit_first ? 1 : 0; i < formula.stages; ++i) {
    const bool last = i + 1 == formula.stages;
    const double t = last ? t_end : now_.t + formula.c[i] * h;
    for (std::size_t k = 0; k < n; ++k) {
      double increment = 0.0;
      for (int j = 0; j < i; ++j) increment += formula.a[i][j] * g_[j][k];
      history_[k] = -alpha * (now_.q[k] + h * increment);
    }
    predict(t, next_.x);
    report = solve_stage(t, alpha, next_.x);
    iterations += report.iterations;
    if (!report.ok()) break;
    const std::vector<double>& q = newton_.evaluation().q;
    g_[i].resize(n);
    for (std::size_t k = 0; k < n; ++k) g_[i][k] = alpha * q[k] + history_[k];
  }
  report.iterations = iterations;
  if (!report.ok()) return report;
  next_.t = t_end;
  next_.q.assign(newton_.evaluation().q.begin(), newton_.evaluation().q.end() - 1);
  next_.g = g_[formula.stages - 1];
  return report;
}

NewtonReport Integrator::take_gear(double h, double t_end) {
  // g_1 = [(1+2r)/(1+r) q_1 - (1+r) q_0 + r^2/(1+r) q_-1]/h with r = h/h0: the slope of
  // the parabola through the last two points and the new one.
  const double r = h / (now_.t - before_.t);
  const double alpha = (1.0 + 2.0 * r) / ((1.0 + r) * h);
  for (std::size_t k = 0; k < history_.size(); ++k)
    history_[k] = (-(1.0 + r) * now_.q[k] + r * r / (1.0 + r) * before_.q[k]) / h;
  predict(t_end, next_.x);
  NewtonReport report = solve_stage(t_end, alpha, next_.x);
  if (!report.ok()) return report;
  next_.t = t_end;
  next_.q.assign(newton_.evaluation().q.begin(), newton_.evaluation().q.end() - 1);
  next_.g.resize(next_.q.size());
  for (std::size_t k = 0; k < next_.q.size(); ++k)
    next_.g[k] = alpha * next_.q[k] + history_[k];
  return report;
}

void Integrator::predict(double t, std::vector<double>& x) const {
  x = now_.x;
  if (smooth_points_ < 2 || system_.linear()) return;
  const double along = (t - now_.t) / (now_.t - before_.t);
  for (std::size_t k = 0; k < x.size(); ++k) x[k] += along * (now_.x[k] - before_.x[k]);
}

std::vector<double> Integrator::tableau_error(const Tableau& formula, double h) const {
  std::vector<double> error(now_.q.size());
  for (std::size_t k = 0; k < error.size(); ++k)
    for (int i = 0; i < formula.stages; ++i) error[k] += h * formula.error[i] * g_[i][k];
  return error;
}

std::vector<double> Integrator::third_derivative_error(double factor) const {
  // q''' = g'' = 2 g[t_1, t_0, t_-1], the second divided difference.
  const double h = next_.t - now_.t, before = now_.t - before_.t;
  std::vector<double> error(now_.q.size());
  for (std::size_t k = 0; k < error.size(); ++k)
    error[k] = factor * 2.0 / (h + before) *
               ((next_.g[k] - now_.g[k]) / h - (now_.g[k] - before_.g[k]) / before);
  return error;
}

void Integrator::measure_error(std::span<const double> charge_error, double alpha,
                               StepTrial& trial) {
  // An error dq of the charges moves the solution by J^-1 alpha dq: what stiff parts of
  // the circuit damp does not count. Charges below reltol*chgtol are noise.
  const Tolerances& t = options_.tolerances;
  const double noise = t.reltol * t.chgtol;
  std::vector<double> moved(charge_error.size(), 0.0);
  bool any = false;
  for (std::size_t k = 0; k < moved.size(); ++k) {
    const bool counts = std::abs(charge_error[k]) > noise;
    if (counts) moved[k] = alpha * charge_error[k];
    any |= counts;
  }
  trial.error = 0.0;
  if (!any) return;
  if (!newton_.apply_inverse(moved)) {
    trial.newton.outcome = Outcome::Singular;
    return;
  }
  find_dynamic_unknowns();
  weigh_states(moved);
  const double reltol = t.reltol * t.trtol / 7.0;
  for (UnknownId k = 1; k < static_cast<UnknownId>(moved.size()); ++k) {
    if (!dynamic_[k]) continue;
    const double size =
        std::max({std::abs(now_.x[k]), std::abs(next_.x[k]), kOfLargest * largest_[k]});
    const double error = std::abs(moved[k]) / newton_.tolerance(k, reltol, size);
    if (error <= trial.error) continue;
    trial.error = error;
    trial.worst = k;
  }
}

/// A state counts by what it stores: where dq/dx has become small, as in an amplifier
/// whose output is clamped, x may jump and nothing follows from it.
void Integrator::weigh_states(std::span<double> moved) {
  const std::vector<double>& c = newton_.evaluation().c;
  for (State& state : states_) {
    const double now = std::abs(c[state.slot]);
    state.largest = std::max(state.largest, now);
    if (now < state.largest) moved[state.unknown] *= now / state.largest;
  }
}

void Integrator::find_dynamic_unknowns() {
  if (!dynamic_.empty() && system_.linear()) return;
  const auto starts = system_.pattern().column_starts();
  const std::vector<double>& c = newton_.evaluation().c;
  dynamic_.assign(system_.unknowns(), 0);
  if (c.empty()) return;
  for (std::int32_t j = 0; j < system_.unknowns(); ++j)
    dynamic_[j] = std::any_of(c.begin() + starts[j], c.begin() + starts[j + 1],
                              [](double v) { return v != 0.0; });
}

void Integrator::accept() {
  std::swap(before_, now_);
  std::swap(now_, next_);
  ++smooth_points_;
  for (std::size_t k = 0; k < largest_.size(); ++k)
    largest_[k] = std::max(largest_[k], std::abs(now_.x[k]));
  env_.time = now_.t;
  system_.accept(now_.x, env_);
}

}  // namespace arrayspice
