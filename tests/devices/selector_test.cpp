// SPDX-License-Identifier: Apache-2.0
// The selectors: i = i0 sinh(v/v0), and the threshold switch with its snap, its holding
// current and the hysteresis loop between them.
#include <gtest/gtest.h>

#include <cmath>

#include "devices/threshold_selector.hpp"
#include "tests/devices/test_circuit.hpp"

namespace arrayspice::testing {
namespace {

TEST(Selector, CarriesAnExponentialCurrentBothWays) {
  SingleDevice s('n', "selector", {{"i0", 1e-9}, {"v0", 0.1}}, {{"m", 3.0}});
  for (const double v : {0.05, 0.6, -0.6}) {
    s.set_pins({v + 0.3, 0.3});
    EXPECT_NEAR(s.f(0), 3e-9 * std::sinh(v / 0.1), 1e-12 * std::abs(s.f(0)));
  }
  s.set_pins({0.3, 0.3});
  EXPECT_EQ(s.f(0), 0.0);
}

TEST(Selector, WithAResistorFollowsTheInverseLaw) {
  // v = r i + v0 asinh(i/i0), also far up the exponential and from the other side.
  TestCircuit t;
  const DeviceId v = t.add("v1", "", {"a", "0"}, {{"dc", 0.0}});
  t.add("r1", "", {"a", "b"}, {{"r", 2e4}});
  t.add("n1", "selector", {"b", "0"}, {}, {{"i0", 2e-8}, {"v0", 0.01}});
  for (const double volts : {0.6, 5.0, -5.0, 0.05}) {
    t.circuit.set_parameter(v, {0, volts});
    t.solve();
    const double i = -t.i("v1");
    EXPECT_NEAR(2e4 * i + 0.01 * std::asinh(i / 2e-8), volts, 1e-8) << volts;
  }
}

class Threshold : public ::testing::Test {
 protected:
  void SetUp() override {
    source = t.add("v1", "", {"a", "0"}, {{"dc", 0.0}});
    t.add("r1", "", {"a", "b"}, {{"r", kLoad}});
    cell = t.add("n1", "threshold_selector", {"b", "0"});
  }
  double current(double volts) {
    t.circuit.set_parameter(source, {0, volts});
    t.solve();
    return -t.i("v1");
  }
  static constexpr double kLoad = 1e4, kOn = 1e3;
  TestCircuit t;
  DeviceId source{}, cell{};
};

TEST_F(Threshold, InsulatesBelowAndConductsAboveItsThreshold) {
  EXPECT_NEAR(current(0.9), 1e-11 * std::sinh(9.0), 1e-9);
  EXPECT_NEAR(current(1.2), 1.2 / (kLoad + kOn), 1e-10);
  EXPECT_NEAR(current(-1.2), -1.2 / (kLoad + kOn), 1e-10);
  EXPECT_EQ(current(0.0), 0.0);
}

TEST_F(Threshold, SweepIsALoopFromThresholdToHoldingCurrent) {
  // Up: snaps where vth and the load's ihold are there, 1 V + 10 uA 10 kohm = 1.1 V less
  // the corner's width; down: holds to i = 10 uA, that is to 10 uA (load + ron) = 0.11 V.
  double on_at = 0, off_at = 0, before = current(0.0);
  for (double v = 0.01; v < 1.5; v += 0.01) {
    const double i = current(v);
    if (before < 1e-5 && i > 1e-5) on_at = v;
    before = i;
  }
  for (double v = 1.5; v > 0.005; v -= 0.005) {
    const double i = current(v);
    if (before > 9e-6 && i < 9e-6) off_at = v;
    before = i;
  }
  EXPECT_NEAR(on_at, 1.1, 0.04);
  EXPECT_NEAR(off_at, 0.11, 0.0075);
  EXPECT_LT(before, 1e-10);
}

TEST_F(Threshold, SwitchesOnAndOffInATransientWithItsTimeConstant) {
  t.drive(source, Waveform::Pulse{0.0, 2.0, 10e-9, 1e-12, 1e-12, 40e-9, 0.0});
  t.circuit.set_parameter(source, {0, kNotGiven});
  t.solve();
  const UnknownId w = t.circuit.device_pins(cell)[ThresholdSelector::W];
  double worst = 0, late_on = 0, end = 1;
  t.run(80e-9, 0.05e-9, false, [&](double time) {
    if (time > 12e-9 && time < 50e-9)
      worst = std::max(worst, std::abs(t.x[w] - -std::expm1(-(time - 10e-9) / 1e-9)));
    if (time < 50e-9) late_on = -t.i("v1");
    end = t.x[w];
  });
  EXPECT_LT(worst, 2e-3) << "w = 1 - exp(-t/tau) after the pulse came";
  EXPECT_NEAR(late_on, 2.0 / (kLoad + kOn), 1e-8);
  EXPECT_LT(end, 1e-6) << "recovers when the pulse has gone";
}

TEST(ThresholdSelectorModel, RefusesParametersWithoutAHysteresis) {
  EXPECT_THROW(SingleDevice('n', "threshold_selector", {{"ron", 1e6}}, {}),
               std::invalid_argument);
  EXPECT_THROW(SingleDevice('n', "threshold_selector", {{"i0", 1e-8}}, {}),
               std::invalid_argument);
}

}  // namespace
}  // namespace arrayspice::testing
