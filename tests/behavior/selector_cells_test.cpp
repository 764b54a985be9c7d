// SPDX-License-Identifier: Apache-2.0
// Arrays of memory cells in series with selectors (1S1R): closed form without wires, the
// reference deck from a spec, all ways to solve.
#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

#include "behavior/extract.hpp"
#include "behavior/mvm.hpp"
#include "netlists/failure.hpp"
#include "netlists/netlist.hpp"
#include "solver/analysis.hpp"
#include "tests/netlists/arrays/array_decks.hpp"

namespace arrayspice {
namespace {

ArraySpec selector_array(std::int64_t n, double ohm_per_segment) {
  ArraySpec spec = square_array(n, ohm_per_segment);
  spec.cell.structure = "1S1R";
  return spec;
}

Matrix multiply(const ArraySpec& spec, const Matrix& g, const Matrix& x,
                MvmMethod method = MvmMethod::Auto) {
  MvmOptions options;
  options.method = method;
  return ArraySolver(spec, g, options).multiply(x);
}

/// V = R I + V0 asinh(I/I0), by Newton's method from a current below the root: the right
/// side is concave in I.
double closed_form(double volt, double siemens, const Selector::Model& selector) {
  double i = 0.0;
  for (int step = 0; step < 50; ++step) {
    const double v = i / siemens + selector.v0 * std::asinh(i / selector.i0);
    i += (volt - v) / (1.0 / siemens + selector.v0 / std::hypot(i, selector.i0));
  }
  return i;
}

TEST(SelectorCells, WithoutWiresCarryTheCurrentOfTheirClosedForm) {
  ArraySpec spec = selector_array(1, 0.0);
  spec.input.maximum = 2.0;
  for (const double v0 : {0.026, 0.06, 0.3}) {
    for (const double g : {1e-6, 1e-4}) {
      spec.selector.exponential.v0 = v0;
      for (const double volt : {-2.0, 0.01, 0.2, 1.0}) {
        const double expected = closed_form(volt, g, spec.selector.exponential);
        const double y =
            multiply(spec, uniform_matrix(1, 1, g), uniform_matrix(1, 1, volt))(0, 0);
        EXPECT_NEAR(y, expected, 1e-9 * std::abs(expected)) << v0 << ' ' << g;
      }
    }
  }
}

TEST(SelectorCells, OnWiresTooSmallToMatterCarryTheCurrentOfTheirClosedForm) {
  // 1e-6 ohm a segment: IR drop below 1e-9 of the voltage. By lines.
  ArraySpec spec = selector_array(5, 1e-6);
  spec.input.maximum = 2.0;
  const Matrix g = default_weights(spec);
  for (const double volt : {-2.0, 0.01, 0.2, 1.0}) {
    const Matrix y = multiply(spec, g, uniform_matrix(1, 5, volt), MvmMethod::Lines);
    for (std::int64_t j = 0; j < 5; ++j) {
      double expected = 0.0;
      for (std::int64_t i = 0; i < 5; ++i)
        expected += closed_form(volt, g(i, j), spec.selector.exponential);
      EXPECT_NEAR(y(0, j), expected, 1e-8 * std::abs(expected)) << volt;
    }
  }
}

TEST(SelectorCells, ReproduceTheReferenceDeckFromASpec) {
  // tests/decks/types/cd4_1s1r.cir, whose selectors are at the other side of the cells.
  ArraySpec spec = selector_array(4, 2.0);
  spec.array.columns = 2;
  spec.driver.resistance = 50.0;
  spec.input.maximum = 0.6;
  const Matrix g{4, 2, {5e-5, 1e-5, 2e-5, 5e-5, 1e-5, 2e-5, 5e-5, 5e-5}};
  const Matrix x{1, 4, {0.6, 0.3, 0.6, 0.3}};
  for (const MvmMethod method : {MvmMethod::Lines, MvmMethod::Circuit}) {
    const Matrix y = multiply(spec, g, x, method);
    EXPECT_NEAR(y(0, 0), 1.3888734e-05, 1e-6 * 1.4e-5);
    EXPECT_NEAR(y(0, 1), 9.36346494e-06, 1e-6 * 9.4e-6);
  }
}

TEST(SelectorCells, OfHighVoltagesAndSteepSelectorsAgreeByLinesAndByCircuit) {
  ArraySpec spec = selector_array(20, 5.0);
  spec.selector.exponential = {.i0 = 2e-12, .v0 = 0.026};
  spec.input.maximum = 2.0;
  Matrix g = default_weights(spec);
  g(3, 4) = g(0, 0) = 0.0;  // absent cells
  Matrix x{2, 20, random_inputs(20, -2.0, 2.0)};
  // Half select: one row and one column at full voltage, shifted by half of it.
  for (std::int64_t i = 0; i < 20; ++i) x.values.push_back(i == 7 ? 2.0 : 1.0);
  ArraySpec programmed = spec;
  programmed.cell.minimum = 0.0;
  const Matrix lines = multiply(programmed, g, x, MvmMethod::Lines);
  const Matrix circuit = multiply(programmed, g, x, MvmMethod::Circuit);
  double largest = 0.0;
  for (const double y : circuit.values) largest = std::max(largest, std::abs(y));
  for (std::size_t k = 0; k < lines.values.size(); ++k)
    EXPECT_NEAR(lines.values[k], circuit.values[k], 1e-9 * largest);
}

TEST(SelectorCells, OfThresholdSelectorsSnapInDecksAndCircuitsAlike) {
  ArraySpec spec = selector_array(3, 1.0);
  spec.selector.model = "threshold";
  spec.input.maximum = 2.0;
  const Matrix g = uniform_matrix(3, 3, 5e-5), x{1, 3, {2.0, 0.5, 1.5}};
  ArraySolver solver(spec, g);
  const Matrix y = solver.multiply(x);
  EXPECT_EQ(solver.stats().method, "circuit");
  EXPECT_THAT(solver.stats().reason, ::testing::HasSubstr("two states"));
  // Rows 0 and 2 conduct through 1 kOhm more, row 1 does not; wires take about 1e-3.
  const double conducts = 3.5 / (1.0 / 5e-5 + spec.selector.threshold.ron);
  for (std::int64_t j = 0; j < 3; ++j) EXPECT_NEAR(y(0, j), conducts, 2e-3 * conducts);

  Sources sources;
  Diagnostics diagnostics;
  const std::string deck = array_deck(spec, g, x.values, Dialect::Native);
  auto netlist = read_netlist_text(deck, "array.cir", ".", {}, sources, diagnostics);
  ASSERT_TRUE(netlist);
  Circuit& circuit = *netlist->circuit;
  DirectSolver direct(circuit.pattern(), {}, circuit.conductive());
  std::vector<double> v(static_cast<std::size_t>(circuit.unknowns()), 0.0);
  OperatingPointOptions options;
  options.tolerances = netlist->options.tolerances;
  ASSERT_TRUE(operating_point(circuit, direct, options, v).ok());
  for (std::int64_t j = 0; j < 3; ++j) {
    const auto sense = circuit.find_device("vsense_" + std::to_string(j));
    EXPECT_NEAR(v[circuit.branch_current(*sense)], y(0, j), 1e-9 * conducts);
  }
  EXPECT_THROW(array_deck(spec, g, x.values, Dialect::Ngspice), Failure);
  EXPECT_THROW(multiply(spec, g, x, MvmMethod::Lines), Failure);
}

TEST(SelectorCells, AreMeasuredLikeOthers) {
  const ArraySpec spec = selector_array(4, 1.0);
  const Extraction e = extract(spec, default_weights(spec), {}, {});
  const double g = spec.cell.maximum, v = spec.input.maximum;
  EXPECT_NEAR(e.cell_iv.columns.back().back(),
              closed_form(v, g, spec.selector.exponential), 1e-12 * g * v);
  // Selectors bend: at half of the inputs less than half of the outputs.
  const std::vector<double>& inl = e.inl.columns.back();
  EXPECT_THAT(inl, ::testing::Each(::testing::Gt(0.1)));
}

}  // namespace
}  // namespace arrayspice
