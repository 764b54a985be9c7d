// SPDX-License-Identifier: Apache-2.0
// One small circuit of every way to compute in memory: amplifiers of finite gain,
// switches, two-phase clocks, floating nodes, threshold crossings. expected.csv has per
// measure a value from an independent solution and the tolerance that the deck's largest
// time step allows.
#include <gmock/gmock.h>

#include <cmath>
#include <vector>

#include "program.hpp"

namespace arrayspice {
namespace {

struct Expected {
  double value, relative, absolute;
};
using Measures = std::map<std::string, Expected>;

std::string folder() { return std::string(ARRAYSPICE_TEST_DATA) + "/../decks/types/"; }

/// deck,measure,ideal,modelled,ngspice,rtol,atol,note
std::map<std::string, Measures> read_expected() {
  std::map<std::string, Measures> decks;
  std::ifstream lines(folder() + "expected.csv");
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::vector<std::string> field(7);
    for (std::string& f : field) std::getline(fields, f, ',');
    decks[field[0]][field[1]] = {std::stod(field[3]), std::stod(field[5]),
                                 std::stod(field[6])};
  }
  return decks;
}

std::vector<std::string> deck_names() {
  std::vector<std::string> names;
  for (const auto& [name, measures] : read_expected()) names.push_back(name);
  return names;
}

class ComputationType : public ::testing::TestWithParam<std::string> {};

TEST_P(ComputationType, GivesTheModelledValues) {
  const auto result = run_program("simulate " + folder() + GetParam() + ".cir");
  ASSERT_EQ(result.code, 0) << result.err;
  const auto values = result.values();
  const auto all_expected = read_expected();  // outlives the loop over a part of it
  for (const auto& [name, expected] : all_expected.at(GetParam())) {
    ASSERT_TRUE(values.contains(name)) << name;
    EXPECT_NEAR(values.at(name), expected.value,
                expected.relative * std::abs(expected.value) + expected.absolute)
        << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Decks, ComputationType, ::testing::ValuesIn(deck_names()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace arrayspice
