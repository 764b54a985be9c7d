// SPDX-License-Identifier: Apache-2.0
// The comparator: its levels, offset and hysteresis, and the delay tau ln(1 + range/u)
// after a step from deep overdrive to u.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/devices/test_circuit.hpp"

namespace arrayspice::testing {
namespace {

struct Comparison : TestCircuit {
  explicit Comparison(const Settings& model, const Settings& instance = {}) {
    source = add("v1", "", {"in", "0"}, {{"dc", 0.0}});
    add("n1", "comparator", {"in", "0", "out", "0"}, instance, model);
    add("rl", "", {"out", "0"}, {{"r", 1e4}});
  }
  double decide(double volts) {
    circuit.set_parameter(source, {0, volts});
    solve();
    return v("out");
  }
  DeviceId source;
};

TEST(Comparator, DecidesBetweenItsLevels) {
  Comparison t({{"low", 0.2}, {"high", 1.0}, {"rout", 1e3}});
  EXPECT_NEAR(t.decide(1e-2), 1.0 / 1.1, 1e-9);
  EXPECT_NEAR(t.decide(-1e-2), 0.2 / 1.1, 1e-9);
  EXPECT_NEAR(t.decide(0.0), 0.6 / 1.1, 1e-9);
}

TEST(Comparator, SlopeAtTheTripIsItsGain) {
  Comparison t({{"gain", 100.0}});
  EXPECT_NEAR((t.decide(1e-6) - t.decide(-1e-6)) / 2e-6, 100.0, 1e-3);
}

TEST(Comparator, OffsetMovesTheTrip) {
  Comparison t({{"offset", 5e-3}}), own({{"offset", 5e-3}}, {{"offset", -3e-3}});
  EXPECT_NEAR(t.decide(-5e-3), 0.5, 1e-6);
  EXPECT_NEAR(own.decide(3e-3), 0.5, 1e-6);
}

TEST(Comparator, HysteresisIsALoopOfItsWidth) {
  // Flips where the slope of the loop around the trip is vertical: within 1/gain or so.
  Comparison t({{"hysteresis", 0.05}});
  double up = 0, down = 0, before = t.decide(-0.1);
  for (double v = -0.1; v < 0.1; v += 1e-3) {
    const double now = t.decide(v);
    if (before < 0.5 && now > 0.5) up = v;
    before = now;
  }
  for (double v = 0.1; v > -0.1; v -= 1e-3) {
    const double now = t.decide(v);
    if (before > 0.5 && now < 0.5) down = v;
    before = now;
  }
  EXPECT_NEAR(up, 0.05, 2.1e-3);
  EXPECT_NEAR(down, -0.05, 2.1e-3);
}

TEST(Comparator, DelayFallsWithTheOverdrive) {
  // From -range tanh(3) to u: z = s - (s + s0) exp(-t/tau), zero at tau ln(1 + s0/s).
  for (const double u : {1e-3, 1e-2, 0.1}) {
    Comparison t({{"tau", 1e-9}});
    t.drive(t.source, Waveform::Pulse{-3.0, u, 0.0, 1e-13, 1e-13, 1.0, 0.0});
    t.circuit.set_parameter(t.source, {0, kNotGiven});
    t.solve();
    double crossing = 0, last_t = 0, last_v = 0;
    t.run(10e-9, 5e-12, false, [&](double time) {
      const double v = t.v("out");
      if (last_v < 0.5 && v >= 0.5)
        crossing = last_t + (time - last_t) * (0.5 - last_v) / (v - last_v);
      last_t = time, last_v = v;
    });
    const double expected = 1e-9 * std::log1p(std::tanh(3.0) / std::tanh(u));
    EXPECT_NEAR(crossing, expected, 6e-12) << u;  // the step, and half an edge
  }
}

TEST(Comparator, RefusesLevelsTheWrongWayRound) {
  EXPECT_THROW(SingleDevice('n', "comparator", {{"low", 2.0}}, {}),
               std::invalid_argument);
  EXPECT_THROW(SingleDevice('n', "comparator", {{"hysteresis", 2.0}}, {}),
               std::invalid_argument);
}

}  // namespace
}  // namespace arrayspice::testing
