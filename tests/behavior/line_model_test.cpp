// SPDX-License-Identifier: Apache-2.0
// LINE-k against closed forms and against the nodal equations it truncates:
//   word line i:  T_row w + i(w - b) = alpha V,     bit line j:  T_col b - i(w - b) = 0.
#include "behavior/line_model.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

namespace arrayspice {
namespace {

/// i = G V0 sinh(v/V0), or G v for v0 = 0.
ChordTable cell_table(double v0) {
  const UniformGrid v{-0.5, 1.0 / 64, 65}, g{0.0, 2.5e-5, 5};
  std::vector<double> ratio;
  for (const double x : v.points())
    for (std::size_t k = 0; k < g.count; ++k)
      ratio.push_back(v0 == 0.0 || x == 0.0 ? 1.0 : std::sinh(x / v0) * v0 / x);
  return {v, g, ratio};
}

Wires wires(std::size_t lines, double segment, double end) {
  return {segment, std::vector<double>(lines, end), {}};
}

Matrix filled(std::int64_t rows, std::int64_t columns, double value) {
  return {rows, columns,
          std::vector<double>(static_cast<std::size_t>(rows * columns), value)};
}

Matrix random_matrix(std::int64_t rows, std::int64_t columns, double low, double high) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> uniform(low, high);
  Matrix m = filled(rows, columns, 0.0);
  for (double& x : m.values) x = uniform(random);
  return m;
}

TEST(Ladder, SolvesTheTridiagonalEquations) {
  const Ladder line{0.4, 2.0, 0.3, 1.5, -0.1};
  const std::vector<double> d{0.1, 0.0, 0.7, 0.2}, r{0.01, -0.02, 0.03, 0.0};
  std::vector<double> x = r, m(4);
  solve_ladder(line, d, x, m);
  for (std::size_t l = 0; l < 4; ++l) {
    double f = d[l] * x[l] - r[l];
    f += l == 0 ? line.alpha * (x[0] - line.p) : line.c * (x[l] - x[l - 1]);
    f += l == 3 ? line.beta * (x[3] - line.s) : line.c * (x[l] - x[l + 1]);
    EXPECT_NEAR(f, 0.0, 1e-16) << l;
  }
}

TEST(Ladder, KeepsSmallLoadsNextToLargeConductances) {
  // Open far end, loads 1e-18 of the segments: the drop is exactly sum(d)/alpha to first
  // order, which 2c + d - c^2/u would lose.
  const std::size_t n = 50;
  std::vector<double> d(n, 1e-12), x(n, 0.0), m(n);
  solve_ladder({1e6, 1e-6, 1.0, 0.0, 0.0}, d, x, m);
  EXPECT_NEAR(x[n - 1], 1e-6 / (1e-6 + 50e-12), 1e-13);
}

TEST(LineModel, OneCellIsASeriesCircuit) {
  const LineModel model{cell_table(0.0), wires(1, 3.0, 5.0), wires(1, 4.0, 6.0), 40};
  const Matrix y = line_outputs(model, filled(1, 1, 1e-4), filled(1, 1, 0.2));
  EXPECT_NEAR(y.values[0] / (0.2 / (1e4 + 3.0 + 5.0 + 4.0 + 6.0)), 1.0, 1e-13);
}

TEST(LineModel, ConvergesToTheGoldenValuesOfTheUniformArray) {
  // 8 x 8, 10 kOhm cells, 10 Ohm segments, 0.2 V: currents over the ideal 160 uA.
  const LineModel model{cell_table(0.0), wires(8, 10.0, 0.0), wires(8, 10.0, 0.0), 12};
  const Matrix y = line_outputs(model, filled(8, 8, 1e-4), filled(1, 8, 0.2));
  EXPECT_NEAR(y.values[0] / 160e-6, 0.967793404, 1e-9);
  EXPECT_NEAR(y.values[7] / 160e-6, 0.941956940, 1e-9);
}

TEST(LineModel, EverySweepBringsItNearerToTheSolution) {
  const Matrix g = random_matrix(16, 12, 1e-6, 1e-4), x = random_matrix(1, 16, 0.0, 0.5);
  LineModel model{cell_table(0.25), wires(16, 5.0, 20.0), wires(12, 5.0, 10.0), 40};
  const Matrix exact = line_outputs(model, g, x);
  double last = 1.0;
  for (model.sweeps = 1; model.sweeps <= 5; ++model.sweeps) {
    const Matrix y = line_outputs(model, g, x);
    double error = 0.0;
    for (std::size_t j = 0; j < 12; ++j)
      error = std::max(error, std::abs(y.values[j] / exact.values[j] - 1.0));
    EXPECT_LT(error, 0.3 * last) << model.sweeps;
    last = error;
  }
  EXPECT_LT(last, 1e-5);
}

TEST(LineModel, NoResistanceGivesTheIdealProduct) {
  const Matrix g = random_matrix(5, 3, 1e-6, 1e-4), x = random_matrix(1, 5, -0.5, 0.5);
  const LineModel model{cell_table(0.25), wires(5, 0.0, 0.0), wires(3, 0.0, 0.0), 1};
  const Matrix y = line_outputs(model, g, x);
  for (std::int64_t j = 0; j < 3; ++j) {
    double ideal = 0.0;
    for (std::int64_t i = 0; i < 5; ++i)
      ideal += g(i, j) * 0.25 * std::sinh(x.values[i] / 0.25);
    EXPECT_NEAR(y.values[j] / ideal, 1.0, 1e-5) << j;  // the table's interpolation
  }
}

TEST(LineModel, ZeroSegmentsAreTheLimitOfSmallOnes) {
  const Matrix g = random_matrix(6, 4, 1e-6, 1e-4), x = random_matrix(1, 6, 0.0, 0.5);
  for (const double end : {0.0, 50.0}) {
    const LineModel zero{cell_table(0.25), wires(6, 0.0, end), wires(4, 0.0, end), 20};
    const LineModel small{cell_table(0.25), wires(6, 1e-7, end), wires(4, 1e-7, end), 20};
    const Matrix a = line_outputs(zero, g, x), b = line_outputs(small, g, x);
    for (std::size_t j = 0; j < 4; ++j)
      EXPECT_NEAR(a.values[j] / b.values[j], 1.0, 1e-9) << end << ' ' << j;
  }
}

TEST(LineModel, DriveAndSenseFromBothSidesAreSymmetric) {
  // A uniform array looks the same from left and right, and loses less than from one
  // side.
  const std::size_t n = 8;
  const std::vector<double> ends(n, 7.0);
  const LineModel both{cell_table(0.0), {10.0, ends, ends}, {10.0, ends, ends}, 20};
  const LineModel one{cell_table(0.0), {10.0, ends, {}}, {10.0, ends, {}}, 20};
  const Matrix g = filled(8, 8, 1e-4), x = filled(1, 8, 0.2);
  const Matrix y = line_outputs(both, g, x), less = line_outputs(one, g, x);
  for (std::size_t j = 0; j < n; ++j) {
    EXPECT_NEAR(y.values[j] / y.values[n - 1 - j], 1.0, 1e-12);
    EXPECT_GT(y.values[j], less.values[j]);
    EXPECT_LT(y.values[j], 160e-6);
  }
}

}  // namespace
}  // namespace arrayspice
