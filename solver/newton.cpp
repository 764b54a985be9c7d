// SPDX-License-Identifier: Apache-2.0
#include "solver/newton.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

namespace arrayspice {
namespace {

constexpr double kStateTolerance = 1e-6;
/// Steps are shortened only when the residual grows by more than this.
constexpr double kExplosion = 1e4;
constexpr int kMostHalvings = 12;
/// A residual below this part of what flows into its row is rounding; worth a look from
/// this iteration on.
constexpr double kRounding = 16.0 * std::numeric_limits<double>::epsilon();
constexpr int kTryRounding = 4;
constexpr std::size_t kMostNamed = 5;
/// No voltage or current of a real circuit is larger; where Newton's method runs away to,
/// expressions have saturated and their derivatives say nothing.
constexpr double kRunAway = 1e20;
/// Old factors are kept while each step is at most this part of the one before.
constexpr double kFast = 0.1;
/// The relative residual of an iterative solution of a step: the next step takes out what
/// is left, and the last one is small.
constexpr double kStepAccuracy = 1e-8;
/// A step as small as this, over the tolerance, would polish nothing.
constexpr double kPolished = 1e-6;
/// Charges as currents, 1/s: a femtofarad is then as good as a microsiemens.
constexpr double kRate = 1e9;

/// No rows that are not those of the system.
bool is_plain(const Equation& equation) {
  return equation.shunt == 0.0 && equation.held.empty() && equation.conserved.empty();
}

}  // namespace

Newton::Newton(System& system, DirectSolver& solver, const Tolerances& tolerances)
    : system_(system), solver_(solver), linear_(system.linear()) {
  // An unknown has the tolerance of its quantity; the equation of a node is a current,
  // that of a branch current a voltage.
  absolute_[Quantity::Voltage] = residual_tolerance_[Quantity::Current] =
      tolerances.vntol;
  absolute_[Quantity::Current] = residual_tolerance_[Quantity::Voltage] =
      tolerances.abstol;
  absolute_[Quantity::State] = residual_tolerance_[Quantity::State] = kStateTolerance;
  const std::int32_t n = system.unknowns();
  quantity_.reserve(n);
  for (UnknownId k = 0; k < n; ++k) quantity_.push_back(system.quantity(k));
  residual_.resize(n);
  step_.resize(n);
}

/// Finds the nodes and their diagonals, once a shunt is asked for.
void Newton::find_nodes() {
  if (!nodes_.empty()) return;
  for (UnknownId k = kGround + 1; k < system_.unknowns(); ++k) {
    const std::int32_t slot = system_.pattern().slot(k, k);
    if (quantity_[k] != Quantity::Voltage || slot < 0) continue;
    node_diagonal_.push_back(slot);
    nodes_.push_back(k);
  }
}

// Assemble; then factor, solve, move, assemble; finite? converged (a whole and small
// step, a small residual, nothing limited)? A linear system is solved by the first move.
// A nearly linear one may be solved with older factors: when they do not make the steps
// shrink fast, the next step has factors of its own.
NewtonReport Newton::solve(const Equation& equation, const Env& env,
                           const Accuracy& accuracy, std::vector<double>& x) {
  NewtonReport report;
  const int settled_enough = accuracy.polish ? 2 : 1;
  int settled = 0;
  double before = 0.0;  // size of the last step
  keeps_factors_ = linear_ || (accuracy.keep_factors && has_factors_for(equation));
  evaluate(equation, env, x);
  while (report.iterations < accuracy.most_iterations) {
    if (!is_finite(report) || !step(equation, x, report)) return report;
    const bool whole = move(equation, env, x);
    ++report.iterations;
    const double now = step_size(x, accuracy.reltol);
    const bool there =
        linear_ || (whole && !at_.limited &&
                    arrived(equation, x, now, accuracy.reltol, report.iterations));
    settled = there ? settled + 1 : 0;
    // Quadratic convergence shrinks the next step by more than the ratio of the last two.
    const bool polished =
        there && before > 0.0 && now * std::max(now / before, kStepAccuracy) < kPolished;
    if (linear_ || polished || settled == settled_enough) break;
    if (accuracy.keep_factors) {
      keeps_factors_ = !keeps_factors_ || before == 0.0 || now <= kFast * before;
      if (!keeps_factors_) evaluate(equation, env, x);
    }
    before = now;
  }
  if (!is_finite(report)) return report;
  if (settled > 0)
    report.outcome = Outcome::Converged;
  else
    report.worst = moved_most(x, accuracy.reltol);
  return report;
}

bool Newton::is_finite(NewtonReport& report) const {
  if (std::isfinite(residual_norm())) return true;
  report.outcome = Outcome::NotFinite;
  report.worst = {first_not_finite(residual_)};
  return false;
}

// x += step, or the largest 2^-k of it at which the residual is finite and does not
// explode.
bool Newton::move(const Equation& equation, const Env& env, std::vector<double>& x) {
  const std::vector<double> from = x;
  const double norm = residual_norm();
  const double negligible = residual_tolerance_[Quantity::Voltage];  // rounding may grow
  double fraction = 1.0;
  for (int halvings = 0;; ++halvings, fraction *= 0.5) {
    for (std::size_t k = 0; k < x.size(); ++k) x[k] = from[k] + fraction * step_[k];
    evaluate(equation, env, x);
    const double now = residual_norm();
    const bool grew = norm > 0.0 && now > kExplosion * norm && now > negligible;
    const bool exploded = !std::isfinite(now) || grew;
    if (linear_ || !exploded || halvings == kMostHalvings) return halvings == 0;
  }
}

void Newton::evaluate(const Equation& equation, const Env& env,
                      std::span<const double> x) {
  const bool need_jacobian = !keeps_factors_ || !have_jacobian_;
  system_.evaluate(x, env, need_jacobian ? Want::ResidualAndJacobian : Want::Residual,
                   at_);
  have_jacobian_ = true;
  for (std::size_t k = 0; k < residual_.size(); ++k)
    residual_[k] = at_.f[k] + equation.alpha * at_.q[k];
  if (!equation.history.empty())
    for (std::size_t k = 0; k < residual_.size(); ++k)
      residual_[k] += equation.history[k];
  if (equation.shunt > 0.0) {
    find_nodes();
    for (const UnknownId k : nodes_)
      residual_[k] += equation.shunt *
                      (x[k] - (equation.reference.empty() ? 0.0 : equation.reference[k]));
  }
  for (const auto& [nodes, charge] : equation.conserved) {
    double sum = 0.0;
    for (const UnknownId k : nodes) sum += at_.q[k];
    residual_[nodes.front()] = kRate * (sum - charge);
  }
  for (const auto& [k, value] : equation.held) residual_[k] = x[k] - value;
}

/// Rows that read sum q_k = charge.
void Newton::put_conserved(const Equation& equation) {
  if (equation.conserved.empty()) return;
  std::vector<UnknownId> first(residual_.size(), kNoUnknown);
  for (const ConservedCharge& c : equation.conserved)
    for (const UnknownId k : c.nodes) first[k] = c.nodes.front();
  const SparsePattern& pattern = system_.pattern();
  const auto starts = pattern.column_starts();
  const auto rows = pattern.row_indices();
  for (std::int32_t j = 0; j < pattern.size(); ++j) {
    for (std::int32_t p = starts[j]; p < starts[j + 1]; ++p)
      if (first[rows[p]] == rows[p]) matrix_[p] = 0.0;
    for (std::int32_t p = starts[j]; p < starts[j + 1]; ++p)
      if (first[rows[p]] != kNoUnknown && at_.capacitance(p) != 0.0)
        matrix_[pattern.slot(first[rows[p]], j)] += kRate * at_.capacitance(p);
  }
}

/// The Jacobian's values, formed where they are more than those of the conductances.
std::span<const double> Newton::form_matrix(const Equation& equation) {
  const auto nonzeros = static_cast<std::size_t>(system_.pattern().nonzeros());
  if (equation.alpha == 0.0 && is_plain(equation))
    return std::span(at_.g).first(nonzeros);
  matrix_.resize(nonzeros);
  for (std::size_t p = 0; p < nonzeros; ++p)
    matrix_[p] = at_.g[p] + equation.alpha * at_.capacitance(p);
  if (equation.shunt > 0.0)
    for (const std::int32_t slot : node_diagonal_) matrix_[slot] += equation.shunt;
  put_conserved(equation);
  if (equation.held.empty()) return matrix_;
  std::vector<char> held(residual_.size(), 0);
  for (const auto& [k, value] : equation.held) held[k] = 1;
  const auto starts = system_.pattern().column_starts();
  const auto rows = system_.pattern().row_indices();
  for (std::int32_t j = 0; j < system_.pattern().size(); ++j)
    for (std::int32_t p = starts[j]; p < starts[j + 1]; ++p)
      if (held[rows[p]]) matrix_[p] = rows[p] == j ? 1.0 : 0.0;
  return matrix_;
}

bool Newton::has_factors_for(const Equation& equation) const {
  return is_plain(equation) && equation.alpha == factored_alpha_;
}

bool Newton::step(const Equation& equation, std::span<const double> x,
                  NewtonReport& report) {
  const bool same_matrix = keeps_factors_ && has_factors_for(equation);
  for (std::size_t k = 0; k < residual_.size(); ++k) step_[k] = -residual_[k];
  FactorStatus status =
      same_matrix ? FactorStatus::Ok : solver_.factor(form_matrix(equation));
  if (status == FactorStatus::Ok)
    status = solver_.solve(step_, linear_ ? 0.0 : kStepAccuracy);
  if (status != FactorStatus::Ok) {
    const bool singular = status == FactorStatus::Singular;
    report.outcome = singular ? Outcome::Singular : Outcome::NotFinite;
    const UnknownId at = singular ? solver_.singular_unknown() : kNoUnknown;
    report.worst = at == kNoUnknown ? moved_most(x, 0.0) : std::vector{at};
    return false;
  }
  factored_alpha_ = is_plain(equation) ? equation.alpha : kNoAlpha;
  const UnknownId bad = first_not_finite(step_);
  if (bad == kNoUnknown) return true;
  report.outcome = Outcome::NotFinite;
  report.worst = {bad};
  return false;
}

/// The largest change of an unknown over its tolerance.
double Newton::step_size(std::span<const double> x, double reltol) const {
  double largest = 0.0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    const double size = std::max(std::abs(x[k]), std::abs(x[k] - step_[k]));
    const double moved = std::abs(step_[k]);
    if (moved > 0.0)
      largest = std::max(largest, moved / (reltol * size + absolute_[quantity_[k]]));
  }
  return largest;
}

// Converged: the step was small and so is the residual, or the residual is nothing but
// rounding (in tiny time steps, alpha q leaves more of it than abstol).
bool Newton::arrived(const Equation& equation, std::span<const double> x, double moved,
                     double reltol, int iterations) const {
  const auto is_far = [](double value) { return std::abs(value) > kRunAway; };
  if (std::any_of(x.begin(), x.end(), is_far)) return false;
  const bool little = moved <= 1.0;
  if (!little && iterations < kTryRounding) return false;
  // The residual is judged by the sum of the magnitudes that flow into its row, |J| |x|.
  const auto starts = system_.pattern().column_starts();
  const auto rows = system_.pattern().row_indices();
  std::vector<double> flow(x.size(), 0.0);
  for (std::int32_t j = 0; j < system_.pattern().size(); ++j)
    for (std::int32_t p = starts[j]; p < starts[j + 1]; ++p)
      flow[rows[p]] += std::abs((at_.g[p] + equation.alpha * at_.capacitance(p)) * x[j]);
  if (!equation.history.empty())
    for (std::size_t k = 0; k < x.size(); ++k) flow[k] += std::abs(equation.history[k]);
  const double relative = little ? reltol : kRounding;
  for (std::size_t k = 0; k < x.size(); ++k) {
    const double absolute = little ? residual_tolerance_[quantity_[k]] : 0.0;
    if (!(std::abs(residual_[k]) <= relative * flow[k] + absolute)) return false;
  }
  return true;
}

std::vector<UnknownId> Newton::moved_most(std::span<const double> x,
                                          double reltol) const {
  std::vector<std::pair<double, UnknownId>> by_move;
  for (UnknownId k = 1; k < static_cast<UnknownId>(x.size()); ++k)
    by_move.push_back({-std::abs(step_[k]) / tolerance(k, reltol, std::abs(x[k])), k});
  const std::size_t most = std::min(kMostNamed, by_move.size());
  std::partial_sort(by_move.begin(), by_move.begin() + most, by_move.end());
  std::vector<UnknownId> worst;
  for (std::size_t k = 0; k < most; ++k)
    if (by_move[k].first < -1.0) worst.push_back(by_move[k].second);
  return worst.empty() ? std::vector{least_balanced()} : worst;
}

/// Where the residual is largest over its tolerance: what to name when nothing moves.
UnknownId Newton::least_balanced() const {
  UnknownId worst = 1;
  double largest = 0.0;
  for (UnknownId k = 1; k < static_cast<UnknownId>(residual_.size()); ++k) {
    const double size = std::abs(residual_[k]) / residual_tolerance_[quantity_[k]];
    if (size > largest) worst = k;
    largest = std::max(largest, size);
  }
  return worst;
}

double Newton::residual_norm() const {
  double norm = 0.0;
  for (const double r : residual_) {
    if (std::isnan(r)) return r;
    norm = std::max(norm, std::abs(r));
  }
  return norm;
}

UnknownId Newton::first_not_finite(std::span<const double> v) const {
  const auto at = std::find_if(v.begin(), v.end(),
                               [](double value) { return !std::isfinite(value); });
  return at == v.end() ? kNoUnknown : static_cast<UnknownId>(at - v.begin());
}

std::string describe_unknowns(const System& system, std::span<const UnknownId> unknowns) {
  constexpr std::size_t kMostDevices = 4;
  std::string text;
  for (const UnknownId k : unknowns) {
    if (!text.empty()) text += ", ";
    text += system.unknown_name(k);
    const auto devices = system.devices_at(k, kMostDevices);
    for (std::size_t d = 0; d < devices.size(); ++d)
      text += (d == 0 ? " (" : " ") + devices[d];
    if (!devices.empty()) text += ')';
  }
  return text;
}

std::string number_text(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.6g", value);
  return text.data();
}

}  // namespace arrayspice
