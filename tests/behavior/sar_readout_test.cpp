// SPDX-License-Identifier: Apache-2.0
// The SAR that converts with the capacitors of its own column: codes against a binary
// search in exact arithmetic over the capacitors that the chip got.
#include "netlists/arrays/sar_readout.hpp"

#include "behavior/chip_products.hpp"
#include "behavior/extract.hpp"
#include "netlists/arrays/chip.hpp"
#include "netlists/arrays/decision.hpp"
#include "tests/behavior/typed_arrays.hpp"

namespace arrayspice {
namespace {

constexpr double kUnit = 1e-15, kSupplyVoltage = 0.8;

ArraySpec sar_array(std::int64_t rows, std::int64_t columns, Overrides overrides) {
  overrides.insert(overrides.begin(), {"sense.kind=sar", "switch.off_resistance=1e18"});
  return typed_array("charge-redistribution", rows, columns, overrides);
}

std::vector<double> codes_of(const ArraySpec& spec, const std::vector<double>& outputs) {
  std::vector<double> codes;
  for (const double y : outputs) {
    codes.push_back(std::round((y - spec.supply.reset) / sar_step(spec)));
    EXPECT_NEAR(y, spec.supply.reset + codes.back() * sar_step(spec),
                1e-5 * sar_step(spec));
  }
  return codes;
}

/// The search in charges. weight: capacitances of the groups, from the least significant;
/// charge: what the line holds from V_rst on.
double searched(double charge, const std::vector<double>& weight) {
  double code = 0.0;
  for (std::int64_t k = std::ssize(weight) - 1; k >= 0; --k) {
    const double without = charge - kSupplyVoltage * weight[static_cast<std::size_t>(k)];
    EXPECT_GT(std::abs(without), 1e-4 * kUnit) << "a tie shows nothing";
    if (without < 0.0) continue;
    charge = without;
    code += std::ldexp(1.0, static_cast<int>(k));
  }
  return code;
}

/// The codes of one product with the capacitors of this chip; cells are in groups of
/// 2^(B-1) u, ... 2 u, u rows from the top.
std::vector<double> expected_codes(const ArraySpec& spec, const Matrix& weights,
                                   const Matrix& inputs, double offset = 0.0) {
  const auto drawn = [&](const char* stem, double farad, std::int64_t i, std::int64_t j) {
    const double sigma = spec.variation.capacitor_sigma / std::sqrt(farad / kUnit);
    return farad *
           (1.0 + sigma * normal(chip_of(spec), {Draw::Capacitor, stem}, i, j, -1));
  };
  std::vector<double> codes;
  for (std::int64_t j = 0; j < spec.array.columns; ++j) {
    const double unit = static_cast<double>(sar_unit(spec));
    const double half = drawn("Chalf", 0.5 * unit * kUnit, j, -1);
    std::vector<double> group(static_cast<std::size_t>(spec.sense.bits), 0.0);
    double charge = half * kSupplyVoltage, total = half + spec.sense.load_capacitance;
    std::int64_t i = 0;
    for (std::int64_t k = spec.sense.bits - 1; k >= -1; --k) {
      const std::int64_t end = k < 0 ? spec.array.rows : i + (sar_unit(spec) << k);
      for (; i < end; ++i) {
        const double c = drawn("Ccell", kUnit, i, j);
        const double sample = spec.cell.structure == "xnor" && weights(i, j) == 0.0
                                  ? kSupplyVoltage - inputs(0, i)
                                  : weights(i, j) * inputs(0, i);
        charge += c * (sample - spec.supply.reset);
        total += c;
        if (k >= 0) group[static_cast<std::size_t>(k)] += c;
      }
    }
    codes.push_back(searched(charge + offset * total, group));
  }
  return codes;
}

struct SarCase {
  std::string name;
  std::int64_t rows;
  Overrides overrides;
};
class SarCodes : public ::testing::TestWithParam<SarCase> {};

TEST_P(SarCodes, AreThoseOfTheSearchOverTheCapacitorsOfTheColumn) {
  const ArraySpec spec = sar_array(GetParam().rows, 5, GetParam().overrides);
  const Matrix w = default_weights(spec), x = inputs_over_the_range(spec);
  const std::vector<double> codes = codes_of(spec, solved(spec, w, x));
  expect_near(codes, expected_codes(spec, w, x), 0.0);
  if (spec.variation.capacitor_sigma == 0.0)
    expect_near(codes, codes_of(spec, closed_form(spec, w, x)), 0.0, "ideal");
  else
    EXPECT_NE(codes, codes_of(spec, closed_form(spec, w, x)));
}

INSTANTIATE_TEST_SUITE_P(
    Columns, SarCodes,
    ::testing::Values(
        SarCase{"Ideal", 16, {"sense.load_capacitance=0"}},
        SarCase{"MoreCellsThanSteps", 20, {"sense.bits=3", "sense.load_capacitance=0"}},
        SarCase{"SeveralCellsInAStep", 15, {"sense.bits=2"}},
        SarCase{"Xnor", 16, {"cell.structure=xnor"}},
        SarCase{"Mismatch", 32, {"variation.capacitor_sigma=0.3"}},
        SarCase{"MismatchOfXnor",
                16,
                {"cell.structure=xnor", "variation.capacitor_sigma=0.3"}},
        SarCase{"FromAnotherReset", 16, {"supply.reset=0.05"}}),
    [](const auto& info) { return info.param.name; });

/// What hangs on the line makes signal and DAC smaller alike.
TEST(Sar, ParasiticCapacitanceMovesNoCode) {
  const auto codes = [](const std::string& farad) {
    const ArraySpec spec = sar_array(16, 6, {"sense.load_capacitance=" + farad});
    return codes_of(spec,
                    solved(spec, default_weights(spec), inputs_over_the_range(spec)));
  };
  const std::vector<double> few = codes("0");
  EXPECT_GT(largest(few), 3.0);
  EXPECT_EQ(codes("5e-14"), few);  // three times all cells
}

TEST(Sar, AnOffsetOfTheComparatorCountsAsManyStepsAsTheLineKeepsOfOne) {
  const ArraySpec spec = sar_array(
      16, 6,
      {"variation.comparator_offset_sigma=0.02", "sense.load_capacitance=1.6e-14"});
  const Matrix w = default_weights(spec), x = inputs_over_the_range(spec);
  const std::vector<double> codes = codes_of(spec, solved(spec, w, x));
  const std::vector<double> nominal = codes_of(spec, closed_form(spec, w, x));
  EXPECT_NE(codes, nominal);
  for (std::int64_t j = 0; j < 6; ++j) {
    const double offset =
        0.02 * normal(chip_of(spec), {Draw::ComparatorOffset, "Ncmp"}, j, -1);
    EXPECT_EQ(codes[static_cast<std::size_t>(j)],
              expected_codes(spec, w, x, offset)[static_cast<std::size_t>(j)]);
  }
}

/// Sums of digital inputs are whole steps: half a step keeps them away from decisions.
TEST(Sar, DigitalSumsAreTheirOwnCodes) {
  const ArraySpec spec = sar_array(15, 3, {"cell.structure=xnor"});
  const Matrix w = default_weights(spec);
  Matrix x{1, 15, {}};
  for (std::int64_t i = 0; i < 15; ++i) x.values.push_back(i % 3 == 0 ? 0.8 : 0.0);
  std::vector<double> matches(3, 0.0);
  for (std::int64_t j = 0; j < 3; ++j)
    for (std::int64_t i = 0; i < 15; ++i)
      matches[static_cast<std::size_t>(j)] += (w(i, j) > 0.0) == (i % 3 == 0) ? 1.0 : 0.0;
  expect_near(codes_of(spec, solved(spec, w, x)), matches, 0.0);
}

/// kT/C and the comparator's noise, near a decision, against the spread that a Gaussian
/// line has behind the steps of the ideal converter.
TEST(Sar, NoiseSpreadsTheCodesAsExtractPredicts) {
  const ArraySpec spec =
      sar_array(3, 2,
                {"noise.thermal=1", "noise.comparator=0.03",
                 "cell.unit_capacitance=5e-18", "sense.load_capacitance=5e-18"});
  const Extraction e = extract(spec, {3, 2, {1, 1, 1, 0, 1, 0}}, {}, {});
  ASSERT_EQ(e.product_noise.columns.size(), 3u);
  for (std::size_t j = 0; j < 2; ++j) {
    const double predicted = e.product_noise.columns[1][j];
    EXPECT_GT(predicted, 0.01);
    // Of 64 products; the spread of two or three levels is that of a Gaussian at most.
    EXPECT_NEAR(e.product_noise.columns[2][j] / predicted, 1.0,
                4.0 / std::sqrt(2.0 * 63.0));
  }
}

TEST(Sar, SaysHowManyRowsItsBitsNeed) {
  Sources sources;
  Diagnostics diagnostics;
  EXPECT_FALSE(read_spec_text(
      "[array]\ntype = \"charge-redistribution\"\nrows = 14\ncolumns = 2\n", "sar.toml",
      {"sense.kind=sar", "sense.bits=4"}, sources, diagnostics));
  ASSERT_FALSE(diagnostics.all().empty());
  EXPECT_THAT(render(diagnostics.all().front(), sources),
              ::testing::HasSubstr("'sense.bits' of a SAR needs 2^bits - 1 rows"));
}

}  // namespace
}  // namespace arrayspice
