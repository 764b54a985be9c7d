// SPDX-License-Identifier: Apache-2.0
// Every cell structure of every type, made from a spec: mvm, our own deck and, for arrays
// of 16 x 16, the same deck in ngspice give the same outputs.
#include "tests/netlists/arrays/array_decks.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "netlists/arrays/array_type.hpp"
#include "netlists/arrays/random.hpp"
#include "netlists/npy.hpp"
#include "program.hpp"

namespace arrayspice {
namespace {

struct Structure {
  std::string type, structure, sense;
};

std::vector<Structure> all_structures() {
  std::vector<Structure> all;
  for (const ArrayType* type : array_types())
    for (const CellStructure& structure : type->structures)
      for (const std::string_view sense : structure.senses)
        all.push_back(
            {std::string(type->name), std::string(structure.name), std::string(sense)});
  return all;
}

std::string test_name(const ::testing::TestParamInfo<Structure>& info) {
  std::string name =
      info.param.type + '_' + info.param.structure + '_' + info.param.sense;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(c); }, '_');
  return name;
}

class EveryStructure : public ::testing::TestWithParam<Structure> {
 protected:
  /// Outputs of an n x n array.
  void prepare(std::int64_t n, const std::string& variation = {}) {
    const Structure& s = GetParam();
    spec_file_ = scratch_.write(
        "array.toml", "[array]\ntype = \"" + s.type + "\"\nrows = " + std::to_string(n) +
                          "\ncolumns = " + std::to_string(n) + "\n" +
                          "[cell]\nstructure = \"" + s.structure +
                          "\"\n[sense]\nkind = \"" + s.sense + "\"\n" + variation);
    Sources sources;
    Diagnostics diagnostics;
    const ArraySpec spec = *read_spec(spec_file_, {}, sources, diagnostics);
    is_transient_ = array_type(spec).experiment(spec).is_transient();
    const Domain domain = input_domain(spec);
    std::vector<double> inputs;
    const std::string_view unit = array_type(spec).experiment(spec).unit;
    for (std::int64_t i = 0; i < n; ++i) {
      double value = domain.minimum +
                     uniform(5, Draw::Input, 0, i) * (domain.maximum - domain.minimum);
      if (unit == "s" || unit == "Hz")
        value = 0.5 * (value + domain.maximum);  // so that lines get there
      if (domain.unit == "level") value = i == 0 ? domain.maximum : std::round(value);
      inputs.push_back(value);
    }
    const std::int64_t shape[] = {1, n};
    scratch_.write("x.npy", npy_bytes(shape, inputs));
    const auto done =
        run_program("mvm " + arguments() + " -o " + (scratch_ / "y.npy").string());
    ASSERT_EQ(done.code, 0) << done.err;
    y_ = read_matrix(scratch_ / "y.npy").values;
  }

  std::string arguments() const {
    return spec_file_ + " --quiet --inputs " + (scratch_ / "x.npy").string();
  }
  std::string deck(const std::string& dialect) const {
    const std::string file = (scratch_ / (dialect + ".cir")).string();
    const auto done =
        run_program("generate " + arguments() + " --dialect " + dialect + " -o " + file);
    EXPECT_EQ(done.code, 0) << done.err;
    return file;
  }
  /// Outputs as the deck names them, against those of mvm: parts of the largest.
  void expect_outputs(const std::map<std::string, double>& results, double part) const {
    double largest = 0.0;
    for (const double y : y_) largest = std::max(largest, std::abs(y));
    for (std::size_t j = 0; j < y_.size(); ++j) {
      const std::string index = std::to_string(j);
      const double* found = nullptr;
      for (const std::string& name :
           {"y_" + index, "v(out_" + index + ")", "i(vsense_" + index + ")",
            "i(Vsense_" + index + ")"})
        if (const auto at = results.find(name); at != results.end()) found = &at->second;
      ASSERT_TRUE(found) << "output " << j;
      EXPECT_NEAR(*found, y_[j], part * largest) << j;
    }
  }

  ScratchFolder scratch_;
  std::string spec_file_;
  std::vector<double> y_;
  bool is_transient_ = false;
};

TEST_P(EveryStructure, GivesTheSameAsOurDeck) {
  prepare(6);
  const auto result = run_program("simulate --quiet " + deck("native"));
  ASSERT_EQ(result.code, 0) << result.err;
  expect_outputs(result.values(), is_transient_ ? 1e-5 : 1e-8);
}

TEST_P(EveryStructure, GivesTheSameInNgspice) {
  if (!has_ngspice()) GTEST_SKIP() << "ngspice is not installed";
  prepare(16);
  expect_outputs(run_ngspice(read_text(deck("ngspice"))), is_transient_ ? 1e-3 : 1e-6);
}

TEST_P(EveryStructure, IsTheSameChipInDecks) {
  prepare(3,
          "[variation]\nchip = 2\nconductance_sigma = 0.1\nread_noise = 0.05\n"
          "capacitor_sigma = 0.05\nresistor_sigma = 0.05\n"
          "threshold_coefficient = 5e-10\ngain_coefficient = 2e-9\n"
          "wire_resistance_sigma = 0.2\nwire_capacitance_sigma = 0.2\n"
          "amplifier_offset_sigma = 2e-3\ncomparator_offset_sigma = 2e-3\n"
          "supply_sigma = 0.01\njitter = 1e-12\n"
          "[switch]\nchannel_capacitance = 1e-16\n");
  const auto result = run_program("simulate --quiet " + deck("native"));
  ASSERT_EQ(result.code, 0) << result.err;
  expect_outputs(result.values(), is_transient_ ? 1e-5 : 1e-8);
  if (has_ngspice())
    expect_outputs(run_ngspice(read_text(deck("ngspice"))), is_transient_ ? 1e-3 : 1e-6);
}

INSTANTIATE_TEST_SUITE_P(Types, EveryStructure, ::testing::ValuesIn(all_structures()),
                         test_name);

// A word line of 1e30 F leaves only rounding of the currents: no unknown moves any more.
TEST(ArrayTypes, ACircuitInWhichNothingMovesStillNamesItsTrouble) {
  const ScratchFolder scratch;
  const std::string spec = scratch.write("a.toml",
                                         "array.type = \"capacitive-division\"\n"
                                         "array.rows = 2\narray.columns = 2\n"
                                         "cell.structure = \"programmable\"\n"
                                         "wire.word_line_capacitance = 1e30\n");
  const std::string deck = (scratch / "a.cir").string();
  ASSERT_EQ(run_program("generate " + spec + " -o " + deck).code, 0);
  const auto result = run_program("simulate " + deck);
  EXPECT_EQ(result.code, 1);
  EXPECT_NE(result.err.find("trouble at out_"), std::string::npos) << result.err;
}

TEST(ArrayTypes, CellModelsAreListedWhereWeightsAreConductances) {
  const auto lists_models = [](const std::string& type) {
    return run_program("generate --list-cells" + type).out.find("cell.model") !=
           std::string::npos;
  };
  EXPECT_TRUE(lists_models(""));
  EXPECT_TRUE(lists_models(" current-domain"));
  EXPECT_FALSE(lists_models(" charge-redistribution"));
}

TEST(ArrayTypes, AllAreListedAndRunFromThreeLines) {
  const auto list = run_program("generate --list-types");
  std::istringstream names(list.out);
  const ScratchFolder scratch;
  int types = 0;
  for (std::string name; std::getline(names, name); ++types) {
    EXPECT_EQ(run_program("generate --list-cells " + name).code, 0);
    const auto deck = run_program(
        "generate " +
        scratch.write("a.toml", "array.type = \"" + name +
                                    "\"\narray.rows = 3\narray.columns = 2\n") +
        " -o " + (scratch / "a.cir").string());
    EXPECT_EQ(deck.code, 0) << deck.err;
    const auto run = run_program("simulate " + (scratch / "a.cir").string());
    EXPECT_EQ(run.code, 0) << name << run.err;
  }
  EXPECT_GE(types, 4);
}

}  // namespace
}  // namespace arrayspice
