// SPDX-License-Identifier: Apache-2.0
// The switch with charge injection: its resistances, and what stays on a held capacitor.
//   fast edge: dv = -(cov (dv_clk) + cch/2 (v_clk - v - vth))/(C + cov)
#include <gtest/gtest.h>

#include <cmath>

#include "tests/devices/test_circuit.hpp"

namespace arrayspice::testing {
namespace {

double resistance(double control, const Settings& model = {}) {
  SingleDevice s('n', "injecting_switch", model, {});
  s.set_pins({0.1, 0.0, control, 0.0});
  return 0.1 / s.f(0);
}

TEST(InjectingSwitch, InterpolatesBetweenItsResistances) {
  EXPECT_NEAR(resistance(1.5), 1e3, 1e-3);
  EXPECT_NEAR(resistance(-0.5) / 1e12, 1.0, 1e-6);
  EXPECT_NEAR(resistance(0.5) / std::sqrt(1e3 * 1e12), 1.0, 1e-9);
  EXPECT_GT(resistance(0.45), resistance(0.55));
}

/// Samples `level` on 10 fF and opens: how far the capacitor moves.
double pedestal(double level, const Settings& model) {
  TestCircuit t;
  t.add("v1", "", {"in", "0"}, {{"dc", level}});
  const DeviceId clock = t.add("v2", "", {"clk", "0"}, {{"dc", 1.0}});
  t.drive(clock, Waveform::Pulse{1.0, 0.0, 1e-9, 1e-12, 1e-12, 1.0, 0.0});
  t.circuit.set_parameter(clock, {0, kNotGiven});
  t.add("n1", "injecting_switch", {"in", "out", "clk", "0"}, {}, model);
  t.add("c1", "", {"out", "0"}, {{"c", 1e-14}});
  t.solve();
  EXPECT_NEAR(t.v("out"), level, 1e-9);
  t.run(2e-9, 5e-13, false, [](double) {});
  return t.v("out") - level;
}

TEST(InjectingSwitch, OverlapFeedsTheClockThrough) {
  // The edge of 1 ps is 0.1 tau: nearly all of cov dv stays, -1 V 0.1/10.1.
  EXPECT_NEAR(pedestal(0.3, {{"cov", 1e-16}, {"ron", 1e6}}), -0.1 / 10.1, 1e-5);
}

TEST(InjectingSwitch, HalfOfTheChannelChargeIsLeftBehind) {
  // C dv = -cch/2 (soft(1 - v - vth) - soft(0 - v' - vth)), soft(-0.7 V) ~ 0.
  for (const double level : {0.1, 0.3})
    EXPECT_NEAR(pedestal(level, {{"cch", 1e-16}, {"ron", 1e6}}),
                -0.5e-16 * (1.0 - level - 0.4) / 1e-14, 2e-5)
        << level;
}

TEST(InjectingSwitch, InjectsNothingByDefault) {
  EXPECT_NEAR(pedestal(0.3, {{"ron", 1e6}}), 0.0, 1e-9);
}

}  // namespace
}  // namespace arrayspice::testing
