// SPDX-License-Identifier: Apache-2.0
// The chord table:  i = g v rho(v, g),  rho interpolated by Catmull-Rom cubics, which
// reproduce every polynomial of degree 2 and err by O(h^3) otherwise.
#include "behavior/chord_table.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <stdexcept>

namespace arrayspice {
namespace {

ChordTable sample(UniformGrid v, UniformGrid g,
                  const std::function<double(double, double)>& rho) {
  std::vector<double> ratio;
  for (const double x : v.points())
    for (const double w : g.points()) ratio.push_back(rho(x, w));
  return {v, g, ratio};
}

double sinh_ratio(double v) {
  constexpr double v0 = 0.25;
  return v == 0.0 ? 1.0 : std::sinh(v / v0) * v0 / v;
}

UniformGrid symmetric(double limit, std::size_t count) {
  return {-limit, 2.0 * limit / static_cast<double>(count - 1), count};
}

double worst_sinh_error(std::size_t count) {
  const ChordTable table = sample(symmetric(0.5, count), {1e-6, 1e-5, 5},
                                  [](double v, double) { return sinh_ratio(v); });
  double worst = 0.0;
  for (double v = -0.5; v <= 0.5; v += 1e-3)
    worst = std::max(worst, std::abs(table.ratio(v, 2.3e-5) - sinh_ratio(v)));
  return worst;
}

TEST(ChordTable, ReproducesAQuadraticInBothAxesUpToTheEdges) {
  const auto rho = [](double v, double g) {
    return 1.0 + v - 3.0 * v * v + 2e4 * g + 1e8 * g * g + 5e3 * v * g;
  };
  const ChordTable table = sample(symmetric(0.5, 6), {1e-6, 2e-5, 5}, rho);
  for (double v = -0.5; v <= 0.5; v += 0.03)
    for (double g = 1e-6; g <= 8.1e-5; g += 7e-6)
      EXPECT_NEAR(table.ratio(v, g), rho(v, g), 1e-13) << v << ' ' << g;
}

TEST(ChordTable, ErrorFallsByTheThirdPowerOfTheStep) {
  const double coarse = worst_sinh_error(17), fine = worst_sinh_error(33);
  EXPECT_GT(coarse / fine, 6.0);
  EXPECT_LT(fine, 1e-4);
}

TEST(ChordTable, SlopeIsTheDerivativeOfTheCurrent) {
  const ChordTable table =
      sample(symmetric(0.5, 17), {1e-6, 2e-5, 5},
             [](double v, double g) { return sinh_ratio(v) / (1.0 + 2e3 * g); });
  const auto cell = table.cell(3.3e-5);
  constexpr double h = 1e-6;
  for (double v = -0.47; v < 0.48; v += 0.0731) {
    const double numeric =
        (table.at(cell, v + h).i - table.at(cell, v - h).i) / (2.0 * h);
    EXPECT_NEAR(table.at(cell, v).d / numeric, 1.0, 1e-6) << v;
  }
}

TEST(ChordTable, IsOhmicBeyondItsVoltages) {
  const ChordTable table = sample(symmetric(0.5, 9), {1e-6, 2e-5, 5},
                                  [](double v, double) { return sinh_ratio(v); });
  const auto cell = table.cell(1e-5);
  const auto point = table.at(cell, 0.8);
  EXPECT_NEAR(point.d, 1e-5 * sinh_ratio(0.5), 1e-18);
  EXPECT_NEAR(point.i, 0.8 * point.d, 1e-18);
}

TEST(ChordTable, ReturnsTheValuesItWasGiven) {
  std::vector<double> ratio(6 * 5);
  for (std::size_t k = 0; k < ratio.size(); ++k)
    ratio[k] = 1.0 + 0.01 * std::sin(static_cast<double>(k));
  const ChordTable table(symmetric(0.5, 6), {1e-6, 2e-5, 5}, ratio);
  EXPECT_EQ(table.values(), ratio);
}

TEST(ChordTable, AxisMustBeUniformAndAscending) {
  EXPECT_EQ(uniform_grid({0.0, 0.5, 1.0, 1.5}).count, 4u);
  EXPECT_THROW(uniform_grid({0.0, 0.5, 1.0}), std::invalid_argument);
  EXPECT_THROW(uniform_grid({0.0, 0.5, 1.1, 1.5}), std::invalid_argument);
  EXPECT_THROW(uniform_grid({1.5, 1.0, 0.5, 0.0}), std::invalid_argument);
}

}  // namespace
}  // namespace arrayspice
