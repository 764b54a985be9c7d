// SPDX-License-Identifier: Apache-2.0
// R, C, L, K, the sources and the controlled sources against closed forms.
#include <gtest/gtest.h>

#include <cmath>

#include "devices/constants.hpp"
#include "tests/devices/test_circuit.hpp"

namespace arrayspice::testing {
namespace {

TEST(Resistor, FollowsOhmsLawAtTemperature) {
  // R = 1k (1 + 1e-3 dT + 1e-5 dT^2) / m, dT = 50 K.
  SingleDevice r('r', "r", {{"tc1", 1e-3}, {"tc2", 1e-5}},
                 {{"resistance", 1e3}, {"m", 2.0}}, 350.15);
  r.set_pins({3.0, 1.0});
  EXPECT_DOUBLE_EQ(r.f(0), 2.0 * 2.0 / (1e3 * 1.075));
  EXPECT_DOUBLE_EQ(r.f(1), -r.f(0));
}

TEST(Resistor, InstanceCoefficientsOverrideTheModels) {
  SingleDevice r('r', "r", {{"tc1", 1e-3}, {"tnom", 50.0}}, {{"r", 1e3}, {"tc1", -2e-3}},
                 273.15 + 60.0);
  r.set_pins({1.0, 0.0});
  EXPECT_DOUBLE_EQ(r.f(0), 1.0 / (1e3 * 0.98));
}

TEST(Resistor, ModelGivesTheResistanceThatAnInstanceLacks) {
  SingleDevice r('r', "r", {{"r", 50.0}}, {});
  r.set_pins({1.0, 0.0});
  EXPECT_DOUBLE_EQ(r.f(0), 0.02);
  EXPECT_THROW(SingleDevice('r', "r", {}, {}), std::invalid_argument);
}

TEST(Capacitor, StoresCharge) {
  SingleDevice c('c', "c", {}, {{"c", 2e-12}, {"m", 3.0}});
  c.set_pins({2.5, 0.5});
  EXPECT_DOUBLE_EQ(c.q(0), 12e-12);
  EXPECT_EQ(c.f(0), 0.0);
}

TEST(Capacitor, InitialVoltageSetsTheStartingCharge) {
  TestCircuit t;
  t.add("c1", "", {"a", "0"}, {{"c", 1e-9}, {"ic", 3.0}});
  t.add("r1", "", {"a", "0"}, {{"r", 1e3}});
  t.circuit.finalize();
  std::vector<double> q(t.circuit.unknowns());
  t.circuit.initial_charges(std::vector<double>(q.size(), 0.0), {}, q);
  EXPECT_DOUBLE_EQ(q[t.circuit.node("a")], 3e-9);
}

TEST(Inductor, IsAShortInAnOperatingPoint) {
  TestCircuit t;
  t.add("v1", "", {"a", "0"}, {{"dc", 1.0}});
  t.add("l1", "", {"a", "b"}, {{"l", 1e-3}});
  t.add("r1", "", {"b", "0"}, {{"r", 100.0}});
  t.solve();
  EXPECT_DOUBLE_EQ(t.v("b"), 1.0);
  EXPECT_DOUBLE_EQ(t.i("l1"), 0.01);
}

TEST(MutualInductance, AddsTheFluxOfTheOtherWinding) {
  // phi1 = L1 i1 + M i2, M = k sqrt(L1 L2) = 0.5 * 2 mH; ic: i1 = 1 A, i2 = 3 A.
  TestCircuit t;
  t.add("l1", "", {"a", "0"}, {{"l", 1e-3}, {"ic", 1.0}});
  t.add("l2", "", {"b", "0"}, {{"l", 4e-3}, {"ic", 3.0}});
  t.add("k1", "", {"l1", "l2"}, {{"k", 0.5}, {"l1", 1e-3}, {"l2", 4e-3}});
  t.circuit.finalize();
  std::vector<double> q(t.circuit.unknowns());
  t.circuit.initial_charges(std::vector<double>(q.size(), 0.0), {}, q);
  EXPECT_DOUBLE_EQ(q[t.branch("l1")], -(1e-3 * 1.0 + 1e-3 * 3.0));
  EXPECT_DOUBLE_EQ(q[t.branch("l2")], -(4e-3 * 3.0 + 1e-3 * 1.0));
}

TEST(MutualInductance, TransformsByTheTurnsRatio) {
  // Secondary open: v2/v1 = M/L1 = k sqrt(L2/L1) = 0.9 * 2.
  TestCircuit t;
  const DeviceId v = t.add("v1", "", {"a", "0"});
  t.drive(v, Waveform::Sine{0.0, 1.0, 1e3, 0.0, 0.0, 0.0});
  t.add("r1", "", {"a", "p"}, {{"r", 1e-3}});
  t.add("l1", "", {"p", "0"}, {{"l", 1e-3}});
  t.add("l2", "", {"s", "0"}, {{"l", 4e-3}});
  t.add("k1", "", {"l1", "l2"}, {{"k", 0.9}, {"l1", 1e-3}, {"l2", 4e-3}});
  t.add("r2", "", {"s", "0"}, {{"r", 1e9}});
  t.solve();
  double worst = 0.0;
  t.run(1e-3, 1e-6, false, [&](double time) {
    if (time > 1e-5) worst = std::max(worst, std::abs(t.v("s") - 1.8 * t.v("p")));
  });
  EXPECT_LT(worst, 1e-4);
}

TEST(CurrentSource, FlowsFromItsFirstPinThroughItself) {
  TestCircuit t;
  t.add("i1", "", {"0", "a"}, {{"dc", 1e-3}, {"m", 2.0}});
  t.add("r1", "", {"a", "0"}, {{"r", 1e3}});
  t.solve();
  EXPECT_DOUBLE_EQ(t.v("a"), 2.0);
}

TEST(VoltageSource, CountsItsCurrentIntoTheFirstPin) {
  TestCircuit t;
  t.add("v1", "", {"a", "0"}, {{"dc", 2.0}});
  t.add("r1", "", {"a", "0"}, {{"r", 1e3}});
  t.solve();
  EXPECT_DOUBLE_EQ(t.i("v1"), -2e-3);
}

TEST(Sources, UseTheirDcValueInDcAndTheWaveformInTime) {
  SingleDevice v('i', "", {}, {{"dc", 5.0}});
  v.circuit().block(0).set_waveform(
      0, std::make_shared<const Waveform>(Waveform::Sine{1.0, 2.0, 1.0, 0.0, 0.0, 90.0}));
  EXPECT_EQ(v.f(0), 5.0);
  v.env().transient = true;
  EXPECT_DOUBLE_EQ(v.f(0), 3.0);
  v.env().source_scale = 0.5;
  EXPECT_DOUBLE_EQ(v.f(0), 1.5);
  v.circuit().block(0).set_instance(0, {0, kNotGiven});
  v.env() = Env{};
  EXPECT_DOUBLE_EQ(v.f(0), 3.0) << "without dc= the waveform at 0";
}

TEST(ControlledSources, AmplifyWithSpicesSigns) {
  TestCircuit t;
  t.add("v1", "", {"in", "0"}, {{"dc", 2.0}});
  t.add("r1", "", {"in", "0"}, {{"r", 1e3}});  // i(v1) = -2 mA
  t.add("e1", "", {"e", "0", "in", "0"}, {{"gain", 3.0}});
  t.add("g1", "", {"0", "g", "in", "0"}, {{"gain", 1e-3}, {"m", 2.0}});
  t.add("f1", "", {"0", "f", "v1"}, {{"gain", 5.0}});
  t.add("h1", "", {"h", "0", "v1"}, {{"gain", 100.0}});
  for (const std::string node : {"e", "g", "f", "h"})
    t.add("r" + node, "", {node, "0"}, {{"r", 1e3}});
  t.solve();
  EXPECT_DOUBLE_EQ(t.v("e"), 6.0);
  EXPECT_DOUBLE_EQ(t.v("g"), 4.0);
  EXPECT_DOUBLE_EQ(t.v("f"), -10.0);
  EXPECT_DOUBLE_EQ(t.v("h"), -0.2);
}

TEST(Switch, HasHysteresisAndRemembersOnlyAcceptedStates) {
  // Closes above 0.7 V, opens below 0.3 V.
  SingleDevice s('s', "sw", {{"vt", 0.5}, {"vh", 0.2}, {"ron", 10.0}, {"roff", 1e6}}, {});
  const auto current = [&](double control) {
    s.set_pins({1.0, 0.0, control, 0.0});
    return s.f(0);
  };
  EXPECT_DOUBLE_EQ(current(0.5), 1e-6);
  EXPECT_DOUBLE_EQ(current(0.8), 0.1);
  EXPECT_DOUBLE_EQ(current(0.5), 1e-6) << "the visit to 0.8 V was not accepted";
  current(0.8);
  s.circuit().accept(s.x(), s.env());
  EXPECT_DOUBLE_EQ(current(0.5), 0.1);
  EXPECT_DOUBLE_EQ(current(0.2), 1e-6);
}

TEST(Switch, MayStartClosed) {
  SingleDevice s('s', "sw", {{"vt", 0.5}, {"vh", 0.2}}, {{"on", 1.0}});
  s.set_pins({1.0, 0.0, 0.5, 0.0});
  EXPECT_DOUBLE_EQ(s.f(0), 1.0);
}

TEST(Switch, IsControlledByACurrentToo) {
  TestCircuit t;
  t.add("v1", "", {"a", "0"}, {{"dc", 1.0}});
  t.add("r1", "", {"a", "0"}, {{"r", 1.0}});  // i(v1) = -1 A
  t.add("v2", "", {"b", "0"}, {{"dc", 1.0}});
  t.add("w1", "csw", {"b", "c", "v1"}, {}, {{"it", -1.5}, {"ron", 1e3}});
  t.add("r2", "", {"c", "0"}, {{"r", 1e3}});
  t.solve();
  EXPECT_DOUBLE_EQ(t.v("c"), 0.5);
}

}  // namespace
}  // namespace arrayspice::testing
