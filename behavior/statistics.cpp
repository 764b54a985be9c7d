// SPDX-License-Identifier: Apache-2.0
#include "behavior/statistics.hpp"

#include <Eigen/Core>
#include <cassert>
#include <cmath>

namespace arrayspice {

namespace {

using Values = Eigen::Map<const Eigen::ArrayXd>;

Values array_of(std::span<const double> values) {
  assert(!values.empty());
  return {values.data(), static_cast<Eigen::Index>(values.size())};
}

double sum_of_squares(std::span<const double> values) {
  const Values v = array_of(values);
  return (v - v.mean()).square().sum();
}

}  // namespace

double mean(std::span<const double> values) { return array_of(values).mean(); }

double root_mean_square(std::span<const double> values) {
  return std::sqrt(array_of(values).square().mean());
}

double population_deviation(std::span<const double> values) {
  return std::sqrt(sum_of_squares(values) / static_cast<double>(values.size()));
}

double sample_deviation(std::span<const double> values) {
  return std::sqrt(sum_of_squares(values) / static_cast<double>(values.size() - 1));
}

FittedLine fit_line(std::span<const double> x, std::span<const double> y) {
  assert(x.size() == y.size());
  const Values a = array_of(x), b = array_of(y);
  const double spread = sum_of_squares(x);
  const double gain =
      spread > 0.0 ? ((a - a.mean()) * (b - b.mean())).sum() / spread : 0.0;
  const double offset = b.mean() - gain * a.mean();
  return {offset, gain, std::sqrt((b - gain * a - offset).square().mean())};
}

std::vector<double> column_of(const Matrix& m, std::int64_t j) {
  std::vector<double> values;
  for (std::int64_t k = 0; k < m.rows; ++k) values.push_back(m(k, j));
  return values;
}

}  // namespace arrayspice
