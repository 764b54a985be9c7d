// SPDX-License-Identifier: Apache-2.0
#include "solver/linear_solver.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cmath>
#include <limits>

#include "solver/cholmod.hpp"
#include "solver/klu.hpp"
#include "solver/peel.hpp"

namespace arrayspice {
namespace {

/// Adds the wall time of its life to a counter.
class Stopwatch {
 public:
  explicit Stopwatch(double& seconds) : seconds_(seconds) {}
  ~Stopwatch() {
    seconds_ += std::chrono::duration<double>(Clock::now() - start_).count();
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  double& seconds_;
  Clock::time_point start_ = Clock::now();
};

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
/// A core solution is refined when its backward error is above this.
constexpr double kBackwardError = 16.0 * kEpsilon;
constexpr int kMostRefinements = 3;

}  // namespace

struct DirectSolver::Impl {
  Impl(const SparsePattern& pattern, LinearOptions options,
       std::span<const std::uint8_t> active)
      : pattern(&pattern), options(options), peel(pattern, active), core(peel.core()) {
    stats.unknowns = pattern.size();
    stats.peeled = peel.peeled();
    stats.matrix_nonzeros = pattern.nonzeros();
    stats.backend = "none";
    core_b.resize(core.n);
    residual.resize(core.n);
    magnitude.resize(core.n);
  }

  FactorStatus factor(std::span<const double> new_values);
  FactorStatus factor_core();
  void analyse(bool cholesky, bool dissect);
  void consider_dissection();
  void solve_core(bool transposed);
  double backward_error(bool transposed, std::span<const double> b);

  const SparsePattern* pattern;
  LinearOptions options;
  Peel peel;
  CoreMatrix core;
  std::vector<double> values;  // of the last factorisation
  std::unique_ptr<CoreFactor> factors;
  Ordering ordering;
  bool cholesky = false;        // what `factors` is
  bool may_be_positive = true;  // Cholesky has not failed yet
  double work = 0.0;            // operations spent on factorisations so far
  FactorStatus status = FactorStatus::Singular;
  std::int32_t singular_unknown = -1;
  LinearStats stats;
  std::vector<double> core_b, residual, magnitude;
};

FactorStatus DirectSolver::Impl::factor(std::span<const double> new_values) {
  const auto fresh = new_values.first(pattern->nonzeros());
  if (status == FactorStatus::Ok &&
      std::equal(fresh.begin(), fresh.end(), values.begin()))
    return status;
  values.assign(fresh.begin(), fresh.end());
  singular_unknown = -1;
  if (!std::all_of(fresh.begin(), fresh.end(), [](double v) { return std::isfinite(v); }))
    return status = FactorStatus::NotFinite;
  singular_unknown = peel.load(values, core);
  if (singular_unknown >= 0) return status = FactorStatus::Singular;
  if (core.n == 0) {
    ++stats.factorisations;
    return status = FactorStatus::Ok;
  }
  if (core.rows.empty()) {
    singular_unknown = peel.unknown(0);
    return status = FactorStatus::Singular;
  }
  return status = factor_core();
}

FactorStatus DirectSolver::Impl::factor_core() {
  const bool want_cholesky =
      options.backend != Backend::Klu && may_be_positive && is_symmetric_positive(core);
  if (!factors || want_cholesky != cholesky) {
    may_be_positive = want_cholesky;  // a matrix that changes its nature stays with LU
    analyse(want_cholesky, ordering.dissection_tried);
  } else {
    consider_dissection();
  }
  FactorStatus result;
  {
    const Stopwatch watch(stats.factor_seconds);
    result = factors->factor();
    ++stats.factorisations;
    work += ordering.fill.flops;
  }
  if (result == FactorStatus::Singular && cholesky) {
    may_be_positive = false;
    return factor_core();
  }
  if (result == FactorStatus::Ok) {
    stats.factor_nonzeros = factors->nonzeros();
  } else if (factors->singular_column() >= 0) {
    singular_unknown = peel.unknown(factors->singular_column());
  }
  return result;
}

void DirectSolver::Impl::analyse(bool with_cholesky, bool dissect) {
  const Stopwatch watch(stats.order_seconds);
  ++stats.analyses;
  cholesky = with_cholesky;
  if (cholesky) {
    const Graph graph = symmetric_graph(core.n, core.starts, core.rows);
    ordering = order_by_degree(graph);
    if (dissect) try_dissection(graph, ordering);
    factors = make_cholmod(core, ordering.order);
  } else {
    factors = make_klu(core, dissect, ordering);
  }
  stats.backend = cholesky ? "cholmod" : "klu";
  stats.ordering = ordering.name;
  const char* kind =
      cholesky ? "symmetric with positive diagonal"
               : (options.backend == Backend::Klu ? "asked for"
                                                  : "not symmetric positive definite");
  stats.reason = std::string(kind) + "; " +
                 (dissect ? ordering.reason : "nested dissection does not pay yet");
}

void DirectSolver::Impl::consider_dissection() {
  if (!ordering.dissection_tried && work > dissection_cost(core.n))
    analyse(cholesky, true);
}

double DirectSolver::Impl::backward_error(bool transposed, std::span<const double> b) {
  // max_i |b - A x|_i / (|A| |x| + |b|)_i, with x in core_b; leaves b - A x in residual.
  for (std::int32_t i = 0; i < core.n; ++i) {
    residual[i] = b[i];
    magnitude[i] = std::abs(b[i]);
  }
  for (std::int32_t j = 0; j < core.n; ++j)
    for (std::int32_t p = core.starts[j]; p < core.starts[j + 1]; ++p) {
      const std::int32_t to = transposed ? j : core.rows[p];
      const double product = core.values[p] * core_b[transposed ? core.rows[p] : j];
      residual[to] -= product;
      magnitude[to] += std::abs(product);
    }
  double worst = 0.0;
  for (std::int32_t i = 0; i < core.n; ++i)
    if (residual[i] != 0.0) worst = std::max(worst, std::abs(residual[i]) / magnitude[i]);
  return worst;
}

void DirectSolver::Impl::solve_core(bool transposed) {
  if (core.n == 0) return;
  const auto apply = [&](std::vector<double>& b) {
    transposed ? factors->solve_transposed(b) : factors->solve(b, 1);
  };
  const std::vector<double> b = core_b;
  apply(core_b);
  double error = backward_error(transposed, b);
  for (int k = 0; k < kMostRefinements && error > kBackwardError; ++k) {
    std::vector<double> correction = residual, before = core_b;
    apply(correction);
    for (std::int32_t i = 0; i < core.n; ++i) core_b[i] += correction[i];
    const double refined = backward_error(transposed, b);
    if (!(refined < error)) core_b = before;
    if (!(refined < 0.5 * error)) break;
    error = refined;
  }
}

DirectSolver::DirectSolver(const SparsePattern& pattern, LinearOptions options,
                           std::span<const std::uint8_t> active)
    : impl_(std::make_unique<Impl>(pattern, options, active)) {}
DirectSolver::~DirectSolver() = default;
DirectSolver::DirectSolver(DirectSolver&&) noexcept = default;
DirectSolver& DirectSolver::operator=(DirectSolver&&) noexcept = default;

FactorStatus DirectSolver::factor(std::span<const double> values) {
  return impl_->factor(values);
}

void DirectSolver::solve(std::span<double> b) { solve_many(b, 1); }

void DirectSolver::solve_transposed(std::span<double> b) {
  assert(impl_->status == FactorStatus::Ok);
  Impl& s = *impl_;
  const Stopwatch watch(s.stats.solve_seconds);
  ++s.stats.solves;
  s.peel.forward_transposed(s.values, b, s.core_b);
  s.solve_core(true);
  s.peel.backward_transposed(s.values, s.core_b, b);
}

void DirectSolver::solve_many(std::span<double> b, std::int32_t count) {
  assert(impl_->status == FactorStatus::Ok);
  Impl& s = *impl_;
  const Stopwatch watch(s.stats.solve_seconds);
  s.stats.solves += count;
  const std::size_t n = s.pattern->size();
  for (std::int32_t k = 0; k < count; ++k) {
    const auto column = b.subspan(k * n, n);
    s.peel.forward(s.values, column, s.core_b);
    s.solve_core(false);
    s.peel.backward(s.values, s.core_b, column);
  }
}

std::int32_t DirectSolver::singular_unknown() const { return impl_->singular_unknown; }
const LinearStats& DirectSolver::stats() const { return impl_->stats; }

}  // namespace arrayspice
