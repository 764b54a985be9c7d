// SPDX-License-Identifier: Apache-2.0
// Polylines: everything is exact for the straight lines between the points.
#include "tools/curve.hpp"

#include <gmock/gmock.h>

#include <cmath>

namespace arrayspice {
namespace {

const Curve kSawtooth{{0.0, 1.0, 2.0, 4.0}, {-1.0, 1.0, -1.0, 1.0}};

TEST(Curve, CrossingsAreInterpolatedAndKnowTheirDirection) {
  const auto found = crossings(kSawtooth);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_DOUBLE_EQ(found[0].t, 0.5);
  EXPECT_DOUBLE_EQ(found[1].t, 1.5);
  EXPECT_DOUBLE_EQ(found[2].t, 3.0);
  EXPECT_TRUE(found[0].rising);
  EXPECT_FALSE(found[1].rising);
}

TEST(Curve, TouchingZeroCountsOnce) {
  EXPECT_EQ(crossings({{0.0, 1.0, 2.0}, {-1.0, 0.0, 1.0}}).size(), 1u);
}

TEST(Curve, ValueAtAJumpIsTheOneAfterIt) {
  const Curve step{{0.0, 1.0, 1.0, 2.0}, {0.0, 0.0, 5.0, 5.0}};
  EXPECT_DOUBLE_EQ(*value_at(step, 1.0), 5.0);
  EXPECT_DOUBLE_EQ(*value_at(step, 0.999), 0.0);
}

TEST(Curve, NothingIsInventedOutsideThePoints) {
  EXPECT_FALSE(value_at(kSawtooth, -0.1));
  EXPECT_FALSE(value_at(kSawtooth, 4.1));
  EXPECT_FALSE(value_at({}, 0.0));
}

TEST(Curve, DescendingSweepsWorkTheSame) {
  const Curve down{{2.0, 1.0, 0.0}, {4.0, 2.0, 0.0}};
  EXPECT_DOUBLE_EQ(*value_at(down, 0.25), 0.5);
  EXPECT_DOUBLE_EQ(clipped(down, 0.5, 1.5).y.front(), 3.0);
}

TEST(Curve, SlopeAtACornerIsTheMeanOfBothSides) {
  EXPECT_DOUBLE_EQ(*slope_at(kSawtooth, 1.0), 0.0);
  EXPECT_DOUBLE_EQ(*slope_at(kSawtooth, 0.2), 2.0);
}

TEST(Curve, ClippingInterpolatesItsEnds) {
  const Curve part = clipped(kSawtooth, 0.5, 3.0);
  EXPECT_THAT(part.t, ::testing::ElementsAre(0.5, 1.0, 2.0, 3.0));
  EXPECT_THAT(part.y, ::testing::ElementsAre(0.0, 1.0, -1.0, 0.0));
}

// y = t on [0, 3]: integral 9/2, integral of the square 9.
TEST(Curve, IntegralsOfARampAreExact) {
  const Curve ramp{{0.0, 1.0, 3.0}, {0.0, 1.0, 3.0}};
  EXPECT_DOUBLE_EQ(integral(ramp), 4.5);
  EXPECT_DOUBLE_EQ(integral_of_square(ramp), 9.0);
}

}  // namespace
}  // namespace arrayspice
