// SPDX-License-Identifier: Apache-2.0
// The anchored start against the solution that its sweeps converge to.
#include "behavior/anchored_model.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "behavior/test_vectors.hpp"

namespace arrayspice {
namespace {

constexpr double kV0 = 0.25;

class AnchoredModelTest : public testing::Test {
 protected:
  AnchoredModelTest() {
    spec.array.type = "current-domain";
    spec.array.rows = 24;
    spec.array.columns = 20;
    spec.input.maximum = 0.5;
  }

  LineModel model(double segment, bool both = false) const {
    const UniformGrid v{-0.6, 1.2 / 96, 97}, g{0.0, 2.5e-5, 5};
    std::vector<double> ratio;
    for (const double x : v.points())
      for (std::size_t k = 0; k < g.count; ++k)
        ratio.push_back(std::abs(x) < 1e-9 ? 1.0 : std::sinh(x / kV0) * kV0 / x);
    const std::vector<double> drivers(24, 20.0), senses(20, 10.0);
    const auto far = [&](const std::vector<double>& ends) {
      return both ? ends : std::vector<double>{};
    };
    return {ChordTable(v, g, ratio),
            {segment, drivers, far(drivers)},
            {segment, senses, far(senses)},
            60};
  }

  static double difference(const Matrix& a, const Matrix& b) {
    double error = 0.0, size = 0.0;
    for (std::size_t k = 0; k < a.values.size(); ++k) {
      error += std::pow(a.values[k] - b.values[k], 2);
      size += std::pow(b.values[k], 2);
    }
    return std::sqrt(error / size);
  }

  /// Error of AWL-k over that of LINE-k on one vector.
  double gain(const LineModel& exact, const TestVector& v, int sweeps) const {
    AnchoredSettings settings = anchored_settings(spec, exact);
    settings.sweeps = sweeps;
    LineModel cold = exact;
    cold.sweeps = sweeps;
    const Matrix x{1, 24, v.inputs};
    const Matrix y = line_outputs(exact, v.weights, x);
    return difference(anchored_outputs(exact, settings, v.weights, x), y) /
           difference(line_outputs(cold, v.weights, x), y);
  }

  ArraySpec spec;
};

TEST_F(AnchoredModelTest, ConvergesToTheSameSolutionAsLineSweeps) {
  for (const bool both : {false, true}) {
    const LineModel exact = model(10.0, both);
    AnchoredSettings settings = anchored_settings(spec, exact);
    settings.sweeps = 40;
    const TestVector v = test_vector(spec, 0, {});
    const Matrix x{1, 24, v.inputs};
    EXPECT_LT(difference(anchored_outputs(exact, settings, v.weights, x),
                         line_outputs(exact, v.weights, x)),
              1e-12);
  }
}

TEST_F(AnchoredModelTest, StartsNearerToTheSolutionOnDenseData) {
  const LineModel exact = model(10.0);
  for (const std::int64_t number : {0, 3, 5, 8}) {  // uniform, structured
    const TestVector v = test_vector(spec, number, {});
    EXPECT_LT(gain(exact, v, 1), 0.1) << number;
    EXPECT_LT(gain(exact, v, 2), 0.2) << number;
  }
}

TEST_F(AnchoredModelTest, InputsBelowZeroAreNoWorseThanAColdStart) {
  const TestVector v = test_vector(spec, 4, {});
  ASSERT_EQ(v.kind, Distribution::Bipolar);
  EXPECT_LT(gain(model(10.0), v, 1), 1.0);
  EXPECT_LT(gain(model(10.0), v, 2), 1.0);
}

TEST_F(AnchoredModelTest, ActivityIsBelowOneForAnchorsAndAboveBeyondThem) {
  const LineModel exact = model(10.0);
  const AnchoredSettings settings = anchored_settings(spec, exact);
  const TestVector v = test_vector(spec, 0, {});
  LineArray array(exact, v.weights);
  const WarmStart start(settings, array);
  for (std::int64_t s = 0; s < settings.anchors.rows; ++s)
    EXPECT_LT(start.activity(std::span(settings.anchors.values).subspan(s * 24, 24)),
              1.0);
  EXPECT_GT(start.activity(std::vector<double>(24, 0.5)), 1.0);
}

TEST_F(AnchoredModelTest, GradientIsThatOfTheConvergedOutputs) {
  LineModel exact = model(10.0);
  const TestVector v = test_vector(spec, 3, {});
  std::vector<double> weights(20, 0.0);
  weights[4] = 1.0;
  weights[7] = -0.5;
  const auto objective = [&](const Matrix& g, const std::vector<double>& input) {
    const Matrix y = line_outputs(exact, g, {1, 24, input});
    return y.values[4] - 0.5 * y.values[7];
  };
  LineArray array(exact, v.weights);
  array.start(v.inputs);
  for (int sweep = 0; sweep < 40; ++sweep) array.sweep();
  const LineArray::Gradient found = array.gradient(weights, 40);

  Matrix up = v.weights, down = v.weights;
  const double g_step = 1e-8;
  up(5, 4) += g_step;
  down(5, 4) -= g_step;
  EXPECT_NEAR(found.by_conductance[5 * 20 + 4] /
                  ((objective(up, v.inputs) - objective(down, v.inputs)) / (2 * g_step)),
              1.0, 1e-5);
  std::vector<double> higher = v.inputs, lower = v.inputs;
  const double v_step = 1e-5;
  higher[11] += v_step;
  lower[11] -= v_step;
  EXPECT_NEAR(
      found.by_input[11] /
          ((objective(v.weights, higher) - objective(v.weights, lower)) / (2 * v_step)),
      1.0, 1e-5);
}

TEST_F(AnchoredModelTest, WiresWithoutResistanceHaveNoSuchStart) {
  EXPECT_EQ(why_not_anchored(model(1.0)), "");
  EXPECT_NE(why_not_anchored(model(0.0)), "");
}

}  // namespace
}  // namespace arrayspice
