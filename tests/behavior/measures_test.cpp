// SPDX-License-Identifier: Apache-2.0
// The measures that need no circuit: model errors, end-point lines, settling, test data.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "behavior/accuracy.hpp"
#include "behavior/nonlinearity.hpp"
#include "behavior/settling.hpp"
#include "behavior/test_vectors.hpp"

namespace arrayspice {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;

TEST(Accuracy, IsRelativeToTheRmsOfTheTruth) {
  // truth rms 5, errors +-0.5: 0.1. Differences 3 - 4 = -1 rms 1; error of them 1: 1.
  const Matrix truth{1, 2, {std::sqrt(18.0), std::sqrt(32.0)}};
  const Matrix model{1, 2, {std::sqrt(18.0) + 0.5, std::sqrt(32.0) - 0.5}};
  const Accuracy a = accuracy_of(model, truth);
  EXPECT_NEAR(a.nrmse, 0.1, 1e-15);
  EXPECT_NEAR(*a.nrmse_differential, 1.0 / (std::sqrt(32.0) - std::sqrt(18.0)), 1e-13);
  EXPECT_NEAR(a.max, 0.1, 1e-15);
}

TEST(Accuracy, PercentileLeavesOutTheWorstHundredth) {
  Matrix truth{1, 200, std::vector<double>(200, 1.0)}, model = truth;
  model.values[3] = 5.0;
  model.values[7] = 2.0;
  model.values[9] = 1.5;
  EXPECT_NEAR(accuracy_of(model, truth).p99, 0.5, 1e-15);
  EXPECT_NEAR(accuracy_of(model, truth).max, 4.0, 1e-15);
}

TEST(Accuracy, OneColumnHasNoDifferentialError) {
  EXPECT_FALSE(accuracy_of({2, 1, {1, 2}}, {2, 1, {1, 2}}).nrmse_differential);
}

TEST(EndPointError, IsZeroForALineAndAQuarterForAParabola) {
  EXPECT_THAT(end_point_error({1.0, 3.0, 5.0}), ElementsAre(0, 0, 0));
  EXPECT_THAT(end_point_error({0.0, 0.25, 1.0}), ElementsAre(0, -0.25, 0));
  EXPECT_THAT(end_point_error({2.0, 2.0, 2.0}), ElementsAre(0, 0, 0));
}

TEST(SettlingWatch, FindsTheClosedFormOfAnExponential) {
  // y = 1 - exp(-t/tau) is within 2^-9 of 1 from t = tau ln 512 on.
  constexpr double tau = 3e-9;
  SettlingWatch watch({1.0}, {std::exp2(-9)});
  for (double t = 0.0; t < 12 * tau; t += 0.7 * tau)
    watch.observe(t, std::vector{1.0 - std::exp(-t / tau)});
  EXPECT_TRUE(watch.is_settled());
  EXPECT_NEAR(watch.settled_at()[0], tau * std::log(512.0), 1e-6 * tau);
}

TEST(SettlingWatch, CountsARelapse) {
  SettlingWatch watch({1.0, 1.0}, {0.1, 0.1});
  const double y[][2] = {{0.0, 1.0}, {1.0, 1.0}, {1.3, 1.0}, {1.0, 1.0}};
  for (int k = 0; k < 4; ++k) watch.observe(k, y[k]);
  EXPECT_NEAR(watch.settled_at()[0], 3.0 - 0.1 / 0.3, 1e-12);  // a line from 0.3 to 0
  EXPECT_EQ(watch.settled_at()[1], 0.0);
}

ArraySpec small_spec() {
  ArraySpec spec;
  spec.array = {"current-domain", 12, 8, 5};
  return spec;
}

TEST(TestVector, StaysInTheRangesOfTheSpec) {
  const ArraySpec spec = small_spec();
  std::set<Distribution> kinds;
  for (std::int64_t number = 0; number < 10; ++number) {
    const TestVector v = test_vector(spec, number, {});
    kinds.insert(v.kind);
    EXPECT_THAT(v.weights.values,
                testing::Each(
                    testing::AllOf(testing::Ge(1e-6), testing::Le(1e-4 * (1 + 1e-15)))));
    EXPECT_THAT(v.inputs,
                testing::Each(testing::AllOf(testing::Ge(-0.2), testing::Le(0.2))));
    EXPECT_EQ(v.weights.values.size(), 96u);
    EXPECT_EQ(v.inputs.size(), 12u);
  }
  EXPECT_EQ(kinds.size(), 5u);
}

TEST(TestVector, IsTheSameForEqualNumbersAndDiffersForOthers) {
  const ArraySpec spec = small_spec();
  EXPECT_EQ(test_vector(spec, 3, {}).weights.values,
            test_vector(spec, 3, {}).weights.values);
  EXPECT_NE(test_vector(spec, 0, {}).weights.values,
            test_vector(spec, 5, {}).weights.values);
  EXPECT_NE(test_vector(spec, 0, {}).inputs, test_vector(spec, 5, {}).inputs);
}

TEST(TestVector, GaussianWeightsAreDifferentialPairs) {
  const TestVector v = test_vector(small_spec(), 1, {});
  ASSERT_EQ(v.kind, Distribution::Gaussian);
  for (std::int64_t i = 0; i < 12; ++i)
    for (std::int64_t j = 0; j < 8; j += 2)
      EXPECT_EQ(std::min(v.weights(i, j), v.weights(i, j + 1)), 1e-6);
}

TEST(TestVector, GivenWeightsKeepTheirValuesAndPairs) {
  Matrix given{12, 8, {}};
  for (int k = 0; k < 96; ++k) given.values.push_back(1e-6 * (1 + k));
  const TestVector v = test_vector(small_spec(), 0, given);
  ASSERT_EQ(v.kind, Distribution::Given);
  EXPECT_THAT(v.weights.values, testing::UnorderedElementsAreArray(given.values));
  for (std::int64_t i = 0; i < 12; ++i)
    for (std::int64_t j = 0; j < 8; j += 2)
      EXPECT_NEAR(v.weights(i, j + 1) - v.weights(i, j), 1e-6, 1e-15);
}

}  // namespace
}  // namespace arrayspice
