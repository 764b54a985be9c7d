// SPDX-License-Identifier: Apache-2.0
// One array, several ways: solved by lines, as a circuit in memory, as our own deck read
// back, as the deck for ngspice read by us, and that deck in ngspice itself. Outputs
// agree within 1e-8 relative.
#include <gmock/gmock.h>

#include <cmath>

#include "behavior/mvm.hpp"
#include "netlists/netlist.hpp"
#include "solver/analysis.hpp"
#include "tests/netlists/arrays/array_decks.hpp"

namespace arrayspice {
namespace {

struct Case {
  std::string name;
  std::int64_t n;
  std::string structure, model, sense;
  double word_wire = 1.0, bit_wire = 1.0, driver = 0.0, end = 0.0;  // ohm
  const char* sides = "bottom";
  bool varies = false;
};
Case varied(Case c) {
  c.varies = true;
  return c;
}
/// Everything that can differ between chips, of an array at rest.
void vary(ArraySpec& spec) {
  auto& v = spec.variation;
  v.chip = 3;
  v.conductance_sigma = 0.1;
  v.programming_linear = 0.05;
  v.read_noise = 0.02;
  v.time = 1e4;
  v.drift_exponent = 0.05;
  v.drift_exponent_sigma = 0.01;
  v.threshold_coefficient = 3e-9;
  v.gain_coefficient = 1e-8;
  v.wire_resistance_sigma = 0.2;
  v.driver_resistance_sigma = 0.2;
  v.amplifier_offset_sigma = 2e-3;
  v.resistor_sigma = 0.1;
  spec.driver.resistance = 20.0;
  spec.environment.temperature = 330.0;
}
std::string name_of(const ::testing::TestParamInfo<Case>& info) {
  return info.param.name;
}

ArraySpec spec_of(const Case& c) {
  ArraySpec spec = square_array(c.n, 1.0);
  if (c.structure == "open") spec.array.type = "resistive-division";
  spec.wire.word_line_resistance = c.word_wire;
  spec.wire.bit_line_resistance = c.bit_wire;
  spec.driver.resistance = c.driver;
  spec.sense.resistance = c.end;
  spec.sense.sides = c.sides;
  spec.cell.structure = c.structure;
  spec.cell.model = c.model;
  spec.cell.minimum = 5e-6;
  spec.sense.kind = c.sense;
  spec.sense.gain = 1e3;
  spec.sense.offset = 1e-3;
  spec.sense.feedback_resistance = 1e3;
  spec.sense.clamp = 0.5;
  if (c.varies) vary(spec);
  return spec;
}

/// Outputs of a deck read by ourselves.
std::vector<double> simulate(const ArraySpec& spec, const std::string& deck) {
  Sources sources;
  Diagnostics diagnostics;
  auto netlist = read_netlist_text(deck, "array.cir", ".", {}, sources, diagnostics);
  for (const Diagnostic& d : diagnostics.all()) ADD_FAILURE() << render(d, sources);
  if (!netlist) return {};
  Circuit& circuit = *netlist->circuit;
  DirectSolver solver(circuit.pattern(), {}, circuit.conductive());
  std::vector<double> x(static_cast<std::size_t>(circuit.unknowns()), 0.0), outputs;
  OperatingPointOptions options;
  options.tolerances = netlist->options.tolerances;
  options.env.temperature = netlist->options.temperature + 273.15;
  const Summary summary = operating_point(circuit, solver, options, x);
  EXPECT_TRUE(summary.ok()) << summary.message;
  for (std::int64_t j = 0; j < spec.array.columns; ++j) {
    const std::string index = std::to_string(j);
    outputs.push_back(
        spec.sense.kind == "virtual-ground"
            ? x[circuit.branch_current(*circuit.find_device("vsense_" + index))]
            : x[*circuit.find_node("out_" + index)]);
  }
  return outputs;
}

std::vector<double> ngspice(const ArraySpec& spec, const std::string& deck) {
  const auto results = run_ngspice(deck);
  std::vector<double> outputs;
  for (std::int64_t j = 0; j < spec.array.columns; ++j) {
    const auto at =
        results.find((spec.sense.kind == "virtual-ground" ? "i(vsense_" : "v(out_") +
                     std::to_string(j) + ')');
    if (at != results.end()) outputs.push_back(at->second);
  }
  return outputs;
}

class ThreeWay : public ::testing::TestWithParam<Case> {};

TEST_P(ThreeWay, OutputsAgree) {
  const ArraySpec spec = spec_of(GetParam());
  const Matrix g = programmed_conductances(spec, default_weights(spec));
  const auto inputs = random_inputs(spec.array.rows, -0.2, 0.2);
  ArraySolver lines(spec, g);
  const Matrix y = lines.multiply({1, spec.array.rows, inputs});
  EXPECT_EQ(lines.stats().method, "lines");
  EXPECT_EQ(lines.stats().by_circuit, 0) << lines.stats().by_circuit_reason;
  const std::string peer = array_deck(spec, g, inputs, Dialect::Ngspice);
  MvmOptions by_circuit;
  by_circuit.method = MvmMethod::Circuit;
  const Matrix circuit =
      ArraySolver(spec, g, by_circuit).multiply({1, spec.array.rows, inputs});
  std::map<std::string, std::vector<double>> others{
      {"as a circuit", circuit.values},
      {"our deck", simulate(spec, array_deck(spec, g, inputs, Dialect::Native))},
      {"the deck for ngspice, read by us", simulate(spec, peer)}};
  if (has_ngspice()) others["ngspice"] = ngspice(spec, peer);

  double largest = 0.0;
  for (const double value : y.values) largest = std::max(largest, std::abs(value));
  for (const auto& [way, outputs] : others) {
    ASSERT_EQ(outputs.size(), y.values.size()) << way;
    for (std::size_t j = 0; j < outputs.size(); ++j)
      EXPECT_NEAR(outputs[j], y.values[j],
                  1e-8 * std::max(std::abs(y.values[j]), 1e-3 * largest))
          << way << ", column " << j;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Arrays, ThreeWay,
    ::testing::Values(Case{"Ohmic64", 64, "1R", "ohmic", "virtual-ground"},
                      Case{"Sinh16", 16, "1R", "sinh", "virtual-ground"},
                      Case{"Cubic16", 16, "1R", "cubic", "virtual-ground"},
                      Case{"Rram6", 6, "1R", "stanford-rram", "virtual-ground"},
                      Case{"Access16", 16, "1T1R", "ohmic", "virtual-ground"},
                      Case{"AccessSinh8", 8, "1T1R", "sinh", "virtual-ground"},
                      Case{"Selector16", 16, "1S1R", "ohmic", "virtual-ground"},
                      Case{"SelectorSinh8", 8, "1S1R", "sinh", "virtual-ground"},
                      Case{"SelectorTia8", 8, "1S1R", "ohmic", "tia"},
                      Case{"Tia16", 16, "1R", "ohmic", "tia"},
                      Case{"TiaSinh8", 8, "1R", "sinh", "tia"},
                      Case{"AccessCubicTia8", 8, "1T1R", "cubic", "tia"},
                      varied({"VariedOhmic16", 16, "1R", "ohmic", "virtual-ground"}),
                      varied({"VariedSinh8", 8, "1R", "sinh", "virtual-ground"}),
                      varied({"VariedAccess8", 8, "1T1R", "ohmic", "virtual-ground"}),
                      varied({"VariedAccessSinh8", 8, "1T1R", "sinh", "tia"}),
                      varied({"VariedSelector8", 8, "1S1R", "ohmic", "tia"}),
                      varied({"VariedTia8", 8, "1R", "ohmic", "tia"})),
    name_of);

// A line without resistance is one node, and without an end's resistance that of its
// source or sense node.
INSTANTIATE_TEST_SUITE_P(
    WiresWithoutResistance, ThreeWay,
    ::testing::Values(
        Case{"Word", 16, "1R", "ohmic", "virtual-ground", 0, 5, 0, 0},
        Case{"DrivenWord", 16, "1R", "ohmic", "virtual-ground", 0, 5, 100, 20},
        Case{"Bit", 16, "1R", "ohmic", "virtual-ground", 5, 0, 20, 0},
        Case{"SensedBit", 16, "1R", "ohmic", "virtual-ground", 5, 0, 0, 100},
        Case{"Both", 16, "1R", "ohmic", "virtual-ground", 0, 0, 0, 0},
        Case{"BothWithEnds", 20, "1R", "ohmic", "virtual-ground", 0, 0, 100, 200},
        Case{"SinhWord", 8, "1R", "sinh", "virtual-ground", 0, 5, 0, 20},
        Case{"SinhBit", 8, "1R", "sinh", "virtual-ground", 5, 0, 100, 100},
        Case{"SinhBitAtGround", 8, "1R", "sinh", "virtual-ground", 5, 0, 0, 0},
        Case{"SelectorBoth", 8, "1S1R", "ohmic", "virtual-ground", 0, 0, 0, 0},
        Case{"AccessWord", 8, "1T1R", "ohmic", "virtual-ground", 0, 5, 0, 0},
        Case{"AccessBit", 8, "1T1R", "ohmic", "virtual-ground", 5, 0, 20, 20},
        Case{"TiaBit", 8, "1R", "ohmic", "tia", 5, 0, 20, 20},
        Case{"TiaAtTheCells", 8, "1R", "ohmic", "tia", 5, 0, 20, 0},
        Case{"TiaAtSinhCells", 8, "1R", "sinh", "tia", 5, 0, 0, 0},
        Case{"TiaAtAccess", 8, "1T1R", "ohmic", "tia", 5, 0, 20, 0},
        Case{"TiaWithoutWires", 8, "1R", "sinh", "tia", 0, 0, 0, 0},
        Case{"TiaWord", 8, "1R", "sinh", "tia", 0, 5, 0, 0}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    AtBothEnds, ThreeWay,
    ::testing::Values(
        Case{"Grounds", 16, "1R", "ohmic", "virtual-ground", 5, 5, 20, 20, "both"},
        Case{"Tia", 16, "1R", "ohmic", "tia", 5, 5, 20, 20, "both"},
        Case{"TiaWithoutEnds", 16, "1R", "ohmic", "tia", 5, 5, 0, 0, "both"},
        Case{"TiaSinh", 8, "1R", "sinh", "tia", 5, 5, 20, 20, "both"},
        Case{"TiaAccess", 8, "1T1R", "ohmic", "tia", 5, 5, 20, 20, "both"},
        Case{"TiaIdealWord", 8, "1R", "ohmic", "tia", 0, 5, 20, 20, "both"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    OpenBitLines, ThreeWay,
    ::testing::Values(Case{"Ohmic", 24, "open", "ohmic", "buffer", 5, 5, 20, 20},
                      Case{"Sinh", 8, "open", "sinh", "buffer", 5, 5, 20, 20},
                      Case{"IdealWord", 16, "open", "ohmic", "buffer", 0, 5, 0, 0},
                      Case{"IdealBit", 16, "open", "ohmic", "buffer", 5, 0, 20, 20},
                      Case{"Ideal", 16, "open", "ohmic", "buffer", 0, 0, 0, 0}),
    name_of);

}  // namespace
}  // namespace arrayspice
