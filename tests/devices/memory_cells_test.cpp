// SPDX-License-Identifier: Apache-2.0
// Read-out laws of the memory cells, and the moving gap of the Stanford RRAM.
#include <gtest/gtest.h>

#include <cmath>

#include "devices/stanford_rram.hpp"
#include "tests/devices/test_circuit.hpp"

namespace arrayspice::testing {
namespace {

double cell_current(std::string_view card, double g, double v,
                    const Settings& model = {}) {
  SingleDevice cell('n', card, model, {{"g", g}});
  cell.set_pins({v + 0.3, 0.3});
  return cell.f(0);
}

TEST(OhmicCell, IsAConductance) {
  EXPECT_DOUBLE_EQ(cell_current("ohmic_cell", 5e-5, 0.2), 1e-5);
}

TEST(SinhCell, HasItsConductanceAtZeroVolts) {
  EXPECT_NEAR(cell_current("sinh_cell", 1e-4, 1e-6), 1e-10, 1e-19);
  EXPECT_NEAR(cell_current("sinh_cell", 1e-4, 0.5), 1e-4 * 0.25 * std::sinh(2.0), 1e-18);
  EXPECT_NEAR(cell_current("sinh_cell", 1e-4, -0.2, {{"v0", 0.4}}),
              -1e-4 * 0.4 * std::sinh(0.5), 1e-18);
}

TEST(CubicCell, FollowsTheFitWhereItHolds) {
  // i = G v + NL2 v^2 + NL3 v^3, NL from polynomials in log10 G (CrossSim, RRAM_Milo).
  for (const double g : {50e-6, 100e-6, 225e-6})
    for (const double v : {-0.5, -0.2, 0.1, 0.5}) {
      const double x = std::log10(g);
      const double a2 = 1.388e-4 * x * x * x + 1.541e-3 * x * x + 5.711e-3 * x + 7.063e-3;
      const double a3 = 8.871e-5 * x * x + 6.7919e-4 * x + 1.2968e-3;
      EXPECT_NEAR(cell_current("cubic_cell", g, v), g * v + a2 * v * v + a3 * v * v * v,
                  1e-16);
    }
}

TEST(CubicCell, StaysMonotonicOutsideTheFit) {
  for (const double g : {1e-6, 50e-6, 225e-6, 1e-3}) {
    double before = cell_current("cubic_cell", g, -3.0);
    for (double v = -2.9; v < 3.0; v += 0.1) {
      const double i = cell_current("cubic_cell", g, v);
      EXPECT_GT(i, before) << g << ' ' << v;
      before = i;
    }
  }
}

class Rram : public ::testing::Test {
 protected:
  SingleDevice cell{'n', "stanford_rram", {}, {}};
  double current(double v, double gap_nm) {
    cell.set_pins({v, 0.0});
    cell.x()[cell.pin(StanfordRram::GAP)] = gap_nm;
    return cell.f(0);
  }
  /// d gap/dt in nm/s.
  double rate(double v, double gap_nm) {
    cell.env().moving = true;
    current(v, gap_nm);
    return -cell.f(StanfordRram::GAP);
  }
};

TEST_F(Rram, ReadsAsPublished) {
  EXPECT_NEAR(current(0.1, 0.2), 1e-3 * std::exp(-0.8) * std::sinh(0.4), 1e-17);
  EXPECT_NEAR(current(0.1, 0.2), 184.6e-6, 0.05e-6);
  EXPECT_NEAR(current(0.1, 1.7), 0.457e-6, 0.0005e-6);
}

TEST_F(Rram, GapMovesByThePublishedLaw) {
  // Far above Fmin the switch is closed; 1.5 V at a gap of 1 nm.
  const double i = 1e-3 * std::exp(-4.0) * std::sinh(6.0);
  const double kt = thermal_voltage(298.0 + 2.1e3 * 1.5 * i), gamma = 16.0 - 0.8;
  const double expected =
      -10.0 * std::exp(-0.6 / kt) * std::sinh(gamma * 0.25 / 12.0 * 1.5 / kt) * 1e9;
  EXPECT_NEAR(rate(1.5, 1.0), expected, 1e-6 * std::abs(expected));
  EXPECT_NEAR(rate(-1.5, 1.0), -expected, 1e-6 * std::abs(expected));
}

TEST_F(Rram, NothingMovesBelowTheCriticalField) {
  // 0.2 V: gamma v/tox = 0.25e9 V/m, a sixth of Fmin.
  EXPECT_LT(std::abs(rate(0.2, 0.5)), 1e-9) << "nm/s";
}

TEST_F(Rram, WallsStopTheGapButDoNotHoldIt) {
  EXPECT_EQ(rate(1.5, 0.2), 0.0);
  EXPECT_EQ(rate(1.5, 0.1), 0.0);
  EXPECT_EQ(rate(-1.5, 1.7), 0.0);
  EXPECT_GT(rate(-1.5, 0.2), 1.0);
  EXPECT_LT(rate(2.0, 1.7), -1.0);
}

TEST_F(Rram, GapRestsOutOfATransient) {
  cell.set_pins({2.0, 0.0});
  cell.x()[cell.pin(StanfordRram::GAP)] = 0.9;
  EXPECT_NEAR(cell.f(StanfordRram::GAP), 0.9 - 0.2, 1e-15);
}

TEST(StanfordRramCell, ConductanceProgramsTheGap) {
  EXPECT_NEAR(cell_current("stanford_rram", 1e-4, 0.0), 0.0, 1e-20);
  SingleDevice cell('n', "stanford_rram", {}, {{"g", 1e-4}});
  cell.x()[cell.pin(StanfordRram::GAP)] = 0.25 * -std::log(1e-4 * 0.25 / 1e-3);
  EXPECT_NEAR(cell.f(StanfordRram::GAP), 0.0, 1e-15);
  cell.set_pins({1e-4, 0.0});
  EXPECT_NEAR(cell.f(0), 1e-8, 1e-14);
  EXPECT_THROW(SingleDevice('n', "stanford_rram", {}, {{"g", 1.0}}),
               std::invalid_argument);
}

TEST(StanfordRramCell, SetsAndResetsOverManyCyclesWithoutSticking) {
  TestCircuit t;
  const DeviceId v = t.add("v1", "", {"a", "0"}, {{"dc", 0.0}});
  t.drive(v, Waveform::Sine{0.0, 2.0, 1e6, 0.0, 0.0, 0.0});
  t.add("r1", "", {"a", "b"}, {{"r", 10.0}});
  const DeviceId cell = t.add("n1", "stanford_rram", {"b", "0"}, {{"gap", 1.2e-9}});
  t.solve();
  const UnknownId gap = t.circuit.device_pins(cell)[StanfordRram::GAP];
  EXPECT_NEAR(t.x[gap], 1.2, 1e-9);
  double low = 9, high = 0, low_late = 9, high_late = 0;
  t.run(3e-6, 1e-8, false, [&](double time) {
    low = std::min(low, t.x[gap]);
    high = std::max(high, t.x[gap]);
    if (time < 2e-6) return;
    low_late = std::min(low_late, t.x[gap]);
    high_late = std::max(high_late, t.x[gap]);
  });
  EXPECT_GT(low, 0.2 - 1e-3);
  EXPECT_LT(high, 1.7 + 1e-3);
  EXPECT_LT(low_late, 0.35) << "still sets in the third cycle";
  EXPECT_GT(high_late, 0.8) << "and still resets";
}

}  // namespace
}  // namespace arrayspice::testing
