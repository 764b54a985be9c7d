// SPDX-License-Identifier: Apache-2.0
// VTEAM, Yakopcic and linear ion drift: read values, motion, walls, and loops against the
// closed forms of their equations under v = A sin(wt).
#include <gtest/gtest.h>

#include <cmath>

#include "tests/devices/memristor.hpp"

namespace arrayspice::testing {
namespace {

/// A state moved by `up` and `down` (volts) never winds up behind a wall, never sticks.
void expect_sound_walls(Memristor& cell, double up, double down) {
  for (const double beyond : {0.0, 0.1}) {
    EXPECT_EQ(cell.rate(up, 1.0 + beyond), 0.0);
    EXPECT_EQ(cell.rate(down, -beyond), 0.0);
    EXPECT_GT(cell.rate(up, -beyond), 1e-3 * cell.rate(up, 0.5));
    EXPECT_LT(cell.rate(down, 1.0 + beyond), 1e-3 * cell.rate(down, 0.5));
  }
  EXPECT_GT(cell.rate(up, 0.5), 0.0);
  EXPECT_LT(cell.rate(down, 0.5), 0.0);
}

/// No current without a voltage: the current lies within a conductance of the voltage.
void expect_pinched(const std::vector<LoopPoint>& loop, double conductance) {
  for (const LoopPoint& p : loop) {
    EXPECT_GE(p.v * p.i, 0.0);
    EXPECT_LE(std::abs(p.i), conductance * std::abs(p.v) * (1 + 1e-9) + 1e-18);
  }
}

TEST(Vteam, ReadsLinearOrExponentialResistance) {
  Memristor linear("vteam");
  EXPECT_DOUBLE_EQ(linear.current(0.1, 0.0), 0.1 / 50);
  EXPECT_DOUBLE_EQ(linear.current(0.1, 0.5), 0.1 / 525);
  EXPECT_DOUBLE_EQ(linear.current(-0.1, 1.0), -0.1 / 1000);
  Memristor exponential("vteam", {{"exponential", 1.0}});
  EXPECT_NEAR(exponential.current(0.1, 0.5), 0.1 / std::sqrt(50.0 * 1000.0), 1e-15);
}

TEST(Vteam, ConductanceProgramsTheState) {
  EXPECT_NEAR(Memristor("vteam", {}, {{"g", 1 / 525.0}}).rest(), 0.5, 1e-12);
  EXPECT_NEAR(Memristor("vteam", {{"exponential", 1.0}}, {{"g", 1e-3}}).rest(), 1.0,
              1e-9);
  EXPECT_THROW(Memristor("vteam", {}, {{"g", 1.0}}), std::invalid_argument);
  EXPECT_THROW(Memristor("vteam", {{"roff", 10.0}}), std::invalid_argument);
}

TEST(Vteam, MovesBeyondItsThresholdsOnly) {
  Memristor cell("vteam");
  EXPECT_NEAR(cell.rate(0.1, 0.5), 5e-4 * 4.0 / 3e-9, 1e-3);
  EXPECT_NEAR(cell.rate(-0.3, 0.5), -10.0 * 0.125 / 3e-9, 1.0);
  EXPECT_EQ(cell.rate(0.019, 0.5), 0.0);
  EXPECT_EQ(cell.rate(-0.199, 0.5), 0.0);
  expect_sound_walls(cell, 0.1, -0.3);
}

TEST(Vteam, LoopClosesAsItsEquationSays) {
  // Equal thresholds and velocities, exponents 1: with a = asin(voff/A) the state moves
  // by koff/(d w) (A/voff (cos a - cos wt) - (wt - a)) while wt is in a .. pi - a, and
  // back.
  const double amplitude = 0.1, period = 1e-6, w = 2 * kPi / period, on = std::asin(0.2);
  const auto path = [&](double phase) {  // within the first half wave
    const double p = std::clamp(phase, on, kPi - on);
    return 5e-4 / (3e-9 * w) * (5.0 * (std::cos(on) - std::cos(p)) - (p - on));
  };
  const auto x = [&](double t) {
    return 0.2 + (w * t < kPi ? path(w * t) : path(kPi) - path(w * t - kPi));
  };
  const auto loop = sine_loop("vteam", {{"kon", -5e-4}, {"von", -0.02}, {"aon", 1.0}},
                              {{"x", 0.2}}, amplitude, period);
  EXPECT_LT(worst(loop, x), 1e-5);
  EXPECT_NEAR(x(0.5 * period), 0.3875, 1e-3) << "the loop is open";
  EXPECT_NEAR(loop.back().x, 0.2, 1e-5);
  expect_pinched(loop, 1 / 50.0);
}

TEST(Vteam, CyclesBetweenItsWallsWithoutSticking) {
  const auto loop = sine_loop("vteam", {}, {{"x", 0.5}}, 0.4, 10e-6, 3);
  double low = 1, high = 0;
  for (const LoopPoint& p : loop) {
    EXPECT_GT(p.x, -1e-6);
    EXPECT_LT(p.x, 1.0 + 1e-6);
    if (p.t < 20e-6) continue;
    low = std::min(low, p.x);
    high = std::max(high, p.x);
  }
  EXPECT_LT(low, 0.01);
  EXPECT_GT(high, 0.99);
}

TEST(Yakopcic, ReadsASinhTimesItsState) {
  Memristor cell("yakopcic", {{"a2", 0.1}});
  EXPECT_NEAR(cell.current(0.5, 0.4), 0.17 * 0.4 * std::sinh(0.025), 1e-16);
  EXPECT_NEAR(cell.current(-0.5, 0.4), -0.1 * 0.4 * std::sinh(0.025), 1e-16);
  EXPECT_EQ(cell.current(0.0, 0.4), 0.0);
  EXPECT_NEAR(cell.rest(), 0.11, 1e-15);
  EXPECT_NEAR(Memristor("yakopcic", {}, {{"g", 0.17 * 0.05 * 0.3}}).rest(), 0.3, 1e-12);
}

TEST(Yakopcic, MovesByThePublishedLaw) {
  Memristor cell("yakopcic");
  const double up = 4e3 * (std::exp(0.3) - std::exp(0.16));
  const double down = -4e3 * (std::exp(0.3) - std::exp(0.15));
  EXPECT_NEAR(cell.rate(0.3, 0.2), up, 1e-9);
  EXPECT_NEAR(cell.rate(0.3, 0.65), up * std::exp(-0.35) * 0.5, 1e-9);
  EXPECT_NEAR(cell.rate(-0.3, 0.8), down, 1e-9);
  EXPECT_NEAR(cell.rate(-0.3, 0.25), down * std::exp(-5 * 0.25) * 0.5, 1e-9);
  EXPECT_EQ(cell.rate(0.16, 0.2), 0.0);
  EXPECT_EQ(cell.rate(-0.15, 0.2), 0.0);
}

TEST(Yakopcic, WallsStopTheStateButDoNotHoldIt) {
  Memristor cell("yakopcic"), reversed("yakopcic", {{"eta", -1.0}});
  expect_sound_walls(cell, 0.3, -0.3);
  expect_sound_walls(reversed, -0.3, 0.3);
}

TEST(Yakopcic, LoopClosesAsItsEquationSays) {
  // Between 1 - xn = 0.1 and xp = 0.9 both windows are 1: dx/dt = g(v), odd in v.
  const double period = 1e-3, w = 2 * kPi / period;
  const auto g = [&](double t) {
    const double v = 0.4 * std::sin(w * t), e = std::exp(std::abs(v)) - std::exp(0.16);
    return e > 0 ? std::copysign(4e3 * e, v) : 0.0;
  };
  const auto loop = sine_loop("yakopcic", {{"xp", 0.9}, {"xn", 0.9}, {"vn", 0.16}},
                              {{"x", 0.2}}, 0.4, period);
  EXPECT_LT(worst(loop, [&](double t) { return 0.2 + integral(g, 0, t); }), 5e-5);
  EXPECT_GT(integral(g, 0, 0.5 * period), 0.2) << "the loop is open";
  EXPECT_NEAR(loop.back().x, 0.2, 5e-5);
  expect_pinched(loop, 0.17 * std::sinh(0.02) / 0.4);
}

TEST(IonDrift, IsTwoResistorsInSeries) {
  Memristor cell("ion_drift");
  EXPECT_DOUBLE_EQ(cell.current(1.0, 0.25), 1.0 / (25.0 + 12e3));
  EXPECT_NEAR(Memristor("ion_drift", {}, {{"g", 1 / 8050.0}}).rest(), 0.5, 1e-12);
  EXPECT_THROW(Memristor("ion_drift", {{"window", 1.5}}), std::invalid_argument);
}

TEST(IonDrift, WindowsHaveTheirPublishedShapes) {
  const double k = 1e-14 * 100 / 1e-16;
  const auto window = [&](double kind, double p, double v, double x) {
    Memristor cell("ion_drift", {{"window", kind}, {"p", p}, {"j", 0.8}});
    return cell.rate(v, x) / (k * cell.current(v, x));
  };
  EXPECT_NEAR(window(1, 2, 1, 0.3), 1 - std::pow(0.4, 4), 1e-12);
  EXPECT_NEAR(window(1, 7, 1, 0.5), 1.0, 1e-12);
  EXPECT_NEAR(window(2, 2, 1, 0.3), 1 - std::pow(0.3, 4), 1e-12);
  EXPECT_NEAR(window(2, 2, -1, 0.3), 1 - std::pow(0.7, 4), 1e-12);
  EXPECT_NEAR(window(3, 5, 1, 0.3), 0.8 * (1 - std::pow(0.04 + 0.75, 5)), 1e-12);
  EXPECT_NEAR(window(0, 1, 1, 0.3), 1.0, 1e-12);
}

TEST(IonDrift, WallsStopTheStateButDoNotHoldIt) {
  for (const double window : {0.0, 1.0, 2.0, 3.0}) {
    Memristor cell("ion_drift", {{"window", window}});
    expect_sound_walls(cell, 1.0, -1.0);
  }
}

class IonDriftLoop : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Windows, IonDriftLoop, ::testing::Range(0, 4));

TEST_P(IonDriftLoop, ClosesOnTheFluxInvariant) {
  // (ron x + roff (1 - x)) dx/f(x) = k v dt, so its integral F(x) is k times the flux;
  // under a sine the flux returns to 0 after each period and the state with it. Biolek's
  // f is another one on the way back, so there the state need not return.
  const double period = 1.0, k = 1e4, a = 1.0, w = 2 * kPi / period, ron = 100,
               roff = 16e3;
  const auto primitive = [&](double x) {
    switch (GetParam()) {
      case 0:
        return roff * x - 0.5 * (roff - ron) * x * x;
      case 1:  // f = 4 x (1 - x)
        return 0.25 * (roff * std::log(x) - ron * std::log(1 - x));
      case 2:  // f = 1 - x^2 upwards
        return roff * std::atanh(x) + 0.5 * (roff - ron) * std::log(1 - x * x);
      default:  // p = 1: f = 1/4 - (x - 1/2)^2 = x (1 - x)
        return roff * std::log(x) - ron * std::log(1 - x);
    }
  };
  const double kind = GetParam(), scale = GetParam() == 1 ? 0.25 : 1.0;
  const auto loop = sine_loop("ion_drift", {{"window", kind}}, {{"x", 0.2}}, a, period);
  double most = 0, high = 0;
  for (const LoopPoint& p : loop) {
    high = std::max(high, p.x);
    if (GetParam() == 2 && p.t > 0.5 * period) break;
    const double flux = a / w * (1 - std::cos(w * p.t));
    const double error = primitive(p.x) - primitive(0.2) - k * flux;
    most = std::max(most, std::abs(error) / (scale * roff));
  }
  EXPECT_LT(most, 2e-5);
  EXPECT_GT(high, 0.22) << "the loop is open";
  EXPECT_LT(high, 0.98);
  if (GetParam() != 2) {
    EXPECT_NEAR(loop.back().x, 0.2, 2e-5);
  }
  expect_pinched(loop, 1 / ron);
}

}  // namespace
}  // namespace arrayspice::testing
