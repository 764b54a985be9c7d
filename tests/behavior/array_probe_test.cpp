// SPDX-License-Identifier: Apache-2.0
// What is measured by lines is what is measured on the circuit.
#include "behavior/array_probe.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "behavior/array_lines.hpp"
#include "netlists/failure.hpp"
#include "tests/netlists/arrays/array_decks.hpp"

namespace arrayspice {
namespace {

struct Case {
  std::string name, structure, model, sense;
  bool both_sides = false;
  double coupling = 0.0;  ///< F
};
std::string name_of(const ::testing::TestParamInfo<Case>& info) {
  return info.param.name;
}

ArraySpec spec_of(const Case& c) {
  ArraySpec spec = square_array(9, 5.0);
  spec.array.columns = 7;
  spec.cell.structure = c.structure;
  spec.cell.model = c.model;
  spec.driver.resistance = 20.0;
  spec.sense.resistance = 10.0;
  spec.sense.kind = c.sense;
  spec.sense.gain = 1e3;
  spec.sense.offset = 1e-3;
  spec.sense.feedback_resistance = 2e3;
  spec.sense.clamp = 0.5;
  if (c.both_sides) spec.driver.sides = spec.sense.sides = "both";
  return spec;
}

void expect_near(const std::vector<double>& a, const std::vector<double>& b,
                 double relative, const std::string& what) {
  ASSERT_EQ(a.size(), b.size()) << what;
  double largest = 0.0;
  for (const double v : b) largest = std::max(largest, std::abs(v));
  for (std::size_t k = 0; k < a.size(); ++k)
    EXPECT_NEAR(a[k], b[k], relative * largest) << what << ' ' << k;
}

class BothWays : public ::testing::TestWithParam<Case> {};

TEST_P(BothWays, MeasureTheSameAtRest) {
  const ArraySpec spec = spec_of(GetParam());
  ASSERT_EQ(why_not_lines(spec), "");
  const Matrix g = default_weights(spec);
  const auto lines = make_line_probe(spec, g), circuit = make_circuit_probe(spec, g);
  for (const std::vector<double>& inputs :
       {random_inputs(9, 0.0, 0.2), random_inputs(9, -0.2, 0.2)}) {
    for (const auto& probe : {lines.get(), circuit.get()}) probe->solve(inputs);
    expect_near(lines->outputs(), circuit->outputs(), 1e-8, "output");
    expect_near(lines->cell_voltages().values, circuit->cell_voltages().values, 1e-8,
                "cell voltage");
    expect_near(lines->effective_conductance().values,
                circuit->effective_conductance().values, 1e-8, "effective conductance");
    if (spec.sense.kind == "virtual-ground")
      expect_near(lines->output_conductance(), circuit->output_conductance(), 1e-8,
                  "output conductance");
  }
}

INSTANTIATE_TEST_SUITE_P(
    Arrays, BothWays,
    ::testing::Values(Case{"Ohmic", "1R", "ohmic", "virtual-ground"},
                      Case{"OhmicBothSides", "1R", "ohmic", "virtual-ground", true},
                      Case{"Sinh", "1R", "sinh", "virtual-ground"},
                      Case{"Access", "1T1R", "cubic", "virtual-ground"},
                      Case{"Selector", "1S1R", "ohmic", "virtual-ground"},
                      Case{"Tia", "1R", "ohmic", "tia"},
                      Case{"SinhTia", "1R", "sinh", "tia"}),
    name_of);

/// Outputs a time `stop` after a step of all inputs.
std::vector<double> after_step(ArrayProbe& probe, const std::vector<double>& inputs,
                               double stop) {
  std::vector<double> last;
  double t = -1.0;
  probe.step(inputs, {.stop = stop, .max_step = stop / 400, .reltol = 1e-7},
             [&](double now, std::span<const double> y) {
               EXPECT_GT(now, t);
               t = now;
               last.assign(y.begin(), y.end());
             });
  EXPECT_DOUBLE_EQ(t, stop);
  return last;
}

class Steps : public ::testing::TestWithParam<Case> {};

TEST_P(Steps, AreTheSameBothWays) {
  ArraySpec spec = spec_of(GetParam());
  spec.array.columns = 18;  // two panels of the array solver
  spec.wire.coupling_capacitance = GetParam().coupling;
  spec.wire.word_line_capacitance = 2e-15;
  spec.wire.bit_line_capacitance = 3e-15;
  if (GetParam().coupling > 0.0) {  // no two lines and no two amplifiers alike
    spec.variation.wire_capacitance_sigma = 0.4;
    spec.variation.resistor_sigma = 0.2;
  }
  ASSERT_EQ(why_not_line_step(spec), "");
  const Matrix g = default_weights(spec);
  const std::vector<double> inputs = random_inputs(9, 0.0, 0.2);
  const auto lines = make_line_probe(spec, g), circuit = make_circuit_probe(spec, g);
  circuit->solve(inputs);
  const std::vector<double> settled = circuit->outputs();
  double largest = 0.0;
  for (const double y : settled) largest = std::max(largest, std::abs(y));
  for (const double stop : {1e-12, 5e-12, 2e-11}) {
    const std::vector<double> by_lines = after_step(*lines, inputs, stop);
    const std::vector<double> as_circuit = after_step(*circuit, inputs, stop);
    for (std::size_t j = 0; j < settled.size(); ++j)
      EXPECT_NEAR(by_lines[j], as_circuit[j], 3e-6 * largest) << stop << ' ' << j;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Arrays, Steps,
    ::testing::Values(Case{"Ohmic", "1R", "ohmic", "virtual-ground"},
                      Case{"SinhBothSides", "1R", "sinh", "virtual-ground", true},
                      Case{"Access", "1T1R", "ohmic", "virtual-ground"},
                      Case{"Selector", "1S1R", "ohmic", "virtual-ground"},
                      Case{"Coupled", "1R", "ohmic", "virtual-ground", false, 4e-15},
                      Case{"SinhCoupled", "1R", "sinh", "virtual-ground", false, 4e-15},
                      Case{"AccessCoupled", "1T1R", "ohmic", "virtual-ground", false,
                           1e-15},
                      Case{"Tia", "1R", "ohmic", "tia"},
                      Case{"SinhTiaCoupled", "1R", "sinh", "tia", false, 2e-15}),
    name_of);

TEST(MeasureArray, GoesOnAsACircuitWhereTheLinesFail) {
  // At -2 V the bulk junctions of the transistors conduct, which a cell law cannot hold.
  ArraySpec spec = square_array(4, 1.0);
  spec.cell.structure = "1T1R";
  spec.access.gate_voltage = -1.0;
  spec.input.maximum = 2.0;
  const Matrix g = default_weights(spec);
  int begun = 0, ended = 0;
  std::vector<double> outputs;
  measure_array(spec, g, why_not_lines(spec), [&](ArrayProbe& probe) {
    ++begun;
    probe.solve(std::vector(4, -2.0));
    ++ended;
    outputs = probe.outputs();
  });
  EXPECT_EQ(begun, 2);
  EXPECT_EQ(ended, 1);
  const auto circuit = make_circuit_probe(spec, g);
  circuit->solve(std::vector(4, -2.0));
  EXPECT_EQ(outputs, circuit->outputs());
}

}  // namespace
}  // namespace arrayspice
