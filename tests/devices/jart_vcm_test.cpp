// SPDX-License-Identifier: Apache-2.0
// JART VCM v1b: the operating point against its equations, restated here with numbers;
// motion of the vacancies; walls; a hysteresis loop that sets below 0 V and resets above.
#include "devices/jart_vcm.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/devices/memristor.hpp"

namespace arrayspice::testing {
namespace {

constexpr double kQ = kElementaryCharge, kArea = kPi * 45e-9 * 45e-9;
double disc(double n) { return 0.4e-9 / (n * 1e26 * 2 * kQ * 4e-6 * kArea); }
const double kPlug = 2.6e-9 / (20e26 * 2 * kQ * 4e-6 * kArea);

/// Current through the barrier; valid up to 0.035 V, where the floor of psi begins.
double barrier(double u, double n, double t) {
  const double ut = kBoltzmann * t / kQ, image = 5.5 * 8.8541878128e-12;
  const double lowering = std::pow(
      2 * kQ * kQ * kQ * n * 1e26 * (0.08 - u) / (8 * kPi * kPi * std::pow(image, 3)),
      0.25);
  const double phi = std::max(0.18 - lowering, 0.0);
  if (u >= 0) return kArea * 6.01e5 * t * t * std::exp(-phi / ut) * std::expm1(u / ut);
  const double w = 6.62607015e-34 / (4 * kPi) *
                   std::sqrt(2 * n * 1e26 / (9.1093837e-31 * 17 * 8.8541878128e-12));
  const double w0 = w / std::tanh(w / ut), e = w / (w / ut - std::tanh(w / ut));
  return -kArea * 6.01e5 * t * kQ / kBoltzmann *
         std::sqrt(kPi * w * (-u + phi / std::pow(std::cosh(w / ut), 2))) *
         std::exp(-phi / w0) * std::expm1(-u / e);
}

struct Reading {
  double i, u, t;
};

Reading read(double volts, double n) {
  TestCircuit c;
  c.add("v1", "", {"a", "0"}, {{"dc", volts}});
  const DeviceId cell = c.add("n1", "jart_vcm", {"a", "0"}, {{"n", n}});
  c.solve();
  const auto pins = c.circuit.device_pins(cell);
  return {-c.i("v1"), volts - c.x[pins[JartVcm::J]], c.x[pins[JartVcm::T]]};
}

TEST(JartVcm, OperatingPointSatisfiesItsEquations) {
  for (const double n : {0.008, 0.1, 2.0, 20.0})
    for (const double v : {-0.5, -0.2, -0.05, 0.05, 0.2, 0.5}) {
      const Reading r = read(v, n);
      EXPECT_NEAR(r.i, barrier(r.u, n, r.t), 1e-6 * std::abs(r.i)) << n << ' ' << v;
      const double line = 719.2437 * (1 + 719.2437 * 3.92e-3 * r.i * r.i * 90471.47);
      const double series = r.i * (disc(n) + kPlug + 650 + line);
      EXPECT_NEAR(r.u + series, v, 1e-8) << n << ' ' << v;
      const double rth = 15.72e6 * (v > 0 ? 0.27 : 1.0);
      EXPECT_NEAR(r.t, 293 + r.i * (r.u + r.i * (disc(n) + kPlug)) * rth, 1e-3);
    }
}

TEST(JartVcm, StatesDifferInResistance) {
  EXPECT_GT(read(-0.2, 20.0).i / read(-0.2, 0.008).i, 20.0);
  EXPECT_NEAR(read(1e-9, 20.0).i, 0.0, 1e-10);
}

/// dn/dt at given internal values; the voltage only chooses the direction.
double rate(double volts, double n, double kelvin, double i) {
  SingleDevice cell('n', "jart_vcm", {}, {});
  cell.env().moving = true;
  cell.set_pins({volts, 0.0});
  cell.x()[cell.pin(JartVcm::J)] = volts - 0.01;
  cell.x()[cell.pin(JartVcm::N)] = n;
  cell.x()[cell.pin(JartVcm::T)] = kelvin;
  cell.x()[cell.pin(JartVcm::I)] = i;
  return -cell.f(JartVcm::N);
}

TEST(JartVcm, VacanciesHopByTheFieldAndTheTemperature) {
  const double n = 1.0, t = 800, i = -4e-4, field = i * disc(n) / 0.4e-9;
  const double gamma = 2 * field * 0.25e-9 / (kPi * 1.35), kt = kBoltzmann * t / kQ;
  const double s = std::sqrt(1 - gamma * gamma) + gamma * std::asin(gamma);
  const double low = std::exp(-1.35 * (s - gamma * kPi / 2) / kt);
  const double high = std::exp(-1.35 * (s + gamma * kPi / 2) / kt);
  const double expected = -0.5 * (20 + n) * 0.25e-9 * 2e13 / 0.4e-9 * (low - high);
  EXPECT_GT(expected, 0.0) << "a negative voltage sets";
  EXPECT_NEAR(rate(-0.5, n, t, i), expected, 1e-6 * expected);
  const double hot = 0.01 + 4e-4 * (disc(n) + kPlug);
  EXPECT_LT(rate(0.5, n, t, 4e-4), 0.0) << hot;
}

TEST(JartVcm, WallsStopTheStateButDoNotHoldIt) {
  EXPECT_EQ(rate(-0.5, 20.0, 800, -4e-4), 0.0);
  EXPECT_EQ(rate(-0.5, 21.0, 800, -4e-4), 0.0);
  EXPECT_EQ(rate(0.5, 0.008, 800, 4e-4), 0.0);
  EXPECT_EQ(rate(0.5, 0.001, 800, 4e-4), 0.0);
  EXPECT_LT(rate(0.5, 20.0, 800, 4e-4), 0.0);
  EXPECT_GT(rate(-0.5, 0.008, 800, -4e-4), 0.0);
}

TEST(JartVcm, CyclesBetweenItsStates) {
  // A sine of 1.5 V and 1 ms: sets within the negative half wave, resets in the positive
  // one, again and again, and every loop passes through the origin.
  const auto loop = sine_loop("jart_vcm", {}, {}, -1.5, 1e-3, 3.0);
  double high_early = 0, high_late = 0, low_late = 99;
  for (const LoopPoint& p : loop) {
    EXPECT_GE(p.v * p.i, -1e-15);
    if (p.t < 0.7e-3) high_early = std::max(high_early, p.x);
    if (p.t < 2e-3) continue;
    high_late = std::max(high_late, p.x);
    low_late = std::min(low_late, p.x);
  }
  EXPECT_GT(high_early, 10.0);
  EXPECT_NEAR(high_late, high_early, 0.5);
  EXPECT_LT(low_late, 1.0);
}

TEST(JartVcm, FollowsAnIndependentIntegration) {
  // The equations under v = -1.5 V sin(2 pi t/1 ms), written in Python: the current by
  // root finding, the temperature by iteration, n by LSODA to 1e-8.
  struct Point {
    double t, n, i;
  };
  const Point points[] = {
      {0.05e-3, 0.008, -5.235352e-6},    {0.25e-3, 20.0, -8.670415e-4},
      {0.65e-3, 19.013766, 7.239614e-4}, {0.70e-3, 0.013889, 3.845139e-5},
      {0.75e-3, 0.010928, 3.208592e-5},  {0.90e-3, 0.010207, 1.743863e-5}};
  const auto loop = sine_loop("jart_vcm", {}, {}, -1.5, 1e-3);
  for (const Point& p : points) {
    const auto after = std::find_if(loop.begin(), loop.end(),
                                    [&](const LoopPoint& q) { return q.t >= p.t; });
    ASSERT_NE(after, loop.end());
    const auto before = after - 1;
    const double part = (p.t - before->t) / (after->t - before->t);
    EXPECT_NEAR(std::lerp(before->x, after->x, part), p.n, 1e-3 * p.n) << p.t;
    EXPECT_NEAR(std::lerp(before->i, after->i, part), p.i, 1e-3 * std::abs(p.i)) << p.t;
  }
}

}  // namespace
}  // namespace arrayspice::testing
