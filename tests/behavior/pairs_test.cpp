// SPDX-License-Identifier: Apache-2.0
// Differential pairs, cells with their input on a gate, and regulated cascodes of the
// current domain: closed forms and reference decks.
#include "netlists/arrays/pairs.hpp"

#include "tests/behavior/typed_arrays.hpp"
#include "tests/netlists/arrays/array_decks.hpp"
#include "tests/tools/program.hpp"

namespace arrayspice {
namespace {

ArraySpec current_domain(std::int64_t rows, std::int64_t columns,
                         const Overrides& overrides) {
  return typed_array("current-domain", rows, columns, overrides);
}
/// Of signed weights.
std::vector<double> outputs_of(const ArraySpec& spec, const Matrix& weights,
                               const Matrix& inputs, MvmMethod method = MvmMethod::Auto) {
  MvmOptions options;
  options.method = method;
  return ArraySolver(spec, programmed_conductances(spec, weights), options)
      .multiply(inputs)
      .values;
}
const Overrides kIdeal{"wire.word_line_resistance=0", "wire.bit_line_resistance=0"};
Overrides with(Overrides first, const Overrides& others) {
  first.insert(first.end(), others.begin(), others.end());
  return first;
}

class Pairs : public ::testing::TestWithParam<std::string> {
 protected:
  std::string pairs() const { return "array.pairs=" + GetParam(); }
};

TEST_P(Pairs, SubtractWhatTheirCellsShare) {
  const ArraySpec spec = current_domain(6, 3, with(kIdeal, {pairs()}));
  const Matrix w = default_weights(spec), x = inputs_over_the_range(spec);
  EXPECT_LT(*std::min_element(w.values.begin(), w.values.end()), 0.0);
  const std::vector<double> ideal = closed_form(spec, w, x);
  expect_near(outputs_of(spec, w, x), ideal, 1e-6 * largest(ideal));
}

TEST_P(Pairs, GiveTheSameByLinesByCircuitAndInDecks) {
  const ArraySpec spec = current_domain(6, 4, {pairs()});
  const Matrix w = default_weights(spec), x = inputs_over_the_range(spec);
  const std::vector<double> y = outputs_of(spec, w, x);
  expect_near(outputs_of(spec, w, x, MvmMethod::Circuit), y, 1e-9 * largest(y));
  const Matrix cells = programmed_conductances(spec, w);
  const auto compare = [&](const std::map<std::string, double>& results) {
    for (std::size_t j = 0; j < y.size(); ++j) {
      const std::string index = std::to_string(j);
      const auto pair = results.find("v(y_" + index + ")");
      const double found =
          pair != results.end() ? pair->second : results.at("i(vsense_" + index + ")");
      EXPECT_NEAR(found, y[j], 1e-6 * largest(y)) << j;
    }
  };
  compare(simulate(array_deck(spec, cells, x.values, Dialect::Native)).values());
  if (has_ngspice())
    compare(run_ngspice(array_deck(spec, cells, x.values, Dialect::Ngspice)));
}

TEST_P(Pairs, RefuseWeightsBeyondTheirDifference) {
  const ArraySpec spec = current_domain(2, 1, {pairs()});
  const double most = spec.cell.maximum - spec.cell.minimum;
  EXPECT_NO_THROW(programmed_conductances(spec, {2, 1, {most, -most}}));
  EXPECT_ANY_THROW(programmed_conductances(spec, {2, 1, {most, -1.01 * most}}));
}

INSTANTIATE_TEST_SUITE_P(Both, Pairs, ::testing::Values("separate", "interleaved"),
                         [](const auto& info) { return info.param; });

/// Weights of the deck, in parts of the largest difference; outputs there are in uA.
TEST(ReferenceDecks, DifferentialPairs) {
  const std::vector<double> parts{1.0, 0.8, -0.9, 0.5, 0.9, 1.0, -0.8, 0.6};
  Matrix w{4, 2, {}};
  for (std::size_t k = 0; k < parts.size(); ++k) w.values.push_back(parts[k] * 9.9e-5);
  const Matrix x{1, 4, {0.2, 0.2, 0.2, 0.2}};
  for (const auto& [pairs, measure] :
       {std::pair{"separate", "y_a"}, {"interleaved", "y_b"}}) {
    const ArraySpec spec =
        current_domain(4, 2,
                       {std::string("array.pairs=") + pairs, "driver.resistance=1e-3",
                        "wire.word_line_resistance=20", "wire.bit_line_resistance=20"});
    std::vector<double> y = outputs_of(spec, w, x);
    for (double& ampere : y) ampere *= 1e6;
    expect_measures("cd3_differential", measure, y);
  }
}

TEST(ReferenceDecks, AmplifiersOfFiniteGain) {
  const Overrides common{"sense.kind=tia",
                         "sense.gain=1e3",
                         "sense.bandwidth=5e8",
                         "sense.clamp=0.9",
                         "sense.offset=1e-3",
                         "sense.pole=before-clamp",
                         "wire.word_line_resistance=2",
                         "wire.bit_line_resistance=2",
                         "driver.resistance=100",
                         "input.maximum=0.8"};
  const ArraySpec spec = current_domain(4, 2, common);
  Matrix g{4, 2, {1e4, 5e4, 2e4, 12500, 1e5, 16666.66667, 14285.71429, 33333.33333}};
  for (double& value : g.values) value = 1.0 / value;
  expect_measures("cd1_tia", "vout", solved(spec, g, {1, 4, {0.2, 0.1, 0.15, 0.05}}));
  expect_measures("cd1_tia", "vclamp", solved(spec, g, {1, 4, {0.8, 0.4, 0.6, 0.2}}));
}

TEST(ReferenceDecks, InputsOnGates) {
  const ArraySpec spec =
      current_domain(4, 2,
                     {"cell.structure=gate-input", "access.gate_voltage=1.2",
                      "access.transconductance=3e-4", "access.width_over_length=4",
                      "access.channel_length_modulation=0.05", "access.body_effect=0.3",
                      "access.surface_potential=0.7", "wire.bit_line_resistance=5"});
  Matrix g{4, 2, {1e4, 5e4, 1e5, 2e4, 2e4, 1e4, 5e4, 1e5}};
  for (double& value : g.values) value = 1.0 / value;
  expect_measures("cd2_1t1r", "i", solved(spec, g, {1, 4, {1, 0, 1, 1}}));
}

TEST(GateInput, IsTheClosedFormWithoutChannelAndWires) {
  const ArraySpec spec = current_domain(
      6, 3, with(kIdeal, {"cell.structure=gate-input", "access.transconductance=1e6"}));
  const Matrix w = default_weights(spec), x = inputs_over_the_range(spec);
  const std::vector<double> ideal = closed_form(spec, w, x);
  expect_near(solved(spec, w, x), ideal, 1e-6 * largest(ideal));
}

TEST(RegulatedCascode, IsTheClosedFormAtHighGain) {
  const ArraySpec spec = current_domain(
      6, 3,
      with(kIdeal, {"sense.kind=regulated-cascode", "sense.gain=1e9", "sense.clamp=10"}));
  const Matrix w = default_weights(spec), x = inputs_over_the_range(spec);
  const std::vector<double> ideal = closed_form(spec, w, x);
  expect_near(solved(spec, w, x), ideal, 1e-6 * largest(ideal));
}

/// The bit line rests where the amplifier makes the gate voltage that the current needs:
/// u = (VTO + sqrt(2 (I + I_b)/beta))/(A + 1), I = sum G (V - u).
TEST(RegulatedCascode, FiniteGainLiftsTheBitLine) {
  const double gain = 50.0, beta = 1e-2, bias = 1e-4, threshold = 0.4;
  const ArraySpec spec = current_domain(
      2, 1,
      with(kIdeal, {"sense.kind=regulated-cascode", "sense.gain=50", "sense.clamp=1e4",
                    "sense.bias_current=1e-4", "sense.cascode_transconductance=1e-2"}));
  const double g1 = 1e-4, g2 = 5e-5, v1 = 0.2, v2 = -0.1;
  double current = g1 * v1 + g2 * v2;
  for (int k = 0; k < 60; ++k) {
    const double line =
        (threshold + std::sqrt(2.0 * (current + bias) / beta)) / (gain + 1.0);
    current = g1 * (v1 - line) + g2 * (v2 - line);
  }
  expect_near(solved(spec, {2, 1, {g1, g2}}, {1, 2, {v1, v2}}), {current}, 1e-12);
}

}  // namespace
}  // namespace arrayspice
