// SPDX-License-Identifier: Apache-2.0
// `.measure` on a ramp 0..1 V in 1 s: every result is known by heart.
#include <gmock/gmock.h>

#include "program.hpp"

namespace arrayspice {
namespace {

using ::testing::HasSubstr;

ProgramResult measure(const std::string& lines) {
  return simulate(
      "ramp and triangle\nv1 a 0 pwl(0 0 1 1)\nv2 b 0 pwl(0 0 0.25 1 0.75 -1 1 0)\n"
      "r1 a 0 1\nr2 b 0 1\n.tran 10m 1\n" +
      lines + "\n.end\n");
}

struct Case {
  std::string line;
  double expected;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.line; }
class MeasureOnARamp : public ::testing::TestWithParam<Case> {};

TEST_P(MeasureOnARamp, IsExact) {
  const auto result = measure(".measure tran m " + GetParam().line);
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_NEAR(result.values().at("m"), GetParam().expected, 1e-9);
}

const Case kCases[] = {
    {"find v(a) at=0.3", 0.3},
    {"find v(a) when v(b)=0.5", 0.125},
    {"find v(a) when v(b)=0.5 fall=1", 0.375},
    {"when v(a)=0.4", 0.4},
    {"when v(b)=v(a)", 0.4},
    {"when v(b)=0 cross=last", 1.0},
    {"when v(b)=-0.5 rise=last", 0.875},
    {"count v(b)=0.5", 2.0},
    {"count v(b)=0.5 rise=1", 1.0},
    {"count v(b)=0.5 cross=2", 1.0},
    {"count v(b)=-0.5 td=0.7", 1.0},
    {"count v(b)=2", 0.0},
    {"trig v(a) val=0.2 rise=1 targ v(a) val=0.7 rise=1", 0.5},
    {"trig at=0.1 targ v(b) val=0 fall=1", 0.4},
    {"trig v(b) val=0.5 td=0.2 cross=1 targ v(b) val=-0.5 cross=1", 0.25},
    {"avg v(a)", 0.5},
    {"avg v(a) from=0.2 to=0.4", 0.3},
    {"rms v(a)", 0.57735026919},
    {"min v(b)", -1.0},
    {"max v(b) from=0.5 to=1", 0.0},
    {"pp v(b)", 2.0},
    {"integ v(a) from=0 to=0.5", 0.125},
    {"max_at v(b)", 0.25},
    {"min_at v(b)", 0.75},
    {"deriv v(b) at=0.1", 4.0},
    {"max par('v(a)*v(a)+1')", 2.0},
    {"find 'v(a)-v(b)' at={0.5*0.5}", -0.75},
    {"avg i(v1)", -0.5},
    {"find v(a,b) at=0.25", -0.75},
};
INSTANTIATE_TEST_SUITE_P(All, MeasureOnARamp, ::testing::ValuesIn(kCases));

TEST(Measure, ParameterCombinesEarlierResults) {
  const auto values = measure(
                          ".meas tran t1 when v(a)=0.2\n.meas tran t2 when v(a)=0.7\n"
                          ".meas tran d param='(t2-t1)*2'")
                          .values();
  EXPECT_NEAR(values.at("d"), 1.0, 1e-9);
}

TEST(Measure, WhatDoesNotHappenIsFailedNotInvented) {
  const auto result = measure(".measure tran m when v(a)=2");
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.out, HasSubstr("m = failed"));
  EXPECT_THAT(result.err, HasSubstr("'m' failed: the crossing does not occur"));
}

TEST(Measure, IsReadBeforeAnythingRuns) {
  for (const char* line :
       {".measure tran m fnd v(a) at=1", ".measure tran m find v(zz) at=1",
        ".measure tran m find v(a)",
        ".measure tran m trig v(a) val=1 rise=0 targ v(a) val=2",
        ".measure ac m max v(a)", ".measure tran m find v(a) at=1 blah=3",
        ".measure tran m avg v(a) rise=1", ".measure tran m max v(a) td=1",
        ".measure tran m rms v(a) at=1", ".measure tran m find v(a) at=1 from=0",
        ".measure tran m when v(a)=1 val=2",
        ".measure tran m trig at=0 rise=1 targ v(a) val=2"}) {
    const auto result = measure(line);
    EXPECT_EQ(result.code, 2) << line;
    EXPECT_THAT(result.err, HasSubstr("deck.cir:7:")) << line;
    EXPECT_EQ(result.out, "") << line;
  }
}

TEST(Measure, FollowsAnalysesOfAControlBlockToo) {
  const auto result = simulate(
      "t\nv1 a 0 pwl(0 0 1 1)\nr1 a 0 1\n.measure tran m max v(a)\n"
      ".measure dc never max v(a)\n.control\nop\ntran 0.1 0.5\n.endc\n.end\n");
  EXPECT_EQ(result.code, 0);
  EXPECT_NEAR(result.values().at("m"), 0.5, 1e-12);
  EXPECT_THAT(result.err, HasSubstr("deck.cir:5:1: warning: .measure has no effect: no "
                                    "dc analysis"));
}

TEST(Measure, WorksOnSweeps) {
  const auto values = simulate(
                          "t\nv1 a 0 0\nr1 a b 1k\nr2 b 0 1k\n.dc v1 0 2 0.3\n"
                          ".meas dc m find v(b) at=1\n.meas dc w when v(b)=0.4\n.end\n")
                          .values();
  EXPECT_NEAR(values.at("m"), 0.5, 1e-12);
  EXPECT_NEAR(values.at("w"), 0.8, 1e-12);
}

}  // namespace
}  // namespace arrayspice
