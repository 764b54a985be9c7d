// SPDX-License-Identifier: Apache-2.0
// The transient analysis: chooses the steps, meets the corners of the sources, reports.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "solver/integrator.hpp"

namespace arrayspice {
namespace {

// Step control: h_new = h * kSafety * error^(-1/order), within these bounds. A step that
// could grow by less than kWorthGrowing stays, and with it the factors of a linear
// circuit.
constexpr double kSafety = 0.85, kWorthGrowing = 1.5, kMostGrowth = 2.0, kMostCut = 0.1;
constexpr double kCutAfterNewton = 0.125;

class TransientRun {
 public:
  TransientRun(System& system, DirectSolver& solver, const TransientOptions& options,
               const TransientObserver& observe)
      : system_(system),
        options_(options),
        observe_(observe),
        integrator_(system, solver, options) {
    const double span = options.stop - options.start;
    max_step_ =
        options.max_step > 0.0 ? options.max_step : std::min(options.step, span / 50.0);
    const double printed = options.step > 0.0 ? options.step : max_step_;
    first_step_ =
        options.fixed_step
            ? max_step_
            : std::min(max_step_, std::min(options.stop / 100.0, printed) / 10.0);
    step_ = options.fixed_step ? max_step_ : 0.1 * first_step_;
  }

  Summary run(std::vector<double>& x) {
    if (begin(x) && report()) {
      while (integrator_.time() < options_.stop && advance() && report()) {
      }
    }
    x.assign(integrator_.x().begin(), integrator_.x().end());
    return std::move(summary_);
  }

 private:
  bool begin(std::vector<double>& x);
  bool advance();
  bool report();
  bool step_failed(const StepTrial& trial, double h);
  void choose_next_step(const StepTrial& trial, double h);
  std::optional<double> first_crossing(double h) const;
  StepTrial end_at_crossing(const StepTrial& whole, double& h);
  void find_corner();
  double smallest_step() const;

  System& system_;
  TransientOptions options_;
  const TransientObserver& observe_;
  Integrator integrator_;
  Summary summary_;
  double max_step_, first_step_;
  double step_;          // wanted; a corner may shorten the one taken
  double corner_ = 0.0;  // next instant to be met exactly
  bool corner_is_source_ = false;
};

bool TransientRun::begin(std::vector<double>& x) {
  x.resize(system_.unknowns(), 0.0);
  Env env = options_.env;
  env.transient = true;
  env.time = 0.0;
  Evaluation at;
  at.q.resize(x.size() + 1);
  summary_.outcome = Outcome::Converged;
  if (options_.use_initial_conditions) {
    constexpr double kTiny = 1e-6;
    system_.forget_limits();
    system_.initial_charges(x, env, at.q);
    const NewtonReport found = integrator_.make_consistent(kTiny * first_step_, at.q, x);
    summary_.iterations += found.iterations;
    summary_.outcome = found.outcome;
    if (!found.ok()) {
      summary_.worst = found.worst;
      summary_.message =
          "no voltages at t = 0 fit the initial conditions; last to move: " +
          describe_unknowns(system_, found.worst);
    }
  } else {
    system_.evaluate(x, env, Want::Residual, at);
  }
  at.q.resize(x.size());
  integrator_.start(0.0, x, std::move(at.q));
  find_corner();
  return summary_.ok();
}

void TransientRun::find_corner() {
  const double t = integrator_.time();
  corner_ = system_.next_breakpoint(t);
  corner_is_source_ = corner_ < options_.stop;
  corner_ = std::min(corner_, options_.stop);
  if (options_.start > t && options_.start < corner_) {
    corner_ = options_.start;
    corner_is_source_ = false;
  }
}

double TransientRun::smallest_step() const {
  constexpr double kOfLargest = 1e-13, kUlps = 8.0;
  return std::max(kOfLargest * max_step_, kUlps * std::numeric_limits<double>::epsilon() *
                                              std::abs(integrator_.time()));
}

bool TransientRun::advance() {
  for (;;) {
    // Meet the corner exactly, without a sliver before it.
    const double left = corner_ - integrator_.time();
    double h = std::min(step_, max_step_);
    const bool meets = h >= left * (1.0 - 1e-6);
    if (meets)
      h = left;
    else if (h > 0.5 * left && !options_.fixed_step)
      h = 0.5 * left;

    const double whole = h, t_end = meets ? corner_ : integrator_.time() + h;
    StepTrial trial = integrator_.attempt(h, t_end);
    summary_.iterations += trial.newton.iterations;
    if (trial.newton.ok() && trial.error <= 1.0 && !options_.events.empty())
      trial = end_at_crossing(trial, h);
    if (!trial.newton.ok() || trial.error > 1.0) {
      if (step_failed(trial, h)) return false;
      continue;
    }
    integrator_.accept();
    ++summary_.steps;
    choose_next_step(trial, h);
    if (!meets || h < whole) return true;
    const bool source = corner_is_source_;
    find_corner();
    if (source) {
      integrator_.restart();
      if (!options_.fixed_step)
        step_ = std::min({step_, first_step_, 0.1 * (corner_ - integrator_.time())});
    }
    return true;
  }
}

/// The part of the tried step after which the first event occurs, by straight lines.
std::optional<double> TransientRun::first_crossing(double h) const {
  std::optional<double> first;
  for (const EventFunction& event : options_.events) {
    const double before = event(integrator_.time(), integrator_.x());
    const double after = event(integrator_.time() + h, integrator_.tried());
    if (!(before * after < 0.0)) continue;
    const double at = h * before / (before - after);
    if (!first || at < *first) first = at;
  }
  return first;
}

/// Shortens an accepted step until it ends just behind the first crossing within it:
/// regula falsi on its size, whose straight lines become exact as the step shrinks.
StepTrial TransientRun::end_at_crossing(const StepTrial& whole, double& h) {
  constexpr double kPart = 1e-4, kBehind = 0.25 * kPart;
  constexpr int kMostTrials = 8;
  StepTrial trial = whole;
  const double size = h;
  double short_of = 0.0, beyond = h;  // sizes that pass nothing, and something
  for (int k = 0; k < kMostTrials; ++k) {
    const std::optional<double> at = first_crossing(h);
    (at ? beyond : short_of) = h;
    if (at && h - std::max(*at, short_of) <= kPart * size) return trial;
    if (!at && k == 0) return trial;
    const double next = at ? *at + kBehind * size : beyond;
    h = next > short_of && next < beyond ? next : 0.5 * (short_of + beyond);
    trial = integrator_.attempt(h, integrator_.time() + h);
    summary_.iterations += trial.newton.iterations;
    if (!trial.newton.ok() || trial.error > 1.0) return trial;
  }
  return trial;
}

bool TransientRun::step_failed(const StepTrial& trial, double h) {
  const bool by_error = trial.newton.ok();
  ++(by_error ? summary_.rejected_error : summary_.rejected_convergence);
  if (by_error) {
    step_ =
        h * std::max(kMostCut, kSafety * std::pow(trial.error, -1.0 / trial.error_order));
  } else {
    step_ = h * kCutAfterNewton;
  }
  if (step_ >= smallest_step() && !options_.fixed_step) return false;

  const bool singular = trial.newton.outcome == Outcome::Singular;
  summary_.outcome = singular ? Outcome::Singular : Outcome::StepTooSmall;
  summary_.worst = by_error ? std::vector{trial.worst} : trial.newton.worst;
  summary_.message = std::string(singular ? "singular matrix" : "time step too small") +
                     " at t = " + number_text(integrator_.time()) +
                     " s, step = " + number_text(h) + " s (" +
                     (by_error ? "truncation error" : "Newton's method fails") +
                     "); trouble at " + describe_unknowns(system_, summary_.worst);
  return true;
}

void TransientRun::choose_next_step(const StepTrial& trial, double h) {
  if (options_.fixed_step) return;
  double growth = kMostGrowth;
  if (trial.error > 0.0)
    growth = std::min(growth, kSafety * std::pow(trial.error, -1.0 / trial.error_order));
  if (trial.error < 0.0) growth = 1.0;  // unknown: stay
  // A step shortened for a corner says nothing against the one wanted.
  const double next =
      growth >= kWorthGrowing ? growth * h : (growth < 1.0 ? growth * h : h);
  step_ = std::min(max_step_, h < step_ && growth >= 1.0 ? std::max(step_, next) : next);
  step_ = std::max(step_, smallest_step());
}

bool TransientRun::report() {
  const double t = integrator_.time();
  if (t < options_.start || observe_(t, integrator_.x())) return true;
  summary_.outcome = Outcome::Stopped;
  summary_.message = "stopped at t = " + number_text(t) + " s";
  return false;
}

}  // namespace

Summary transient(System& system, DirectSolver& solver, const TransientOptions& options,
                  std::vector<double>& x, const TransientObserver& observe) {
  return TransientRun(system, solver, options, observe).run(x);
}

}  // namespace arrayspice
