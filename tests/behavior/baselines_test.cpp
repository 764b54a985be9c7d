// SPDX-License-Identifier: Apache-2.0
#include "behavior/baselines.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "behavior/accuracy.hpp"

namespace arrayspice {
namespace {

LineModel ohmic(std::size_t rows, std::size_t columns, double segment, double driver,
                double sense) {
  const UniformGrid v{-0.3, 0.2, 4}, g{0.0, 5e-5, 4};
  return {ChordTable(v, g, std::vector<double>(16, 1.0)),
          {segment, std::vector<double>(rows, driver), {}},
          {segment, std::vector<double>(columns, sense), {}},
          50};
}

Matrix filled(std::int64_t rows, std::int64_t columns, double value) {
  return {rows, columns,
          std::vector<double>(static_cast<std::size_t>(rows * columns), value)};
}

TEST(Baselines, IdealIsTheProduct) {
  const Matrix y = ideal_outputs({2, 3, {1, 2, 3, 4, 5, 6}}, {1, 2, {0.5, -1.0}});
  EXPECT_EQ(y.values, (std::vector<double>{-3.5, -4.0, -4.5}));
}

TEST(Baselines, TheMeanLadderIsRightToFirstOrderInTheWires) {
  // The error of a first-order form falls with the square of the resistance.
  double last = 0.0;
  for (const double segment : {0.4, 0.2, 0.1}) {
    const LineModel model = ohmic(16, 12, segment, 2 * segment, 3 * segment);
    const Matrix g = filled(16, 12, 5e-5), x = filled(1, 16, 0.2);
    const double error =
        accuracy_of(mean_ladder_outputs(model, g, x), line_outputs(model, g, x)).max;
    if (last > 0.0) {
      EXPECT_NEAR(last / error, 4.0, 0.3) << segment;
    }
    last = error;
  }
  EXPECT_LT(last, 1e-4);
}

TEST(Baselines, TheBestScaleIsTheLeastSquaresFit) {
  EXPECT_DOUBLE_EQ(best_scale({1, 2, {1.0, 2.0}}, {1, 2, {0.5, 1.0}}), 0.5);
}

TEST(Accuracy, TheNonidealityFactorLeavesOutSmallOutputs) {
  const Matrix ideal{1, 3, {1.0, 0.5, 0.001}}, truth{1, 3, {0.9, 0.4, 0.0}};
  const Matrix model{1, 3, {0.9, 0.45, 0.1}};
  EXPECT_NEAR(nonideality_error(model, truth, ideal), 0.1 / std::sqrt(2.0), 1e-15);
}

}  // namespace
}  // namespace arrayspice
