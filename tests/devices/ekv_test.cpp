// SPDX-License-Identifier: Apache-2.0
// EKV transistor: its limits in weak and strong inversion, symmetry, charge.
//   weak:    i = 2 n beta ut^2 exp((vg - vt)/(n ut)) (exp(-vs/ut) - exp(-vd/ut))
//   strong:  i = beta n/2 (vp - vs)^2 saturated, beta (vg - vt - n vd/2) vd at vs = 0
#include "devices/ekv.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/devices/test_circuit.hpp"

namespace arrayspice::testing {
namespace {

const Registration& kind(std::string_view type) {
  return *find_registration('m', type, 44);
}

struct Transistor : SingleDevice {
  explicit Transistor(const Settings& model = {}, std::string_view type = "nmos")
      : SingleDevice(kind(type), model, {{"w", 2e-6}, {"l", 1e-6}}) {}
  double current(double d, double g, double s, double b = 0.0) {
    set_pins({d, g, s, b});
    return f(Ekv::D);
  }
  double charge(std::size_t p, double d, double g, double s) {
    set_pins({d, g, s, 0.0});
    return q(p);
  }
};

constexpr double kBeta = 6e-4, kN = 1.3, kVt = 0.4;
const double kTemperature = 300.15, kUt = thermal_voltage(kTemperature);

TEST(Ekv, IsExponentialBelowThreshold) {
  Transistor t;
  const double vg = -0.1, vd = 0.3, vs = 0.02;
  const double ideal = 2 * kN * kBeta * kUt * kUt * std::exp((vg - kVt) / (kN * kUt)) *
                       (std::exp(-vs / kUt) - std::exp(-vd / kUt));
  // ln^2(1 + y) = y^2 (1 - y + ...), y = exp((vp - vs)/(2 ut))
  const double y = std::exp(((vg - kVt) / kN - vs) / (2 * kUt));
  EXPECT_NEAR(t.current(vd, vg, vs), ideal, 1.01 * y * ideal);
  // A decade takes n ut ln 10 of gate voltage.
  const double swing = kN * kUt * std::log(10.0);
  EXPECT_NEAR(t.current(vd, vg + swing, vs) / t.current(vd, vg, vs), 10.0, 0.05);
}

TEST(Ekv, IsQuadraticAboveThreshold) {
  Transistor t;
  // ln(1 + e^x) = x + e^-x: the rest is below 1e-9 here.
  EXPECT_NEAR(t.current(3.0, 2.0, 0.0), 0.5 * kBeta / kN * 1.6 * 1.6, 1e-9);
  EXPECT_NEAR(t.current(0.1, 2.0, 0.0), kBeta * (1.6 - 0.5 * kN * 0.1) * 0.1, 1e-9);
}

TEST(Ekv, ExchangesSourceAndDrain) {
  Transistor t({{"lambda", 0.1}, {"dibl", 0.05}});
  for (const double vg : {0.2, 0.6, 1.5}) {
    EXPECT_EQ(t.current(0.7, vg, 0.2), -t.current(0.2, vg, 0.7));
    EXPECT_EQ(t.current(0.4, vg, 0.4), 0.0);
  }
}

TEST(Ekv, PChannelIsTheMirrorImage) {
  Transistor n({{"vto", 0.35}, {"lambda", 0.1}});
  Transistor p({{"vto", -0.35}, {"lambda", 0.1}}, "pmos");
  EXPECT_DOUBLE_EQ(p.current(-0.7, -0.9, 0.0), -n.current(0.7, 0.9, 0.0));
}

TEST(Ekv, ModulationAndBarrierLoweringGrowWithTheDrainVoltage) {
  const double distance = 0.5 * std::tanh(0.5 / (4 * kUt));
  Transistor plain, modulated({{"lambda", 0.2}}), lowered({{"dibl", 0.1}});
  const double i = plain.current(0.5, 0.8, 0.0);
  EXPECT_NEAR(modulated.current(0.5, 0.8, 0.0), i * (1 + 0.2 * distance), 1e-12 * i);
  Transistor shifted({{"vto", kVt - 0.1 * distance}});
  EXPECT_NEAR(lowered.current(0.5, 0.8, 0.0), shifted.current(0.5, 0.8, 0.0), 1e-12 * i);
}

TEST(Ekv, ThresholdAndMobilityFallWithTemperature) {
  SingleDevice hot(kind("nmos"), {{"tnom", 27.0}}, {}, 350.15);
  hot.set_pins({3.0, 2.0, 0.0, 0.0});
  const double beta = 3e-4 * std::pow(350.15 / 300.15, -1.5), over = 2.0 - (0.4 - 0.05);
  EXPECT_NEAR(hot.f(Ekv::D), 0.5 * beta / kN * over * over, 1e-9);
}

TEST(Ekv, ChargesFollowWardAndDutton) {
  // Saturation far above threshold: 40/60 of 2/3 of n cox (vp - vs), to ut/(vp - vs).
  Transistor t({{"cox", 1e-2}});
  const double cox = 2e-6 * 1e-6 * 1e-2, total = 2.0 / 3.0 * cox * kN * (9.6 / kN);
  const double tolerance = 3 * kUt / 7 * total;
  EXPECT_NEAR(t.charge(Ekv::D, 20.0, 10.0, 0.0), -0.4 * total, tolerance);
  EXPECT_NEAR(t.charge(Ekv::S, 20.0, 10.0, 0.0), -0.6 * total, tolerance);
  EXPECT_NEAR(t.charge(Ekv::D, 0.0, 10.0, 0.0), t.charge(Ekv::S, 0.0, 10.0, 0.0), 1e-24);
}

TEST(Ekv, ChargesAreThePublishedFormInModerateInversion) {
  // With x = sqrt(1/4 + i) at the ends: 4/15 (3 xr^3 + 6 xr^2 xf + 4 xr xf^2 + 2 xf^3)/
  // (xf + xr)^2 - 1/2 at the drain.
  Transistor t({{"cox", 1e-2}});
  const double vg = 0.42, vd = 0.03, vp = (vg - kVt) / kN;
  const auto end = [&](double v) {
    const double l = std::log1p(std::exp((vp - v) / (2 * kUt)));
    return std::sqrt(0.25 + l * l);
  };
  const auto charge = [&](double f, double r) {
    const double sum = 3 * r * r * r + 6 * r * r * f + 4 * r * f * f + 2 * f * f * f;
    return -kN * 2e-14 * kUt * (4.0 / 15.0 * sum / ((f + r) * (f + r)) - 0.5);
  };
  const double f = end(0.0), r = end(vd), d = charge(f, r), s = charge(r, f);
  EXPECT_NEAR(t.charge(Ekv::D, vd, vg, 0.0), d, 1e-12 * std::abs(d));
  EXPECT_NEAR(t.charge(Ekv::S, vd, vg, 0.0), s, 1e-12 * std::abs(s));
  const double b = -(kN - 1) * (2e-14 * vp + (d + s) / kN);
  EXPECT_NEAR(t.charge(Ekv::B, vd, vg, 0.0), b, 1e-12 * std::abs(b));
  EXPECT_NEAR(t.charge(Ekv::G, vd, vg, 0.0), -(d + s + b), 1e-12 * std::abs(d));
}

TEST(Ekv, GateCapacitanceBelowThresholdIsOxideOverDepletion) {
  Transistor t({{"cox", 1e-2}});
  const double h = 1e-3, cox = 2e-14;
  const double c =
      (t.charge(Ekv::G, 0, -0.5 + h, 0) - t.charge(Ekv::G, 0, -0.5 - h, 0)) / (2 * h);
  EXPECT_NEAR(c, cox * (kN - 1) / kN, 1e-4 * cox);
}

TEST(Ekv, InverterSolvesFromRailToRail) {
  TestCircuit t;
  t.add("v1", "", {"vdd", "0"}, {{"dc", 0.8}});
  const DeviceId in = t.add("v2", "", {"in", "0"}, {{"dc", 0.0}});
  const auto add = [&](std::string_view name, std::string_view type,
                       std::vector<std::string> pins) {
    t.add(name, type, pins, {{"w", 1e-6}, {"l", 1e-7}});
  };
  add("n1", "ekv_nmos", {"out", "in", "0", "0"});
  add("n2", "ekv_pmos", {"out", "in", "vdd", "vdd"});
  double before = 1.0;
  for (double v = 0.0; v < 0.81; v += 0.05) {
    t.circuit.set_parameter(in, {0, v});
    t.solve();
    EXPECT_LT(t.v("out"), before);
    before = t.v("out");
  }
  EXPECT_LT(before, 1e-3);
  t.circuit.set_parameter(in, {0, 0.4});
  t.solve();
  EXPECT_NEAR(t.v("out"), 0.4, 1e-7) << "equal and opposite transistors";
}

}  // namespace
}  // namespace arrayspice::testing
