// SPDX-License-Identifier: Apache-2.0
// Ferroelectric capacitor and transistor. With y = tanh a(v -+ vc) of the saturated
// branches these are constant:
//   up:    (1 - p)/(1 - y_up(v))
//   down:  (1 + p)/(1 + y_down(v))
// which gives the polarisation at any point of a loop from the last turning point.
#include <gtest/gtest.h>

#include <cmath>

#include "devices/fefet.hpp"
#include "devices/ferroelectric_capacitor.hpp"
#include "tests/devices/memristor.hpp"

namespace arrayspice::testing {
namespace {

constexpr double kA = 1.0, kVc = 1.3;
double rising(double v, double v0, double p0) {
  return 1 -
         (1 - p0) * (1 - std::tanh(kA * (v - kVc))) / (1 - std::tanh(kA * (v0 - kVc)));
}
double falling(double v, double v0, double p0) {
  return -1 +
         (1 + p0) * (1 + std::tanh(kA * (v + kVc))) / (1 + std::tanh(kA * (v0 + kVc)));
}

TEST(FerroelectricCapacitor, HoldsPolarisationAndLinearCharge) {
  SingleDevice c('n', "ferroelectric_capacitor", {}, {{"area", 4e-14}, {"p", 0.5}});
  c.set_pins({0.7, 0.2});
  c.x()[c.pin(FerroelectricCapacitor::POL)] = 0.5;
  const double linear = kElectricConstant * 20 / 20e-9 * 0.5;
  EXPECT_NEAR(c.q(0), 4e-14 * (0.25 * 0.5 + linear), 1e-22);
  EXPECT_EQ(c.f(0), 0.0);
  EXPECT_NEAR(c.f(FerroelectricCapacitor::POL), 0.0, 1e-15) << "rests in DC";
}

/// Loop of the capacitor under a sine that is slow against its tau; x is p.
std::vector<LoopPoint> loop(double amplitude, double p, double periods) {
  return sine_loop("ferroelectric_capacitor", {{"tau", 1e-12}}, {{"p", p}}, amplitude,
                   1e-6, periods);
}

TEST(FerroelectricCapacitor, FollowsItsBranchesAndTheirTurningPoints) {
  // From 0 V and p = -1 up to A, down to -A, and up again: three branches. The lag of the
  // domains shifts the voltage by tau dv/dt < 2e-5 V.
  const double a = 3.0, top = rising(a, 0.0, -1.0), bottom = falling(-a, a, top);
  for (const LoopPoint& q : loop(a, -1.0, 1.0)) {
    const double expected = q.t <= 0.25e-6   ? rising(q.v, 0.0, -1.0)
                            : q.t <= 0.75e-6 ? falling(q.v, a, top)
                                             : rising(q.v, -a, bottom);
    EXPECT_NEAR(q.x, expected, 1e-3) << q.t;
  }
}

TEST(FerroelectricCapacitor, SaturatedLoopHasItsRemanenceAndCoerciveVoltage) {
  // A = 8 V: tanh(6.7) = 1 - 3e-6. p(0) = -+tanh(a vc), p = 0 at +-vc.
  const auto points = loop(8.0, -1.0, 2.0);
  double crossing = 0, down = 0;
  for (std::size_t k = 1; k < points.size(); ++k) {
    if (points[k].t < 1e-6) continue;
    if (points[k - 1].x < 0 && points[k].x >= 0) crossing = points[k].v;
    if (points[k - 1].v > 0 && points[k].v <= 0) down = points[k].x;
  }
  EXPECT_NEAR(crossing, kVc, 0.03) << "a step is 25 mV";
  EXPECT_NEAR(down, std::tanh(kA * kVc), 0.01);
  EXPECT_NEAR(points.back().x, -std::tanh(kA * kVc), 1e-3) << "the loop closes";
}

TEST(FerroelectricCapacitor, SmallLoopsCloseToo) {
  const auto points = loop(1.0, 0.2, 12.0);
  const std::size_t period = (points.size() - 1) / 12;
  const double last = points.back().x;
  EXPECT_NEAR(points[points.size() - 1 - period].x, last, 2e-3);
  double low = 2, high = -2;
  for (std::size_t k = points.size() - period; k < points.size(); ++k) {
    low = std::min(low, points[k].x);
    high = std::max(high, points[k].x);
  }
  EXPECT_GT(high - low, 0.1) << "the loop is open";
}

TEST(FerroelectricCapacitor, PolarisationNeverWindsUp) {
  for (const LoopPoint& q : loop(30.0, 0.0, 2.0)) EXPECT_LT(std::abs(q.x), 1.0 + 1e-6);
}

TEST(FerroelectricCapacitor, ChargeOfAPulsePairIsTwiceTheRemanence) {
  // From p = -tanh(a vc) to saturation and back to 0 V: 2 ps tanh(a vc) area switched.
  const double remanent = std::tanh(kA * kVc);
  TestCircuit t;
  const DeviceId v = t.add("v1", "", {"a", "0"}, {{"dc", 0.0}});
  t.drive(v, Waveform::Pulse{0.0, 8.0, 10e-9, 20e-9, 20e-9, 20e-9, 0.0});
  t.circuit.set_parameter(v, {0, kNotGiven});
  t.add("n1", "ferroelectric_capacitor", {"a", "b"}, {{"p", -remanent}},
        {{"tau", 1e-11}});
  t.add("c1", "", {"b", "0"}, {{"c", 1e-10}});
  t.add("r1", "", {"b", "0"}, {{"r", 1e9}});
  t.solve();
  t.run(100e-9, 0.1e-9, false, [](double) {});
  EXPECT_NEAR(t.v("b") * 1e-10, 1e-14 * 0.25 * 2 * remanent, 0.01 * 1e-14 * 0.5);
}

struct Cell : SingleDevice {
  explicit Cell(const Settings& instance) : SingleDevice('n', "fefet", {}, instance) {}
  double read(double vg, double p) {
    set_pins({0.1, vg, 0.0, 0.0});
    x()[pin(Fefet::POL)] = p;
    return f(Fefet::D);
  }
};

TEST(Fefet, ThresholdMovesByTheWindow) {
  Cell cell({});
  // The same overdrive gives the same current.
  EXPECT_NEAR(cell.read(0.9, 0.0), cell.read(0.3, 1.0), 1e-18);
  EXPECT_NEAR(cell.read(0.9, 0.0), cell.read(1.5, -1.0), 1e-18);
  EXPECT_GT(cell.read(0.6, 1.0), 1e3 * cell.read(0.6, -1.0));
}

TEST(Fefet, ThresholdIsProgrammed) {
  SingleDevice cell('n', "fefet", {}, {{"vth", 0.3}});
  cell.x()[cell.pin(Fefet::POL)] = 0.5;  // vto - window/2 p = 0.3
  EXPECT_NEAR(cell.f(Fefet::POL), 0.0, 1e-12);
  EXPECT_THROW(SingleDevice('n', "fefet", {}, {{"vth", 1.3}}), std::invalid_argument);
}

TEST(Fefet, PulsesWriteAndEraseAndReadsDoNot) {
  TestCircuit t;
  t.add("v1", "", {"d", "0"}, {{"dc", 0.1}});
  const DeviceId gate = t.add("v2", "", {"g", "0"}, {{"dc", 0.0}});
  Waveform::PieceWiseLinear pulses;
  pulses.points = {{0, 0},        {1e-6, 0},   {1.1e-6, 5.0},  {3e-6, 5.0},
                   {3.1e-6, 0.6}, {5e-6, 0.6}, {5.1e-6, -5.0}, {7e-6, -5.0},
                   {7.1e-6, 0.6}, {9e-6, 0.6}};
  t.drive(gate, pulses);
  t.circuit.set_parameter(gate, {0, kNotGiven});
  const DeviceId cell = t.add("n1", "fefet", {"d", "g", "0", "0"});
  t.solve();
  const UnknownId p = t.circuit.device_pins(cell)[Fefet::POL];
  double written = 0, on = 0, erased = 0, off = 0;
  t.run(9e-6, 2e-8, false, [&](double time) {
    if (time < 4.9e-6) written = t.x[p], on = -t.i("v1");
    erased = t.x[p], off = -t.i("v1");
  });
  EXPECT_GT(written, 0.95);
  EXPECT_LT(erased, -0.95);
  EXPECT_GT(on, 1e3 * off);
}

}  // namespace
}  // namespace arrayspice::testing
