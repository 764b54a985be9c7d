// SPDX-License-Identifier: Apache-2.0
#include "behavior/fit_table.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cassert>

namespace arrayspice {

namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

/// The corner difference counts less than those along an axis: it only ties down tables
/// whose samples lie on a curve.
constexpr double kTwist = 0.3;

UniformGrid grid_over(std::span<const double> samples, std::size_t count) {
  const auto [low, high] = std::ranges::minmax(samples);
  if (count < 2) return {low, 1.0, 1};
  const double span = high > low ? high - low : 1.0;
  return {low, span / static_cast<double>(count - 1), count};
}

/// From 0 to 1 over the grid.
double normalised(const UniformGrid& grid, double x) {
  return grid.count < 2 ? 0.0 : (x - grid.first) / (grid.last() - grid.first);
}

/// The plane c0 + c1 a + c2 b nearest to the samples, over normalised axes.
std::array<double, 3> fit_plane(const BilinearTable& table, std::span<const double> a,
                                std::span<const double> b, std::span<const double> y) {
  const auto count = static_cast<Eigen::Index>(y.size());
  Matrix design(count, 3);
  Vector wanted(count);
  for (Eigen::Index k = 0; k < count; ++k) {
    design.row(k) << 1.0, normalised(table.a, a[k]), normalised(table.b, b[k]);
    wanted[k] = y[k];
  }
  const Vector c = design.completeOrthogonalDecomposition().solve(wanted);
  return {c[0], c[1], c[2]};
}

/// Adds factor d d' for d, the sum of the given points with the given signs.
template <std::size_t N>
void add_difference(Matrix& normal, const std::array<std::size_t, N>& point,
                    const std::array<double, N>& sign, double factor) {
  for (std::size_t p = 0; p < N; ++p)
    for (std::size_t q = 0; q < N; ++q)
      normal(static_cast<Eigen::Index>(point[p]), static_cast<Eigen::Index>(point[q])) +=
          factor * sign[p] * sign[q];
}

void add_smoothness(const BilinearTable& table, double factor, Matrix& normal) {
  const std::size_t rows = table.a.count, columns = table.b.count;
  const auto at = [&](std::size_t k, std::size_t l) { return k * columns + l; };
  for (std::size_t k = 0; k < rows; ++k)
    for (std::size_t l = 0; l < columns; ++l) {
      if (k + 2 < rows)
        add_difference<3>(normal, {at(k, l), at(k + 1, l), at(k + 2, l)},
                          {1.0, -2.0, 1.0}, factor);
      if (l + 2 < columns)
        add_difference<3>(normal, {at(k, l), at(k, l + 1), at(k, l + 2)},
                          {1.0, -2.0, 1.0}, factor);
      if (k + 1 < rows && l + 1 < columns)
        add_difference<4>(normal,
                          {at(k, l), at(k + 1, l), at(k, l + 1), at(k + 1, l + 1)},
                          {1.0, -1.0, -1.0, 1.0}, kTwist * kTwist * factor);
    }
}

}  // namespace

BilinearTable fit_table(std::span<const double> a, std::span<const double> b,
                        std::span<const double> y, std::size_t a_count,
                        std::size_t b_count, double smoothness) {
  assert(!y.empty() && a.size() == y.size() && b.size() == y.size());
  BilinearTable table{grid_over(a, a_count), grid_over(b, b_count), {}};
  const std::array<double, 3> plane = fit_plane(table, a, b, y);
  const auto plane_at = [&](double x, double z) {
    return plane[0] + plane[1] * normalised(table.a, x) +
           plane[2] * normalised(table.b, z);
  };
  const auto size = static_cast<Eigen::Index>(a_count * b_count);
  Matrix normal = Matrix::Zero(size, size);
  Vector right = Vector::Zero(size);
  const double each = 1.0 / static_cast<double>(y.size());
  for (std::size_t k = 0; k < y.size(); ++k) {
    const GridShare p = grid_share(table.a, a[k]), q = grid_share(table.b, b[k]);
    std::array<std::size_t, 4> point{};
    std::array<double, 4> weight{};
    for (std::size_t c = 0; c < 4; ++c) {
      point[c] = p.point[c / 2] * b_count + q.point[c % 2];
      weight[c] = p.weight[c / 2] * q.weight[c % 2];
      right[static_cast<Eigen::Index>(point[c])] +=
          each * weight[c] * (y[k] - plane_at(a[k], b[k]));
    }
    add_difference(normal, point, weight, each);
  }
  add_smoothness(table, smoothness * smoothness, normal);
  // What neither samples nor differences decide (a plane) stays 0.
  normal.diagonal().array() += 1e-14;
  const Vector rest = normal.ldlt().solve(right);
  for (std::size_t k = 0; k < a_count; ++k)
    for (std::size_t l = 0; l < b_count; ++l)
      table.values.push_back(plane_at(table.a[k], table.b[l]) +
                             rest[static_cast<Eigen::Index>(k * b_count + l)]);
  return table;
}

}  // namespace arrayspice
