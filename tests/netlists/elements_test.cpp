// SPDX-License-Identifier: Apache-2.0
// Every element letter and every form of it: what reaches the circuit. Currents are
// checked on the equations themselves, at a given vector of unknowns.
#include <gmock/gmock.h>

#include "reading.hpp"

namespace arrayspice {
namespace {

using testing::Reading;

/// Static current into the first pin of a device when the named nodes have these
/// voltages.
double current(const Reading& r, std::string_view device,
               std::vector<std::pair<std::string_view, double>> voltages) {
  std::vector<double> x(r.circuit().unknowns(), 0.0);
  for (const auto& [node, v] : voltages) x[find_node(r.circuit(), node).value()] = v;
  return r.circuit().pin_current(find_device(r.circuit(), device).value(), 0, x, Env{});
}

std::string deck(const std::string& cards) { return "t\nv9 a 0 1\nr9 a 0 1\n" + cards; }

TEST(Elements, AResistorTakesItsValueByPositionNameOrModel) {
  const Reading r(
      deck("r1 a 0 1k tc1=1m tc2=2u\nr2 a 0 r=2k\nr3 a 0 rm 3k\nr4 a 0 4k rm\n"
           "r5 a 0 {2.5*2}k\n.model rm r(tc1=5m)\nr6 a 0 1k tc=1m,2u\n"));
  EXPECT_EQ(r.first(), "8:15 E0201");  // {...}k is no value
  const Reading good(
      deck("r1 a 0 1k tc1=1m tc2=2u\nr2 a 0 r=2k\nr3 a 0 rm 3k\n"
           "r4 a 0 4k rm\n.model rm r(tc1=5m)\nr6 a 0 1k tc=1m,2u\n"));
  ASSERT_TRUE(good.netlist) << good.all();
  EXPECT_DOUBLE_EQ(good.value("r2", "resistance"), 2e3);
  EXPECT_DOUBLE_EQ(good.value("r3", "resistance"), 3e3);
  EXPECT_DOUBLE_EQ(good.value("r4", "resistance"), 4e3);
  EXPECT_DOUBLE_EQ(good.value("r6", "tc2"), 2e-6);
}

TEST(Elements, ACapacitorOrInductorTakesAnInitialCondition) {
  const Reading r(deck("c1 a 0 1p ic=0.5\nl1 a b 2u ic={3*1m}\nr1 b 0 1\n"));
  ASSERT_TRUE(r.netlist) << r.all();
  EXPECT_DOUBLE_EQ(r.value("c1", "ic"), 0.5);
  EXPECT_DOUBLE_EQ(r.value("l1", "ic"), 3e-3);
}

TEST(Elements, AResistorWithVoltagesInItsValueIsBehavioural) {
  const Reading r(deck("r1 a 0 r={1k*(1+v(a)*v(a))}\n"));
  ASSERT_TRUE(r.netlist) << r.all();
  EXPECT_DOUBLE_EQ(current(r, "r1", {{"a", 2.0}}), 2.0 / 5e3);
}

TEST(Elements, ABehaviouralSourceIsItsExpression) {
  const Reading r(deck("b1 a 0 i=1m*v(a,b)*v(b) m=2\nb2 b 0 v={v(a)*2} + {1}\n"));
  ASSERT_TRUE(r.netlist) << r.all();
  EXPECT_DOUBLE_EQ(current(r, "b1", {{"a", 5.0}, {"b", 2.0}}), 2 * 6e-3);
  EXPECT_NE(r.circuit().branch_current(find_device(r.circuit(), "b2").value()),
            kNoUnknown);
}

TEST(Elements, AnExpressionMaySpanCardsAndCompare) {
  const Reading r(deck("b1 a 0 i = v(a) >= 1 ?\n* between\n+ 2 : 3\n"));
  ASSERT_TRUE(r.netlist) << r.all();
  EXPECT_DOUBLE_EQ(current(r, "b1", {{"a", 1.5}}), 2.0);
  EXPECT_DOUBLE_EQ(current(r, "b1", {{"a", 0.5}}), 3.0);
}

TEST(Elements, ControlledSourcesTakeGainPolynomialTableOrExpression) {
  const Reading r(
      deck("g1 a 0 b 0 2m\ng2 a 0 poly(2) b 0 c 0 0 1 2\ng3 a 0 cur={v(b)^2}\n"
           "g4 a 0 table {v(b)} = (0,0) (1,10) (2,10)\ng5 a 0 value={v(b)*3} m=2\n"
           "r1 b c 1\nr2 c 0 1\n"));
  ASSERT_TRUE(r.netlist) << r.all();
  const std::vector<std::pair<std::string_view, double>> at{{"b", 0.5}, {"c", 3.0}};
  EXPECT_DOUBLE_EQ(current(r, "g1", at), 1e-3);
  EXPECT_DOUBLE_EQ(current(r, "g2", at), 6.5);
  EXPECT_DOUBLE_EQ(current(r, "g3", at), 0.25);
  EXPECT_DOUBLE_EQ(current(r, "g4", at), 5.0);
  EXPECT_DOUBLE_EQ(current(r, "g5", at), 3.0);
}

TEST(Elements, CurrentControlledSourcesMayBePolynomials) {
  const Reading r(deck("f1 a 0 poly(1) v9 1 2 3\nh1 b 0 poly(1) v9 5\nr1 b 0 1\n"));
  ASSERT_TRUE(r.netlist) << r.all();
  std::vector<double> x(r.circuit().unknowns(), 0.0);
  x[r.circuit().branch_current(find_device(r.circuit(), "v9").value())] = 2.0;
  EXPECT_DOUBLE_EQ(
      r.circuit().pin_current(find_device(r.circuit(), "f1").value(), 0, x, Env{}), 17.0);
}

TEST(Elements, AnIdealOpAmpIsANullor) {
  const Reading r(deck("e1 out 0 opamp 0 a\nr1 a out 1k\n"));
  ASSERT_TRUE(r.netlist) << r.all();
  EXPECT_EQ(r.circuit().device_type(find_device(r.circuit(), "e1").value()).name,
            "ideal op-amp");
}

TEST(Elements, TheCurrentOfAResistorInAnExpressionIsSensedInSeries) {
  const Reading r(deck("r1 a b 1k\nr2 b 0 1k\ng1 0 c value={i(r1)*2}\nr3 c 0 1\n"));
  ASSERT_TRUE(r.netlist) << r.all();
  const DeviceId sensor = find_device(r.circuit(), "r1#sensor").value();
  std::vector<double> x(r.circuit().unknowns(), 0.0);
  x[r.circuit().branch_current(sensor)] = 3.0;
  EXPECT_DOUBLE_EQ(
      r.circuit().pin_current(find_device(r.circuit(), "g1").value(), 0, x, Env{}), 6.0);
}

TEST(Elements, SwitchesDiodesAndTransistorsNeedTheirModels) {
  const Reading r(deck(
      "s1 a b c 0 sm on\nw1 a b v9 wm off\nd1 b 0 dm 2 ic=0.1\nm1 b c 0 0 nm w=2u l=1u\n"
      "r1 c 0 1\n.model sm sw(vt=1 ron=10 roff=1meg)\n.model wm csw it=1m\n"
      ".model dm d is=1e-15\n.model nm nmos (level=1 vto=0.5)\n"));
  ASSERT_TRUE(r.netlist) << r.all();
  EXPECT_DOUBLE_EQ(r.value("s1", "on"), 1.0);
  EXPECT_DOUBLE_EQ(r.value("w1", "off"), 1.0);
  EXPECT_DOUBLE_EQ(r.value("d1", "area"), 2.0);
  EXPECT_DOUBLE_EQ(r.value("m1", "w"), 2e-6);
}

TEST(Elements, LevelChoosesTheTransistorThatIsAlsoADeviceOfItsOwn) {
  const Reading r(
      deck("m1 a g 0 0 nm w=2u l=1u\nn1 a g 0 0 ekv w=2u l=1u\nr1 g 0 1\n"
           ".model nm nmos level=44 vto=0.3\n.model ekv ekv_nmos vto=0.3\n"));
  ASSERT_TRUE(r.netlist) << r.all();
  const double i = current(r, "m1", {{"a", 0.5}, {"g", 0.6}});
  EXPECT_GT(i, 1e-6);
  EXPECT_DOUBLE_EQ(current(r, "n1", {{"a", 0.5}, {"g", 0.6}}), i);
}

TEST(Elements, NativeDevicesHaveAsManyNodesAsTheirModelSays) {
  const Reading r(
      deck("n1 a 0 cell g=2u\nn2 a 0 b 0 amp\nr1 b 0 1\n.model cell ohmic_cell\n"
           ".model amp opamp gain=1e5\n"));
  ASSERT_TRUE(r.netlist) << r.all();
  EXPECT_DOUBLE_EQ(current(r, "n1", {{"a", 3.0}}), 6e-6);
}

TEST(Elements, SourcesTakeTheirPartsInAnyOrder) {
  const Reading r(
      deck("v1 b 0 sin(0 1 1k) dc 2 ac 1 0\nv2 c 0 3 pulse 0 1 1n\ni1 b c 1m m=2\n"
           "v3 d 0 dc=4 pwl 0 0 1n 1 r=0\n.tran 1n 10n\n"));
  ASSERT_TRUE(r.netlist) << r.all();
  EXPECT_DOUBLE_EQ(r.value("v1", "dc"), 2.0);
  EXPECT_DOUBLE_EQ(r.value("v2", "dc"), 3.0);
  EXPECT_DOUBLE_EQ(r.value("v3", "dc"), 4.0);
  EXPECT_EQ(r.first(), "4:25 W0101");
}

/// v(t) of a source through its equations: the row of its branch is v(p) - v(m) - V(t).
double voltage(const Reading& r, std::string_view source, double t) {
  std::vector<double> x(r.circuit().unknowns(), 0.0);
  Env env;
  env.time = t;
  env.transient = true;
  return -r.circuit().pin_current(find_device(r.circuit(), source).value(), 2, x, env);
}

TEST(Elements, APulseTakesMissingTimesFromTheTransient) {
  const Reading r(
      deck("v1 b 0 pulse(0 1 2n)\nv2 c 0 pulse(0 1 2n 0 0 3n 8n)\n.tran 1n 10n\n"));
  ASSERT_TRUE(r.netlist) << r.all();
  EXPECT_DOUBLE_EQ(voltage(r, "v1", 2.5e-9), 0.5);
  EXPECT_DOUBLE_EQ(voltage(r, "v1", 9e-9), 1.0);
  EXPECT_DOUBLE_EQ(voltage(r, "v2", 2.1e-9), 1.0);
  EXPECT_DOUBLE_EQ(voltage(r, "v2", 5.1e-9), 0.0);
  EXPECT_DOUBLE_EQ(voltage(r, "v2", 10.1e-9), 1.0);
}

TEST(Elements, WaveformsMayContainExpressions) {
  const Reading r(
      ".\n.param ts=1n\nv1 a 0 pwl(0*ts 0, 1*ts {2+1})\nr1 a 0 1\n.tran ts 10*ts\n");
  ASSERT_TRUE(r.netlist) << r.all();
  EXPECT_DOUBLE_EQ(voltage(r, "v1", 0.5e-9), 1.5);
}

}  // namespace
}  // namespace arrayspice
