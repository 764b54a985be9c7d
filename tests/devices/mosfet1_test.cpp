// SPDX-License-Identifier: Apache-2.0
// The Shichman-Hodges equations, the symmetry of drain and source, Meyer's capacitances
// out of conserved charges, and process parameters as ngspice 39 derives them.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/devices/test_circuit.hpp"

namespace arrayspice::testing {
namespace {

enum : std::size_t { D, G, S, B };

SingleDevice nmos(Settings model = {},
                  const Settings& instance = {{"w", 2e-5}, {"l", 2e-6}}) {
  model.push_back({"vto", 0.5});
  model.push_back({"kp", 1e-4});
  return SingleDevice('m', "nmos", model, instance);
}

double drain_current(SingleDevice& m, double vd, double vg, double vs, double vb) {
  m.set_pins({vd, vg, vs, vb});
  return m.f(D);
}

TEST(Mosfet1, HasThreeRegions) {
  SingleDevice m = nmos({{"lambda", 0.1}});
  const double beta = 1e-4 * 10;
  // beside the bulk junctions' 1e-14 A
  EXPECT_NEAR(drain_current(m, 1.0, 0.4, 0.0, 0.0), 0.0, 2e-14);
  EXPECT_NEAR(drain_current(m, 2.0, 1.5, 0.0, 0.0), beta / 2 * 1.0 * 1.2, 1e-13);
  EXPECT_NEAR(drain_current(m, 0.4, 1.5, 0.0, 0.0), beta * 0.4 * (1.0 - 0.2) * 1.04,
              1e-13);
}

TEST(Mosfet1, BodyEffectRaisesTheThreshold) {
  SingleDevice m = nmos({{"gamma", 0.6}, {"phi", 0.7}});
  const double v_on = 0.5 + 0.6 * (std::sqrt(0.7 + 2.0) - std::sqrt(0.7));
  EXPECT_NEAR(drain_current(m, 3.0, 2.0, 0.0, -2.0), 5e-4 * std::pow(2.0 - v_on, 2),
              1e-13);
}

TEST(Mosfet1, DrainAndSourceAreInterchangeable) {
  SingleDevice m = nmos({{"gamma", 0.5}, {"lambda", 0.05}});
  const double forward = drain_current(m, 1.3, 1.8, 0.2, -0.5);
  m.set_pins({0.2, 1.8, 1.3, -0.5});
  EXPECT_NEAR(m.f(S), forward, 1e-16);
}

TEST(Mosfet1, PChannelMirrorsTheNChannel) {
  const Settings geometry{{"w", 2e-5}, {"l", 2e-6}};
  const Settings both{
      {"kp", 1e-4}, {"gamma", 0.5}, {"lambda", 0.05}, {"tox", 2e-8}, {"cj", 1e-4}};
  Settings n = both, p = both;
  n.push_back({"vto", 0.5});
  p.push_back({"vto", -0.5});
  SingleDevice mn('m', "nmos", n, geometry), mp('m', "pmos", p, geometry);
  mn.set_pins({1.5, 2.0, 0.1, -0.3});
  mp.set_pins({-1.5, -2.0, -0.1, 0.3});
  for (std::size_t pin = 0; pin < 4; ++pin) {
    EXPECT_DOUBLE_EQ(mp.f(pin), -mn.f(pin));
    EXPECT_DOUBLE_EQ(mp.q(pin), -mn.q(pin));
  }
}

TEST(Mosfet1, SeriesResistancesMakeNodes) {
  EXPECT_EQ(nmos().circuit().unknowns(), 5);
  EXPECT_EQ(nmos({{"rd", 10.0}}).circuit().unknowns(), 6);
  EXPECT_EQ(nmos({{"rsh", 10.0}}).circuit().unknowns(), 7);
}

TEST(Mosfet1, TerminalCurrentsKeepApartWhenPinsShareANode) {
  // Diode-connected: the gate carries nothing though it is on the drain's node.
  TestCircuit t;
  t.add("v1", "", {"d", "0"}, {{"dc", 1.5}});
  const DeviceId m =
      t.add("m1", "nmos", {"d", "d", "0", "0"}, {}, {{"vto", 0.5}, {"kp", 1e-4}});
  t.solve();
  EXPECT_NEAR(t.circuit.pin_current(m, D, t.x, {}), 0.5e-4, 1e-13);
  EXPECT_EQ(t.circuit.pin_current(m, G, t.x, {}), 0.0);
}

TEST(Mosfet1, ProcessParametersAgreeWithNgspice) {
  // ngspice 39, 80 degC: print @m[id]; constants of physics differ by 3e-7.
  const auto current = [](std::string_view card, const Settings& model, double vd,
                          double vg, double vb, const Settings& geometry) {
    TestCircuit t;
    t.add("vd", "", {"d", "0"}, {{"dc", vd}});
    t.add("vg", "", {"g", "0"}, {{"dc", vg}});
    t.add("vb", "", {"b", "0"}, {{"dc", vb}});
    t.add("m1", card, {"d", "g", "0", "b"}, geometry, model);
    t.solve(353.15);
    return std::abs(t.i("vd"));
  };
  const Settings geometry{{"w", 1e-5}, {"l", 2e-6}};
  EXPECT_NEAR(
      current("nmos", {{"tox", 2e-8}, {"nsub", 1e16}, {"nss", 1e10}, {"lambda", 0.02}},
              2.5, 3.0, -1.0, geometry),
      1.696714424352e-03, 1e-6 * 1.7e-3);
  EXPECT_NEAR(
      current("pmos", {{"tox", 2e-8}, {"nsub", 1e16}, {"tpg", -1.0}, {"uo", 200.0}}, -2.5,
              -3.0, 0.0, geometry),
      2.435656167436e-04, 1e-6 * 2.4e-4);
  EXPECT_NEAR(current("nmos",
                      {{"vto", 0.5},
                       {"kp", 1e-4},
                       {"gamma", 0.4},
                       {"rsh", 50.0},
                       {"rs", 30.0},
                       {"ld", 1e-7},
                       {"tnom", 50.0}},
                      2.5, 3.0, -1.0, {{"w", 1e-5}, {"l", 2e-6}, {"nrd", 2.0}}),
              1.283003426601e-03, 1e-6 * 1.3e-3);
}

TEST(Mosfet1, ContradictoryParametersAreRefused) {
  EXPECT_THROW(nmos({{"ld", 1e-6}}), std::invalid_argument);
  EXPECT_THROW(nmos({{"tox", 1e-8}, {"nsub", 1e9}}), std::invalid_argument);
}

/// Gate charges alone: no junction or overlap capacitance.
class GateCharge : public ::testing::Test {
 protected:
  SingleDevice m = nmos({{"tox", 2e-8}, {"phi", 0.6}});
  const double oxide = 3.9 * 8.854214871e-12 / 2e-8 * 2e-5 * 2e-6;

  /// d q(of) / d v(by)
  double capacitance(std::size_t of, std::size_t by, double vd, double vg, double vs) {
    m.set_pins({vd, vg, vs, 0.0});
    const Evaluation e = m.evaluate();
    return e.capacitance(m.circuit().pattern().slot(m.pin(of), m.pin(by)));
  }
};

TEST_F(GateCharge, IsMeyersInSaturation) {
  EXPECT_NEAR(capacitance(G, S, 3.0, 1.5, 0.0), -2.0 / 3.0 * oxide, 1e-6 * oxide);
  EXPECT_NEAR(capacitance(G, D, 3.0, 1.5, 0.0), 0.0, 1e-6 * oxide);
}

TEST_F(GateCharge, IsSharedEquallyWithoutDrainVoltage) {
  EXPECT_NEAR(capacitance(G, S, 0.0, 1.5, 0.0), -0.5 * oxide, 1e-6 * oxide);
  EXPECT_NEAR(capacitance(G, D, 0.0, 1.5, 0.0), -0.5 * oxide, 1e-6 * oxide);
  m.set_pins({0.0, 1.5, 0.0, 0.0});
  EXPECT_DOUBLE_EQ(m.q(D), m.q(S));
}

TEST_F(GateCharge, IsMeyersInTheLinearRegion) {
  // C_gs = 2/3 Cox (1 - b^2/(a + b)^2) with the overdrives a, b at source and drain, each
  // shifted by phi/4 = 0.15 V (soft overdrive).
  const double a = 1.0 + 0.15, b = 0.4 + 0.15;
  EXPECT_NEAR(capacitance(G, S, 0.6, 1.5, 0.0),
              -2.0 / 3.0 * oxide * (1 - b * b / ((a + b) * (a + b))), 1e-6 * oxide);
}

TEST_F(GateCharge, FacesTheBulkBelowThreshold) {
  EXPECT_NEAR(capacitance(G, B, 1.0, -0.5, 0.0), -oxide, 1e-6 * oxide);
  EXPECT_NEAR(capacitance(G, S, 1.0, -0.5, 0.0), 0.0, 1e-6 * oxide);
  EXPECT_NEAR(capacitance(G, B, 1.0, 0.2, 0.0), -0.5 * oxide, 1e-6 * oxide);
}

TEST_F(GateCharge, IsSplitFortyToSixtyInSaturation) {
  m.set_pins({3.0, 2.0, 0.0, 0.0});
  EXPECT_NEAR(m.q(D) / m.q(S), 4.0 / 6.0, 1e-12);
}

TEST_F(GateCharge, IsContinuousAcrossAllBorders) {
  double before = 0.0;
  for (int k = 0; k <= 4000; ++k) {
    const double vg = -1.0 + 1e-3 * k;
    m.set_pins({0.7, vg, 0.0, 0.0});
    const double q = m.q(G);
    if (k > 0) {
      EXPECT_LT(std::abs(q - before), 1.05e-3 * oxide) << vg;
    }
    before = q;
  }
}

TEST(Mosfet1, ALatchSettlesFromAnyStart) {
  // A CMOS inverter with its input at half the supply: both transistors saturated.
  TestCircuit t;
  t.add("vdd", "", {"vdd", "0"}, {{"dc", 1.8}});
  t.add("vin", "", {"in", "0"}, {{"dc", 0.9}});
  t.add("mp", "pmos", {"out", "in", "vdd", "vdd"}, {{"w", 2e-6}, {"l", 1e-6}},
        {{"vto", -0.5}, {"kp", 5e-5}, {"lambda", 0.01}});
  t.add("mn", "nmos", {"out", "in", "0", "0"}, {{"w", 1e-6}, {"l", 1e-6}},
        {{"vto", 0.5}, {"kp", 1e-4}, {"lambda", 0.01}});
  t.solve();
  EXPECT_NEAR(t.v("out"), 0.9, 1e-6);
}

}  // namespace
}  // namespace arrayspice::testing
