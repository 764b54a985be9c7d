// SPDX-License-Identifier: Apache-2.0
// Arrays of any computation type for tests, from a spec of three lines, and what the
// reference decks say of them.
#pragma once

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <regex>
#include <sstream>

#include "behavior/mvm.hpp"
#include "netlists/arrays/array_type.hpp"
#include "netlists/arrays/random.hpp"
#include "tests/tools/program.hpp"

namespace arrayspice {

using Overrides = std::vector<std::string>;

inline ArraySpec typed_array(const std::string& type, std::int64_t rows,
                             std::int64_t columns, const Overrides& overrides) {
  Sources sources;
  Diagnostics diagnostics;
  const auto spec =
      read_spec_text("[array]\ntype = \"" + type + "\"\nrows = " + std::to_string(rows) +
                         "\ncolumns = " + std::to_string(columns) + "\n",
                     "types.toml", overrides, sources, diagnostics);
  for (const Diagnostic& d : diagnostics.all()) ADD_FAILURE() << render(d, sources);
  return spec.value();
}

/// One vector of inputs over the whole range of the type.
inline Matrix inputs_over_the_range(const ArraySpec& spec) {
  const Domain domain = input_domain(spec);
  Matrix inputs{1, spec.array.rows, {}};
  for (std::int64_t i = 0; i < spec.array.rows; ++i) {
    const double u = uniform(7, Draw::Input, 0, i);
    const double value = domain.minimum + u * (domain.maximum - domain.minimum);
    inputs.values.push_back(domain.unit == "level" ? std::round(value) : value);
  }
  return inputs;
}

inline std::vector<double> solved(const ArraySpec& spec, const Matrix& weights,
                                  const Matrix& inputs) {
  return ArraySolver(spec, weights).multiply(inputs).values;
}

/// Our own deck with a hundredth of the error that a step may make: what mvm allows, 1e-6
/// of a voltage, shifts a chain's delay by some 3e-6 of it. step: the largest, s; empty:
/// as the array has it.
inline std::vector<double> solved_tightly(const ArraySpec& spec, const Matrix& weights,
                                          const Matrix& inputs,
                                          const std::string& step = {}) {
  std::string deck = array_deck(spec, weights, inputs.values, Dialect::Native);
  const std::string usual = "reltol=1e-06";
  deck.replace(deck.find(usual), usual.size(), "reltol=1e-08");
  if (!step.empty())
    deck =
        std::regex_replace(deck, std::regex(R"((\.tran \S+ \S+ 0) \S+)"), "$1 " + step);
  const auto values = simulate(deck).values();
  std::vector<double> outputs;
  for (std::int64_t j = 0; j < spec.array.columns; ++j)
    outputs.push_back(values.at("y_" + std::to_string(j)));
  return outputs;
}

inline std::vector<double> closed_form(const ArraySpec& spec, const Matrix& weights,
                                       const Matrix& inputs) {
  return array_type(spec).ideal(spec, weights, inputs).values;
}

inline double largest(const std::vector<double>& values) {
  double most = 0.0;
  for (const double value : values) most = std::max(most, std::abs(value));
  return most;
}

inline void expect_near(const std::vector<double>& values,
                        const std::vector<double>& expected, double tolerance,
                        const std::string& what = {}) {
  ASSERT_EQ(values.size(), expected.size()) << what;
  for (std::size_t j = 0; j < values.size(); ++j)
    EXPECT_NEAR(values[j], expected[j], tolerance) << what << ", column " << j;
}

/// What a measure of a reference deck must give, with the tolerance of its file.
struct ExpectedMeasure {
  double value, tolerance;
};
inline ExpectedMeasure expected_measure(const std::string& deck,
                                        const std::string& measure) {
  std::ifstream lines(std::string(ARRAYSPICE_TEST_DATA) + "/../decks/types/expected.csv");
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::vector<std::string> field(7);
    for (std::string& f : field) std::getline(fields, f, ',');
    if (field[0] != deck || field[1] != measure) continue;
    const double value = std::stod(field[3]);
    return {value, std::stod(field[5]) * std::abs(value) + std::stod(field[6])};
  }
  ADD_FAILURE() << deck << " has no measure " << measure;
  return {};
}

/// Outputs, moved by `origin`, against measures `stem`_0, `stem`_1 ...
inline void expect_measures(const std::string& deck, const std::string& stem,
                            const std::vector<double>& outputs, double origin = 0.0) {
  for (std::size_t j = 0; j < outputs.size(); ++j) {
    const std::string name = stem + "_" + std::to_string(j);
    const ExpectedMeasure e = expected_measure(deck, name);
    EXPECT_NEAR(outputs[j] + origin, e.value, e.tolerance) << deck << ' ' << name;
  }
}

}  // namespace arrayspice
