// SPDX-License-Identifier: Apache-2.0
// The op-amp macro: DC gain, clamp, offset, output resistance, its pole, and recovery
// from saturation. Follower: v = A/(1+A) v_in with the pole 2 pi gbw (1 + 1/A).
#include <gtest/gtest.h>

#include <cmath>

#include "devices/constants.hpp"
#include "tests/devices/test_circuit.hpp"

namespace arrayspice::testing {
namespace {

/// in - op-amp as a follower - out, with a load.
struct Follower : TestCircuit {
  explicit Follower(const Settings& model) {
    source = add("v1", "", {"in", "0"}, {{"dc", 0.5}});
    add("n1", "opamp", {"in", "out", "out", "0"}, {}, model);
    add("rl", "", {"out", "0"}, {{"r", 1e3}});
  }
  DeviceId source;
};

TEST(OpAmp, FollowsWithFiniteGainAndOffset) {
  Follower t({{"gain", 1e3}, {"offset", 1e-3}});
  t.solve();
  EXPECT_NEAR(t.v("out"), 1e3 / 1001.0 * 0.501, 1e-12);
}

TEST(OpAmp, OutputResistanceIsReducedByTheLoop) {
  // v (1 + rout/R) = A (v_in - v)
  Follower t({{"gain", 1e3}, {"rout", 100.0}});
  t.solve();
  EXPECT_NEAR(t.v("out"), 1e3 * 0.5 / (1e3 + 1.1), 1e-12);
}

TEST(OpAmp, ClampIsATanh) {
  TestCircuit t;
  t.add("v1", "", {"in", "0"}, {{"dc", 2e-3}});
  t.add("n1", "opamp", {"in", "0", "out", "0"}, {}, {{"gain", 1e3}, {"clamp", 1.5}});
  t.add("rl", "", {"out", "0"}, {{"r", 1e3}});
  t.solve();
  EXPECT_NEAR(t.v("out"), 1.5 * std::tanh(2.0 / 1.5), 1e-10);
}

TEST(OpAmp, TransimpedanceStageHoldsItsVirtualGround) {
  TestCircuit t;
  t.add("i1", "", {"0", "m"}, {{"dc", 1e-5}});
  t.add("rf", "", {"m", "out"}, {{"r", 1e4}});
  t.add("n1", "opamp", {"0", "m", "out", "0"}, {}, {{"gain", 1e5}, {"clamp", 1.0}});
  t.solve();
  const double out = t.v("out");
  EXPECT_NEAR(out, -0.1, 1e-5);
  EXPECT_NEAR(t.v("m"), std::atanh(-out) / 1e5, 1e-12);
}

TEST(OpAmp, SolvesADeeplySaturatedLoopFromEitherSide) {
  for (const double current : {1e-3, -1e-3, 1e-5}) {
    TestCircuit t;
    const DeviceId i = t.add("i1", "", {"0", "m"}, {{"dc", -current}});
    t.add("rf", "", {"m", "out"}, {{"r", 1e4}});
    t.add("rs", "", {"m", "0"}, {{"r", 1e4}});
    t.add("n1", "opamp", {"0", "m", "out", "0"}, {}, {{"gain", 1e6}, {"clamp", 1.0}});
    t.solve();
    t.circuit.set_parameter(i, {0, current});
    t.solve();  // starts from the opposite solution
    EXPECT_NEAR(t.v("out"), std::clamp(-current * 1e4, -1.0, 1.0), 1e-4);
  }
}

TEST(OpAmp, FollowerSettlesWithItsBandwidth) {
  Follower t({{"gain", 1e5}, {"gbw", 1e6}});
  t.drive(t.source, Waveform::Pulse{0.0, 0.1, 0.0, 0.0, 0.0, 1.0, 0.0});
  t.circuit.set_parameter(t.source, {0, kNotGiven});
  t.solve();
  const double a = 1e5, pole = 2 * kPi * 1e6 * (1 + 1 / a);
  double worst = 0.0;
  t.run(1e-6, 1e-8, false, [&](double time) {
    const double exact = time > 0 ? 0.1 * a / (1 + a) * -std::expm1(-pole * time) : 0.0;
    worst = std::max(worst, std::abs(t.v("out") - exact));
  });
  EXPECT_LT(worst, 1e-4 * 0.1 * 10);
}

TEST(OpAmp, LeavesSaturationAsSoonAsItsInputTurns) {
  // Driven 1 V beyond its clamp for 50 us, then back to 0: with gbw = 1 MHz the output
  // must be back within a few 1/(2 pi gbw); a stage that winds up would take tens of us.
  Follower t({{"gain", 1e4}, {"gbw", 1e6}, {"clamp", 1.0}});
  t.drive(t.source, Waveform::Pulse{0.0, 2.0, 0.0, 0.0, 0.0, 50e-6, 0.0});
  t.circuit.set_parameter(t.source, {0, kNotGiven});
  t.solve();
  double at_50 = 0, at_55 = 9;
  t.run(55e-6, 1e-6, false, [&](double time) {
    if (time <= 50e-6) at_50 = t.v("out");
    at_55 = t.v("out");
  });
  EXPECT_NEAR(at_50, 1.0, 1e-3);
  EXPECT_NEAR(at_55, 0.0, 1e-3);
}

}  // namespace
}  // namespace arrayspice::testing
