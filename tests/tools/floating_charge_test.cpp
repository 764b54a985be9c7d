// SPDX-License-Identifier: Apache-2.0
// Operating points of nodes that only capacitors reach: the charge that the initial
// conditions give them is conserved, and divides.
#include <gmock/gmock.h>

#include "program.hpp"

namespace arrayspice {
namespace {

using ::testing::HasSubstr;

double voltage(const std::string& deck, const std::string& node) {
  const auto result = simulate("floating charge\n" + deck + ".end\n");
  EXPECT_EQ(result.code, 0) << result.err;
  return result.values()["v(" + node + ")"];
}

const std::string kDivider = "v1 a 0 1\nc1 a b 1p\nc2 b 0 3p\n";

TEST(FloatingCharge, DividesAnUnchargedNode) {
  EXPECT_NEAR(voltage(kDivider + ".ic v(b)=0\n.op\n.print op v(b)\n", "b"), 0.25, 1e-12);
}

/// At the initial condition b is at 0.3 V and the source at 0.
TEST(FloatingCharge, KeepsWhatTheInitialConditionGives) {
  EXPECT_NEAR(voltage(kDivider + ".ic v(b)=0.3\n.op\n.print op v(b)\n", "b"), 0.55,
              1e-12);
}

TEST(FloatingCharge, MayBeGivenByACapacitor) {
  const std::string deck = "v1 a 0 1\nc1 a b 1p\nc2 b 0 3p ic=0.1\n";
  EXPECT_NEAR(voltage(deck + ".op\n.print op v(b)\n", "b"), 0.25 + 0.1 * 0.75, 1e-12);
}

/// Nodes that a resistor joins have one charge: 2p (v - 1) + (1p + 1p) v = -2p 1 + q0.
TEST(FloatingCharge, IsSharedByNodesThatAResistorJoins) {
  const std::string deck =
      "v1 a 0 1\nc1 a b 2p\nc2 b 0 1p\nr1 b c 1meg\nc3 c 0 1p\n.ic v(b)=0.2\n.op\n"
      ".print op v(b) v(c)\n";
  const double q0 = 3e-12 * 0.2;
  EXPECT_NEAR(voltage(deck, "b"), (2e-12 + q0) / 4e-12, 1e-12);
  EXPECT_NEAR(voltage(deck, "c"), (2e-12 + q0) / 4e-12, 1e-12);
}

TEST(FloatingCharge, FollowsASweep) {
  const auto result = simulate("sweep\n" + kDivider +
                               ".ic v(b)=0.1\n.dc v1 0 2 1\n.measure dc low find v(b) "
                               "at=0\n.measure dc high find v(b) at=2\n.end\n");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_NEAR(result.values()["low"], 0.1, 1e-12);
  EXPECT_NEAR(result.values()["high"], 0.6, 1e-12);
}

/// A C-2C ladder of three bits: V (4 b_2 + 2 b_1 + b_0)/8.
TEST(FloatingCharge, DividesAlongALadder) {
  for (int code = 0; code < 8; ++code) {
    std::string deck = "vdd a 0 0.8\nct n0 0 1f\n.ic v(n0)=0 v(n1)=0 v(n2)=0\n";
    for (int k = 0; k < 3; ++k) {
      const std::string n = std::to_string(k);
      deck += "cb" + n + ((code >> k) & 1 ? " a n" : " 0 n") + n + " 1f\n";
      if (k < 2) deck += "cs" + n + " n" + n + " n" + std::to_string(k + 1) + " 2f\n";
    }
    EXPECT_NEAR(voltage(deck + ".op\n.print op v(n2)\n", "n2"), 0.8 * code / 8.0, 1e-12);
  }
}

/// Gates that hang on a capacitor: a transistor follows the divided voltage.
TEST(FloatingCharge, DrivesANonlinearCircuit) {
  const std::string deck =
      "vdd d 0 2\nv1 a 0 2\nc1 a g 1f\nc2 g 0 1f\nm1 d g 0 0 n w=1u l=1u\n"
      ".model n nmos(level=1 vto=0.4 kp=1e-4)\n.ic v(g)=0\n.op\n.print op v(g) i(vdd)\n";
  const auto result = simulate("gate\n" + deck + ".end\n");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_NEAR(result.values()["v(g)"], 1.0, 1e-12);
  EXPECT_NEAR(result.values()["i(vdd)"], -0.5e-4 * 0.36, 1e-9);
}

/// What stands before a transient without `uic` keeps the charges that `ic=` gives.
TEST(FloatingCharge, StartsATransient) {
  const std::string deck =
      "v1 a 0 pwl(0 1 1n 1 2n 2)\nc1 a b 1p\nc2 b 0 3p ic=0\n.tran 0.1n 5n\n"
      ".measure tran before find v(b) at=0.5n\n.measure tran after find v(b) at=4n\n";
  const auto result = simulate("start\n" + deck + ".end\n");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_NEAR(result.values()["before"], 0.25, 1e-12);
  EXPECT_NEAR(result.values()["after"], 0.5, 1e-9);
}

TEST(FloatingCharge, IsNamedInANote) {
  const auto result = simulate("note\n" + kDivider + ".ic v(b)=0\n.op\n.end\n");
  EXPECT_THAT(result.err, HasSubstr("note: node b keeps the charge"));
}

TEST(FloatingCharge, MustBeGiven) {
  const auto result = simulate("error\n" + kDivider + ".op\n.end\n");
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("node b has no DC path to ground"));
}

}  // namespace
}  // namespace arrayspice
