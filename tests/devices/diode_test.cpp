// SPDX-License-Identifier: Apache-2.0
// i = is (exp(v/(n vt)) - 1) with its breakdown, charge, temperature and limiting.
#include <gtest/gtest.h>

#include <cmath>

#include "devices/constants.hpp"
#include "devices/junction.hpp"
#include "tests/devices/test_circuit.hpp"

namespace arrayspice::testing {
namespace {

constexpr double kVt = 0.025864925786328753;  // kT/q at 27 degC, CODATA 2019

SingleDevice diode(const Settings& model, const Settings& instance = {},
                   double temperature = 300.15) {
  return SingleDevice('d', "d", model, instance, temperature);
}

TEST(Diode, FollowsShockleysLaw) {
  SingleDevice d = diode({{"is", 2e-14}, {"n", 1.5}}, {{"area", 3.0}, {"m", 2.0}});
  d.set_pins({0.7, 0.1});
  EXPECT_NEAR(d.f(0), 6 * 2e-14 * std::expm1(0.6 / (1.5 * kVt)), 1e-14 * d.f(0));
  d.set_pins({-0.05, 0.0});
  EXPECT_NEAR(d.f(0), 6 * 2e-14 * std::expm1(-0.05 / (1.5 * kVt)), 1e-26);
}

TEST(Diode, ReverseCurrentSaturatesWithoutAStep) {
  SingleDevice d = diode({{"is", 1e-14}});
  d.set_pins({-3.0 * kVt * (1 + 1e-12), 0.0});
  const double below = d.f(0);
  d.set_pins({-3.0 * kVt * (1 - 1e-12), 0.0});
  EXPECT_NEAR(d.f(0), below, 1e-24);
  d.set_pins({-5.0, 0.0});
  EXPECT_NEAR(d.f(0), -1e-14, 1e-20);
}

TEST(Diode, CarriesIbvAtBreakdown) {
  for (const double ibv : {1e-3, 1e-6}) {
    SingleDevice d = diode({{"bv", 5.0}, {"ibv", ibv}, {"nbv", 1.2}});
    d.set_pins({-5.0, 0.0});
    EXPECT_NEAR(d.f(0), -ibv, 1e-6 * ibv);
    d.set_pins({-5.0 - 1.2 * kVt, 0.0});
    EXPECT_NEAR(d.f(0), -ibv * std::exp(1.0), 1e-6 * ibv);
  }
}

TEST(Diode, KneeCurrentBendsTheCharacteristic) {
  // i = i0/(1 + sqrt(i0/ikf)): far above the knee it follows sqrt(i0 ikf).
  SingleDevice d = diode({{"ikf", 1e-6}});
  d.set_pins({0.8, 0.0});
  const double i0 = 1e-14 * std::expm1(0.8 / kVt);
  EXPECT_NEAR(d.f(0), i0 / (1 + std::sqrt(i0 / 1e-6)), 1e-12 * d.f(0));
}

TEST(Diode, DepletionChargeIntegratesItsCapacitance) {
  SingleDevice d = diode({{"cjo", 1e-12}, {"vj", 0.8}, {"m", 0.4}, {"tt", 1e-9}});
  for (const double v : {-5.0, -0.5, 0.0, 0.3, 0.39, 0.41, 0.6}) {
    const double h = 1e-5;
    d.set_pins({v + h, 0.0});
    const double up = d.q(0);
    d.set_pins({v - h, 0.0});
    const double c = (up - d.q(0)) / (2 * h);
    const double knee = 0.5 * 0.8, at_knee = 1e-12 * std::pow(0.5, -0.4);
    const double depletion = v < knee ? 1e-12 * std::pow(1 - v / 0.8, -0.4)
                                      : at_knee * (1 + 0.4 * (v - knee) / (0.8 * 0.5));
    const double diffusion = 1e-9 * 1e-14 / kVt * std::exp(v / kVt);
    // SPICE's reverse branch replaces the exponential below -3 vt.
    EXPECT_NEAR(c, depletion + (v < 0 ? 0.0 : diffusion), 1e-6 * c + 1e-21) << v;
  }
}

TEST(Diode, SaturationCurrentScalesWithTemperature) {
  // is(T) = is (T/Tnom)^(xti/n) exp((T/Tnom - 1) eg/(n vt))
  const double t = 358.15, ratio = t / 300.15, vt = thermal_voltage(t);
  SingleDevice d = diode({{"is", 1e-14}, {"n", 1.2}, {"eg", 1.1}, {"xti", 3.0}}, {}, t);
  d.set_pins({0.5, 0.0});
  const double is =
      1e-14 * std::pow(ratio, 3.0 / 1.2) * std::exp((ratio - 1) * 1.1 / (1.2 * vt));
  EXPECT_NEAR(d.f(0), is * std::expm1(0.5 / (1.2 * vt)), 1e-12 * d.f(0));
}

TEST(Diode, WithoutSeriesResistanceHasNoNodeOfItsOwn) {
  EXPECT_EQ(diode({}).circuit().unknowns(), 3);
  EXPECT_EQ(diode({{"rs", 1.0}}).circuit().unknowns(), 4);
}

TEST(Diode, BehindAResistorAgreesWithLambertW) {
  TestCircuit t;
  t.add("v1", "", {"in", "0"}, {{"dc", 5.0}});
  t.add("r1", "", {"in", "a"}, {{"r", 1e3}});
  t.add("d1", "d", {"a", "0"});
  t.solve();
  EXPECT_NEAR(t.v("a"), 0.6928878323821923, 1e-10);
}

TEST(Diode, SeriesResistanceAddsItsVoltage) {
  TestCircuit t;
  t.add("i1", "", {"0", "a"}, {{"dc", 1e-3}});
  t.add("d1", "d", {"a", "0"}, {{"area", 2.0}}, {{"rs", 100.0}});
  t.solve();
  EXPECT_NEAR(t.v("a"), kVt * std::log1p(1e-3 / 2e-14) + 0.05, 1e-10);
}

TEST(Diode, SurvivesAThousandVoltsThroughOneOhm) {
  TestCircuit t;
  t.add("v1", "", {"in", "0"}, {{"dc", 1e3}});
  t.add("r1", "", {"in", "a"}, {{"r", 1.0}});
  t.add("d1", "d", {"a", "0"});
  t.solve();
  EXPECT_NEAR(t.v("a"), 1.0124290736312187, 1e-9);
}

TEST(DepletionScaling, IsTheIdentityAtTheNominalTemperature) {
  EXPECT_NEAR(potential_at(0.75, 320.0, 320.0), 0.75, 1e-14);
  EXPECT_NEAR(depletion_factor(0.75, 0.33, 320.0, 320.0), 1.0, 1e-14);
  EXPECT_LT(potential_at(0.75, 300.15, 350.0), 0.75);
  EXPECT_GT(depletion_factor(0.75, 0.33, 300.15, 350.0), 1.0);
}

TEST(Limiting, LeavesSmallStepsAlone) {
  const double v_critical = critical_voltage(kVt, 1e-14);
  EXPECT_EQ(limit_junction(0.75, 0.74, kVt, v_critical), 0.75);
  EXPECT_EQ(limit_junction(-100.0, 0.7, kVt, v_critical), -100.0);
  EXPECT_EQ(limit_junction(0.3, -5.0, kVt, v_critical), 0.3);
}

TEST(Limiting, TakesLargeStepsInCurrent) {
  // The tangent at v_old meets the exponential's current at the limited voltage.
  const double v_critical = critical_voltage(kVt, 1e-14), v_old = 0.7, v_new = 5.0;
  const double v = limit_junction(v_new, v_old, kVt, v_critical);
  EXPECT_NEAR(std::exp((v - v_old) / kVt), 1 + (v_new - v_old) / kVt, 1e-9);
  EXPECT_NEAR(limit_junction(5.0, -1.0, kVt, v_critical), kVt * std::log(5.0 / kVt),
              1e-15);
}

TEST(Limiting, GateAndDrainStepsStayInTheNextRegion) {
  EXPECT_DOUBLE_EQ(limit_gate(5.0, 0.0, 0.7), 1.2);
  EXPECT_DOUBLE_EQ(limit_gate(-9.0, 1.0, 0.7), 0.2);
  EXPECT_DOUBLE_EQ(limit_gate(9.0, 1.0, 0.7), 4.7);
  EXPECT_DOUBLE_EQ(limit_gate(0.0, 5.0, 0.7), 2.7);
  EXPECT_EQ(limit_gate(1.0, 1.1, 0.7), 1.0);
  EXPECT_DOUBLE_EQ(limit_drain(100.0, 1.0), 4.0);
  EXPECT_DOUBLE_EQ(limit_drain(100.0, 5.0), 17.0);
  EXPECT_DOUBLE_EQ(limit_drain(-3.0, 1.0), -0.5);
}

TEST(LimitedFunctions, ContinueAsTangents) {
  EXPECT_DOUBLE_EQ(limited_exp(1.5), std::exp(1.5));
  EXPECT_DOUBLE_EQ(limited_exp(81.0), 2.0 * std::exp(80.0));
  EXPECT_DOUBLE_EQ(limited_sinh(-90.0), -(std::sinh(80.0) + 10.0 * std::cosh(80.0)));
  for (const double x : {1e-9, 1e-3, 0.1, 1.0, 20.0}) {
    const auto s = limited_sinh(Dual<1>::variable(x, 0));
    EXPECT_NEAR(s.value, std::sinh(x), 4e-16 * std::sinh(x));
    EXPECT_NEAR(s.gradient[0], std::cosh(x), 4e-16 * std::cosh(x));
  }
}

}  // namespace
}  // namespace arrayspice::testing
