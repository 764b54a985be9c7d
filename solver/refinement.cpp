// SPDX-License-Identifier: Apache-2.0
#include "solver/refinement.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace arrayspice {

namespace {

/// A solution is refined when its backward error is above this.
constexpr double kBackwardError = 16.0 * std::numeric_limits<double>::epsilon();
constexpr int kMostRefinements = 3;

}  // namespace

Refinement::Refinement(const CoreMatrix& matrix, bool transposed, Solve solve)
    : a_(matrix),
      transposed_(transposed),
      solve_(std::move(solve)),
      residual_(matrix.n),
      magnitude_(matrix.n) {}

/// max_i |b - A x|_i / (|A| |x| + |b|)_i; leaves b - A x in residual_.
double Refinement::backward_error(std::span<const double> x, std::span<const double> b) {
  for (std::int32_t i = 0; i < a_.n; ++i) {
    residual_[i] = b[i];
    magnitude_[i] = std::abs(b[i]);
  }
  for (std::int32_t j = 0; j < a_.n; ++j)
    for (std::int32_t p = a_.starts[j]; p < a_.starts[j + 1]; ++p) {
      const std::int32_t to = transposed_ ? j : a_.rows[p];
      const double product = a_.values[p] * x[transposed_ ? a_.rows[p] : j];
      residual_[to] -= product;
      magnitude_[to] += std::abs(product);
    }
  double worst = 0.0;
  for (std::int32_t i = 0; i < a_.n; ++i)
    if (residual_[i] != 0.0)
      worst = std::max(worst, std::abs(residual_[i]) / magnitude_[i]);
  return worst;
}

void Refinement::refine(std::span<double> x, std::span<const double> b) {
  double error = backward_error(x, b);
  for (int k = 0; k < kMostRefinements && error > kBackwardError; ++k) {
    std::vector<double> better = residual_;
    solve_(better);
    for (std::int32_t i = 0; i < a_.n; ++i) better[i] += x[i];
    const double refined = backward_error(better, b);
    if (!(refined < error)) break;
    std::copy(better.begin(), better.end(), x.begin());
    if (refined > 0.5 * error) break;
    error = refined;
  }
}

}  // namespace arrayspice
