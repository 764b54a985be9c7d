// SPDX-License-Identifier: Apache-2.0
// Noise of times, frequencies and decisions: kT/C and comparators against their closed
// forms, and what the circuit makes of the draws it is given.
#include <gmock/gmock.h>

#include <cmath>

#include "behavior/chip_products.hpp"
#include "behavior/extract.hpp"
#include "netlists/arrays/decision.hpp"
#include "tests/behavior/typed_arrays.hpp"

namespace arrayspice {
namespace {

constexpr double kKt = 1.380649e-23 * 300.15;

ArraySpec noisy(const std::string& type, std::int64_t rows, Overrides overrides) {
  overrides.push_back("noise.thermal=1");
  return typed_array(type, rows, 1, overrides);
}
double sigma_of(const ArraySpec& spec, const std::vector<double>& w,
                const std::vector<double>& x) {
  return output_noise(spec, {spec.array.rows, 1, w}, {1, spec.array.rows, x})(0, 0);
}

// --- charges that move times: voltage noise over slope

TEST(TimeNoise, OfAChainAddsUpOverItsStages) {
  // Each stage passes VDD/2 at the slope VDD/2/(R C); the second has twice the R.
  const ArraySpec spec = noisy("time-domain", 2, {});
  const double rc = 5e3 * 2e-14, volt = std::sqrt(kKt / 2e-14);
  EXPECT_NEAR(sigma_of(spec, {1, 1}, {0, 1}) / (volt * rc * std::sqrt(5.0) / 0.4), 1.0,
              1e-12);
}

TEST(TimeNoise, OfStarvedStagesIsThatOfTheirCurrents) {
  const ArraySpec spec = noisy("time-domain", 2, {"cell.structure=starved"});
  const double charge = std::sqrt(kKt * 5e-15), kp = 3e-4;
  const double falling = 0.5 * kp * 0.25 * 0.25;  // starved at 0.6 V, VTO = 0.35 V
  const double rising = 4.0 * 0.5 * kp * 0.45 * 0.45;
  EXPECT_NEAR(
      sigma_of(spec, {0.6, 0.6}, {1, 1}) / std::hypot(charge / falling, charge / rising),
      1.0, 1e-12);
}

TEST(TimeNoise, OfACrossingCountsTheCurrentsThatAreOn) {
  const ArraySpec spec = noisy("time-domain", 3, {"cell.structure=crossing"});
  const double charge = std::sqrt(kKt * 3 * 5e-15);
  const std::vector<double> w{1e-6, 5e-7, 1e-6};
  EXPECT_NEAR(sigma_of(spec, w, {0.0, 1e-9, 2e-9}) / (charge / 2.5e-6), 1.0, 1e-12);
  // 6 fC come from the first alone within 6 ns: the others are late.
  const std::vector<double> fast{1e-5, 5e-7, 1e-6};
  EXPECT_NEAR(sigma_of(spec, fast, {0.0, 1e-9, 2e-9}) / (charge / 1e-5), 1.0, 1e-12);
}

TEST(TimeNoise, OfARampIsTheChargeOfItsIntegratorOverItsCurrent) {
  const ArraySpec spec = noisy("time-domain", 2, {"cell.structure=pwm"});
  const double charge = std::sqrt(kKt * 1e-11);
  EXPECT_NEAR(sigma_of(spec, {1e-5, 1e-5}, {1e-8, 1e-8}) / (charge / 2e-5), 1.0, 1e-12);
  const ArraySpec volts =
      noisy("time-domain", 2, {"cell.structure=pwm", "sense.kind=integrated-voltage"});
  EXPECT_NEAR(sigma_of(volts, {1e-5, 1e-5}, {1e-8, 1e-8}) / (charge / 1e-11), 1.0, 1e-12);
}

TEST(TimeNoise, OfAFrequencyAveragesOverItsCycles) {
  const ArraySpec spec =
      noisy("time-domain", 2, {"cell.structure=oscillator", "noise.comparator=1e-3"});
  const std::vector<double> w{1e-5, 2e-5}, x{0.1, 0.1};
  const double frequency = 3e-6 / (2e-14 * 0.95 * 0.4);
  const double volt = std::sqrt(kKt / 2e-14 + 2e-6);
  EXPECT_NEAR(sigma_of(spec, w, x) / (frequency * volt / (0.38 * std::sqrt(4.0))), 1.0,
              1e-12);
}

TEST(TimeNoise, OfAChargeAmplifiersTimeIsOverTheSlopeAtTheThreshold) {
  const ArraySpec spec =
      noisy("charge-domain", 1, {"cell.structure=capacitor", "sense.kind=crossing-time"});
  const double cf = 2e-13, end = -1e-14 * 0.2 / cf, threshold = -0.006;
  const double tau = (cf + 2e-14 + 1e-14) / (2.0 * std::acos(-1.0) * 1e9 * cf);
  EXPECT_NEAR(
      sigma_of(spec, {1e-14}, {0.2}) / (std::sqrt(kKt / cf) * tau / (threshold - end)),
      1.0, 1e-9);
}

// --- comparators in the circuit

struct Noisy {
  std::string name, type;
  Overrides overrides;
  double scale;  // of the inputs
};
class NoiseOfDecisions : public ::testing::TestWithParam<Noisy> {};

/// What 64 products of the circuit sample is what its closed form predicts: four standard
/// errors, and a comparator's output has two values, whose spread is known better.
TEST_P(NoiseOfDecisions, IsSampledAsPredicted) {
  ArraySpec spec = typed_array(GetParam().type, 4, 3, GetParam().overrides);
  spec.input.maximum *= GetParam().scale;
  const Extraction e = extract(spec, default_weights(spec), {}, {});
  ASSERT_EQ(e.product_noise.columns.size(), 3u);
  int seen = 0;
  for (std::size_t j = 0; j < 3; ++j) {
    const double predicted = e.product_noise.columns[1][j];
    if (predicted < 1e-3 * largest(e.product_noise.columns[1])) continue;
    EXPECT_NEAR(e.product_noise.columns[2][j] / predicted, 1.0,
                4.0 / std::sqrt(2.0 * 63.0))
        << j;
    ++seen;
  }
  EXPECT_GT(seen, 0);
}

INSTANTIATE_TEST_SUITE_P(
    Comparators, NoiseOfDecisions,
    ::testing::Values(Noisy{"Crossing",
                            "time-domain",
                            {"cell.structure=crossing", "sense.kind=comparator",
                             "noise.comparator=2e-3"},
                            1.0},
                      Noisy{"CrossingWithCharge",
                            "time-domain",
                            {"cell.structure=crossing", "noise.thermal=1"},
                            1.0},
                      Noisy{"Decision",
                            "charge-redistribution",
                            {"sense.kind=comparator", "sense.threshold=0.2",
                             "noise.comparator=0.1", "noise.thermal=1"},
                            1.0},
                      Noisy{"DecisionOfAFloatingLine",
                            "capacitive-division",
                            {"sense.kind=comparator", "sense.threshold=0.05",
                             "noise.comparator=0.05", "noise.thermal=1"},
                            1.0}),
    [](const auto& info) { return info.param.name; });

TEST(NoiseOfDecisions, IsAnotherOneForEveryProductAndTheSameForEveryRun) {
  const ArraySpec spec = typed_array(
      "time-domain", 3, 2,
      {"cell.structure=crossing", "sense.kind=comparator", "noise.comparator=1e-3"});
  const Matrix w = default_weights(spec), x = inputs_over_the_range(spec);
  Matrix twice{2, 3, x.values};
  twice.values.insert(twice.values.end(), x.values.begin(), x.values.end());
  const std::vector<double> y = solved(spec, w, twice);
  EXPECT_NE(y[0], y[2]);
  EXPECT_EQ(solved(spec, w, twice), y);
}

TEST(NoiseOfDecisions, NormalProbabilityIsThatOfTheTables) {
  EXPECT_NEAR(normal_probability(1.0), 0.8413447460685429, 1e-15);
  EXPECT_NEAR(normal_probability(-2.0), 0.02275013194817921, 1e-15);
}

}  // namespace
}  // namespace arrayspice
