// SPDX-License-Identifier: Apache-2.0
// Charge-domain arrays against closed forms, reference decks and ngspice.
#include "tests/behavior/typed_arrays.hpp"

namespace arrayspice {
namespace {

Overrides with(Overrides all, const Overrides& more) {
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

ArraySpec charge_domain(std::int64_t rows, std::int64_t columns,
                        const Overrides& overrides) {
  return typed_array("charge-domain", rows, columns, overrides);
}

// --- ideal limits

struct IdealCase {
  std::string name;
  Overrides overrides;
};
class ChargeDomainIdeal : public ::testing::TestWithParam<IdealCase> {};

TEST_P(ChargeDomainIdeal, IsTheClosedForm) {
  const ArraySpec spec = charge_domain(6, 3, GetParam().overrides);
  const Matrix w = default_weights(spec), x = inputs_over_the_range(spec);
  const std::vector<double> y = closed_form(spec, w, x);
  ASSERT_GT(largest(y), 0.01);
  const std::vector<double> s = solved(spec, w, x);
  for (std::size_t j = 0; j < y.size(); ++j)
    EXPECT_NEAR(s[j], y[j], 1e-6 * std::abs(y[j])) << j;
}

const Overrides kIdealPulses{"timing.edge=1e-16", "access.channel_length_modulation=0",
                             "switch.off_resistance=1e18"};
INSTANTIATE_TEST_SUITE_P(
    Structures, ChargeDomainIdeal,
    ::testing::Values(
        IdealCase{"Transistor", kIdealPulses},
        IdealCase{"Stack", with(kIdealPulses, {"cell.structure=stack",
                                               "cell.inner_capacitance=1e-21"})},
        IdealCase{"Capacitor",
                  {"cell.structure=capacitor", "sense.gain=1e9", "sense.clamp=1e3",
                   "sense.bandwidth=1e11", "sense.feedback_capacitance=1e-14",
                   "switch.off_resistance=1e18"}}),
    [](const auto& info) { return info.param.name; });

// --- non-idealities

/// While saturated C dV/dt = -(1 + LAMBDA V) sum I0 w: an exponential; and a square-law
/// device sees edges of t as a pulse shorter by t (1 + 2 VTO/V_gate)/3.
TEST(ChargeDomain, ChannelLengthModulationAndEdgesCompressTheDischarge) {
  const ArraySpec spec = charge_domain(8, 3, {"access.channel_length_modulation=0.2"});
  const Matrix w = default_weights(spec);
  Matrix x = inputs_over_the_range(spec);
  for (double& t : x.values) t = std::max(t, 2e-11);
  const double shorter = 1e-11 * (1.0 + 2.0 * 0.4 / 0.5) / 3.0;
  const double i0 = 0.5 * 3e-4 * 0.1 * 0.1, c = 20e-15 + 8 * 0.6e-15, lambda = 0.2;
  std::vector<double> expected;
  for (std::int64_t j = 0; j < 3; ++j) {
    double time = 0.0;
    for (std::int64_t i = 0; i < 8; ++i) time += w(i, j) * (x(0, i) - shorter);
    expected.push_back(((1.0 + lambda * 0.8) * std::exp(-lambda * i0 / c * time) - 1.0) /
                       lambda);
  }
  expect_near(solved(spec, w, x), expected, 5e-6);
}

TEST(ChargeDomain, SamplingSharesTheChargeWithTheSampleCapacitor) {
  const Overrides common{"switch.off_resistance=1e16", "sense.sample_capacitance=5e-15"};
  const ArraySpec held = charge_domain(4, 2, {"switch.off_resistance=1e16"});
  const ArraySpec sampled = charge_domain(4, 2, with(common, {"sense.kind=sample"}));
  const Matrix w = default_weights(held), x = inputs_over_the_range(held);
  std::vector<double> shared = solved(held, w, x);
  const double c = 20e-15 + 4 * 0.6e-15;
  for (double& v : shared) v *= c / (c + 5e-15);
  expect_near(solved(sampled, w, x), shared, 2e-6);
}

TEST(ChargeDomain, FiniteGainLosesChargeAndTheResetKeepsTheOffset) {
  const double a = 200.0, vos = 2e-3, cf = 2e-13, cp = 2e-14;
  const ArraySpec spec = charge_domain(
      5, 2,
      {"cell.structure=capacitor", "sense.gain=200", "sense.offset=0.002",
       "sense.clamp=1e3", "sense.bandwidth=1e10", "switch.off_resistance=1e18"});
  const Matrix w = default_weights(spec), x = inputs_over_the_range(spec);
  std::vector<double> expected;
  for (std::int64_t j = 0; j < 2; ++j) {
    double s = 0.0, q = 0.0;
    for (std::int64_t i = 0; i < 5; ++i) {
      s += w(i, j);
      q += w(i, j) * x(0, i);
    }
    const double vg0 = a * vos / (1.0 + a);  // the charge balance of the virtual ground
    expected.push_back((a * vos * (s + cp + cf) - a * ((s + cp) * vg0 + q)) /
                       (s + cp + cf + a * cf));
  }
  expect_near(solved(spec, w, x), expected, 1e-6 * largest(expected));
}

TEST(ChargeDomain, APulseShorterThanItsEdgeFadesAway) {
  const ArraySpec spec = charge_domain(1, 1, {});
  double before = 0.8;
  for (const double width : {0.0, 7e-12, 9e-12, 1.1e-11, 2e-11}) {
    const double v = solved(spec, {1, 1, {3.0}}, {1, 1, {width}})[0];
    EXPECT_LE(v, before + 1e-9) << width;
    before = v;
  }
  EXPECT_LT(before, 0.799);
  EXPECT_NEAR(solved(spec, {1, 1, {3.0}}, {1, 1, {0.0}})[0], 0.8, 1e-6);
}

// --- reference decks; their pulses are given by the flat part

constexpr double kDeckEdge = 1e-11;
const Overrides kDeckCells{"access.gate_voltage=0.8", "wire.bit_line_capacitance=0",
                           "sense.load_capacitance=60e-15", "timing.settle=1e-9",
                           "input.maximum=4.2e-10"};
Matrix deck_pulses() {
  Matrix x{1, 4, {1e-10, 2e-10, 3e-10, 4e-10}};
  for (double& t : x.values) t += kDeckEdge;
  return x;
}

TEST(ChargeDomain, GivesTheReferenceDeckOfBitLines) {
  const Matrix w{4, 3, {1, 0, 4, 0, 1, 4, 1, 1, 4, 1, 0, 4}};
  const Overrides cells =
      with(kDeckCells, {"access.width_over_length=0.5", "cell.bits=3", "cell.maximum=7"});
  expect_measures("qd1_bitline", "vbl",
                  solved(charge_domain(4, 3, cells), w, deck_pulses()));
  expect_measures(
      "qd1_bitline", "vsmp",
      solved(charge_domain(4, 3, with(cells, {"sense.kind=sample"})), w, deck_pulses()));
}

TEST(ChargeDomain, GivesTheReferenceDeckOfStacks) {
  const Matrix bits{4, 2, {1, 0, 0, 1, 1, 1, 1, 0}};
  const ArraySpec spec = charge_domain(4, 2, with(kDeckCells, {"cell.structure=stack"}));
  expect_measures("qd2_stack", "vbl", solved(spec, bits, deck_pulses()));
}

TEST(ChargeDomain, GivesTheReferenceDeckOfTheChargeAmplifier) {
  const Matrix c{4, 2, {1e-15, 8e-15, 2e-15, 4e-15, 4e-15, 2e-15, 8e-15, 1e-15}};
  const ArraySpec spec = charge_domain(
      4, 2,
      {"cell.structure=capacitor", "sense.load_capacitance=10e-15",
       "sense.feedback_capacitance=20e-15", "sense.offset=0.002", "input.maximum=0.5"});
  expect_measures("qd3_chargeamp", "vout", solved(spec, c, {1, 4, {0.3, 0.4, 0.2, 0.5}}));
}

TEST(ChargeDomain, SaysWhatDoesNotGoTogether) {
  for (const Overrides& wrong :
       {Overrides{"cell.structure=stack", "cell.maximum=2"},
        Overrides{"cell.structure=stack", "cell.inner_capacitance=0"},
        Overrides{"cell.maximum=99"}, Overrides{"timing.edge=1e-8"},
        Overrides{"sense.load_capacitance=0", "wire.bit_line_capacitance=0"}}) {
    Sources sources;
    Diagnostics diagnostics;
    EXPECT_FALSE(
        read_spec_text("[array]\ntype = \"charge-domain\"\nrows = 2\ncolumns = 2\n",
                       "types.toml", wrong, sources, diagnostics))
        << wrong[0];
    EXPECT_TRUE(diagnostics.has_errors());
  }
}

}  // namespace
}  // namespace arrayspice
