// SPDX-License-Identifier: Apache-2.0
// Senses that turn what a line does into a time, a frequency or a decision.
#include "behavior/settling.hpp"
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

/// Two open bit lines of a reference deck.
struct OpenBitLines {
  std::string deck;
  std::vector<double> ohm, inputs;

  std::int64_t rows() const { return std::ssize(inputs); }
  Matrix conductances() const {
    Matrix g{rows(), 2, ohm};
    for (double& value : g.values) value = 1.0 / value;
    return g;
  }
  ArraySpec spec(Overrides others) const {
    others.insert(others.end(),
                  {"wire.word_line_resistance=2", "wire.bit_line_resistance=2",
                   "driver.resistance=50", "wire.bit_line_capacitance=1e-15",
                   "sense.load_capacitance=40e-15", "sense.load_conductance=1e-6",
                   "input.maximum=0.5"});
    return typed_array("resistive-division", rows(), 2, others);
  }
};
const OpenBitLines kFourRows{"rd1_openbl_4x2",
                             {2e4, 2e5, 1e6, 2.5e4, 5e4, 5e4, 33333.33333, 1e6},
                             {0.4, 0.1, 0.3, 0.2}};
const OpenBitLines kEightRows{"rd1_openbl_8x2",
                              {5e4, 1e6, 1e5, 33333.33333, 2e5, 2e5, 2e4, 1e5, 1e6, 5e4,
                               33333.33333, 5e5, 5e5, 2.5e4, 2.5e4, 66666.66667},
                              {0.4, 0.1, 0.3, 0.2, 0.0, 0.4, 0.1, 0.2}};
/// The decks count from 0; their edge of 1 ps begins at 1 ns.
constexpr double kStepOfDecks = 1.0005e-9;

TEST(RiseTime, GivesTheReferenceDeckOfOpenBitLines) {
  for (const auto& [column, level] :
       {std::pair{std::size_t{0}, "0.1574"}, {std::size_t{1}, "0.091"}}) {
    const ArraySpec spec = kFourRows.spec(
        {"cell.structure=open-time", std::string("sense.threshold=") + level});
    const std::vector<double> t =
        solved(spec, kFourRows.conductances(), {1, 4, kFourRows.inputs});
    expect_measure(kFourRows.deck, "t50_" + std::to_string(column),
                   t[column] + kStepOfDecks);
  }
}

/// The levels of this deck, 0.128 V and 0.0593 V, are half of where its lines rest.
TEST(HalfTime, OfExtractIsThatOfTheReferenceDeckOfOpenBitLines) {
  const StepResponse step = measure_settling(
      kEightRows.spec({}), kEightRows.conductances(), kEightRows.inputs, {});
  for (std::size_t column = 0; column < 2; ++column)
    expect_measure(kEightRows.deck, "t50_" + std::to_string(column),
                   step.half_time[column] + kStepOfDecks);
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

/// The deck has levels at half of the ideal outputs.
TEST(CrossingTime, GivesTheReferenceDeckOfTransimpedanceAmplifiers) {
  Matrix g{4, 2, {1e4, 5e4, 2e4, 12500, 1e5, 16666.66667, 14285.71429, 33333.33333}};
  for (double& value : g.values) value = 1.0 / value;
  for (const auto& [column, level] :
       {std::pair{std::size_t{0}, "-0.15"}, {std::size_t{1}, "-0.1125"}}) {
    const ArraySpec spec =
        typed_array("current-domain", 4, 2,
                    {"sense.kind=crossing-time", "sense.gain=1e3", "sense.bandwidth=5e8",
                     "sense.clamp=0.9", "sense.offset=1e-3", "sense.pole=before-clamp",
                     "wire.word_line_resistance=2", "wire.bit_line_resistance=2",
                     "driver.resistance=100", "timing.edge=1e-11",
                     std::string("sense.threshold=") + level});
    const std::vector<double> t = solved(spec, g, {1, 4, {0.2, 0.1, 0.15, 0.05}});
    // Its edge of 10 ps begins at 5 ns.
    expect_measure("cd1_tia", "t50_" + std::to_string(column), t[column] + 5.005e-9);
  }
}

TEST(CrossingTime, OfATransimpedanceAmplifierIsThatOfItsPole) {
  const ArraySpec spec = typed_array(
      "current-domain", 6, 3,
      {"sense.kind=crossing-time", "sense.gain=1e9", "sense.clamp=1e6",
       "wire.word_line_resistance=0", "wire.bit_line_resistance=0",
       "sense.feedback_resistance=1e6", "timing.edge=1e-15", "sense.threshold=-10"});
  const Matrix w = default_weights(spec), x{1, 6, {0.1, 0.2, 0.05, 0.2, 0.15, 0.1}};
  const std::vector<double> ideal = closed_form(spec, w, x);
  expect_near(solved_tightly(spec, w, x, "1e-9"), ideal, 1e-6 * largest(ideal));
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

/// An oscillator without non-idealities: it is emptied to nothing, in no time.
const Overrides kIdealOscillator{"cell.structure=oscillator",
                                 "sense.gain=1e9",
                                 "sense.clamp=1e6",
                                 "sense.bandwidth=1e14",
                                 "sense.comparator_delay=5e-13",
                                 "sense.empty_level=1e-7",
                                 "switch.on_resistance=0.05",
                                 "switch.off_resistance=1e18",
                                 "timing.edge=1e-12",
                                 "sense.feedback_capacitance=1e-10",
                                 "sense.threshold=20",
                                 "supply.voltage=40"};
ArraySpec ideal_oscillator(Overrides others) {
  others.insert(others.begin(), kIdealOscillator.begin(), kIdealOscillator.end());
  return typed_array("time-domain", 6, 3, others);
}

TEST(Oscillator, FollowsTheCurrentWithoutNonIdealities) {
  const ArraySpec spec =
      ideal_oscillator({"sense.cycles=2", "sense.integration_time=0.1"});
  const std::vector<double> ideal = ideal_of(spec);
  expect_near(solved_of(spec), ideal, 1e-6 * largest(ideal));
}

TEST(Oscillator, CountsItsCyclesWithinAWindow) {
  const ArraySpec spec = ideal_oscillator(
      {"sense.kind=count", "sense.integration_time=2e-3", "sense.comparator_delay=5e-11",
       "switch.on_resistance=5", "sense.empty_level=1e-3"});
  const std::vector<double> ideal = ideal_of(spec);
  EXPECT_GT(largest(ideal), 5.0);
  expect_near(solved_of(spec), ideal, 0.0);
  // One cycle more or less is visible: the phases are not all near a whole number.
  ArraySpec longer = spec;
  longer.sense.integration_time *= 1.3;
  EXPECT_NE(ideal_of(longer), ideal);
  expect_near(solved_of(longer), ideal_of(longer), 0.0);
}

/// A cycle is C dV/I and the time that the reset takes against the current. With the
/// overdrive d of its gate a transistor of beta = 1/(R d) empties v by
/// C dv/dt = I - beta (d v - v^2/2), d = VDD - V_th,trans + v as its source is at -v.
TEST(Oscillator, TheResetTakesTime) {
  const double r = 1e3, c = 1e-13, g = 1e-5, v = 0.1, threshold = 0.4, vdd = 8.0;
  const ArraySpec spec = typed_array(
      "time-domain", 1, 1,
      {"cell.structure=oscillator", "sense.gain=1e7", "sense.clamp=1e3",
       "sense.bandwidth=1e14", "sense.comparator_delay=1e-16", "supply.voltage=8",
       "switch.on_resistance=1e3", "sense.feedback_capacitance=1e-13",
       "switch.off_resistance=1e18", "timing.edge=1e-14", "sense.integration_time=1e-6"});
  const double current = g * v, drive = vdd - 1.2 * threshold, beta = 1.0 / (r * drive);
  double reset = 0.0;
  constexpr int kParts = 20000;
  const double width = 0.95 * threshold / kParts;
  for (int k = 0; k < kParts; ++k) {  // middles of equal parts
    const double u = threshold - (k + 0.5) * width;
    reset += c * width / (beta * ((drive + u) * u - 0.5 * u * u) - current);
  }
  const double cycle = c * 0.95 * threshold / current + reset;
  expect_near(solved(spec, {1, 1, {g}}, {1, 1, {v}}), {1.0 / cycle},
              1e-3 / cycle * reset / cycle);
}

TEST(Oscillator, NoInputIsNoFrequencyAndNoCount) {
  for (const char* kind : {"frequency", "count"}) {
    const ArraySpec spec =
        typed_array("time-domain", 3, 2,
                    {"cell.structure=oscillator", std::string("sense.kind=") + kind});
    expect_near(solved(spec, default_weights(spec), {1, 3, {0.0, 0.0, 0.0}}), {0.0, 0.0},
                0.0);
  }
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
