// SPDX-License-Identifier: Apache-2.0
// Senses that turn what a line does into a time, a frequency or a decision.
#include "tests/behavior/typed_arrays.hpp"
#include "tests/tools/program.hpp"

namespace arrayspice {
namespace {

std::vector<double> ideal_of(const ArraySpec& spec) {
  return closed_form(spec, default_weights(spec), inputs_over_the_range(spec));
}
std::vector<double> solved_of(const ArraySpec& spec) {
  return solved(spec, default_weights(spec), inputs_over_the_range(spec));
}
std::vector<double> solved_tightly_of(const ArraySpec& spec) {
  return solved_tightly(spec, default_weights(spec), inputs_over_the_range(spec));
}
void expect_measure(const std::string& deck, const std::string& measure, double value) {
  const ExpectedMeasure e = expected_measure(deck, measure);
  EXPECT_NEAR(value, e.value, e.tolerance) << deck << ' ' << measure;
}

// --- times

TEST(RiseTime, OfAnOpenBitLineIsThatOfItsTimeConstant) {
  const ArraySpec spec =
      typed_array("resistive-division", 6, 3,
                  {"cell.structure=open-time", "wire.word_line_resistance=0",
                   "timing.edge=1e-15", "wire.bit_line_resistance=0"});
  const std::vector<double> ideal = ideal_of(spec);
  expect_near(solved_tightly_of(spec), ideal, 1e-6 * largest(ideal));
}

/// The deck has the level of each column, half of where it rests.
TEST(RiseTime, GivesTheReferenceDecksOfOpenBitLines) {
  Matrix g{4, 2, {2e4, 2e5, 1e6, 2.5e4, 5e4, 5e4, 33333.33333, 1e6}};
  for (double& value : g.values) value = 1.0 / value;
  for (const auto& [column, level] :
       {std::pair{std::size_t{0}, "0.1574"}, {std::size_t{1}, "0.091"}}) {
    const ArraySpec spec =
        typed_array("resistive-division", 4, 2,
                    {"cell.structure=open-time", "wire.word_line_resistance=2",
                     "wire.bit_line_resistance=2", "driver.resistance=50",
                     "wire.bit_line_capacitance=1e-15", "sense.load_capacitance=40e-15",
                     "sense.load_conductance=1e-6", "input.maximum=0.5",
                     std::string("sense.threshold=") + level});
    const std::vector<double> t = solved(spec, g, {1, 4, {0.4, 0.1, 0.3, 0.2}});
    // The deck counts from 0; the edge of 1 ps begins at 1 ns.
    expect_measure("rd1_openbl_4x2", "t50_" + std::to_string(column),
                   t[column] + 1.0005e-9);
  }
}

TEST(CrossingTime, OfAChargeAmplifierIsThatOfItsPole) {
  const ArraySpec spec = typed_array(
      "charge-domain", 6, 3,
      {"cell.structure=capacitor", "sense.kind=crossing-time", "sense.gain=1e7",
       "sense.clamp=1e3", "timing.edge=1e-14", "sense.threshold=-0.5",
       "sense.feedback_capacitance=1e-15", "switch.off_resistance=1e18"});
  const std::vector<double> ideal = ideal_of(spec);
  expect_near(solved_tightly_of(spec), ideal, 1e-6 * largest(ideal));
}

TEST(CrossingTime, GivesTheReferenceDeckOfTheChargeAmplifier) {
  const Matrix c{4, 2, {1e-15, 8e-15, 2e-15, 4e-15, 4e-15, 2e-15, 8e-15, 1e-15}};
  for (const auto& [column, level] :
       {std::pair{std::size_t{0}, "-0.1475"}, {std::size_t{1}, "-0.1225"}}) {
    const ArraySpec spec =
        typed_array("charge-domain", 4, 2,
                    {"cell.structure=capacitor", "sense.kind=crossing-time",
                     "sense.pole=before-clamp", "sense.load_capacitance=10e-15",
                     "sense.feedback_capacitance=20e-15", "sense.offset=0.002",
                     "input.maximum=0.5", std::string("sense.threshold=") + level});
    const std::vector<double> t = solved(spec, c, {1, 4, {0.3, 0.4, 0.2, 0.5}});
    expect_measure("qd3_chargeamp", "t50_" + std::to_string(column),
                   t[column] + 10.005e-9);
  }
}

/// Before the ramp, and with the deck's order of pole and clamp.
TEST(IntegratedVoltage, GivesTheReferenceDeckOfPulseWidths) {
  const ArraySpec spec = typed_array(
      "time-domain", 4, 2,
      {"cell.structure=pwm", "sense.kind=integrated-voltage", "sense.pole=before-clamp",
       "sense.feedback_capacitance=3e-13", "sense.integration_time=49e-9",
       "timing.phase=2e-9", "timing.gap=3.005e-9"});
  const Matrix g{4, 2, {2e-5, 5e-6, 5e-6, 1e-5, 1e-5, 2e-5, 2e-6, 1.5e-5}};
  expect_measures("td4_pwm", "vint",
                  solved(spec, g, {1, 4, {10e-9, 40e-9, 20e-9, 5e-9}}));
}

TEST(IntegratedVoltage, IsTheChargeOverTheFeedback) {
  const ArraySpec spec =
      typed_array("time-domain", 6, 3,
                  {"cell.structure=pwm", "sense.kind=integrated-voltage",
                   "sense.gain=1e9", "sense.clamp=1e3", "sense.bandwidth=1e16",
                   "timing.edge=1e-14", "switch.off_resistance=1e18"});
  const std::vector<double> ideal = ideal_of(spec);
  expect_near(solved_of(spec), ideal, 1e-6 * largest(ideal));
}

// --- frequencies

/// The levels between which an oscillator runs: its comparator, of gain A, flips where
/// its loop through the hysteresis h has a gain of one. With a = 2 A/VDD, h a (1 - y^2) =
/// 1, at a distance h |y| - artanh |y|/a from the middle.
struct Levels {
  double lower, upper;
};
Levels levels_of(const ArraySpec& spec) {
  const double a = 2.0 * 1e4 / spec.supply.voltage, threshold = spec.sense.threshold;
  const double middle = 0.525 * threshold, h = 0.475 * threshold;
  const double y = std::sqrt(1.0 - 1.0 / (h * a));
  const double away = h * y - std::atanh(y) / a;
  return {middle - away, middle + away};
}

TEST(Oscillator, FollowsTheCurrentWithoutOtherNonIdealities) {
  const ArraySpec spec =
      typed_array("time-domain", 6, 3,
                  {"cell.structure=oscillator", "sense.gain=1e9", "sense.clamp=1e6",
                   "sense.bandwidth=1e14", "sense.threshold=20", "supply.voltage=40",
                   "sense.comparator_delay=1e-12", "sense.feedback_capacitance=1e-10",
                   "switch.on_resistance=10", "switch.off_resistance=1e18",
                   "timing.edge=1e-12", "sense.cycles=2", "sense.integration_time=0.1"});
  const Levels at = levels_of(spec);
  std::vector<double> expected = ideal_of(spec);
  for (double& f : expected) f *= 0.95 * 20.0 / (at.upper - at.lower);
  expect_near(solved_of(spec), expected, 2e-4 * largest(expected));
}

/// A cycle is C dV/I and the time that the reset takes against the current.
TEST(Oscillator, TheResetTakesTime) {
  const double r = 1e3, c = 1e-13, g = 1e-5, v = 0.1;
  const ArraySpec spec = typed_array(
      "time-domain", 1, 1,
      {"cell.structure=oscillator", "sense.gain=1e7", "sense.clamp=1e3",
       "sense.bandwidth=1e14", "sense.comparator_delay=1e-14", "supply.voltage=8",
       "switch.on_resistance=1e3", "sense.feedback_capacitance=1e-13",
       "switch.off_resistance=1e18", "timing.edge=1e-14"});
  const Levels at = levels_of(spec);
  const double current = g * v, rest = current * r;
  const double reset = r * c * std::log((at.upper - rest) / (at.lower - rest));
  const double cycle = c * (at.upper - at.lower) / current + reset;
  // The transistor's channel conducts better while the voltage across it is large.
  expect_near(solved(spec, {1, 1, {g}}, {1, 1, {v}}), {1.0 / cycle},
              0.06 * reset / cycle / cycle);
}

TEST(Oscillator, NoInputIsNoFrequency) {
  const ArraySpec spec = typed_array("time-domain", 3, 2, {"cell.structure=oscillator"});
  expect_near(solved(spec, default_weights(spec), {1, 3, {0.0, 0.0, 0.0}}), {0.0, 0.0},
              0.0);
}

// --- decisions

TEST(Comparator, DecidesWhetherALineIsAboveTheThreshold) {
  for (const char* type : {"capacitive-division", "charge-redistribution"}) {
    const ArraySpec bare = typed_array(type, 6, 3, {});
    const std::vector<double> lines = solved_of(bare);
    std::vector<double> sorted = lines;
    std::sort(sorted.begin(), sorted.end());
    const double threshold = 0.5 * (sorted[0] + sorted[1]);
    const ArraySpec spec = typed_array(
        type, 6, 3,
        {"sense.kind=comparator", "sense.threshold=" + std::to_string(threshold)});
    std::vector<double> decisions;
    for (const double line : lines) decisions.push_back(line > threshold ? 0.8 : 0.0);
    expect_near(solved_of(spec), decisions, 1e-3, type);
  }
}

}  // namespace
}  // namespace arrayspice
