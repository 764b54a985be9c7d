// SPDX-License-Identifier: Apache-2.0
// Draws: Philox against its published vector; moments of the lognormal variation,
//     E[G] = w,  std[G] = sigma w,  within 4 standard errors of the estimates.
#include <gmock/gmock.h>

#include <cmath>

#include "netlists/arrays/array.hpp"
#include "netlists/arrays/random.hpp"
#include "netlists/failure.hpp"

namespace arrayspice {
namespace {

using ::testing::HasSubstr;

ArraySpec spec_of(std::int64_t rows, std::int64_t columns) {
  ArraySpec spec;
  spec.array = {"current-domain", rows, columns, 7};
  return spec;
}

Matrix constant(std::int64_t rows, std::int64_t columns, double value) {
  return {rows, columns, std::vector<double>(rows * columns, value)};
}

TEST(Random, PhiloxGivesItsPublishedFirstNumber) {
  // Known answer of philox4x64-10 for counter 0 and key 0: 16554d9eca36314c ...
  const std::uint64_t published = 0x16554d9eca36314cULL;
  EXPECT_EQ(uniform(0, Draw{0}, 0, 0),
            (static_cast<double>(published >> 11) + 0.5) * 0x1p-53);
}

TEST(Random, DrawsDependOnSeedPurposeRowAndColumn) {
  const double u = uniform(1, Draw::Weight, 2, 3);
  EXPECT_EQ(u, uniform(1, Draw::Weight, 2, 3));
  EXPECT_NE(u, uniform(2, Draw::Weight, 2, 3));
  EXPECT_NE(u, uniform(1, Draw::Stuck, 2, 3));
  EXPECT_NE(u, uniform(1, Draw::Weight, 3, 2));
}

TEST(Variation, ACellKeepsItsDrawWhenTheArrayGrows) {
  const Matrix small = default_weights(spec_of(3, 4)),
               large = default_weights(spec_of(9, 8));
  for (std::int64_t i = 0; i < 3; ++i)
    for (std::int64_t j = 0; j < 4; ++j) EXPECT_EQ(small(i, j), large(i, j));
}

TEST(Variation, NominalCellsHoldTheirWeights) {
  const Matrix w = default_weights(spec_of(5, 6));
  EXPECT_EQ(programmed_conductances(spec_of(5, 6), w).values, w.values);
}

TEST(Variation, LognormalKeepsTheMeanAndHasTheRelativeSigma) {
  ArraySpec spec = spec_of(200, 200);
  spec.variation.conductance_sigma = 0.2;
  const Matrix g = programmed_conductances(spec, constant(200, 200, 1e-5));
  double sum = 0.0, square = 0.0;
  for (const double value : g.values) sum += value / 1e-5;
  const double n = 40000.0, mean = sum / n;
  for (const double value : g.values) square += std::pow(value / 1e-5 - mean, 2);
  EXPECT_NEAR(mean, 1.0, 4 * 0.2 / std::sqrt(n));
  // Standard error of a standard deviation: sigma sqrt((kurtosis - 1) / 4 n),
  // kurtosis 3.7.
  EXPECT_NEAR(std::sqrt(square / n), 0.2, 4 * 0.2 * std::sqrt(2.7 / 4.0 / n));
}

TEST(Variation, StuckCellsHaveTheirFractions) {
  ArraySpec spec = spec_of(200, 200);
  spec.variation.stuck_off = 0.1;
  spec.variation.stuck_on = 0.02;
  const Matrix g = programmed_conductances(spec, constant(200, 200, 1e-5));
  const auto count = [&](double value) {
    return static_cast<double>(std::count(g.values.begin(), g.values.end(), value));
  };
  EXPECT_NEAR(count(1e-6), 4000, 4 * std::sqrt(4000 * 0.9));
  EXPECT_NEAR(count(1e-4), 800, 4 * std::sqrt(800 * 0.98));
  EXPECT_EQ(count(1e-6) + count(1e-4) + count(1e-5), 40000);
}

std::string failure_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Exit::Input);
    return failure.what();
  }
  return "no failure";
}

TEST(Variation, WrongShapesAndValuesAreNamed) {
  const ArraySpec spec = spec_of(2, 3);
  EXPECT_THAT(
      failure_of([&] { check_weights(spec, constant(3, 2, 1e-5), "W.npy"); }),
      HasSubstr("W.npy: shape (3, 2), but the spec needs (rows, columns) = (2, 3)"));
  Matrix w = constant(2, 3, 1e-5);
  w(1, 2) = 2e-4;
  EXPECT_THAT(failure_of([&] { check_weights(spec, w, "W.npy"); }),
              HasSubstr("element [1, 2] is 0.0002 S; allowed is 1e-06 to 0.0001 S"));
  Matrix x = constant(4, 2, 0.1);
  EXPECT_NO_THROW(check_inputs(spec, x, "X.npy"));
  x(3, 0) = -0.3;
  EXPECT_THAT(failure_of([&] { check_inputs(spec, x, "X.npy"); }),
              HasSubstr("element [3, 0] is -0.3 V; allowed is -0.2 to 0.2 V"));
}

TEST(Variation, BoundsRoundedToFloat32AreAccepted) {
  const ArraySpec spec = spec_of(1, 1);
  EXPECT_NO_THROW(check_weights(spec, constant(1, 1, 1e-6f), "W"));
  EXPECT_NO_THROW(check_weights(spec, constant(1, 1, 1e-4f), "W"));
}

}  // namespace
}  // namespace arrayspice
