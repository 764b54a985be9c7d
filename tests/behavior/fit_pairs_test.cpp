// SPDX-License-Identifier: Apache-2.0
// Line models of differential pairs, of cells with their input on a gate, and of
// regulated cascodes, on held-out circuit solves.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "behavior/fit_model.hpp"
#include "behavior/sense_end.hpp"
#include "netlists/arrays/pairs.hpp"
#include "typed_arrays.hpp"

namespace arrayspice {
namespace {

ArraySpec current_domain(const Overrides& overrides) {
  return typed_array("current-domain", 8, 6, overrides);
}

struct Case {
  std::string name;
  Overrides overrides;
};

class FitPairs : public testing::TestWithParam<Case> {};

/// test.y are circuit solves of the array as it is described.
TEST_P(FitPairs, LinesAreNearTheCircuit) {
  const ArraySpec spec = current_domain(GetParam().overrides);
  const ExportedModel model = fit_model(spec, {}, {});
  EXPECT_LE(model.accuracy.nrmse, 1e-4);
  const Matrix w = weights_of(model.test, spec, 3), x = inputs_of(model.test, spec, 3);
  const Matrix y = ArraySolver(spec, programmed_conductances(spec, w)).multiply(x);
  for (std::int64_t j = 0; j < y.columns; ++j)
    EXPECT_DOUBLE_EQ(model.test.y(3, j), y(0, j));
}

TEST_P(FitPairs, ReadBackAsWritten) {
  const ArraySpec spec = current_domain(GetParam().overrides);
  const ExportedModel model = fit_model(spec, {}, {});
  const NpzContents read = parse_npz(npz_bytes(model_contents(model, spec, {})), "m.npz");
  const ExportedModel same{line_model_of(read, "m.npz"),
                           anchored_settings_of(read, "m.npz"), model.tier};
  const Matrix w = weights_of(model.test, spec, 0), x = inputs_of(model.test, spec, 0);
  const Matrix y = logical_outputs(
      spec, model_outputs(same, physical_weights(spec, w), physical_inputs(spec, x)));
  for (std::int64_t j = 0; j < y.columns; ++j)
    EXPECT_NEAR(y(0, j), model.test.model(0, j), 1e-15);
  const auto meta = nlohmann::json::parse(read.texts.at("meta.json"));
  EXPECT_EQ(meta["M"], 8);
  EXPECT_EQ(meta["N"], 6);
  EXPECT_EQ(meta.contains("pairs"), has_pairs(spec));
}

INSTANTIATE_TEST_SUITE_P(
    Arrays, FitPairs,
    testing::Values(
        Case{"separate", {"array.pairs=separate"}},
        Case{"interleaved", {"array.pairs=interleaved", "cell.model=sinh"}},
        Case{"gates", {"cell.structure=gate-input"}},
        Case{"gates_of_sinh", {"cell.structure=gate-input", "cell.model=sinh"}},
        Case{"cascodes", {"sense.kind=regulated-cascode"}},
        Case{"poor_cascodes",
             {"sense.kind=regulated-cascode", "sense.gain=1000", "sense.offset=1e-3"}},
        Case{"all",
             {"array.pairs=separate", "cell.structure=gate-input",
              "sense.kind=regulated-cascode"}}),
    [](const auto& info) { return info.param.name; });

/// A gate's row brings its cell's current at the read voltage, or none.
TEST(FitPairs, GatesSwitchRows) {
  const ArraySpec spec =
      current_domain({"cell.structure=gate-input", "wire.bit_line_resistance=0"});
  const LineModel line = fit_model(spec, {}, {}).line;
  const Matrix g{8, 6, std::vector<double>(48, 4e-5)};
  Matrix x{1, 8, std::vector<double>(8, 0.0)};
  EXPECT_EQ(line_outputs(line, g, x)(0, 0), 0.0);
  x(0, 3) = 1.0;
  const double of_one = line.table.at(line.table.cell(4e-5), spec.supply.read).i;
  EXPECT_NEAR(line_outputs(line, g, x)(0, 0), of_one, 1e-9 * of_one);
}

/// An amplifier of gain A moves the line by 1/A of what the gate needs: its threshold and
/// overdrive, less with less gain by that factor.
TEST(SenseEnd, OfACascodeFallsWithItsGain) {
  EXPECT_EQ(measure_sense_end(current_domain({})).voltage, 0.0);
  const auto end = [](const std::string& gain) {
    return measure_sense_end(
        current_domain({"sense.kind=regulated-cascode", "sense.gain=" + gain}));
  };
  const SenseEnd poor = end("1000"), good = end("10000");
  EXPECT_GT(poor.resistance, 0.0);
  EXPECT_NEAR(poor.resistance / good.resistance, 10.0, 0.1);
  EXPECT_NEAR(poor.voltage / good.voltage, 10.0, 0.1);
}

/// What a model that takes 0 V for the end of its lines would be worth.
TEST(SenseEnd, IsNeededWhereAmplifiersHaveOffsets) {
  const ArraySpec spec = current_domain(
      {"sense.kind=regulated-cascode", "sense.gain=1000", "sense.offset=1e-3"});
  ExportedModel model = fit_model(spec, {}, {});
  model.line.sense_voltage = 0.0;
  Matrix outputs{0, 6, {}};
  for (std::int64_t k = 0; k < model.test.count; ++k) {
    const Matrix y = model_outputs(model, weights_of(model.test, spec, k),
                                   inputs_of(model.test, spec, k));
    outputs.values.insert(outputs.values.end(), y.values.begin(), y.values.end());
    ++outputs.rows;
  }
  EXPECT_GT(accuracy_of(outputs, model.test.y).nrmse, 1e-3);
}

}  // namespace
}  // namespace arrayspice
