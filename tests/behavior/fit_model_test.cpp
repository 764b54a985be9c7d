// SPDX-License-Identifier: Apache-2.0
// Export: the model reaches the error asked for on arrays it has not seen, or none is
// written.
#include "behavior/fit_model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "behavior/mvm.hpp"
#include "behavior/test_vectors.hpp"
#include "netlists/failure.hpp"

namespace arrayspice {
namespace {

using testing::HasSubstr;

ArraySpec sinh_array() {
  ArraySpec spec;
  spec.array = {"current-domain", 12, 10, 1};
  spec.cell.model = "sinh";
  spec.input.maximum = 0.5;
  spec.wire.word_line_resistance = spec.wire.bit_line_resistance = 20.0;
  spec.driver.resistance = 30.0;
  spec.sense.resistance = 10.0;
  return spec;
}

FitOptions within(double error) {
  FitOptions options;
  options.max_error = error;
  return options;
}

TEST(FitModel, TakesMoreSweepsForALowerError) {
  const ExportedModel coarse = fit_model(sinh_array(), within(1e-2), {});
  const ExportedModel fine = fit_model(sinh_array(), within(1e-5), {});
  EXPECT_LE(coarse.accuracy.nrmse, 1e-2);
  EXPECT_LE(fine.accuracy.nrmse, 1e-5);
  EXPECT_LT(coarse.line.sweeps, fine.line.sweeps);
  EXPECT_LT(coarse.cost(), fine.cost());
}

TEST(FitModel, TakesTheTierWithTheFewestSweeps) {
  FitOptions options = within(1e-5);
  EXPECT_EQ(fit_model(sinh_array(), options, {}).tier, Tier::Anchored);
  options.tier = Tier::Line;
  const ExportedModel line = fit_model(sinh_array(), options, {});
  EXPECT_EQ(line.tier, Tier::Line);
  EXPECT_GT(line.line.sweeps, line.anchored->sweeps);
}

TEST(FitModel, AStartThatSparesNoSweepIsLeftOut) {
  ArraySpec spec = sinh_array();
  spec.wire.word_line_resistance = spec.wire.bit_line_resistance = 1e-4;
  const ExportedModel model = fit_model(spec, within(1e-2), {});
  EXPECT_EQ(model.tier, Tier::Line);
  EXPECT_FALSE(model.anchored);
  EXPECT_TRUE(fit_model(sinh_array(), within(1e-4), {}).anchored);
}

TEST(FitModel, MatrixProductsReachAThousandthOnInputsFromZero) {
  FitOptions options = within(3e-3);
  options.tier = Tier::Coral;
  const ExportedModel model = fit_model(sinh_array(), options, {});
  EXPECT_EQ(model.tier, Tier::Coral);
  EXPECT_LE(model.accuracy.nrmse, 3e-3);
  EXPECT_LT(*model.gradient_by_conductance, 5e-2);
  EXPECT_LT(*model.gradient_by_input, 5e-2);
  for (const double v : model.test.x) EXPECT_GE(v, 0.0);
}

TEST(FitModel, TheMatrixOfAnOhmicArrayIsExact) {
  ArraySpec spec = sinh_array();
  spec.cell.model = "ohmic";
  FitOptions options = within(1e-8);
  options.tier = Tier::Frozen;
  options.weights = test_vector(spec, 7, {}).weights;
  const ExportedModel model = fit_model(spec, options, {});
  EXPECT_LE(model.accuracy.nrmse, 1e-9);
  EXPECT_EQ(model.frozen_weights.values, options.weights.values);
}

TEST(FitModel, NoMatrixReplacesNonlinearCells) {
  FitOptions options = within(1e-2);
  options.tier = Tier::Frozen;
  options.weights = test_vector(sinh_array(), 7, {}).weights;
  try {
    fit_model(sinh_array(), options, {});
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Exit::Numeric);
    EXPECT_THAT(failure.what(), HasSubstr("(one matrix), above the allowed 0.01"));
  }
}

TEST(FitModel, AMatrixNeedsItsWeights) {
  FitOptions options;
  options.tier = Tier::Frozen;
  try {
    fit_model(sinh_array(), options, {});
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Exit::Input);
    EXPECT_THAT(failure.what(), HasSubstr("--weights"));
  }
}

TEST(FitModel, GradientsAreThoseOfTheCircuit) {
  const ExportedModel model = fit_model(sinh_array(), within(1e-4), {});
  ASSERT_TRUE(model.gradient_by_conductance && model.gradient_by_input);
  EXPECT_LT(*model.gradient_by_conductance, 1e-2);
  EXPECT_LT(*model.gradient_by_input, 1e-2);
}

TEST(FitModel, BaselinesAreFarBehind) {
  const ExportedModel model = fit_model(sinh_array(), within(1e-4), {});
  ASSERT_EQ(model.baselines.size(), 3u);
  for (const Baseline& baseline : model.baselines)
    EXPECT_GT(baseline.accuracy.nrmse, 100.0 * model.accuracy.nrmse) << baseline.name;
}

TEST(FitModel, HeldOutOutputsAreThoseOfMvm) {
  const ArraySpec spec = sinh_array();
  const ExportedModel model = fit_model(spec, within(1e-4), {});
  ASSERT_GE(model.test.count, 32);
  for (std::int64_t k = 0; k < model.test.count; k += 7) {
    const auto w = model.test.w.begin() + k * 120;
    const auto x = model.test.x.begin() + k * 12;
    ArraySolver solver(spec, {12, 10, {w, w + 120}});
    const Matrix y = solver.multiply({1, 12, {x, x + 12}});
    for (std::int64_t j = 0; j < 10; ++j)
      EXPECT_NEAR(y(0, j), model.test.y(k, j), 1e-9 * 1e-3) << k << ' ' << j;
  }
}

TEST(FitModel, TheModelDoesNotDependOnTheNumberOfThreads) {
  FitOptions options = within(1e-4);
  const ExportedModel one = fit_model(sinh_array(), options, {});
  options.threads = 3;
  const ExportedModel three = fit_model(sinh_array(), options, {});
  EXPECT_EQ(one.convergence, three.convergence);
  EXPECT_EQ(one.test.w, three.test.w);
  EXPECT_EQ(one.test.y.values, three.test.y.values);
  EXPECT_EQ(one.test.model.values, three.test.model.values);
  EXPECT_EQ(one.test.kinds, three.test.kinds);
}

TEST(FitModel, OtherGeometriesAreModelledToo) {
  ArraySpec spec = sinh_array();
  spec.driver.sides = spec.sense.sides = "both";
  EXPECT_LE(fit_model(spec, within(1e-5), {}).accuracy.nrmse, 1e-5);
  spec.wire.word_line_resistance = 0.0;
  EXPECT_LE(fit_model(spec, within(1e-5), {}).accuracy.nrmse, 1e-5);
  spec.driver.resistance = spec.sense.resistance = spec.wire.bit_line_resistance = 0.0;
  EXPECT_LE(fit_model(spec, within(1e-5), {}).accuracy.nrmse, 1e-5);
}

TEST(FitModel, AccessTransistorsAreModelledWithinAThousandth) {
  ArraySpec spec = sinh_array();
  spec.cell.structure = "1T1R";
  spec.input.maximum = 0.2;
  spec.wire.word_line_resistance = spec.wire.bit_line_resistance = 2.0;
  EXPECT_LE(fit_model(spec, {}, {}).accuracy.nrmse, 1e-3);
}

TEST(FitModel, RefusesWhatItCannotReach) {
  try {
    fit_model(sinh_array(), within(1e-13), {});
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Exit::Numeric);
    EXPECT_THAT(failure.what(), HasSubstr("the best model reaches an error of "));
    EXPECT_THAT(failure.what(), HasSubstr("--max-error"));
  }
}

TEST(FitModel, RefusesAnAmplifier) {
  ArraySpec spec = sinh_array();
  spec.sense.kind = "tia";
  try {
    fit_model(spec, {}, {});
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Exit::Input);
    EXPECT_THAT(failure.what(), HasSubstr("virtual-ground"));
  }
}

TEST(ModelFile, ReadsBackAsTheSameModel) {
  const ArraySpec spec = sinh_array();
  const ExportedModel model = fit_model(spec, within(1e-4), {});
  const NpzContents read = parse_npz(npz_bytes(model_contents(model, spec, {})), "m.npz");
  const ExportedModel same{line_model_of(read, "m.npz"),
                           anchored_settings_of(read, "m.npz"), model.tier};
  for (std::int64_t k = 0; k < 3; ++k) {
    const auto w = model.test.w.begin() + k * 120;
    const auto x = model.test.x.begin() + k * 12;
    const Matrix y = model_outputs(same, {12, 10, {w, w + 120}}, {1, 12, {x, x + 12}});
    for (std::int64_t j = 0; j < 10; ++j)
      EXPECT_NEAR(y(0, j), model.test.model(k, j), 1e-15);
  }
  const auto meta = nlohmann::json::parse(read.texts.at("meta.json"));
  EXPECT_EQ(meta["schema"], "aimc-behav/1");
  EXPECT_EQ(meta["wire"]["operator"], "awl");
  EXPECT_EQ(meta["wire"]["k"], model.anchored->sweeps);
  EXPECT_EQ(meta["accuracy"]["nrmse"], model.accuracy.nrmse);
  for (const auto& [name, array] : read.arrays)
    EXPECT_TRUE(meta["arrays"].contains(name));
}

TEST(ModelFile, NamesTheMemberThatIsMissing) {
  NpzContents contents;
  contents.arrays["cell/x"] = npy_vector({0, 1, 2, 3});
  try {
    line_model_of(contents, "m.npz");
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("m.npz: no member cell/w"));
  }
}

}  // namespace
}  // namespace arrayspice
