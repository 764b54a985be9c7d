// SPDX-License-Identifier: Apache-2.0
// Phase-change cell: reading, drift, and the statistics at levels worked out by hand.
#include "devices/pcm.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/devices/single_device.hpp"

namespace arrayspice::testing {
namespace {

double current(double v, const Settings& instance, const Settings& model = {}) {
  SingleDevice cell('n', "pcm", model, instance);
  cell.set_pins({v + 0.3, 0.3});
  return cell.f(0);
}

TEST(Pcm, ReadsItsConductanceAtFirst) {
  EXPECT_NEAR(current(0.2, {{"g", 1e-5}}), 1e-5 * 0.5 * std::sinh(0.4), 1e-18);
  EXPECT_NEAR(current(1e-4, {{"g", 1e-5}, {"nu", 0.1}}), 1e-9, 1e-16);
  EXPECT_EQ(current(0.2, {{"g", 0.0}}), 0.0);
}

TEST(Pcm, DriftsByAPowerOfTime) {
  // A time of 180 s is 200 s after programming: a decade.
  const Settings later{{"time", 180.0}};
  const double now = current(0.1, {{"g", 1e-5}, {"nu", 0.06}}, later);
  EXPECT_NEAR(now / current(0.1, {{"g", 1e-5}}), std::pow(10.0, -0.06), 1e-12);
  const double mean = -0.0155 * std::log(0.1) + 0.0244;  // at g = 2.5 uS
  EXPECT_NEAR(current(0.1, {{"g", 2.5e-6}}, later) / current(0.1, {{"g", 2.5e-6}}),
              std::pow(10.0, -mean), 1e-12);
}

TEST(Pcm, ProgrammingNoiseIsThePublishedPolynomial) {
  const Pcm::Model c;
  EXPECT_NEAR(Pcm::programming_sigma(c, 0.0), 0.26348e-6, 1e-15);
  EXPECT_NEAR(Pcm::programming_sigma(c, 12.5e-6), (0.26348 + 0.9825 - 0.293275) * 1e-6,
              1e-15);
  EXPECT_NEAR(Pcm::programming_sigma(c, 25e-6), 1.05538e-6, 1e-15);
}

TEST(Pcm, DriftExponentsAreClamped) {
  const Pcm::Model c;
  EXPECT_DOUBLE_EQ(Pcm::drift_mean(c, 25e-6), 0.049);
  EXPECT_DOUBLE_EQ(Pcm::drift_mean(c, 0.0), 0.1);
  EXPECT_DOUBLE_EQ(Pcm::drift_sigma(c, 25e-6), 0.008);
  EXPECT_DOUBLE_EQ(Pcm::drift_sigma(c, 0.0), 0.045);
  EXPECT_NEAR(Pcm::drift_sigma(c, 2.5e-6), 0.0125 * std::log(10.0) - 0.0059, 1e-15);
}

TEST(Pcm, ReadNoiseGrowsWithTheLogarithmOfTime) {
  Pcm::Model c;
  const double root = std::sqrt(std::log((20 + 250e-9) / 500e-9));
  EXPECT_NEAR(Pcm::read_sigma(c, 25e-6, 25e-6), 25e-6 * 0.0088 * root, 1e-15);
  EXPECT_NEAR(Pcm::read_sigma(c, 0.1e-6, 0.1e-6), 0.1e-6 * 0.2 * root, 1e-15)
      << "clamped";
  EXPECT_EQ(Pcm::read_sigma(c, 0.0, 0.0), 0.0);
  const double early = Pcm::read_sigma(c, 1e-5, 1e-5);
  c.time = 1e6;
  EXPECT_GT(Pcm::read_sigma(c, 1e-5, 1e-5), early);
}

}  // namespace
}  // namespace arrayspice::testing
