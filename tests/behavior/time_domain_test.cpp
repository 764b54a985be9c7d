// SPDX-License-Identifier: Apache-2.0
// Time-domain arrays against closed forms and the reference decks.
#include "tests/behavior/typed_arrays.hpp"

namespace arrayspice {
namespace {

ArraySpec time_domain(std::int64_t rows, std::int64_t columns,
                      const Overrides& overrides) {
  return typed_array("time-domain", rows, columns, overrides);
}
Matrix ones(std::int64_t rows) { return {1, rows, std::vector<double>(rows, 1.0)}; }

// --- ideal limits

struct IdealCase {
  std::string name;
  std::int64_t rows;
  Overrides overrides;
};
class TimeDomainIdeal : public ::testing::TestWithParam<IdealCase> {};

TEST_P(TimeDomainIdeal, IsTheClosedForm) {
  const ArraySpec spec = time_domain(GetParam().rows, 3, GetParam().overrides);
  const Matrix w = default_weights(spec), x = inputs_over_the_range(spec);
  const std::vector<double> y = closed_form(spec, w, x), s = solved_tightly(spec, w, x);
  for (std::size_t j = 0; j < y.size(); ++j)
    EXPECT_NEAR(s[j], y[j], 1e-6 * y[j]) << "column " << j;
}

/// One starved stage: the delay of later stages depends on how steep their inputs are.
INSTANTIATE_TEST_SUITE_P(
    Structures, TimeDomainIdeal,
    ::testing::Values(IdealCase{"DelayChain",
                                4,
                                {"timing.edge=1e-16", "cell.inverter_gain=2e4",
                                 "cell.inverter_delay=1e-20", "switch.on_resistance=1e-6",
                                 "switch.off_resistance=1e18"}},
                      IdealCase{
                          "Starved",
                          1,
                          {"cell.structure=starved", "timing.edge=1e-17",
                           "access.channel_length_modulation=0",
                           "access.series_width_over_length=1e7",
                           "cell.inner_capacitance=1e-22", "switch.off_resistance=1e18"}},
                      IdealCase{"Crossing",
                                6,
                                {"cell.structure=crossing", "timing.edge=1e-15",
                                 "switch.off_resistance=1e18"}},
                      IdealCase{"Pwm",
                                6,
                                {"cell.structure=pwm", "sense.gain=1e9",
                                 "sense.clamp=1e3", "sense.bandwidth=1e16",
                                 "timing.edge=1e-14", "switch.off_resistance=1e18"}}),
    [](const auto& info) { return info.param.name; });

// --- non-idealities

/// A closed bypass adds its resistance to the stage.
TEST(TimeDomain, BypassesAddTheirOnResistanceToTheStage) {
  const ArraySpec spec = time_domain(
      3, 2,
      {"timing.edge=1e-16", "cell.inverter_gain=2e4", "cell.inverter_delay=1e-20",
       "switch.on_resistance=700", "switch.off_resistance=1e18"});
  const Matrix w{3, 2, {1, 0, 2, 3, 0, 2}}, x{1, 3, {0, 1, 0}};
  const double unit = std::log(2.0) * 20e-15;
  const auto bypassed = [](double level) {  // 700 ohm beside the level's resistance
    return level == 0.0 ? 0.0 : 700.0 * 5e3 * level / (700.0 + 5e3 * level);
  };
  std::vector<double> expected;
  for (std::int64_t j = 0; j < 2; ++j)
    expected.push_back(unit *
                       (15e3 + bypassed(w(0, j)) + 5e3 * w(1, j) + bypassed(w(2, j))));
  expect_near(solved_tightly(spec, w, x), expected, 2e-6 * largest(expected));
}

/// A step passes the pole tau of the first inverter after tau ln 2. Then an input that
/// rises as 1 - 2 exp(-t/RC) passes zero behind the pole of the second when
/// exp(-t/RC) = (1 - tau/RC)/2, and the output has RC ln 2 to go.
TEST(TimeDomain, InvertersAddTheirOwnDelay) {
  const double tau = 2e-12, rc = 100e-12;
  const ArraySpec spec =
      time_domain(2, 1,
                  {"timing.edge=1e-16", "cell.inverter_gain=1e5",
                   "cell.inverter_delay=2e-12", "supply.voltage=0.02"});
  const double first = tau * std::log(2.0);  // z from -v to v, a step at its input
  const double second = rc * std::log(2.0 / (1.0 - tau / rc));
  const double third = rc * std::log(2.0);
  expect_near(solved(spec, {2, 1, {0, 0}}, {1, 2, {0, 0}}), {first + second + third},
              1e-4 * second);
}

/// While n cells with conductance g are on, V follows an exponential to
/// VDD + sum I/(n g).
TEST(TimeDomain, OutputConductanceBendsTheRamp) {
  const double g = 2e-7, c = 2 * 5e-15, current = 6e-7, vdd = 0.8;
  const ArraySpec spec =
      time_domain(2, 1,
                  {"cell.structure=crossing", "cell.output_conductance=2e-7",
                   "timing.edge=1e-15", "switch.off_resistance=1e18"});
  const double end = vdd + 2.0 * current / (2.0 * g), tau = c / (2.0 * g);
  expect_near(solved(spec, {2, 1, {current, current}}, {1, 2, {0.0, 0.0}}),
              {tau * std::log(end / (end - 0.4))}, 1e-13);
}

/// A ramp passes a pole with the pole's time constant as its delay.
TEST(TimeDomain, AComparatorIsLateByItsTimeConstant) {
  const Overrides slow{"cell.structure=crossing", "timing.edge=1e-15",
                       "switch.off_resistance=1e18"};
  Overrides compared = slow;
  compared.insert(compared.end(),
                  {"sense.kind=comparator", "sense.comparator_delay=2e-11"});
  const ArraySpec bare = time_domain(4, 3, slow), sensed = time_domain(4, 3, compared);
  const Matrix w = default_weights(bare), x{1, 4, {0.0, 1e-10, 2e-10, 3e-10}};
  std::vector<double> expected = solved(bare, w, x);
  for (double& t : expected) t += 2e-11;
  expect_near(solved(sensed, w, x), expected, 2e-13);
}

TEST(TimeDomain, NoInputIsAPulseOfNoWidth) {
  const ArraySpec spec = time_domain(3, 2, {"cell.structure=pwm"});
  expect_near(solved(spec, default_weights(spec), {1, 3, {0.0, 0.0, 0.0}}), {0.0, 0.0},
              1e-13);
}

TEST(TimeDomain, WhatNeverHappensIsAnError) {
  const ArraySpec spec = time_domain(2, 1, {"cell.structure=crossing", "cell.minimum=0"});
  EXPECT_ANY_THROW(solved(spec, {2, 1, {0.0, 0.0}}, {1, 2, {0.0, 0.0}}));
}

// --- reference decks

TEST(TimeDomain, GivesTheReferenceDeckOfLoadedInverters) {
  const Matrix w{4, 3, {0, 1, 3, 0, 0, 1, 0, 1, 3, 0, 0, 1}};
  const ArraySpec spec = time_domain(4, 3, {"cell.inverter_delay=1e-18"});
  expect_measures("td1_rcchain", "t", solved(spec, w, ones(4)));
}

TEST(TimeDomain, GivesTheReferenceDeckOfStarvedInverters) {
  const Matrix w{
      4, 4, {.8, .55, .55, .5, .8, .8, .8, .8, .8, .8, .55, .55, .8, .8, .8, .8}};
  const ArraySpec spec =
      time_domain(4, 4, {"cell.structure=starved", "cell.maximum=0.8"});
  expect_measures("td2_starved", "t", solved(spec, w, ones(4)));
}

TEST(TimeDomain, GivesTheReferenceDeckOfCrossings) {
  const Overrides common{"cell.structure=crossing", "wire.bit_line_capacitance=0",
                         "sense.load_capacitance=50e-15", "cell.maximum=1e-5"};
  Overrides leaky = common;
  leaky.push_back("cell.output_conductance=1e-6");
  const Matrix w{4,
                 4,
                 {1e-6, 1e-5, 4e-6, 1e-5, 2e-6, 8e-6, 1e-6, 8e-6, 3e-6, 6e-6, 2e-6, 6e-6,
                  4e-6, 4e-6, 1e-5, 4e-6}};
  const Matrix x{1, 4, {0.5e-9, 1e-9, 1.5e-9, 2e-9}};
  std::vector<double> t = solved(time_domain(4, 4, common), w, x);
  const std::vector<double> with_g = solved(time_domain(4, 4, leaky), w, x);
  std::copy(with_g.begin() + 2, with_g.end(), t.begin() + 2);
  expect_measures("td3_crossing", "t", t);
}

TEST(TimeDomain, GivesTheReferenceDeckOfPulseWidths) {
  const ArraySpec spec =
      time_domain(4, 2,
                  {"cell.structure=pwm", "sense.feedback_capacitance=3e-13",
                   "sense.ramp_current=2e-6", "timing.phase=2e-9"});
  const Matrix g{4, 2, {2e-5, 5e-6, 5e-6, 1e-5, 1e-5, 2e-5, 2e-6, 1.5e-5}};
  const Matrix x{1, 4, {10e-9, 40e-9, 20e-9, 5e-9}};
  expect_measures("td4_pwm", "tz", solved(spec, g, x), 55.005e-9);
}

TEST(TimeDomain, SaysWhatDoesNotGoTogether) {
  for (const Overrides& wrong :
       {Overrides{"cell.maximum=99"}, Overrides{"timing.edge=1e-8"},
        Overrides{"cell.structure=starved", "cell.minimum=0.3"},
        Overrides{"cell.structure=pwm", "sense.integration_time=1e-9"},
        Overrides{"cell.structure=crossing", "sense.threshold=0"}}) {
    Sources sources;
    Diagnostics diagnostics;
    EXPECT_FALSE(
        read_spec_text("[array]\ntype = \"time-domain\"\nrows = 2\ncolumns = 2\n",
                       "types.toml", wrong, sources, diagnostics))
        << wrong[0];
    EXPECT_TRUE(diagnostics.has_errors());
  }
}

}  // namespace
}  // namespace arrayspice
