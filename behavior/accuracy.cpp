// SPDX-License-Identifier: Apache-2.0
#include "behavior/accuracy.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

#include "behavior/statistics.hpp"

namespace arrayspice {

namespace {

/// y(2n) - y(2n+1) of every row.
std::vector<double> differences(const Matrix& y) {
  std::vector<double> d;
  for (std::int64_t k = 0; k < y.rows; ++k)
    for (std::int64_t j = 0; j + 1 < y.columns; j += 2)
      d.push_back(y(k, j) - y(k, j + 1));
  return d;
}

Accuracy accuracy_of(const Matrix& model, const Matrix& truth, double scale,
                     double scale_of_pairs) {
  assert(model.rows == truth.rows && model.columns == truth.columns);
  assert(scale > 0.0);
  Matrix error = truth;
  for (std::size_t k = 0; k < error.values.size(); ++k)
    error.values[k] = model.values[k] - truth.values[k];
  Accuracy a;
  a.nrmse = root_mean_square(error.values) / scale;
  if (scale_of_pairs > 0.0)
    a.nrmse_differential = root_mean_square(differences(error)) / scale_of_pairs;
  std::vector<double> sizes;
  for (const double e : error.values) sizes.push_back(std::abs(e) / scale);
  std::sort(sizes.begin(), sizes.end());
  a.max = sizes.back();
  const double rank = std::ceil(0.99 * static_cast<double>(sizes.size()));
  a.p99 = sizes[static_cast<std::size_t>(rank) - 1];
  return a;
}

}  // namespace

Accuracy accuracy_of(const Matrix& model, const Matrix& truth) {
  const auto pairs = differences(truth);
  return accuracy_of(model, truth, root_mean_square(truth.values),
                     pairs.empty() ? 0.0 : root_mean_square(pairs));
}

Accuracy accuracy_of(const Matrix& model, const Matrix& truth, double full_scale) {
  return accuracy_of(model, truth, full_scale, truth.columns < 2 ? 0.0 : full_scale);
}

double nonideality_error(const Matrix& model, const Matrix& truth, const Matrix& ideal) {
  constexpr double kShare = 0.02;
  double largest = 0.0;
  for (const double i : ideal.values) largest = std::max(largest, std::abs(i));
  std::vector<double> errors;
  for (std::size_t k = 0; k < ideal.values.size(); ++k)
    if (std::abs(ideal.values[k]) > kShare * largest)
      errors.push_back((model.values[k] - truth.values[k]) / ideal.values[k]);
  return errors.empty() ? 0.0 : root_mean_square(errors);
}

}  // namespace arrayspice
