// SPDX-License-Identifier: Apache-2.0
// The formulas of the ngspice manual, limits from the left at jumps, and breakpoints that
// always move on.
#include "devices/waveform.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "devices/constants.hpp"

namespace arrayspice {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

std::vector<double> breakpoints(const Waveform& w, double t, std::size_t count) {
  std::vector<double> corners;
  while (corners.size() < count && (t = w.next_breakpoint(t)) < kNever)
    corners.push_back(t);
  return corners;
}

Waveform pulse(double delay, double rise, double fall, double width, double period,
               int count = 0) {
  return Waveform(Waveform::Pulse{1.0, 3.0, delay, rise, fall, width, period, count});
}

TEST(Pulse, RisesHoldsFallsAndRepeats) {
  const Waveform w = pulse(1.0, 2.0, 4.0, 3.0, 20.0);
  for (const double base : {0.0, 20.0, 40.0}) {
    EXPECT_DOUBLE_EQ(w.value(base + 0.5), 1.0);
    EXPECT_DOUBLE_EQ(w.value(base + 2.0), 2.0);
    EXPECT_DOUBLE_EQ(w.value(base + 4.5), 3.0);
    EXPECT_DOUBLE_EQ(w.value(base + 7.0), 2.5);
    EXPECT_DOUBLE_EQ(w.value(base + 15.0), 1.0);
  }
  EXPECT_EQ(breakpoints(w, 0.0, 6), (std::vector<double>{1, 3, 6, 10, 21, 23}));
}

TEST(Pulse, AZeroRiseTimeIsAJumpSeenFromTheLeft) {
  const Waveform w = pulse(1.0, 0.0, 0.0, 1.0, 4.0);
  for (const double jump : {1.0, 5.0, 9.0}) {
    EXPECT_EQ(w.value(jump), 1.0);
    EXPECT_EQ(w.value(std::nextafter(jump, kNever)), 3.0);
    EXPECT_EQ(w.value(jump + 1.0), 3.0);
    EXPECT_EQ(w.value(std::nextafter(jump + 1.0, kNever)), 1.0);
  }
  EXPECT_EQ(breakpoints(w, 0.0, 4), (std::vector<double>{1, 2, 5, 6}));
}

TEST(Pulse, TheLimitFromTheLeftHoldsAtEveryReportedCorner) {
  // A period that binary floating point cannot hold, over many cycles.
  const Waveform w = pulse(0.1e-9, 0.0, 0.0, 0.3e-9, 0.7e-9);
  double t = 0.0;
  for (int k = 0; k < 10000; ++k) {
    t = w.next_breakpoint(t);
    EXPECT_EQ(w.value(t), k % 2 == 0 ? 1.0 : 3.0) << k;
    EXPECT_EQ(w.value(t + 1e-13), k % 2 == 0 ? 3.0 : 1.0) << k;
  }
  EXPECT_NEAR(t, 0.1e-9 + 4999 * 0.7e-9 + 0.3e-9, 1e-18);
}

TEST(Pulse, CornersThatCoincideUpToRoundingAreOne) {
  // rise + width + fall = period only up to rounding.
  const Waveform w = pulse(0.0, 0.1e-9, 0.2e-9, 0.4e-9, 0.7e-9);
  double before = 0.0;
  for (int k = 0; k < 30000; ++k) {
    const double t = w.next_breakpoint(before);
    EXPECT_GT(t - before, 0.05e-9) << k;
    before = t;
  }
}

TEST(Pulse, AnEarlyNextPeriodCutsThePulse) {
  const Waveform w = pulse(0.0, 1.0, 1.0, 10.0, 5.0);
  EXPECT_EQ(w.value(5.0), 3.0);
  EXPECT_DOUBLE_EQ(w.value(5.5), 2.0);
  EXPECT_EQ(breakpoints(w, 0.0, 4), (std::vector<double>{1, 5, 6, 10}));
}

TEST(Pulse, WithoutAPeriodThereIsOnePulse) {
  for (const double period : {0.0, kNever}) {
    const Waveform w = pulse(1.0, 1.0, 1.0, 1.0, period);
    EXPECT_EQ(w.value(100.0), 1.0);
    EXPECT_EQ(breakpoints(w, 0.0, 9), (std::vector<double>{1, 2, 3, 4}));
  }
  const Waveform step = pulse(1.0, 1.0, 1.0, kNever, kNever);
  EXPECT_EQ(step.value(1e9), 3.0);
  EXPECT_EQ(breakpoints(step, 0.0, 9), (std::vector<double>{1, 2}));
}

TEST(Pulse, ACountEndsTheTrain) {
  const Waveform w = pulse(1.0, 0.0, 0.0, 1.0, 4.0, 2);
  EXPECT_EQ(w.value(5.5), 3.0);
  EXPECT_EQ(w.value(9.5), 1.0);
  EXPECT_EQ(breakpoints(w, 0.0, 9), (std::vector<double>{1, 2, 5, 6}));
}

TEST(Sine, IsDampedAndDelayed) {
  const Waveform w(Waveform::Sine{0.5, 2.0, 10.0, 0.1, 3.0, 30.0});
  EXPECT_DOUBLE_EQ(w.value(0.05), 1.5);
  const double u = 0.123 - 0.1;
  EXPECT_DOUBLE_EQ(w.value(0.123),
                   0.5 + 2.0 * std::exp(-3.0 * u) * std::sin(2 * kPi * 10 * u + kPi / 6));
  EXPECT_EQ(breakpoints(w, 0.0, 9), (std::vector<double>{0.1}));
}

TEST(Exponential, RisesAndFallsFromWhereItIs) {
  const Waveform w(Waveform::Exponential{1.0, 4.0, 1.0, 2.0, 5.0, 3.0});
  EXPECT_EQ(w.value(0.5), 1.0);
  EXPECT_DOUBLE_EQ(w.value(3.0), 1.0 + 3.0 * (1 - std::exp(-1.0)));
  EXPECT_DOUBLE_EQ(w.value(8.0),
                   1.0 + 3.0 * (1 - std::exp(-3.5)) - 3.0 * (1 - std::exp(-1.0)));
  EXPECT_EQ(breakpoints(w, 0.0, 9), (std::vector<double>{1, 5}));
  const Waveform step(Waveform::Exponential{0.0, 1.0, 1.0, 0.0, 2.0, 0.0});
  EXPECT_EQ(step.value(1.0), 0.0);
  EXPECT_EQ(step.value(1.5), 1.0);
  EXPECT_EQ(step.value(2.5), 0.0);
}

TEST(PieceWiseLinear, InterpolatesAndHoldsItsEnds) {
  const Waveform w(Waveform::PieceWiseLinear{{{1, 2}, {3, 6}, {4, 0}}, 10.0, -1.0});
  EXPECT_EQ(w.value(0.0), 2.0);
  EXPECT_DOUBLE_EQ(w.value(12.0), 4.0);
  EXPECT_DOUBLE_EQ(w.value(13.5), 3.0);
  EXPECT_EQ(w.value(99.0), 0.0);
  EXPECT_EQ(breakpoints(w, 0.0, 9), (std::vector<double>{11, 13, 14}));
}

TEST(PieceWiseLinear, EqualTimesAreAJumpSeenFromTheLeft) {
  const Waveform w(Waveform::PieceWiseLinear{{{0, 0}, {1, 0}, {1, 5}, {1, 2}, {2, 4}}});
  EXPECT_EQ(w.value(1.0), 0.0);
  EXPECT_NEAR(w.value(std::nextafter(1.0, 2.0)), 2.0, 1e-12);
  EXPECT_DOUBLE_EQ(w.value(1.5), 3.0);
  EXPECT_EQ(breakpoints(w, 0.0, 9), (std::vector<double>{1, 2}));
}

TEST(PieceWiseLinear, RepeatsFromAPoint) {
  // After 3 s the part 1 s .. 3 s is seen again and again.
  const Waveform w(Waveform::PieceWiseLinear{{{0, 9}, {1, 0}, {2, 4}, {3, 1}}, 0.0, 1.0});
  for (const double shift : {0.0, 2.0, 4.0, 20.0}) {
    EXPECT_DOUBLE_EQ(w.value(shift + 1.5), 2.0);
    EXPECT_DOUBLE_EQ(w.value(shift + 2.5), 2.5);
    EXPECT_DOUBLE_EQ(w.value(shift + 3.0), 1.0) << "the end of a period, from the left";
    EXPECT_NEAR(w.value(shift + 3.0 + 1e-9), 0.0, 1e-8) << "and then its start";
  }
  EXPECT_EQ(breakpoints(w, -1.0, 7), (std::vector<double>{0, 1, 2, 3, 4, 5, 6}));
}

TEST(PieceWiseLinear, BreakpointsAlwaysMoveOn) {
  const Waveform w(Waveform::PieceWiseLinear{
      {{0, 0}, {0.1e-9, 1}, {0.1e-9 * (1 + 1e-16), 1}, {0.3e-9, 0}, {0.7e-9, 0}},
      0.1e-9,
      0.0});
  double before = 0.0;
  for (int k = 0; k < 30000; ++k) {
    const double t = w.next_breakpoint(before);
    EXPECT_GT(t - before, 0.05e-9) << k;
    before = t;
  }
}

TEST(Modulation, FollowsTheManual) {
  const Waveform fm(Waveform::FrequencyModulated{0.5, 2.0, 100.0, 3.0, 10.0});
  EXPECT_DOUBLE_EQ(
      fm.value(0.013),
      0.5 + 2.0 * std::sin(2 * kPi * 100 * 0.013 + 3.0 * std::sin(2 * kPi * 10 * 0.013)));
  const Waveform am(Waveform::AmplitudeModulated{2.0, 0.5, 10.0, 100.0, 1.0});
  EXPECT_EQ(am.value(0.9), 0.0);
  EXPECT_DOUBLE_EQ(am.value(1.013), 2.0 * (0.5 + std::sin(2 * kPi * 10 * (1.013 - 1.0))) *
                                        std::sin(2 * kPi * 100 * (1.013 - 1.0)));
  EXPECT_EQ(fm.next_breakpoint(0.0), kNever);
  EXPECT_EQ(am.next_breakpoint(0.0), 1.0);
}

}  // namespace
}  // namespace arrayspice
