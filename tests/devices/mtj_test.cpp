// SPDX-License-Identifier: Apache-2.0
// Magnetic tunnel junction: rp = ra/area, rap = rp (1 + tmr/(1 + (v/vh)^2)).
#include "devices/mtj.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/devices/single_device.hpp"

namespace arrayspice::testing {
namespace {

constexpr double kArea = kPi / 4 * 50e-9 * 50e-9, kParallel = 5e-12 / kArea;

double current(double v, const Settings& instance, const Settings& model = {}) {
  SingleDevice cell('n', "mtj", model, instance);
  cell.set_pins({v + 0.3, 0.3});
  return cell.f(0);
}

TEST(Mtj, ReadsBothStates) {
  EXPECT_NEAR(kParallel, 2546.48, 0.01) << "ohm";
  for (const double v : {0.05, -0.2, 0.5}) {
    const double antiparallel = kParallel * (1 + 1.5 / (1 + v * v / 0.25));
    EXPECT_NEAR(current(v, {{"x", 0.0}}), v / kParallel, 1e-14);
    EXPECT_NEAR(current(v, {{"x", 1.0}}), v / antiparallel, 1e-14);
  }
  EXPECT_EQ(current(0.0, {{"x", 1.0}}), 0.0);
}

TEST(Mtj, BiasOfVhHalvesTheRatio) {
  const double ratio = current(0.5, {{"x", 0.0}}) / current(0.5, {{"x", 1.0}}) - 1;
  EXPECT_NEAR(ratio, 0.75, 1e-12);
}

TEST(Mtj, ConductanceProgramsTheAngle) {
  const double gp = 1 / kParallel, gap = gp / 2.5;
  for (const double g : {gp, gap, 0.5 * (gp + gap)})
    EXPECT_NEAR(current(1e-6, {{"g", g}}), 1e-6 * g, 1e-17);
  EXPECT_THROW(current(0.1, {{"g", 1.01 * gp}}), std::invalid_argument);
  EXPECT_THROW(current(0.1, {{"g", 0.99 * gap}}), std::invalid_argument);
}

TEST(Mtj, ResistanceScalesWithItsOwnFactor) {
  EXPECT_NEAR(current(0.1, {{"x", 1.0}, {"r", 1.1}}), current(0.1, {{"x", 1.0}}) / 1.1,
              1e-17);
}

TEST(Mtj, BarrierAddsAParabolaAndStaysMonotonic) {
  EXPECT_NEAR(current(0.5, {}, {{"a", 0.1}, {"b", 0.3}}),
              0.5 / kParallel * (1 + 0.05 + 0.075), 1e-14);
  EXPECT_THROW(current(0.5, {}, {{"a", 1.0}, {"b", 0.3}}), std::invalid_argument);
  double before = -1;
  for (double v = -3; v < 3; v += 0.05) {
    const double i = current(v, {{"x", 1.0}}, {{"tmr", 5.0}, {"a", -0.9}, {"b", 0.3}});
    EXPECT_GT(i, before);
    before = i;
  }
}

}  // namespace
}  // namespace arrayspice::testing
