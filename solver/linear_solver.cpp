// SPDX-License-Identifier: Apache-2.0
#include "solver/linear_solver.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cmath>
#include <string>

#include "solver/cholmod.hpp"
#include "solver/klu.hpp"
#include "solver/lines/wired_core.hpp"
#include "solver/peel.hpp"
#include "solver/refinement.hpp"

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

/// Right-hand sides solved together.
constexpr std::int32_t kBlock = 32;

// Where the array iteration beats a factorisation (docs/performance.md has the
// measurements): below this size nothing is gained that is worth looking for wires.
constexpr std::int32_t kArrayFrom = 2000;
// A matrix that was solved with so often may be worth factoring: what that would take is
// estimated once, by counting the fill of minimum degree.
constexpr int kManySolves = 32;
// Operations of an LU factorisation for one of Cholesky, and of a solution for every
// nonzero of a Cholesky factor, by the time they take.
constexpr double kLuOverCholesky = 3.0, kPerFactorEntry = 8.0;

// Matrices in which wires are looked for before giving up.
constexpr int kLooks = 3;

enum class Method { None, Array, Cholesky, Lu };

}  // namespace

struct DirectSolver::Impl {
  Impl(const SparsePattern& pattern, LinearOptions options,
       std::span<const std::uint8_t> active)
      : pattern(&pattern), options(options), peel(pattern, active), core(peel.core()) {
    stats.unknowns = pattern.size();
    stats.peeled = peel.peeled();
    stats.matrix_nonzeros = pattern.nonzeros();
    stats.backend = "none";
  }

  FactorStatus factor(std::span<const double> new_values);
  FactorStatus factor_core();
  FactorStatus factor_directly();
  bool factor_as_array();
  bool find_array();
  bool is_worthwhile(double operations);
  void estimate_factors();
  void leave_array(const char* why);
  void analyse(Method method, bool dissect);
  void consider_dissection();
  FactorStatus solve_core(std::int32_t count, bool transposed);
  bool iterate(std::int32_t count, bool transposed);
  lines::WiredCore& array() { return static_cast<lines::WiredCore&>(*factors); }
  bool apply(std::span<double> b, std::int32_t count, bool transposed) {
    return transposed ? factors->solve_transposed(b) : factors->solve(b, count);
  }

  const SparsePattern* pattern;
  LinearOptions options;
  Peel peel;
  CoreMatrix core;
  std::unique_ptr<CoreFactor> factors;
  Ordering ordering;
  Method method = Method::None;  // what `factors` is
  bool may_be_array = true;      // neither without wires nor given up
  bool array_is_fresh = false;   // its wires were found in the present matrix
  bool may_be_positive = true;   // Cholesky has not failed yet
  int solves_since_factor = 0;
  int looks = 0;
  double spent = 0.0;              // on iterations with the present matrix
  double direct_operations = 0.0;  // of a factorisation, once estimated
  double direct_solution = 0.0;    // of a solution with its factors
  double tolerance = 0.0;          // of the solution asked for
  double work = 0.0;               // operations spent on factorisations so far
  FactorStatus status = FactorStatus::Singular;
  std::int32_t singular_unknown = -1;
  std::string left_array;  // why, for the stats
  LinearStats stats;
  std::vector<double> core_b;
};

FactorStatus DirectSolver::Impl::factor(std::span<const double> new_values) {
  const Peel::Loaded loaded = peel.load(new_values, core);
  if (status == FactorStatus::Ok && !loaded.changed) return status;
  singular_unknown = -1;
  if (!loaded.finite) return status = FactorStatus::NotFinite;
  singular_unknown = loaded.zero_pivot;
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
  solves_since_factor = 0;
  spent = 0.0;
  return factor_as_array() ? FactorStatus::Ok : factor_directly();
}

bool DirectSolver::Impl::factor_as_array() {
  const bool wanted = options.backend == Backend::Array ||
                      (options.backend == Backend::Auto && core.n >= kArrayFrom);
  if (!wanted || !may_be_array) return false;
  array_is_fresh = false;
  if (method != Method::Array && !find_array()) return false;
  const auto try_factors = [&] {
    const Stopwatch watch(stats.factor_seconds);
    ++stats.factorisations;
    return factors->factor() == FactorStatus::Ok;
  };
  if (!try_factors() && (array_is_fresh || !find_array() || !try_factors())) {
    leave_array("a wire's matrix is singular");
    return false;
  }
  stats.factor_nonzeros = factors->nonzeros();
  return true;
}

/// Looks for wires in the present matrix.
bool DirectSolver::Impl::find_array() {
  const Stopwatch watch(stats.order_seconds);
  std::string report;
  auto found = lines::WiredCore::find(core, report);
  array_is_fresh = true;
  if (!found) {
    left_array = report + "; ";
    may_be_array = ++looks < kLooks;
    return false;
  }
  found->set_judge([this](double operations) { return is_worthwhile(operations); });
  factors = std::move(found);
  method = Method::Array;
  ++stats.analyses;
  stats.reason = report;
  stats.backend = "array";
  stats.ordering = "lines";
  return true;
}

/// What a factorisation and a solution would take, in operations of Cholesky's.
void DirectSolver::Impl::estimate_factors() {
  if (direct_operations > 0.0) return;
  const Stopwatch watch(stats.order_seconds);
  const Fill fill = order_by_degree(symmetric_graph(core.n, core.starts, core.rows)).fill;
  const bool symmetric = is_symmetric_positive(core);
  direct_operations = (symmetric ? 1.0 : kLuOverCholesky) * fill.flops;
  direct_solution = (symmetric ? 1.0 : 2.0) * kPerFactorEntry * fill.nonzeros;
}

/// Is a slow iteration still cheaper than factoring?
bool DirectSolver::Impl::is_worthwhile(double operations) {
  if (options.backend == Backend::Array)
    return true;  // asked for: as long as it converges
  estimate_factors();
  return operations < direct_operations;
}

void DirectSolver::Impl::leave_array(const char* why) {
  may_be_array = false;
  left_array = std::string(why) + "; ";
  factors.reset();
  method = Method::None;
}

FactorStatus DirectSolver::Impl::factor_directly() {
  const bool want_cholesky =
      options.backend != Backend::Klu && may_be_positive && is_symmetric_positive(core);
  const Method wanted = want_cholesky ? Method::Cholesky : Method::Lu;
  if (wanted != method) {
    may_be_positive = want_cholesky;  // a matrix that changes its nature stays with LU
    analyse(wanted, ordering.dissection_tried);
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
  if (result == FactorStatus::Singular && method == Method::Cholesky) {
    may_be_positive = false;
    return factor_directly();
  }
  if (result == FactorStatus::Ok) {
    stats.factor_nonzeros = factors->nonzeros();
  } else if (factors->singular_column() >= 0) {
    singular_unknown = peel.unknown(factors->singular_column());
  }
  return result;
}

void DirectSolver::Impl::analyse(Method with, bool dissect) {
  const Stopwatch watch(stats.order_seconds);
  ++stats.analyses;
  method = with;
  if (method == Method::Cholesky) {
    const Graph graph = symmetric_graph(core.n, core.starts, core.rows);
    ordering = order_by_degree(graph);
    if (dissect) try_dissection(graph, ordering);
    factors = make_cholmod(core, ordering);
  } else {
    factors = make_klu(core, dissect, ordering);
  }
  stats.backend = method == Method::Cholesky ? "cholmod" : "klu";
  stats.ordering = ordering.name;
  const char* kind = method == Method::Cholesky ? "symmetric with positive diagonal"
                     : options.backend == Backend::Klu
                         ? "asked for"
                         : "not symmetric positive definite";
  stats.reason = left_array + kind + "; " +
                 (dissect ? ordering.reason : "nested dissection does not pay yet");
}

void DirectSolver::Impl::consider_dissection() {
  // Dissection saves about half of every factorisation.
  if (!ordering.dissection_tried && 0.5 * work > dissection_cost(core.n))
    analyse(method, true);
}

/// Solves for the right-hand sides in core_b.
FactorStatus DirectSolver::Impl::solve_core(std::int32_t count, bool transposed) {
  if (core.n == 0) return FactorStatus::Ok;
  if (method == Method::Array) {
    if (iterate(count, transposed)) return FactorStatus::Ok;
    status = factor_directly();
    if (status != FactorStatus::Ok) return status;
  }
  const std::vector<double> b = core_b;
  apply(core_b, count, transposed);
  const std::size_t n = core.n;
  Refinement refinement(core, transposed,
                        [&](std::span<double> r) { apply(r, 1, transposed); });
  for (std::int32_t k = 0; k < count; ++k)
    refinement.refine(std::span(core_b).subspan(k * n, n),
                      std::span(b).subspan(k * n, n));
  return FactorStatus::Ok;
}

/// Solves by the array iteration, or leaves core_b as it was and the array path for good.
bool DirectSolver::Impl::iterate(std::int32_t count, bool transposed) {
  if (options.backend == Backend::Auto && solves_since_factor >= kManySolves) {
    estimate_factors();
    if (spent > direct_operations + solves_since_factor * direct_solution) {
      leave_array("array of wires, but many solutions with one matrix");
      return false;
    }
  }
  const std::vector<double> b = core_b;
  for (;;) {
    array().set_tolerance(tolerance);
    const bool ok = apply(core_b, count, transposed);
    stats.array_iterations += array().last_iterations();
    spent += array().last_iterations() * array().iteration_cost();
    solves_since_factor += count;
    if (ok) return true;
    core_b = b;
    // The wires may have been found in a matrix that has changed much since.
    if (array_is_fresh || !find_array() || factors->factor() != FactorStatus::Ok) break;
  }
  leave_array("array of wires, but factoring is cheaper than the iteration");
  return false;
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

FactorStatus DirectSolver::solve(std::span<double> b, double tolerance) {
  impl_->tolerance = tolerance;
  const FactorStatus status = solve_many(b, 1);
  impl_->tolerance = 0.0;
  return status;
}

FactorStatus DirectSolver::solve_transposed(std::span<double> b) {
  assert(impl_->status == FactorStatus::Ok);
  Impl& s = *impl_;
  const Stopwatch watch(s.stats.solve_seconds);
  ++s.stats.solves;
  s.core_b.resize(s.core.n);
  s.peel.forward_transposed(b, s.core_b);
  const FactorStatus status = s.solve_core(1, true);
  if (status == FactorStatus::Ok) s.peel.backward_transposed(s.core_b, b);
  return status;
}

FactorStatus DirectSolver::solve_many(std::span<double> b, std::int32_t count) {
  assert(impl_->status == FactorStatus::Ok);
  Impl& s = *impl_;
  const Stopwatch watch(s.stats.solve_seconds);
  s.stats.solves += count;
  const std::size_t n = s.pattern->size(), core_n = s.core.n;
  for (std::int32_t first = 0; first < count; first += kBlock) {
    const std::int32_t now = std::min(kBlock, count - first);
    s.core_b.resize(now * core_n);
    const auto column = [&](std::int32_t k) { return b.subspan((first + k) * n, n); };
    const auto core = [&](std::int32_t k) {
      return std::span(s.core_b).subspan(k * core_n, core_n);
    };
    for (std::int32_t k = 0; k < now; ++k) s.peel.forward(column(k), core(k));
    const FactorStatus status = s.solve_core(now, false);
    if (status != FactorStatus::Ok) return status;
    for (std::int32_t k = 0; k < now; ++k) s.peel.backward(core(k), column(k));
  }
  return FactorStatus::Ok;
}

std::int32_t DirectSolver::singular_unknown() const { return impl_->singular_unknown; }
const LinearStats& DirectSolver::stats() const { return impl_->stats; }

}  // namespace arrayspice
