// SPDX-License-Identifier: Apache-2.0
#include "behavior/test_vectors.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "netlists/arrays/array_type.hpp"
#include "netlists/arrays/random.hpp"

namespace arrayspice {

namespace {

constexpr double kActive = 0.2;                             // of a sparse vector
constexpr double kWeightSpread = 0.35, kInputSpread = 0.5;  // Gaussian, of full scale

/// The draws of one test vector: each keyed by its row in the sequence of all vectors.
class Draws {
 public:
  Draws(const ArraySpec& spec, std::int64_t number)
      : seed_(spec.array.seed), first_row_(number * spec.array.rows) {}
  double uniform(Draw what, std::int64_t i, std::int64_t j = 0) const {
    return arrayspice::uniform(seed_, what, first_row_ + i, j);
  }
  double normal(Draw what, std::int64_t i, std::int64_t j = 0) const {
    return arrayspice::normal(seed_, what, first_row_ + i, j);
  }

 private:
  std::int64_t seed_, first_row_;
};

/// A wave over rows and columns, between 0 and 1; one to three periods each way.
double wave(const Draws& draw, double row, double column) {
  const auto shape = [&](std::int64_t k) { return draw.uniform(Draw::TestShape, 0, k); };
  constexpr double turn = 2.0 * std::numbers::pi;
  return 0.5 + 0.25 * std::sin(turn * ((1.0 + 2.0 * shape(0)) * row + shape(1))) +
         0.25 * std::sin(turn * ((1.0 + 2.0 * shape(2)) * column + shape(3)));
}

/// A weight as a fraction of its range.
double weight_fraction(Distribution kind, const ArraySpec& spec, const Draws& draw,
                       std::int64_t i, std::int64_t j) {
  switch (kind) {
    case Distribution::Gaussian: {
      const double z = kWeightSpread * draw.normal(Draw::TestWeight, i, j / 2);
      return std::clamp(j % 2 == 0 ? z : -z, 0.0, 1.0);
    }
    case Distribution::Sparse:
      if (draw.uniform(Draw::TestActivity, i, j + 1) > kActive) return 0.0;
      break;
    case Distribution::Structured:
      return wave(draw, static_cast<double>(i) / static_cast<double>(spec.array.rows),
                  static_cast<double>(j) / static_cast<double>(spec.array.columns));
    default:
      break;
  }
  return draw.uniform(Draw::TestWeight, i, j);
}

/// An input as a fraction of its maximum.
double input_fraction(Distribution kind, const ArraySpec& spec, const Draws& draw,
                      std::int64_t i) {
  switch (kind) {
    case Distribution::Gaussian:
    case Distribution::Given:
      return std::clamp(kInputSpread * draw.normal(Draw::TestInput, i), 0.0, 1.0);
    case Distribution::Sparse:
      if (draw.uniform(Draw::TestActivity, i, 0) > kActive) return 0.0;
      break;
    case Distribution::Structured:
      return wave(draw, static_cast<double>(i) / static_cast<double>(spec.array.rows),
                  0.3);
    case Distribution::Bipolar:
      return 2.0 * draw.uniform(Draw::TestInput, i) - 1.0;
    default:
      break;
  }
  return draw.uniform(Draw::TestInput, i);
}

/// The given weights, shifted by whole differential pairs of columns.
double given_weight(const Matrix& given, const Draws& draw, std::int64_t i,
                    std::int64_t j) {
  const auto shift = [&](std::int64_t k, std::int64_t count) {
    return static_cast<std::int64_t>(draw.uniform(Draw::TestShape, 0, k) *
                                     static_cast<double>(count));
  };
  return given((i + shift(0, given.rows)) % given.rows,
               (j + 2 * shift(1, given.columns / 2)) % given.columns);
}

Distribution kind_of(std::int64_t number, bool has_given, bool has_both_signs) {
  constexpr std::array kRandom{Distribution::Uniform, Distribution::Gaussian,
                               Distribution::Sparse, Distribution::Structured,
                               Distribution::Bipolar};
  if (has_given && number % 2 == 0) return Distribution::Given;
  const std::int64_t turn = has_given ? number / 2 : number;
  return kRandom[static_cast<std::size_t>(turn) % (kRandom.size() - !has_both_signs)];
}

/// A weight. Signed ones are uniform or waves between both ends, else of random sign
/// around 0: what is not active is 0.
double weight_of(double fraction, Distribution kind, const Domain& domain,
                 const Draws& draw, std::int64_t i, std::int64_t j) {
  const bool around_zero = kind == Distribution::Gaussian || kind == Distribution::Sparse;
  if (domain.minimum >= 0.0 || !around_zero)
    return domain.minimum + (domain.maximum - domain.minimum) * fraction;
  const bool negative = draw.uniform(Draw::TestActivity, i, -1 - j) < 0.5;
  return (negative ? domain.minimum : domain.maximum) * fraction;
}

/// A value that the domain allows.
double allowed(double value, const Domain& domain) {
  return domain.unit == "level" ? std::round(value) : value;
}

}  // namespace

std::string_view distribution_name(Distribution kind) {
  constexpr std::array<std::string_view, 6> kNames{"uniform",    "gaussian", "sparse",
                                                   "structured", "bipolar",  "given"};
  return kNames[static_cast<std::size_t>(kind)];
}

TestVector test_vector(const ArraySpec& spec, std::int64_t number, const Matrix& given,
                       bool both_signs) {
  const Draws draw(spec, number);
  const Domain weight = weight_domain(spec), input = input_domain(spec);
  const Distribution kind =
      kind_of(number, given.rows > 0, both_signs && input.minimum < 0.0);
  TestVector v{kind, {spec.array.rows, spec.array.columns, {}}, {}};
  for (std::int64_t i = 0; i < v.weights.rows; ++i) {
    for (std::int64_t j = 0; j < v.weights.columns; ++j)
      v.weights.values.push_back(
          kind == Distribution::Given
              ? given_weight(given, draw, i, j)
              : allowed(weight_of(weight_fraction(kind, spec, draw, i, j), kind, weight,
                                  draw, i, j),
                        weight));
    v.inputs.push_back(
        allowed(input.maximum * input_fraction(kind, spec, draw, i), input));
  }
  return v;
}

}  // namespace arrayspice
