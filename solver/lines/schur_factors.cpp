// SPDX-License-Identifier: Apache-2.0
// What happens when the iteration gives up: the array is factored as a whole.
#include <utility>

#include "solver/lines/schur.hpp"

namespace arrayspice::lines {

SolveReport SchurSolver::solve_or_factor(const Buffer& s, const Buffer& t,
                                         const SolveOptions& options, bool transposed) {
  SolveReport report;
  word_of_transposed_ = transposed;
  if (!factors_) {
    if (transposed) std::swap(in_, out_);
    report = iterate(s, t, options);
    if (transposed) std::swap(in_, out_);
    if (report.converged || !factor_grid(options.factor_bytes)) return report;
  }
  solve_with_factors(s, t, transposed);
  report.converged = true;
  report.factor_nonzeros = factors_->nonzeros();
  report.residual = 0.0;
  return report;
}

bool SchurSolver::factor_grid(double most_bytes) {
  cannot_factor_ |= grid_.word.is_perfect() || grid_.bit.is_perfect();
  if (cannot_factor_ || most_bytes <= 0.0) return false;
  const auto row_major = [&](const Buffer& cells) {
    std::vector<double> result;
    for (std::int64_t i = 0; i < grid_.rows; ++i)
      for (std::int64_t j = 0; j < grid_.columns; ++j)
        result.push_back(cells[index(i, j)]);
    return result;
  };
  const std::vector<double> out = row_major(*out_);
  factors_ = in_ == out_ ? GridFactors::make(grid_, out, out, most_bytes)
                         : GridFactors::make(grid_, row_major(*in_), out, most_bytes);
  cannot_factor_ = !factors_;
  return !cannot_factor_;
}

void SchurSolver::forget_factors() {
  coarse_is_current_ = cannot_factor_ = false;
  factors_.reset();
}

void SchurSolver::solve_with_factors(const Buffer& s, const Buffer& t, bool transposed) {
  const std::int64_t cells = grid_.rows * grid_.columns;
  std::vector<double> both(static_cast<std::size_t>(2 * cells), 0.0);
  const auto for_each_cell = [&](const auto& visit) {
    for (std::int64_t i = 0; i < grid_.rows; ++i)
      for (std::int64_t j = 0; j < grid_.columns; ++j)
        visit(i * grid_.columns + j, index(i, j));
  };
  for_each_cell([&](std::int64_t cell, std::int64_t k) {
    both[cell] = s.empty() ? 0.0 : s[k];
    both[cells + cell] = t.empty() ? 0.0 : t[k];
  });
  transposed ? factors_->solve_transposed(both) : factors_->solve(both);
  run_.x.fill(0.0);
  for_each_cell(
      [&](std::int64_t cell, std::int64_t k) { run_.x[k] = both[cells + cell]; });
}

}  // namespace arrayspice::lines
