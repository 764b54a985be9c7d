// SPDX-License-Identifier: Apache-2.0
// Readout tables: arrays of every type within a thousandth of full scale on weights and
// inputs that no table was fitted to.
#include "behavior/fit_readout.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "behavior/fit_table.hpp"
#include "behavior/readout_file.hpp"
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
  const ReadoutExport found = fit_readout(spec, {}, {});
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
