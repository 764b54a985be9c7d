// SPDX-License-Identifier: Apache-2.0
// POLY(n): the order of the coefficients is that of the SPICE 2G6 manual.
#include "netlists/poly.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace arrayspice {
namespace {

TEST(Polynomial, OfOneInputIsInAscendingPowers) {
  const Program p = polynomial(1, std::array{1.0, 2.0, 3.0, 4.0});
  std::array<double, 1> slope;
  EXPECT_DOUBLE_EQ(p.evaluate(std::array{2.0}, slope), 1 + 4 + 12 + 32);
  EXPECT_DOUBLE_EQ(slope[0], 2 + 12 + 48);
}

TEST(Polynomial, TakesASingleCoefficientOfOneInputAsItsGain) {
  EXPECT_DOUBLE_EQ(polynomial(1, std::array{5.0}).evaluate(std::array{2.0}), 10.0);
  EXPECT_DOUBLE_EQ(polynomial(2, std::array{5.0}).evaluate(std::array{2.0, 3.0}), 5.0);
}

TEST(Polynomial, OfSeveralInputsFollowsSpice2) {
  // Manual: P0 + P1 fa + P2 fb + P3 fa^2 + P4 fa fb + P5 fb^2 + P6 fa^3 + P7 fa^2 fb
  //         + P8 fa fb^2 + P9 fb^3
  const double a = 2, b = 3;
  const std::vector<double> two{1,     a,         b,         a * a,     a * b,
                                b * b, a * a * a, a * a * b, a * b * b, b * b * b};
  // ... and for three inputs: ... fa^2, fa fb, fa fc, fb^2, fb fc, fc^2, fa^3, fa^2 fb,
  // ...
  const double c = 5;
  const std::vector<double> three{1,         a,         b,        c,     a * a,
                                  a * b,     a * c,     b * b,    b * c, c * c,
                                  a * a * a, a * a * b, a * a * c};
  for (std::size_t k = 0; k < two.size(); ++k) {
    std::vector<double> one(k + 1, 0.0);
    one[k] = 1.0;
    EXPECT_EQ(polynomial(2, one).evaluate(std::array{a, b}), two[k]) << k;
  }
  for (std::size_t k = 0; k < three.size(); ++k) {
    std::vector<double> one(k + 1, 0.0);
    one[k] = 1.0;
    EXPECT_EQ(polynomial(3, one).evaluate(std::array{a, b, c}), three[k]) << k;
  }
}

TEST(Polynomial, SumsEvenWhenItsLastCoefficientIsZero) {
  EXPECT_EQ(polynomial(1, std::array{1.0, 2.0, 0.0}).evaluate(std::array{3.0}), 7.0);
  EXPECT_EQ(polynomial(1, std::array{0.0, 0.0}).evaluate(std::array{3.0}), 0.0);
}

TEST(Table, IsTakenAtTheValueOfItsExpression) {
  const Program twice = polynomial(1, std::array{2.0});
  const Program t = tabulated(twice, {{0, 1, 2}, {0, 10, 0}});
  std::array<double, 1> slope;
  EXPECT_DOUBLE_EQ(t.evaluate(std::array{0.25}, slope), 5.0);
  EXPECT_DOUBLE_EQ(slope[0], 20.0);
  EXPECT_DOUBLE_EQ(t.evaluate(std::array{7.0}), 0.0);
}

TEST(Table, WantsEachXOnce) {
  EXPECT_TRUE(is_ascending(std::array{1.0, 2.0, 3.0}));
  EXPECT_FALSE(is_ascending(std::array{1.0, 1.0}));
  EXPECT_FALSE(is_ascending(std::array{2.0, 1.0}));
}

}  // namespace
}  // namespace arrayspice
