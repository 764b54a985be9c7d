// SPDX-License-Identifier: Apache-2.0
// What `simulate` shows, and what `.control` blocks may do.
#include <gmock/gmock.h>

#include <cmath>

#include "program.hpp"

namespace arrayspice {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string lines_of(const ProgramResult& result) { return result.out; }

TEST(Simulate, OperatingPointListsVoltagesAndSourceCurrents) {
  const auto result = simulate("d\nv1 a 0 3\nr1 a b 1k\nr2 b 0 2k\n.op\n.end\n");
  EXPECT_EQ(lines_of(result),
            "v(a) = 3.00000000000000e+00\nv(b) = 2.00000000000000e+00\n"
            "i(v1) = -1.00000000000000e-03\n");
}

TEST(Simulate, PrintShowsExpressionsCurrentsAndParameters) {
  const auto result = simulate(
      "d\nv1 a 0 3\nr1 a b 1k\nr2 b 0 2k\n.op\n"
      ".print op v(a,b) i(r1) @r2[resistance] @r1[i] @r2[p] 2*v(b)+1 "
      "{v(a)/v(b)}\n.end\n");
  ASSERT_EQ(result.code, 0) << result.err;
  const auto values = result.values();
  EXPECT_DOUBLE_EQ(values.at("v(a,b)"), 1.0);
  EXPECT_NEAR(values.at("i(r1)"), 1e-3, 1e-15);
  EXPECT_NEAR(values.at("@r1[i]"), 1e-3, 1e-15);
  EXPECT_EQ(values.at("@r2[resistance]"), 2e3);
  EXPECT_NEAR(values.at("@r2[p]"), 2e-3, 1e-15);
  EXPECT_NEAR(values.at("2*v(b)+1"), 5.0, 1e-14);
  EXPECT_NEAR(values.at("v(a)/v(b)"), 1.5, 1e-14);
}

TEST(Simulate, TransistorCurrentsHaveTheirTerminals) {
  const auto result = simulate(
      "m\nvd d 0 1\nvg g 0 2\nm1 d g 0 0 nm w=10u l=1u\n.model nm nmos level=1 vto=1 "
      "kp=100u\n"
      ".op\n.print op @m1[id] @m1[is] i(vd)\n.end\n");
  ASSERT_EQ(result.code, 0) << result.err;
  const auto values = result.values();
  EXPECT_NEAR(values.at("@m1[id]"), 0.5e-3, 1e-10);  // kp/2 w/l (vgs - vto)^2
  EXPECT_NEAR(values.at("@m1[is]"), -0.5e-3, 1e-10);
}

TEST(Simulate, TransientTableIsOnThePrintingGrid) {
  const auto result = simulate(
      "d\nv1 a 0 pwl(0 0 1 1)\nr1 a 0 1k\n.tran 0.25 1\n.print tran v(a)\n.end\n");
  ASSERT_EQ(result.code, 0) << result.err;
  for (const char* text :
       {"index", "time", "v(a)", "2.50000000000000e-01   2.50000000000000e-01",
        "1.00000000000000e+00   1.00000000000000e+00"})
    EXPECT_THAT(result.out, HasSubstr(text));
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 6);
}

// A drifting memristor at 1 V: r^2 falls linearly, r^2 = r0^2 - 2 (roff - ron) mu ron/d^2
// t. It rests at the point before the transient and moves from there.
TEST(Simulate, StatesRestAtFirstAndMoveInATransient) {
  const auto result = simulate(
      "d\nv1 a 0 sin(1 0 1)\nn1 a 0 drift x=0.1\n.model drift ion_drift window=0\n"
      ".tran 0.1m 50m\n.measure tran first find i(v1) at=0\n"
      ".measure tran last find i(v1) at=50m\n.end\n");
  ASSERT_EQ(result.code, 0) << result.err;
  const auto values = result.values();
  const double r0 = 16e3 - 15.9e3 * 0.1;
  EXPECT_NEAR(values.at("first"), -1 / r0, 1e-9 / r0);
  EXPECT_NEAR(values.at("last"), -1 / std::sqrt(r0 * r0 - 2 * 15.9e3 * 1e4 * 0.05), 1e-9);
}

// i = C dv/dt = 1 nF x 1 V/us
TEST(Simulate, CapacitorCurrentIsItsChargingCurrent) {
  const auto result = simulate(
      "c\nv1 a 0 pwl(0 0 1u 1)\nc1 a 0 1n\n.tran 10n 1u\n"
      ".meas tran i find i(c1) at=0.5u\n.meas tran j find @c1[i] at=0.5u\n.end\n");
  EXPECT_NEAR(result.values().at("i"), 1e-3, 1e-9);
  EXPECT_NEAR(result.values().at("j"), 1e-3, 1e-9);
}

TEST(Simulate, NestedSweepsRunTheInnerOneForEachOuterValue) {
  const auto result = simulate(
      "n\nv1 a 0 0\nr1 a 0 1k\n.dc v1 0 1 1 r1 1k 2k 1k\n.print dc i(v1)\n.end\n");
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("-1.00000000000000e-03"));
  EXPECT_THAT(result.out, HasSubstr("-5.00000000000000e-04"));
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 5);
}

TEST(Simulate, TemperatureSweepsMoveResistors) {
  const auto result = simulate(
      "n\ni1 0 a 1\nr1 a 0 1 tc1=0.01\n.dc temp 27 127 100\n.print dc v(a)\n.end\n");
  EXPECT_THAT(result.out, HasSubstr("2.00000000000000e+00")) << result.err;
}

TEST(Simulate, DeckThatAsksForNothingIsAnError) {
  const auto result = simulate("n\nv1 a 0 1\nr1 a 0 1k\n.end\n");
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr(".op"));
}

TEST(Simulate, NoConvergenceNamesNodesDevicesAndARemedy) {
  const auto result = simulate("n\nb1 a 0 i=exp(v(a))\ni1 a 0 1\n.op\n.end\n");
  EXPECT_EQ(result.code, 1);
  for (const char* text : {"operating point", "a", "b1", "remedy"})
    EXPECT_THAT(result.err, HasSubstr(text));
  EXPECT_EQ(result.out, "");
}

TEST(Control, RunsItsAnalysesAndLeavesTheDotOnesAlone) {
  const auto result = simulate(
      "c\nv1 a 0 1\nr1 a b 1k\nr2 b 0 1k\n.dc v1 0 1 1\n.print dc v(b)\n.control\nop\n"
      "let x = v(b)*2\nprint x v(b)\n.endc\n.end\n");
  EXPECT_NEAR(result.values().at("x"), 1.0, 1e-14);
  EXPECT_NEAR(result.values().at("v(b)"), 0.5, 1e-14);
  EXPECT_THAT(result.out, Not(HasSubstr("v-sweep")));
  EXPECT_THAT(result.err, HasSubstr("deck.cir:5:1: warning: this analysis is not run"));
  EXPECT_THAT(result.err, HasSubstr("deck.cir:6:1: warning: .print has no effect"));
}

TEST(Control, RunExecutesTheDotAnalyses) {
  const auto result = simulate(
      "c\nv1 a 0 1\nr1 a 0 1k\n.op\n.print op i(v1)\n.control\nrun\nprint "
      "v(a)\n.endc\n.end\n");
  EXPECT_NEAR(result.values().at("i(v1)"), -1e-3, 1e-15);
  EXPECT_NEAR(result.values().at("v(a)"), 1.0, 1e-15);
}

TEST(Control, VectorsReduceToScalars) {
  const auto result = simulate(
      "c\nv1 a 0 0\nr1 a 0 1k\n.control\ndc v1 0 4 1\nlet n = length(v(a))\n"
      "print n mean(v(a)) vecmax(v(a)*2)-vecmin(v(a))\n.endc\n.end\n");
  const auto values = result.values();
  EXPECT_EQ(values.at("n"), 5.0);
  EXPECT_NEAR(values.at("mean(v(a))"), 2.0, 1e-14);
  EXPECT_NEAR(values.at("vecmax(v(a)*2)-vecmin(v(a))"), 8.0, 1e-14);
}

TEST(Control, DigitsAndEcho) {
  const auto result = simulate(
      "c\nv1 a 0 1\nr1 a 0 1k\n.control\nop\nset numdgt=4\necho Hello World\n"
      "print v(a)\nquit\nprint i(v1)\n.endc\n.end\n");
  EXPECT_EQ(result.out, "Hello World\nv(a) = 1.0000e+00\n");
}

TEST(Control, NothingElseIsAllowedAndNothingRuns) {
  const ScratchFolder scratch;
  const std::string trap = (scratch / "trap").string();
  for (const std::string& line :
       {"shell touch " + trap, "write " + trap, "wrdata " + trap + " v(a)",
        std::string("plot v(a)"), "source " + trap, std::string("alter r1 5"),
        std::string("system ls")}) {
    const auto result =
        simulate("c\nv1 a 0 1\nr1 a 0 1k\n.control\nop\n" + line + "\n.endc\n.end\n");
    EXPECT_EQ(result.code, 2) << line;
    EXPECT_THAT(result.err, HasSubstr("deck.cir:6:")) << line;
    EXPECT_EQ(result.out, "") << line;
  }
  EXPECT_EQ(scratch.files(), 0u);
}

// ngspice-39 gives the same: every analysis begins with open switches.
TEST(Control, SwitchesDoNotRememberTheAnalysisBefore) {
  const auto result = simulate(
      "c\nv1 a 0 0\nvd d 0 1\nrs d o 1k\ns1 o 0 a 0 sm\n"
      ".model sm sw vt=0.5 vh=0.2 ron=1 roff=1meg\n.control\ndc v1 0.6 1 0.2\n"
      "let up = vecmin(v(o))\ndc v1 0.6 0.4 -0.1\nlet down = vecmin(v(o))\n"
      "print up down\n.endc\n.end\n");
  const auto values = result.values();
  EXPECT_NEAR(values.at("up"), 1.0 / 1001.0, 1e-12);      // closed above 0.7 V
  EXPECT_NEAR(values.at("down"), 1000.0 / 1001.0, 1e-9);  // never above: open
}

TEST(Control, WhatHasNoEffectIsSaid) {
  const auto run = [](const std::string& line) {
    return simulate("c\nv1 a 0 1\nr1 a 0 1k\n.control\nop\n" + line +
                    "\nprint v(a)\n.endc\n.end\n");
  };
  for (const char* line : {"set color1=red", "unset color1", "quit 3"}) {
    const auto result = run(line);
    EXPECT_EQ(result.code, 0) << line;
    EXPECT_THAT(result.err, HasSubstr("deck.cir:6:1: warning: ")) << line;
  }
  for (const char* line : {"echo v is $&v", "run file.raw", "let a[0]=1"})
    EXPECT_EQ(run(line).code, 2) << line;
  EXPECT_EQ(run("set numdgt=3\nunset numdgt").out, "v(a) = 1.00000000000000e+00\n");
}

TEST(Simulate, PrintAllvAndAlliShowOneKindEach) {
  const std::string deck = "d\nv1 a 0 3\nr1 a 0 1k\n.op\n.print op ";
  EXPECT_EQ(simulate(deck + "allv\n.end\n").out, "v(a) = 3.00000000000000e+00\n");
  EXPECT_EQ(simulate(deck + "alli\n.end\n").out, "i(v1) = -3.00000000000000e-03\n");
}

TEST(Simulate, AVoltageThatRanAwayIsNoOperatingPoint) {
  // Newton's method leaves the peak at 1 V for where products overflow and derivatives
  // mean nothing; the only solution is near 20 V.
  const auto result = simulate(
      "d\ni1 0 a 1m\nb1 a 0 I=1m*(1.8*v(a)/(1+v(a)*v(a))"
      "+1.2*(0.5+atan(50*(v(a)-20))/3.14159265))\n.op\n.end\n");
  if (result.code == 0) {
    EXPECT_NEAR(result.values().at("v(a)"), 20.0, 0.1);
  } else {
    EXPECT_EQ(result.code, 1);
  }
}

TEST(Control, PrintBeforeAnAnalysisIsAnError) {
  EXPECT_EQ(
      simulate("c\nv1 a 0 1\nr1 a 0 1k\n.control\nprint v(a)\nop\n.endc\n.end\n").code,
      2);
}

}  // namespace
}  // namespace arrayspice
