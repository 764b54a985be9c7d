// SPDX-License-Identifier: Apache-2.0
#include "solver/lines/wired_core.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "solver/cholmod.hpp"
#include "solver/lines/line_structure.hpp"

namespace arrayspice::lines {

namespace {

constexpr double kTolerance =
    1e-13;  // on the kept rows' residual, relative to the source
constexpr double kAcceptable = 100.0 * kTolerance;
constexpr double kCorrection = 1e-3;  // by how much the correction solve reduces it again
constexpr double kRounding = 64.0 * std::numeric_limits<double>::epsilon();
constexpr int kMostRounds = 5;
// From this iteration on, the number that it will take is estimated; below the second
// number it needs no second thought.
constexpr int kProbe = 4;
constexpr double kFewIterations = 32.0;
constexpr double kShortestLines = 8.0;  // nodes, on average
constexpr double kLargestBorder = 0.1;  // of the unknowns
constexpr double kMostStrong = 0.1;     // couplings between lines, ditto

bool promising(const LineStructure& lines, const Groups& groups, std::int32_t rows,
               std::string& report) {
  const auto count = [](auto n) { return std::to_string(n); };
  if (static_cast<double>(groups.border.size()) > kLargestBorder * rows) {
    report = "no array of wires found: " + count(groups.border.size()) + " of " +
             count(rows) + " unknowns are hubs or sources";
    return false;
  }
  if (lines.order.empty() ||
      static_cast<double>(lines.order.size()) < kShortestLines * lines.size()) {
    report = "no array of wires found";
    return false;
  }
  if (static_cast<double>(lines.strong_couplings) >
      kMostStrong * static_cast<double>(lines.order.size())) {
    report = "no array of wires found: " + count(lines.strong_couplings) +
             " couplings between lines are as strong as wires";
    return false;
  }
  std::int32_t inner = 0;
  for (std::int32_t g = 0; g < groups.size(); ++g)
    inner += groups.starts[g + 1] - groups.starts[g] == 1;
  report = count(lines.size()) + " wires, " + count(lines.couplings) + " couplings, " +
           count(inner) + " inner nodes found";
  if (groups.size() > inner)
    report += ", " + count(groups.size() - inner) + " small groups";
  if (!groups.border.empty()) report += ", border of " + count(groups.border.size());
  return true;
}

CoreMatrix transpose(const CoreMatrix& a) {
  CoreMatrix t{a.n, std::vector<std::int32_t>(static_cast<std::size_t>(a.n) + 1, 0),
               std::vector<std::int32_t>(a.rows.size()),
               std::vector<double>(a.rows.size())};
  for (const std::int32_t row : a.rows) ++t.starts[row + 1];
  std::partial_sum(t.starts.begin(), t.starts.end(), t.starts.begin());
  std::vector<std::int32_t> next(t.starts.begin(), t.starts.end() - 1);
  for (std::int32_t j = 0; j < a.n; ++j)
    for (std::int32_t k = a.starts[j]; k < a.starts[j + 1]; ++k) {
      t.rows[next[a.rows[k]]] = j;
      t.values[next[a.rows[k]]++] = a.values[k];
    }
  return t;
}

}  // namespace

std::unique_ptr<WiredCore> WiredCore::find(const CoreMatrix& matrix,
                                           std::string& report) {
  const Groups groups = find_groups(matrix);
  auto reduced = std::make_unique<ReducedMatrix>(matrix, groups);
  std::vector<double> own;
  std::span<const double> values = matrix.values;
  if (!reduced->is_whole() || !is_symmetric_positive(matrix)) {
    own.assign(reduced->pattern().columns.size(), 0.0);
    if (!reduced->load(own)) {
      report = "a group of unknowns is singular by itself";
      return nullptr;
    }
    values = own;
  }
  std::vector<std::uint8_t> in_border(reduced->pattern().size(), 0);
  for (const std::int32_t u : groups.border) in_border[reduced->place(u)] = 1;
  const LineStructure lines = find_lines(reduced->pattern(), values, in_border);
  if (!promising(lines, groups, reduced->pattern().size(), report)) return nullptr;
  own = {};
  auto blocks = std::make_unique<LineBlocks>(reduced->pattern(), lines, in_border);
  reduced->relocate(blocks->slots(), blocks->positions());
  blocks->forget_slots();
  return std::unique_ptr<WiredCore>(
      new WiredCore(matrix, std::move(reduced), std::move(blocks)));
}

FactorStatus WiredCore::factor() {
  adjoint_is_current_ = false;
  if (!reduced_->load(blocks_->clear_values())) return FactorStatus::Singular;
  const FactorStatus status = blocks_->factor();
  symmetric_ = status == FactorStatus::Ok && blocks_->positive() &&
               blocks_->is_two_coloured() && is_symmetric_positive(a_);
  return status;
}

double WiredCore::iteration_cost() const {
  constexpr double kPerEntry = 4.0;  // measured: docs/performance.md
  return kPerEntry * static_cast<double>(blocks_->entries());
}

KrylovResult WiredCore::krylov(const KrylovLimits& limits, Vector& r, Vector& x) {
  const auto precondition = [this](const Vector& in, Vector& out) {
    blocks_->precondition(in, out);
  };
  if (symmetric_)
    return conjugate_gradients([this](const Vector& p, const Vector& t,
                                      Vector& s) { blocks_->apply_schur(p, t, s); },
                               precondition, limits, r, x);
  return gmres([this](const Vector& in, Vector& out) { blocks_->apply(in, out); },
               precondition, limits, r, x);
}

/// x += S^-1 r for the kept rows, to |r| <= stop or as far as rounding allows.
KrylovEnd WiredCore::iterate(double stop, Vector& r, Vector& x) {
  bool refused = false;
  const double goal = stop / norm(r);
  const int before = iterations_;
  KrylovLimits limits;
  limits.stop = stop;
  limits.worthwhile = [&](int iterations, double reduction) {
    // Looked at after 4, 8, 16... iterations.
    if (iterations < kProbe || (iterations & (iterations - 1)) != 0 || !judge_)
      return true;
    const double expected =
        iterations * std::log(goal) / std::log(std::min(reduction, 0.9));
    refused = before + expected > kFewIterations &&
              !judge_((before + expected) * iteration_cost());
    return !refused;
  };
  KrylovResult result = krylov(limits, r, x);
  iterations_ += result.iterations;
  if (result.end == KrylovEnd::Refused && symmetric_ && !refused) {
    symmetric_ = false;  // not positive definite after all
    result = krylov(limits, r, x);
    iterations_ += result.iterations;
  }
  return result.end;
}

void WiredCore::take_residual(std::span<const double> b, const Vector& x,
                              Vector& residual) const {
  residual.assign(b.begin(), b.end());
  for (std::int32_t j = 0; j < a_.n; ++j)
    for (std::int32_t k = a_.starts[j]; k < a_.starts[j + 1]; ++k)
      residual[a_.rows[k]] -= a_.values[k] * x[j];
}

/// Is the residual of every row small against the terms of the row?
bool WiredCore::is_rounding(const Vector& residual, std::span<const double> b,
                            const Vector& x) const {
  Vector terms(a_.n);
  for (std::int32_t k = 0; k < a_.n; ++k) terms[k] = std::abs(b[k]);
  for (std::int32_t j = 0; j < a_.n; ++j)
    for (std::int32_t k = a_.starts[j]; k < a_.starts[j + 1]; ++k)
      terms[a_.rows[k]] += std::abs(a_.values[k] * x[j]);
  for (std::int32_t k = 0; k < a_.n; ++k)
    if (!(std::abs(residual[k]) <= kRounding * terms[k])) return false;
  return true;
}

bool WiredCore::solve_one(std::span<double> b) {
  const double tolerance = std::max(tolerance_, kTolerance);
  Vector x(a_.n, 0.0), residual(b.begin(), b.end());
  Vector right(blocks_->size(), 0.0), solved(blocks_->size());
  double first = 0.0, before = 0.0;
  for (int round = 0;; ++round) {
    reduced_->reduce(residual, right);
    blocks_->eliminate(right);
    Vector r(right.begin(), right.begin() + blocks_->kept());
    const double now = norm(r);
    if (!std::isfinite(now)) return false;
    if (round == 0) first = now;
    const bool acceptable = now <= std::max(10.0 * tolerance, kAcceptable) * first ||
                            (round > 0 && is_rounding(residual, b, x));
    if (round > 0 && tolerance_ > 0.0 && acceptable) break;
    if (round > 1 && !acceptable && (round == kMostRounds || now > 0.1 * before))
      return false;
    const double stop = round == 0 || !acceptable ? tolerance * first : kCorrection * now;
    std::fill(solved.begin(), solved.end(), 0.0);
    KrylovEnd end = KrylovEnd::Reached;
    if (now > 0.0) end = iterate(stop, r, solved);
    if (end == KrylovEnd::Refused) return false;
    blocks_->complete(right, solved);
    reduced_->expand(solved, residual);
    for (std::int32_t k = 0; k < a_.n; ++k) x[k] += residual[k];
    if (round > 0 && acceptable) break;
    if (tolerance_ > 0.0 && is_proven_ && end == KrylovEnd::Reached) break;
    take_residual(b, x, residual);
    before = now;
  }
  std::copy(x.begin(), x.end(), b.begin());
  return is_proven_ = true;
}

bool WiredCore::solve(std::span<double> b, std::int32_t count) {
  const std::size_t n = a_.n;
  int iterations = 0;
  for (std::int32_t k = 0; k < count; ++k) {
    iterations_ = 0;
    if (!solve_one(b.subspan(k * n, n))) return false;
    iterations += iterations_;
  }
  iterations_ = iterations;
  return true;
}

bool WiredCore::solve_transposed(std::span<double> b) {
  if (symmetric_) return solve(b, 1);
  if (!adjoint_is_current_ && !make_adjoint()) return false;
  const bool ok = adjoint_->solve(b, 1);
  iterations_ = adjoint_->last_iterations();
  return ok;
}

/// The same for A^T, whose wires and groups are those of A.
bool WiredCore::make_adjoint() {
  if (adjoint_) {
    transposed_.values = transpose(a_).values;
  } else {
    transposed_ = transpose(a_);
    std::string report;
    adjoint_ = find(transposed_, report);
    if (!adjoint_) return false;
    adjoint_->set_judge(judge_);
  }
  return adjoint_is_current_ = adjoint_->factor() == FactorStatus::Ok;
}

}  // namespace arrayspice::lines
