// SPDX-License-Identifier: Apache-2.0
// Converters against their closed forms:
//   quantisation noise LSB/sqrt(12); DNL of a SAR at its middle, sigma sqrt(2^B - 1) LSB;
//   a ramp's transitions (k - delay)(1 + slope error) - 1/2.
#include "netlists/arrays/adc.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "netlists/arrays/chip.hpp"

namespace arrayspice {
namespace {

using ::testing::HasSubstr;

std::string read(const std::string& type, std::int64_t columns,
                 const std::vector<std::string>& overrides,
                 std::optional<ArraySpec>& spec) {
  Sources sources;
  Diagnostics diagnostics;
  spec = read_spec_text("[array]\ntype = \"" + type +
                            "\"\nrows = 4\ncolumns = " + std::to_string(columns) + "\n",
                        "adc.toml", overrides, sources, diagnostics);
  std::string told;
  for (const Diagnostic& d : diagnostics.all()) told += render(d, sources) + '\n';
  return told;
}

/// A current-domain array whose converters have 2^bits codes from -1 to 1 A.
ArraySpec converting(const std::string& adc, int bits, std::int64_t columns,
                     std::vector<std::string> overrides = {}) {
  overrides.insert(
      overrides.end(),
      {"converter.adc=" + adc, "converter.adc_bits=" + std::to_string(bits),
       "converter.range=fixed", "converter.minimum=-1", "converter.maximum=1"});
  std::optional<ArraySpec> spec;
  EXPECT_EQ(read("current-domain", columns, overrides, spec), "");
  return spec.value();
}

ArraySpec delay_line(int bits, std::int64_t columns,
                     std::vector<std::string> overrides = {}) {
  overrides.insert(overrides.end(),
                   {"converter.adc=tdc", "converter.adc_bits=" + std::to_string(bits),
                    "converter.time_step=2e-11"});
  std::optional<ArraySpec> spec;
  EXPECT_EQ(read("time-domain", columns, overrides, spec), "");
  return spec.value();
}

double sigma_of(const std::vector<double>& x) {
  double mean = 0.0, squares = 0.0;
  const auto n = static_cast<double>(x.size());
  for (const double v : x) mean += v / n;
  for (const double v : x) squares += (v - mean) * (v - mean) / (n - 1.0);
  return std::sqrt(squares);
}

TEST(Adc, QuantisationNoiseIsAnLsbOverRootTwelve) {
  const auto adc = make_adc(converting("ideal", 6, 1));
  EXPECT_NEAR(adc->lsb(), 2.0 / 63.0, 1e-15);
  double squares = 0.0;
  constexpr int kPoints = 63 * 200;  // 200 to a step
  for (int k = 0; k < kPoints; ++k) {
    const double y = -1.0 + 2.0 * (k + 0.5) / kPoints;
    squares += std::pow(adc->value_of(adc->code(y, 0, 0)) - y, 2) / kPoints;
  }
  // 200 equidistant points of a step have its variance to 1/200^2.
  EXPECT_NEAR(std::sqrt(squares) / adc->lsb(), 1.0 / std::sqrt(12.0), 1e-5);
}

TEST(Adc, BothEndsOfTheRangeAreCodesAndBeyondThemItClips) {
  for (const std::string kind : {"ideal", "sar", "ramp"}) {
    const auto adc = make_adc(converting(kind, 4, 1));
    EXPECT_EQ(adc->code(-1.0, 0, 0), 0) << kind;
    EXPECT_EQ(adc->code(1.0, 0, 0), 15) << kind;
    EXPECT_EQ(adc->code(-7.0, 0, 0), 0) << kind;
    EXPECT_EQ(adc->code(7.0, 0, 0), 15) << kind;
    EXPECT_FALSE(adc->clips(1.06)) << kind;  // LSB/2 = 0.0667
    EXPECT_TRUE(adc->clips(1.07)) << kind;
    EXPECT_TRUE(adc->clips(-1.07)) << kind;
  }
}

TEST(Adc, WithoutNonIdealitiesAllKindsAreTheIdealOne) {
  const auto ideal = make_adc(converting("ideal", 5, 2));
  for (const std::string kind : {"sar", "ramp"}) {
    const auto adc = make_adc(converting(kind, 5, 2));
    for (double y = -1.1; y < 1.1; y += 0.0037)
      EXPECT_EQ(adc->code(y, 1, 0), ideal->code(y, 1, 0)) << kind << ' ' << y;
    const Linearity steps = linearity(*adc, 0);
    EXPECT_NEAR(steps.inl, 0.0, 1e-12);
    EXPECT_NEAR(steps.dnl, 0.0, 1e-12);
    EXPECT_EQ(steps.missing, 0);
  }
}

TEST(Adc, CodesChangeAtTheThresholds) {
  const std::vector<ArraySpec> specs{
      converting("sar", 6, 3,
                 {"converter.capacitor_sigma=0.2", "converter.comparator_offset=0.4"}),
      converting("ramp", 6, 3,
                 {"converter.slope_error=0.1", "converter.comparator_offset=0.4",
                  "converter.comparator_delay=1.3"}),
      delay_line(6, 3, {"converter.time_step_sigma=0.3"})};
  for (const ArraySpec& spec : specs) {
    const auto adc = make_adc(spec);
    const double e = 1e-9 * adc->lsb();
    for (std::int64_t j = 0; j < 3; ++j) {
      const auto levels = adc->thresholds(j);
      ASSERT_EQ(levels.size(), 63u);
      EXPECT_TRUE(std::is_sorted(levels.begin(), levels.end()));
      for (std::int64_t k = 1; k < 64; ++k) {
        EXPECT_GE(adc->code(levels[k - 1] + e, j, 0), k) << spec.converter.adc;
        EXPECT_LT(adc->code(levels[k - 1] - e, j, 0), k) << spec.converter.adc;
      }
    }
  }
}

TEST(Adc, TheMiddleStepOfASarSpreadsAsItsCapacitorsDo) {
  constexpr int kBits = 8;
  constexpr double kUnit = 0.004;
  const ArraySpec spec =
      converting("sar", kBits, 3000, {"converter.capacitor_sigma=0.004"});
  const auto adc = make_adc(spec);
  std::vector<double> steps;
  for (std::int64_t j = 0; j < 3000; ++j) {
    const auto levels = adc->thresholds(j);
    steps.push_back((levels[127] - levels[126]) / adc->lsb());
  }
  const double sigma = kUnit * std::sqrt(255.0);
  EXPECT_NEAR(sigma_of(steps), sigma, 4.0 * sigma / std::sqrt(2.0 * 3000.0));
}

TEST(Adc, ARampIsMonotoneAndItsTransitionsAreStraight) {
  const auto adc = make_adc(converting(
      "ramp", 5, 2, {"converter.slope_error=-0.05", "converter.comparator_delay=0.7"}));
  const auto levels = adc->thresholds(1);
  for (std::size_t k = 0; k < levels.size(); ++k)
    EXPECT_NEAR(levels[k],
                -1.0 + adc->lsb() * ((static_cast<double>(k) + 0.3) * 0.95 - 0.5), 1e-14);
  std::int64_t last = 0;
  for (double y = -1.2; y < 1.2; y += 1e-3) {
    EXPECT_GE(adc->code(y, 1, 0), last);
    last = adc->code(y, 1, 0);
  }
  const Linearity steps = linearity(*adc, 1);
  EXPECT_NEAR(steps.inl, 0.0, 1e-12);
}

TEST(Adc, ADelayLineCountsElementsThatDiffer) {
  const auto equal = make_adc(delay_line(5, 1));
  EXPECT_EQ(equal->code(0.0, 0, 0), 0);
  EXPECT_EQ(equal->code(5.5 * 2e-11, 0, 0), 5);
  EXPECT_NEAR(equal->value_of(5), 5.5 * 2e-11, 1e-24);
  const auto adc = make_adc(delay_line(11, 1, {"converter.time_step_sigma=0.1"}));
  const auto levels = adc->thresholds(0);
  std::vector<double> steps;
  for (std::size_t k = 0; k + 1 < levels.size(); ++k)
    steps.push_back((levels[k + 1] - levels[k]) / 2e-11);
  EXPECT_NEAR(sigma_of(steps), 0.1, 4.0 * 0.1 / std::sqrt(2.0 * 2046.0));
}

TEST(Adc, ComparatorNoiseMakesADecisionUncertainAroundItsThreshold) {
  constexpr std::int64_t kTrials = 4000;
  for (const std::string kind : {"sar", "ramp"}) {
    const auto adc = make_adc(converting(kind, 4, 1, {"converter.comparator_noise=0.1"}));
    const double threshold = adc->thresholds(0)[7];  // the first decision of a SAR
    for (const double above : {0.0, 0.1}) {
      std::int64_t higher = 0;
      for (std::int64_t k = 0; k < kTrials; ++k)
        higher += adc->code(threshold + above * adc->lsb(), 0, k) >= 8 ? 1 : 0;
      const double p = 0.5 * std::erfc(-above / 0.1 / std::sqrt(2.0));
      EXPECT_NEAR(static_cast<double>(higher) / kTrials, p,
                  4.0 * std::sqrt(p * (1.0 - p) / kTrials))
          << kind;
    }
  }
}

TEST(Dac, InputsAreTheNearestLevelsAndElementsBendThemBetweenTheEnds) {
  std::optional<ArraySpec> spec;
  EXPECT_EQ(read("current-domain", 2, {"converter.dac_bits=3"}, spec), "");
  const Matrix given{1, 4, {-0.2, 0.2, 0.01, -0.09}};
  const Matrix actual = converted_inputs(*spec, given);
  const double step = 0.4 / 7.0;
  EXPECT_NEAR(actual(0, 0), -0.2, 1e-16);
  EXPECT_NEAR(actual(0, 1), 0.2, 1e-16);
  EXPECT_NEAR(actual(0, 2), -0.2 + 4.0 * step, 1e-15);
  EXPECT_NEAR(actual(0, 3), -0.2 + 2.0 * step, 1e-15);

  spec->array.rows = 2000;
  spec->converter.dac_bits = 6;
  spec->converter.dac_unit_sigma = 0.02;
  Matrix middle{3, 2000, std::vector<double>(6000, -0.2)};
  for (std::int64_t i = 0; i < 2000; ++i) {
    middle(1, i) = 0.2;
    middle(2, i) = -0.2 + 0.4 * 32.0 / 63.0;
  }
  const Matrix bent = converted_inputs(*spec, middle);
  std::vector<double> off;
  for (std::int64_t i = 0; i < 2000; ++i) {
    EXPECT_EQ(bent(0, i), -0.2);
    EXPECT_NEAR(bent(1, i), 0.2, 1e-15);
    off.push_back((bent(2, i) - middle(2, i)) / (0.4 / 63.0));
  }
  // A walk of n elements that is tied at both ends: sigma sqrt(k (n - k)/n).
  const double sigma = 0.02 * std::sqrt(32.0 * 31.0 / 63.0);
  EXPECT_NEAR(sigma_of(off), sigma, 4.0 * sigma / std::sqrt(2.0 * 2000.0));
}

TEST(Adc, TheFullScaleIsThatOfTheRanges) {
  std::optional<ArraySpec> spec;
  read("current-domain", 2, {}, spec);
  EXPECT_NEAR(full_scale(*spec).maximum, 4 * 1e-4 * 0.2, 1e-18);
  EXPECT_NEAR(full_scale(*spec).minimum, -4 * 1e-4 * 0.2, 1e-18);
  read("charge-redistribution", 2, {"cell.structure=xnor"}, spec);
  EXPECT_NEAR(full_scale(*spec).maximum, 0.8, 1e-15);
  EXPECT_NEAR(full_scale(*spec).minimum, 0.0, 1e-15);
}

TEST(Adc, ConversionsHaveCodesValuesAndAreCountedWhereTheyClip) {
  const auto adc = make_adc(converting("ideal", 2, 2));
  const Conversion done = converted_outputs(*adc, {2, 2, {-5.0, 0.3, 0.35, 1.5}});
  EXPECT_EQ(done.codes.values, (std::vector<double>{0, 2, 2, 3}));
  EXPECT_NEAR(done.values(0, 1), 1.0 / 3.0, 1e-15);
  EXPECT_EQ(done.clipped, 2);
}

TEST(Adc, WhatDoesNotGoTogetherIsRefused) {
  std::optional<ArraySpec> spec;
  EXPECT_THAT(read("current-domain", 2, {"converter.adc=tdc"}, spec),
              HasSubstr("converts times; the outputs of this array are in A"));
  EXPECT_FALSE(spec);
  EXPECT_THAT(
      read("current-domain", 2,
           {"converter.adc=sar", "converter.range=fixed", "converter.minimum=1"}, spec),
      HasSubstr("'converter.maximum' = 0 must be above 'converter.minimum' = 1"));
  EXPECT_THAT(read("time-domain", 2, {"converter.dac_bits=4"}, spec),
              HasSubstr("'converter.dac_bits' must be 0 where inputs are levels"));
  EXPECT_THAT(read("current-domain", 2, {"converter.slope_error=0.1"}, spec),
              HasSubstr("has no effect without converter.adc among ramp"));
  EXPECT_TRUE(spec);
}

}  // namespace
}  // namespace arrayspice
