// SPDX-License-Identifier: Apache-2.0
// What a deck becomes as a circuit: names, scopes, models, values.
#include <gmock/gmock.h>

#include "reading.hpp"

namespace arrayspice {
namespace {

using ::testing::DoubleEq;
using testing::Reading;

TEST(Elaborate, DevicesAndNodesOfAFlatDeckKeepTheirLowerCaseNames) {
  const Reading r("title\nV1 A 0 DC 2\nR1 a B 10kohm\nr2 b GND 1MEG\n.end\n");
  ASSERT_TRUE(r.netlist) << r.all();
  EXPECT_EQ(r.netlist->elements, 3u);
  EXPECT_EQ(r.netlist->title, "title");
  EXPECT_DOUBLE_EQ(r.value("v1", "dc"), 2.0);
  EXPECT_DOUBLE_EQ(r.value("r1", "resistance"), 10e3);
  EXPECT_DOUBLE_EQ(r.value("r2", "resistance"), 1e6);
  EXPECT_EQ(r.circuit().device_pins(2)[1], kGround);
  EXPECT_TRUE(find_node(r.circuit(), "b"));
}

TEST(Elaborate, ParametersMayBeDefinedInAnyOrderAndWithBareExpressions) {
  const Reading r(
      "t\n.param c = 2*b+1 d='c*2'\nr1 a 0 {d}\nr2 a 0 d\nv1 a 0 b\n.param b=3\n");
  ASSERT_TRUE(r.netlist) << r.all();
  EXPECT_DOUBLE_EQ(r.value("r1", "resistance"), 14.0);
  EXPECT_DOUBLE_EQ(r.value("r2", "resistance"), 14.0);
  EXPECT_DOUBLE_EQ(r.value("v1", "dc"), 3.0);
}

TEST(Elaborate, TheCommandLineOverridesParameters) {
  ReadOptions options;
  options.parameters = {{"Vdd", 5.0}};
  const Reading r("t\n.param vdd=1\nv1 a 0 {vdd}\nr1 a 0 1\n", options);
  ASSERT_TRUE(r.netlist) << r.all();
  EXPECT_DOUBLE_EQ(r.value("v1", "dc"), 5.0);
}

TEST(Elaborate, NestedSubcircuitsPrefixNodesAndDevicesAsNgspiceDoes) {
  const Reading r(
      "t\nv1 in 0 1\nx1 in outer w=2\n"
      ".subckt outer p params: w=1 l={w*10}\nx2 p mid inner r={l}\nr1 mid 0 {l}\n"
      ".subckt inner a b r=1\nr1 a n {r}\nr2 n b {r*w}\n.ends inner\n.ends\n");
  ASSERT_TRUE(r.netlist) << r.all();
  EXPECT_DOUBLE_EQ(r.value("r.x1.r1", "resistance"), 20.0);
  EXPECT_DOUBLE_EQ(r.value("r.x1.x2.r1", "resistance"), 20.0);
  EXPECT_DOUBLE_EQ(r.value("x1.x2.r2", "resistance"), 40.0);
  EXPECT_TRUE(find_node(r.circuit(), "x1.x2.n"));
  EXPECT_TRUE(find_node(r.circuit(), "x1.mid"));
  const DeviceId id = find_device(r.circuit(), "x1.x2.r1").value();
  EXPECT_EQ(r.circuit().device_pins(id)[0], find_node(r.circuit(), "in").value());
}

TEST(Elaborate, GlobalNodesGoThroughAllLevels) {
  const Reading r(
      "t\n.global vdd\nv1 vdd 0 1\nx1 a s\n.subckt s p\nr1 vdd p 1\nr2 p 0 1\n.ends\n");
  ASSERT_TRUE(r.netlist) << r.all();
  EXPECT_FALSE(find_node(r.circuit(), "x1.vdd"));
  EXPECT_EQ(r.circuit().device_pins(find_device(r.circuit(), "x1.r1").value())[0],
            find_node(r.circuit(), "vdd").value());
}

TEST(Elaborate, InstancesWithEqualLocalModelsShareOneBlock) {
  const Reading r(
      "t\nv1 a 0 1\nx1 a s n=1\nx2 a s n=1\nx3 a s n=2\n"
      ".subckt s p n=1\n.model dm d(is=1e-14 n={n})\nd1 p 0 dm\n.ends\n");
  ASSERT_TRUE(r.netlist) << r.all();
  EXPECT_EQ(r.netlist->elements, 4u);
  EXPECT_EQ(r.circuit().blocks(), 3u);
}

TEST(Elaborate, AZeroResistanceIsAVoltageSourceOfZeroVolts) {
  const Reading r("t\nv1 a 0 1\nr1 a b 0\nr2 b 0 1k\n");
  ASSERT_TRUE(r.netlist) << r.all();
  const DeviceId id = find_device(r.circuit(), "r1").value();
  EXPECT_EQ(r.circuit().device_type(id).name, "voltage source");
  EXPECT_NE(r.circuit().branch_current(id), kNoUnknown);
}

TEST(Elaborate, ControlledDevicesMayReferToWhatComesLater) {
  const Reading r(
      "t\nf1 0 a vs 2\nh1 b 0 vs 3\nr1 a 0 1\nr2 b 0 1\nk1 l1 l2 0.5\nvs c 0 1\n"
      "l1 c 0 1u\nl2 d 0 4u\nr3 d 0 1\n");
  ASSERT_TRUE(r.netlist) << r.all();
  EXPECT_DOUBLE_EQ(r.value("f1", "gain"), 2.0);
  EXPECT_DOUBLE_EQ(r.value("k1", "l2"), 4e-6);
}

TEST(Elaborate, TheMultiplierOfAnInstanceReachesItsDevices) {
  const Reading r(
      "t\nv1 a 0 1\nx1 a s m=3\n.subckt s p\nr1 p 0 1k m=2\nc1 p 0 1p\n.ends\n");
  ASSERT_TRUE(r.netlist) << r.all();
  EXPECT_DOUBLE_EQ(r.value("x1.r1", "m"), 6.0);
  EXPECT_DOUBLE_EQ(r.value("x1.c1", "m"), 3.0);
}

TEST(Elaborate, OneBranchOfAConditionHolds) {
  const char* deck =
      "t\nv1 a 0 1\n.param k=1\n.if (k==0)\nr1 a 0 1\n.elseif (k==1)\nr1 a 0 2\n.else\n"
      "r1 a 0 3\n.endif\n";
  EXPECT_DOUBLE_EQ(Reading(deck).value("r1", "resistance"), 2.0);
  ReadOptions options;
  options.parameters = {{"k", 7.0}};
  EXPECT_DOUBLE_EQ(Reading(deck, options).value("r1", "resistance"), 3.0);
}

TEST(Elaborate, AnalysesAndOptionsAreRead) {
  const Reading r(
      "t\n.param ts=1n\nv1 a 0 1\nr1 a 0 1\n.tran 0.1n 10*ts uic\n.dc v1 0 1 0.1 temp 0 "
      "50 25\n"
      ".options reltol=1e-6 method=gear temp=50 klu\n.ic v(a)=0.5\n.print tran V(a)  "
      "i(v1)\n");
  ASSERT_TRUE(r.netlist) << r.all();
  ASSERT_EQ(r.netlist->analyses.size(), 2u);
  const auto& tran = std::get<TranCommand>(r.netlist->analyses[0].what);
  EXPECT_DOUBLE_EQ(tran.stop, 10e-9);
  EXPECT_TRUE(tran.use_initial_conditions);
  EXPECT_EQ(std::get<DcCommand>(r.netlist->analyses[1].what).sweeps.size(), 2u);
  EXPECT_EQ(r.netlist->options.tolerances.reltol, 1e-6);
  EXPECT_EQ(r.netlist->options.method, Method::Gear2);
  EXPECT_EQ(r.netlist->options.temperature, 50.0);
  EXPECT_EQ(r.netlist->initial_conditions.at(0).second, 0.5);
  EXPECT_EQ(r.netlist->prints.at(0).text, ".print tran V(a) i(v1)");
}

}  // namespace
}  // namespace arrayspice
