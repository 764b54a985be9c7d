// SPDX-License-Identifier: Apache-2.0
#include "behavior/fit_anchored.hpp"

#include <algorithm>

#include "netlists/arrays/random.hpp"

namespace arrayspice {

namespace {

constexpr double kAnchorError = 1e-3;
constexpr int kFewestAnchorSweeps = 3, kMostAnchorSweeps = 8;
constexpr double kGradientAim = 3e-3;
constexpr int kFewestAdjointSweeps = 2, kMostAdjointSweeps = 12;
constexpr double kStalled = 1.1;  // a sweep that brings less than this is not worth it

}  // namespace

int first_below(const std::vector<double>& error, double bound) {
  const auto first = std::ranges::find_if(error, [&](double e) { return e <= bound; });
  return static_cast<int>(first - error.begin()) + 1;
}

int anchor_sweeps_for(const std::vector<double>& line_error) {
  return std::clamp(first_below(line_error, kAnchorError), kFewestAnchorSweeps,
                    kMostAnchorSweeps);
}

int adjoint_sweeps_for(const ArraySpec& spec, const LineModel& line,
                       const AnchoredSettings& anchored,
                       std::span<const TestVector> vectors) {
  double last = 0.0;
  int sweeps = kFewestAdjointSweeps;
  for (; sweeps <= kMostAdjointSweeps; ++sweeps) {
    const auto found = anchored_gradient_error(spec, line, anchored, vectors, sweeps);
    if (!found) return kFewestAdjointSweeps + 1;
    const double error =
        std::max(found->relative_by_conductance(), found->relative_by_input());
    if (error <= kGradientAim) break;
    if (sweeps > kFewestAdjointSweeps && last < kStalled * error) return sweeps - 1;
    last = error;
  }
  return std::min(sweeps, kMostAdjointSweeps);
}

std::optional<GradientError> anchored_gradient_error(const ArraySpec& spec,
                                                     const LineModel& line,
                                                     const AnchoredSettings& anchored,
                                                     std::span<const TestVector> vectors,
                                                     int adjoint_sweeps) {
  GradientError error;
  for (std::size_t k = 0; k < vectors.size(); ++k) {
    const TestVector& v = vectors[k];
    std::vector<double> weights;
    for (std::int64_t j = 0; j < spec.array.columns; ++j)
      weights.push_back(normal(spec.array.seed, Draw::TestWeight,
                               -1 - static_cast<std::int64_t>(k), j));
    const auto truth = circuit_gradient(spec, line.table, v.weights, v.inputs, weights);
    if (!truth) return {};
    LineArray array(line, v.weights);
    WarmStart(anchored, array).start(v.inputs, array);
    for (int sweep = 0; sweep < anchored.sweeps; ++sweep) array.sweep();
    error.add(array.gradient(weights, adjoint_sweeps), *truth);
  }
  return error;
}

}  // namespace arrayspice
