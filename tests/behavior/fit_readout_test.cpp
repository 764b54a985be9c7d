// SPDX-License-Identifier: Apache-2.0
// Readout tables: arrays of every type within a thousandth of full scale on weights and
// inputs that no table was fitted to.
#include "behavior/fit_readout.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "behavior/fit_neighbours.hpp"
#include "behavior/fit_table.hpp"
#include "behavior/readout_file.hpp"
#include "behavior/statistics.hpp"
#include "netlists/failure.hpp"
#include "typed_arrays.hpp"

namespace arrayspice {
namespace {

using testing::HasSubstr;

struct TypedArray {
  std::string type, structure;
  std::int64_t rows;
};

std::string structure(const std::string& name) { return "cell.structure=" + name; }

class EveryType : public testing::TestWithParam<TypedArray> {};

TEST_P(EveryType, IsATableWithinAThousandthOfFullScale) {
  const ArraySpec spec =
      typed_array(GetParam().type, GetParam().rows, 5, {structure(GetParam().structure)});
  const ReadoutExport found = fit_readout(spec, {}, {});
  EXPECT_LE(found.accuracy.nrmse, 1e-3);
  EXPECT_LE(found.model.readout.a.count, 17u);
  EXPECT_LE(found.model.readout.b.count, 17u);
  EXPECT_EQ(found.test.count, kTestSolves);
  EXPECT_FALSE(found.spread);
  // What helps none of them.
  EXPECT_FALSE(found.model.neighbours);
  EXPECT_EQ(found.model.coupling, 0.0);
}

INSTANTIATE_TEST_SUITE_P(Types, EveryType,
                         testing::Values(TypedArray{"charge-domain", "1T", 8},
                                         TypedArray{"charge-domain", "capacitor", 4},
                                         TypedArray{"charge-redistribution", "and", 4},
                                         TypedArray{"capacitive-division", "gated", 8},
                                         TypedArray{"capacitive-division", "programmable",
                                                    8},
                                         TypedArray{"resistive-division", "open", 8},
                                         TypedArray{"resistive-division", "pull", 8},
                                         TypedArray{"time-domain", "crossing", 8},
                                         TypedArray{"time-domain", "pwm", 4}),
                         [](const auto& info) {
                           std::string name =
                               info.param.type + "_" + info.param.structure;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

/// What the file's model says of the test set is what the fit said.
void expect_same_after_reading(const ReadoutExport& found, const ArraySpec& spec) {
  const NpzContents contents = readout_contents(found, spec, {});
  const ReadoutModel again = readout_model_of(
      contents, std::string(readout_feature_name(found.model.second)), "model.npz");
  for (std::int64_t k = 0; k < found.test.count; ++k) {
    const Matrix y = readout_outputs(again, weights_of(found.test, spec, k),
                                     inputs_of(found.test, spec, k));
    for (std::int64_t j = 0; j < y.columns; ++j)
      EXPECT_NEAR(y(0, j), found.test.model(k, j), 1e-12 * found.full_scale);
  }
}

class Starved
    : public testing::TestWithParam<std::pair<std::int64_t, std::vector<std::string>>> {};

/// Without the term of neighbours these chains stay above 1e-3.
TEST_P(Starved, StagesDelayThoseAfterThem) {
  const auto& [rows, overrides] = GetParam();
  Overrides all{structure("starved")};
  all.insert(all.end(), overrides.begin(), overrides.end());
  const ArraySpec spec = typed_array("time-domain", rows, 4, all);
  const ReadoutExport found = fit_readout(spec, {}, {});
  EXPECT_LE(found.accuracy.nrmse, 5e-4);
  ASSERT_TRUE(found.model.neighbours);
  EXPECT_EQ(found.model.neighbours->distance, 2u);  // the next stage that is starved
  expect_same_after_reading(found, spec);
}

INSTANTIATE_TEST_SUITE_P(Chains, Starved,
                         testing::Values(std::pair(std::int64_t{7}, Overrides{}),
                                         std::pair(std::int64_t{8},
                                                   Overrides{"cell.minimum=0.55"})));

TEST(FitReadout, SinhCellsDivideByTheirCurrentsAndSlopes) {
  ArraySpec spec = typed_array("resistive-division", 16, 8, {structure("open")});
  spec.cell.model = "sinh";
  spec.wire.word_line_resistance = spec.wire.bit_line_resistance = 0.0;
  const ReadoutExport found = fit_readout(spec, {}, {});
  EXPECT_LE(found.accuracy.nrmse, 1e-3);
  EXPECT_TRUE(found.model.division);
}

TEST(FitReadout, ReadsBackAsWritten) {
  const ArraySpec spec = typed_array("resistive-division", 6, 4, {structure("open")});
  expect_same_after_reading(fit_readout(spec, {}, {}), spec);
}

TEST(FitReadout, VariationSpreadsTheColumns) {
  ArraySpec spec = typed_array("time-domain", 4, 8, {structure("pwm")});
  spec.variation.conductance_sigma = 0.1;
  const ReadoutExport found = fit_readout(spec, {}, {});
  ASSERT_TRUE(found.spread);
  // Of a sum over four cells with independent errors of 10 %, within a factor of two.
  EXPECT_GT(found.spread->gain, 0.1 / std::sqrt(4.0) / 2.0);
  EXPECT_LT(found.spread->gain, 0.1 / std::sqrt(4.0) * 2.0);
}

TEST(FitReadout, RefusesWhatItDoesNotReach) {
  FitOptions options;
  options.max_error = 1e-9;
  try {
    fit_readout(typed_array("charge-domain", 4, 3, {structure("1T")}), options, {});
    FAIL() << "accepted";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Exit::Numeric);
    EXPECT_THAT(failure.what(), HasSubstr("above the allowed 1e-09"));
  }
}

/// Two rows of three columns, cells that multiply.
ReadoutModel two_rows() {
  ReadoutModel model;
  model.cell = {{0.0, 1.0, 2}, {0.0, 2.0, 2}, {0.0, 0.0, 0.0, 2.0}};
  model.readout = {{0.0, 1.0, 2}, {0.0, 1.0, 1}, {0.0, 1.0}};
  return model;
}

TEST(ReadoutModel, ARowActsOnTheNextOne) {
  ReadoutModel model = two_rows();
  model.neighbours = {1, 2, {0.5, 0.0, 0.0, 0.25}, {3.0, 7.0, 0.0, 0.0}};
  const double w[] = {0.4, 1.6};
  const Matrix y = readout_outputs(model, {2, 1, {w[0], w[1]}}, {1, 2, {1.0, 1.0}});
  // phi_1 = f/2. The table knows f w at its ends only, so phi_2 is the same line.
  const double phi[] = {w[0] / 2.0, w[1] / 2.0};
  EXPECT_NEAR(y(0, 0),
              w[0] + w[1] + 0.5 * phi[0] + 0.25 * phi[1] + (3.0 + 7.0) * phi[1] * phi[0],
              1e-12);
}

/// Two columns: both end k/(1 + 2k) of their difference nearer to each other.
TEST(ReadoutModel, CoupledColumnsDrawEachOther) {
  const double k = 0.3, shift = k / (1.0 + 2.0 * k);
  const Matrix y = coupled(k, {1, 2, {1.0, 0.0}});
  EXPECT_NEAR(y(0, 0), 1.0 - shift, 1e-15);
  EXPECT_NEAR(y(0, 1), shift, 1e-15);
  const Matrix alone{2, 4, {1.0, -2.0, 0.5, 3.0, 0.0, 1.0, 1.0, -1.0}};
  const Matrix again = decoupled(k, coupled(k, alone));
  for (std::size_t n = 0; n < alone.values.size(); ++n)
    EXPECT_NEAR(again.values[n], alone.values[n], 1e-14);
}

/// Lines of C = 2 fF + 4 x 1 fF with 4 x 0.5 fF to each neighbour.
TEST(FitReadout, CapacitancesBetweenLinesCoupleTheirColumns) {
  const ArraySpec spec =
      typed_array("charge-redistribution", 4, 5,
                  {structure("and"), "wire.coupling_capacitance=5e-16"});
  const ReadoutExport found = fit_readout(spec, {}, {});
  EXPECT_NEAR(found.model.coupling, 2.0 / 6.0, 1e-5);
  EXPECT_LE(found.accuracy.nrmse, 1e-6);
  expect_same_after_reading(found, spec);
}

TEST(FitReadout, CoupledLinesOfTransistorsStayWithinAThousandth) {
  const ArraySpec spec = typed_array(
      "charge-domain", 6, 5, {structure("1T"), "wire.coupling_capacitance=5e-16"});
  const ReadoutExport found = fit_readout(spec, {}, {});
  EXPECT_LE(found.accuracy.nrmse, 5e-4);
  EXPECT_GT(found.model.coupling, 0.05);
}

TEST(FitNeighbours, FindsTheProductsThatMadeTheSamples) {
  ArraySpec spec = typed_array("time-domain", 4, 3, {structure("crossing")});
  ReadoutModel model = two_rows(), truth = model;
  truth.neighbours = {2, 1, {0.1, 0.0, -0.2, 0.0}, {0.3, -0.2}};
  TestSet set;
  set.count = 30;
  set.y = {30, 3, {}};
  for (std::int64_t k = 0; k < set.count; ++k) {
    Matrix w{4, 3, {}}, x{1, 4, {}};
    for (std::int64_t c = 0; c < 12; ++c)
      w.values.push_back(2.0 * uniform(1, Draw::TestWeight, k, c));
    for (std::int64_t i = 0; i < 4; ++i)
      x.values.push_back(uniform(1, Draw::TestInput, k, i));
    const Matrix y = readout_outputs(truth, w, x);
    set.w.insert(set.w.end(), w.values.begin(), w.values.end());
    set.x.insert(set.x.end(), x.values.begin(), x.values.end());
    set.y.values.insert(set.y.values.end(), y.values.begin(), y.values.end());
  }
  // The gain of s comes from a line without the products and takes a part of them; what
  // all say together is exact.
  model.neighbours = fit_neighbours(model, set, spec, 2, 1);
  std::vector<double> u, y;
  for (std::int64_t k = 0; k < set.count; ++k)
    for (const double s :
         readout_sums(model, weights_of(set, spec, k), inputs_of(set, spec, k)).u)
      u.push_back(s);
  EXPECT_LT(fit_line(u, set.y.values).residual, 1e-12);
}

TEST(ReadoutEffects, ConvertersAndNoiseAreThoseOfTheSpec) {
  const ArraySpec spec = typed_array("charge-domain", 4, 3,
                                     {structure("1T"), "converter.adc=ideal",
                                      "converter.adc_bits=3", "noise.sense=2e-3"});
  const auto converter = converter_table(spec);
  ASSERT_TRUE(converter);
  EXPECT_EQ(converter->thresholds.columns, 7);
  const double lsb = converter->values[1] - converter->values[0];
  for (std::int64_t code = 1; code < 8; ++code)
    EXPECT_NEAR(converter->thresholds(2, code - 1),
                converter->values[static_cast<std::size_t>(code)] - 0.5 * lsb,
                1e-9 * lsb);
  const TestSet set = solve_test_set(spec, 0, 2, {}, 1, [](double) {});
  EXPECT_THAT(noise_of_outputs(spec, set),
              testing::Each(testing::DoubleNear(2e-3, 1e-9)));
  EXPECT_FALSE(converter_table(typed_array("charge-domain", 4, 3, {structure("1T")})));
}

/// Bit lines are reset to 0 V through a switch: what is left decays as exp(-t/(R C)).
TEST(ReadoutEffects, WhatIsReadEarlyHasNotSettled) {
  const double ohm = 1e5;
  const ArraySpec spec = typed_array("charge-redistribution", 4, 3,
                                     {structure("and"), "switch.on_resistance=1e5"});
  const TestSet set = solve_test_set(spec, 0, 5, {}, 1, [](double) {});
  const auto curve = measure_settling_curve(spec, set, 1);
  ASSERT_TRUE(curve);
  const auto error_at = [&](double part) {
    const auto at = std::ranges::find(curve->time, part * spec.timing.phase);
    EXPECT_NE(at, curve->time.end());
    return curve->error[static_cast<std::size_t>(at - curve->time.begin())];
  };
  EXPECT_NEAR(error_at(1.0), 0.0, 1e-9);
  EXPECT_GT(std::abs(error_at(0.25)), 0.02);
  const double tau = ohm * spec.sense.load_capacitance;
  EXPECT_NEAR(std::log(error_at(0.25) / error_at(0.5)), 0.25 * spec.timing.phase / tau,
              0.05 * 0.25 * spec.timing.phase / tau);
  EXPECT_FALSE(measure_settling_curve(
      typed_array("time-domain", 4, 3, {structure("crossing")}), set, 1));
}

TEST(FitTable, APlaneIsExactWhereverTheSamplesLie) {
  std::vector<double> a, b, y;
  for (int k = 0; k < 40; ++k) {
    a.push_back(0.1 * k);
    b.push_back(std::sin(3.0 * k));
    y.push_back(2.0 - 0.3 * a.back() + 5.0 * b.back());
  }
  const BilinearTable table = fit_table(a, b, y, 9, 5, 1e-2);
  EXPECT_NEAR(table.at(1.234, 0.5), 2.0 - 0.3 * 1.234 + 2.5, 1e-6);
  EXPECT_NEAR(table.at(-1.0, 2.0), 2.0 + 0.3 + 10.0, 1e-5);
}

TEST(FitTable, ACurveIsAsNearAsItsIntervalsAllow) {
  std::vector<double> a, b, y;
  for (int k = 0; k <= 400; ++k) {
    a.push_back(k / 400.0);
    b.push_back(0.0);
    y.push_back(std::exp(a.back()));
  }
  const BilinearTable table = fit_table(a, b, y, 17, 1, 1e-4);
  // Linear interpolation errs by h^2/8 of the second derivative, the best line by half.
  const double bound = std::exp(1.0) / (16.0 * 16.0) / 8.0;
  for (std::size_t k = 0; k < a.size(); ++k)
    EXPECT_NEAR(table.at(a[k], 0.0), y[k], bound);
}

}  // namespace
}  // namespace arrayspice
