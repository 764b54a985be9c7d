// SPDX-License-Identifier: Apache-2.0
#include "behavior/baselines.hpp"

#include <cassert>
#include <numeric>
#include <vector>

#include "behavior/statistics.hpp"

namespace arrayspice {

namespace {

/// What a line of nodes with loads g leaves of the voltage at each node, when the current
/// of node k flows through the k + 1 segments that lie between it and the line's end.
/// Node 0 is next to the end.
std::vector<double> line_factors(const std::vector<double>& g, double segment,
                                 double end) {
  double all = 1.0;
  for (std::size_t k = 0; k < g.size(); ++k)
    all += (segment * static_cast<double>(k + 1) + end) * g[k];
  std::vector<double> factors(g.size());
  for (std::size_t l = 0; l < g.size(); ++l) {
    double beyond = 1.0;
    for (std::size_t k = l + 1; k < g.size(); ++k)
      beyond += segment * static_cast<double>(k - l) * g[k];
    factors[l] = beyond / all;
  }
  return factors;
}

}  // namespace

Matrix ideal_outputs(const Matrix& g, const Matrix& inputs) {
  assert(g.rows == inputs.columns);
  Matrix y{inputs.rows, g.columns,
           std::vector<double>(static_cast<std::size_t>(inputs.rows * g.columns))};
  for (std::int64_t k = 0; k < y.rows; ++k)
    for (std::int64_t i = 0; i < g.rows; ++i)
      for (std::int64_t j = 0; j < g.columns; ++j) y(k, j) += inputs(k, i) * g(i, j);
  return y;
}

Matrix mean_ladder_outputs(const LineModel& model, const Matrix& g,
                           const Matrix& inputs) {
  std::vector<double> of_rows(static_cast<std::size_t>(g.rows)),
      of_columns(static_cast<std::size_t>(g.columns));
  for (std::int64_t i = 0; i < g.rows; ++i)
    for (std::int64_t j = 0; j < g.columns; ++j) {
      of_rows[g.rows - 1 - i] += g(i, j) / static_cast<double>(g.columns);
      of_columns[j] += g(i, j) / static_cast<double>(g.rows);
    }
  const std::vector<double> a =
      line_factors(of_rows, model.bit.segment, mean(model.bit.near_end));
  const std::vector<double> b =
      line_factors(of_columns, model.word.segment, mean(model.word.near_end));
  Matrix effective = g;
  for (std::int64_t i = 0; i < g.rows; ++i)
    for (std::int64_t j = 0; j < g.columns; ++j)
      effective(i, j) *= a[g.rows - 1 - i] * b[j];
  return ideal_outputs(effective, inputs);
}

double best_scale(const Matrix& ideal, const Matrix& truth) {
  const auto dot = [](const Matrix& a, const Matrix& b) {
    return std::inner_product(a.values.begin(), a.values.end(), b.values.begin(), 0.0);
  };
  return dot(ideal, truth) / dot(ideal, ideal);
}

}  // namespace arrayspice
