// SPDX-License-Identifier: Apache-2.0
#include "behavior/nonlinearity.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace arrayspice {

std::vector<double> end_point_error(const std::vector<double>& y) {
  const double span = y.back() - y.front();
  std::vector<double> error(y.size(), 0.0);
  if (span == 0.0) return error;
  for (std::size_t k = 0; k < y.size(); ++k) {
    const double x = static_cast<double>(k) / static_cast<double>(y.size() - 1);
    error[k] = (y[k] - y.front()) / span - x;
  }
  return error;
}

Nonlinearity measure_nonlinearity(ArrayProbe& probe, const std::vector<double>& inputs,
                                  int points) {
  assert(points >= 3);
  Nonlinearity result;
  result.outputs.rows = points;
  result.outputs.columns = probe.columns();
  for (int k = 0; k < points; ++k) {
    const double scale = static_cast<double>(k) / (points - 1);
    std::vector<double> scaled = inputs;
    for (double& v : scaled) v *= scale;
    probe.solve(scaled);
    const std::vector<double> y = probe.outputs();
    result.scale.push_back(scale);
    result.outputs.values.insert(result.outputs.values.end(), y.begin(), y.end());
  }
  for (std::int64_t j = 0; j < result.outputs.columns; ++j) {
    std::vector<double> y;
    for (int k = 0; k < points; ++k) y.push_back(result.outputs(k, j));
    double worst = 0.0;
    for (const double e : end_point_error(y)) worst = std::max(worst, std::abs(e));
    result.inl.push_back(worst);
  }
  return result;
}

}  // namespace arrayspice
