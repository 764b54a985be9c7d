// SPDX-License-Identifier: Apache-2.0
// Products of a chip: noise against kT/C and 4 k T G, readings that vary, codes, and that
// nothing depends on threads.
#include "behavior/chip_products.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "behavior/extract.hpp"
#include "netlists/arrays/chip.hpp"
#include "tests/behavior/typed_arrays.hpp"

namespace arrayspice {
namespace {

constexpr double kKt = 1.380649e-23 * 300.15;

double sigma_of_column(const Matrix& y, std::int64_t j) {
  double mean = 0.0, squares = 0.0;
  const auto n = static_cast<double>(y.rows);
  for (std::int64_t k = 0; k < y.rows; ++k) mean += y(k, j) / n;
  for (std::int64_t k = 0; k < y.rows; ++k) squares += std::pow(y(k, j) - mean, 2);
  return std::sqrt(squares / (n - 1.0));
}

Matrix repeated(const ArraySpec& spec, std::int64_t count, double value) {
  return {count, spec.array.rows,
          std::vector<double>(static_cast<std::size_t>(count * spec.array.rows), value)};
}

TEST(OutputNoise, IsThatOfTheChargeThatTheLastSwitchLeaves) {
  const auto first = [](const std::string& type, Overrides overrides) {
    overrides.push_back("noise.thermal=1");
    const ArraySpec spec = typed_array(type, 16, 2, overrides);
    return output_noise(spec, default_weights(spec), repeated(spec, 1, 0.0))(0, 0);
  };
  const auto of = [](double farad) { return std::sqrt(kKt / farad); };
  EXPECT_NEAR(first("charge-redistribution", {}) / of(16e-15 + 2e-15), 1.0, 1e-12);
  EXPECT_NEAR(
      first("charge-redistribution", {"cell.structure=binary"}) / of(15e-15 + 1e-15), 1.0,
      1e-12);
  EXPECT_NEAR(first("capacitive-division", {}) / of(16 * 2e-15 + 2e-14), 1.0, 1e-12);
  EXPECT_NEAR(
      first("capacitive-division", {"cell.structure=c2c"}) / of(16 * 4e-15 + 2e-14), 1.0,
      1e-12);
  EXPECT_NEAR(first("charge-domain", {}) / of(2e-14 + 16 * 6e-16), 1.0, 1e-12);
  EXPECT_NEAR(first("charge-domain", {"cell.structure=capacitor"}) / of(2e-13), 1.0,
              1e-12);
  EXPECT_NEAR(
      first("charge-redistribution", {"environment.temperature=600.3"}) / of(18e-15),
      std::sqrt(2.0), 1e-12);
}

TEST(OutputNoise, OfSerialSharingIsTheSumOfItsCycles) {
  // C2 = M C: every cycle keeps a quarter of the charge's variance, and adds kT (M C) of
  // sampling; opening C2 leaves kT (1/C2 - 1/(M C + C2)) on it.
  const ArraySpec spec = typed_array("charge-redistribution", 8, 1,
                                     {"cell.structure=serial", "noise.thermal=1"});
  const double c = 8e-15;
  double charge2 = 0.0, volt2 = 0.0;
  for (int k = 0; k < 4; ++k) {
    volt2 = (kKt * c + charge2) / (4.0 * c * c);
    charge2 = c * c * (volt2 + kKt / (2.0 * c));
  }
  EXPECT_NEAR(output_noise(spec, default_weights(spec), repeated(spec, 1, 0.0))(0, 0),
              std::sqrt(volt2), 1e-12 * std::sqrt(volt2));
}

TEST(OutputNoise, OfVirtualGroundsIsThatOfTheirConductance) {
  ArraySpec spec = typed_array("current-domain", 8, 3,
                               {"noise.bandwidth=1e8", "wire.word_line_resistance=1e-9",
                                "wire.bit_line_resistance=1e-9", "noise.sense=3e-9"});
  const Matrix g = default_weights(spec);
  double total = 0.0;
  for (std::int64_t i = 0; i < 8; ++i) total += g(i, 1);
  EXPECT_NEAR(output_noise(spec, g, repeated(spec, 1, 0.0))(0, 1),
              std::hypot(std::sqrt(4.0 * kKt * total * 1e8), 3e-9), 1e-13);
}

TEST(ChipProducts, DrawsOfNoiseHaveItsSpread) {
  const ArraySpec spec = typed_array("charge-redistribution", 2, 3, {"noise.thermal=1"});
  const Matrix sigmas =
      output_noise(spec, default_weights(spec), repeated(spec, 4000, 0.1));
  const double sigma = sigmas(3999, 0);
  Matrix y{4000, 3, std::vector<double>(12000, 0.5)};
  add_noise(spec, sigmas, y);
  for (std::int64_t j = 0; j < 3; ++j)
    EXPECT_NEAR(sigma_of_column(y, j), sigma, 4.0 * sigma / std::sqrt(8000.0));
}

TEST(ChipProducts, ReadingNoiseAddsUpOverTheCellsOfAColumn) {
  // sigma^2 = sum (V g K)^2 with wires of no account
  const ArraySpec spec =
      typed_array("current-domain", 8, 2,
                  {"variation.read_noise=0.05", "wire.word_line_resistance=1e-6",
                   "wire.bit_line_resistance=1e-6"});
  const Matrix g = default_weights(spec);
  const Matrix y = multiply_on_chip(spec, g, repeated(spec, 3000, 0.1)).outputs;
  for (std::int64_t j = 0; j < 2; ++j) {
    double variance = 0.0;
    for (std::int64_t i = 0; i < 8; ++i) variance += std::pow(0.1 * g(i, j) * 0.05, 2);
    const double sigma = std::sqrt(variance);
    EXPECT_NEAR(sigma_of_column(y, j), sigma, 4.0 * sigma / std::sqrt(6000.0));
  }
}

TEST(ChipProducts, DoNotDependOnThreadsNorOnTheWayToSolve) {
  const ArraySpec spec =
      typed_array("current-domain", 6, 5,
                  {"variation.read_noise=0.05", "variation.conductance_sigma=0.1",
                   "variation.wire_resistance_sigma=0.3", "converter.dac_bits=4",
                   "noise.bandwidth=1e9", "variation.chip=4"});
  const Matrix w = default_weights(spec);
  Matrix x{70, 6, {}};
  for (std::int64_t k = 0; k < 70; ++k)
    for (std::int64_t i = 0; i < 6; ++i)
      x.values.push_back(0.4 * uniform(9, Draw::Input, k, i) - 0.2);
  const Matrix one = multiply_on_chip(spec, w, x).outputs;
  MvmOptions options;
  options.threads = 3;
  EXPECT_EQ(multiply_on_chip(spec, w, x, options).outputs.values, one.values);
  options.method = MvmMethod::Circuit;
  expect_near(multiply_on_chip(spec, w, x, options).outputs.values, one.values,
              1e-9 * largest(one.values));
}

TEST(ChipProducts, OutputsOfConvertersAreTheValuesOfTheirCodes) {
  const ArraySpec spec = typed_array("current-domain", 8, 3,
                                     {"converter.adc=ideal", "converter.adc_bits=6"});
  const Matrix w = default_weights(spec), x = inputs_over_the_range(spec);
  ArraySpec analog = spec;
  analog.converter.adc = "none";
  const ChipProducts codes = multiply_on_chip(spec, w, x);
  const Matrix y = multiply_on_chip(analog, w, x).outputs;
  const double lsb = 2.0 * 8 * 1e-4 * 0.2 / 63.0;
  expect_near(codes.outputs.values, y.values, 0.5 * lsb);
  for (std::size_t j = 0; j < 3; ++j)
    EXPECT_NEAR(codes.outputs.values[j], -8 * 1e-4 * 0.2 + lsb * codes.codes.values[j],
                1e-15);
}

TEST(Switches, LeaveHalfOfTheirChannelsChargeWhenTheyOpenFast) {
  // The reset switch is far slower than its clock: none of the charge flows back, and
  // -Cch/2 (VDD - V_th) is shared by all that hangs on the line.
  const ArraySpec spec = typed_array(
      "capacitive-division", 4, 1,
      {"switch.channel_capacitance=2e-16", "switch.channel_threshold=0.3",
       "switch.on_resistance=1e6", "switch.off_resistance=1e18", "timing.edge=1e-13"});
  const Matrix y =
      multiply_on_chip(spec, default_weights(spec), repeated(spec, 1, 0.0)).outputs;
  const double ut2 = 2.0 * 8.617333262e-5 * 300.15;
  const auto soft = [&](double x) { return ut2 * std::log1p(std::exp(x / ut2)); };
  // The clock ends at 0 V, the line a little below.
  const double charge = 1e-16 * (soft(0.8 - 0.3) - soft(-0.3 - y(0, 0)));
  const double expected = -charge / (4 * 2e-15 + 2e-14);
  EXPECT_NEAR(y(0, 0), expected, 2e-3 * std::abs(expected));
}

TEST(Extract, SaysHowProductsAndConvertersOfAChipSpread) {
  const ArraySpec spec = typed_array(
      "current-domain", 6, 4,
      {"variation.read_noise=0.05", "wire.bit_line_capacitance=1e-15",
       "converter.adc=sar", "converter.adc_bits=6", "converter.capacitor_sigma=0.02"});
  const Extraction e = extract(spec, default_weights(spec), {}, {});
  ASSERT_EQ(e.product_noise.columns.size(), 3u);
  for (std::size_t j = 0; j < 4; ++j)  // of 64 products
    EXPECT_NEAR(e.product_noise.columns[2][j] / e.product_noise.columns[1][j], 1.0,
                4.0 / std::sqrt(2.0 * 63.0) + 0.02);
  EXPECT_EQ(e.converter.rows(), 4u);
  double lsb = 0.0;
  for (const KeyFigure& f : e.figures)
    if (f.name == "converter_lsb") lsb = f.value;
  EXPECT_NEAR(lsb, 2.0 * 6 * 1e-4 * 0.2 / 63.0, 1e-15);
}

TEST(Extract, SettlesToHalfAStepOfTheConverter) {
  // A coarser converter is satisfied sooner.
  const auto settling = [](const std::string& bits) {
    const ArraySpec spec =
        typed_array("current-domain", 4, 4,
                    {"wire.bit_line_capacitance=1e-14", "converter.adc=ideal",
                     "converter.adc_bits=" + bits});
    const Extraction e = extract(spec, default_weights(spec), {}, {});
    for (const KeyFigure& f : e.figures)
      if (f.name == "settling_time_worst") return f.value;
    return 0.0;
  };
  EXPECT_GT(settling("10"), 1.2 * settling("4"));
}

}  // namespace
}  // namespace arrayspice
