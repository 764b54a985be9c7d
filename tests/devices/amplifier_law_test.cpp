// SPDX-License-Identifier: Apache-2.0
#include "devices/amplifier_law.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <tuple>

namespace arrayspice {
namespace {

constexpr double kSeries = 0.1, kFeedback = 1e4;

struct End {
  double current, conductance;
};
End evaluate(const AmplifierEnds& ends, double voltage) {
  End end{};
  ends.evaluate({&voltage, 1}, {&end.current, 1}, {&end.conductance, 1});
  return end;
}

TEST(AmplifierEnds, WithoutClampTheyHaveTheirClosedForm) {
  // i = g (v - vi) = (vi - vo)/R, vo = A (o - vi)
  const double gain = 200.0, offset = 3e-3;
  const AmplifierEnds ends({.gain = gain}, {{1.0 / kSeries, offset, kFeedback}});
  for (const double v : {-0.2, 1e-4, 0.5}) {
    const double g = (1.0 + gain) / kFeedback;  // seen into the amplifier
    const double vi = (kSeries * v + gain * offset / kFeedback) / (kSeries + g);
    const End end = evaluate(ends, v);
    EXPECT_NEAR(end.current, kSeries * (v - vi), 1e-13 * kSeries);
    EXPECT_NEAR(end.conductance, kSeries * g / (kSeries + g), 1e-14 * kSeries);
    EXPECT_NEAR(ends.output(0, end.current), gain * (offset - vi), 1e-11);
  }
}

/// The bit line is the inverting input itself: vo = A (o - v), i = (v - vo)/R.
TEST(AmplifierEnds, WithoutResistanceTheLineIsTheirInput) {
  const double gain = 1e5, offset = 3e-3;
  const AmplifierEnds ends({.gain = gain}, {{0.0, offset, kFeedback}});
  for (const double v : {-1e-3, 1e-6, 3.001e-3}) {
    const double vo = gain * (offset - v);
    const End end = evaluate(ends, v);
    EXPECT_NEAR(end.current, (v - vo) / kFeedback, 1e-12 * std::abs(vo) / kFeedback);
    // 1 - dy/ds = 1/(1 + A) cancels as many digits as the gain has.
    EXPECT_NEAR(end.conductance, (1.0 + gain) / kFeedback,
                2.2e-16 * gain * (1.0 + gain) / kFeedback);
    EXPECT_NEAR(ends.output(0, end.current), vo, 1e-11 * std::abs(vo));
  }
  const AmplifierEnds clamped({.gain = gain, .clamp = 0.5}, {{0.0, 0.0, kFeedback}});
  for (const double v : {-0.3, -1e-5, 2e-6, 0.1})
    EXPECT_NEAR(v - kFeedback * evaluate(clamped, v).current,
                -0.5 * std::tanh(gain * v / 0.5), 1e-11);
}

TEST(AmplifierEnds, CurrentAndOutputObeyTheSoftClamp) {
  const AmplifierEnds ends({.gain = 1e4, .clamp = 0.5},
                           {{1.0 / kSeries, 1e-3, kFeedback}});
  for (const double v : {-1.0, -1e-3, 0.0, 2e-3, 1.02e-3, 0.3}) {
    const double i = evaluate(ends, v).current, vo = ends.output(0, i);
    const double vi = vo + kFeedback * i;
    // In saturation the input's error is amplified by the gain and flattened by tanh.
    EXPECT_NEAR(vo, 0.5 * std::tanh(1e4 * (1e-3 - vi) / 0.5), 1e-10) << v;
    EXPECT_NEAR(i, kSeries * (v - vi), 1e-14) << v;
  }
}

// Without clamp, y the output, vi the input, J what is injected:
//   y/A + vi - o + alpha t y = J,   g (v - vi) = (vi - y)/R,   t = 1/(2 pi gbw)
TEST(AmplifierEnds, InATimeStepThePoleTakesItsPart) {
  const double gain = 200.0, offset = 3e-3, gbw = 1e8, alpha = 4e9, injected = 0.7;
  AmplifierEnds ends({.gain = gain, .gbw = gbw}, {{1.0 / kSeries, offset, kFeedback}});
  ends.set_step(alpha, {&injected, 1});
  const double slow = 1.0 / gain + alpha / (2.0 * kPi * gbw);
  for (const double v : {-0.2, 1e-4, 0.5}) {
    // vi = o + J - slow y
    const double y = ((offset + injected) * (kSeries + 1.0 / kFeedback) - kSeries * v) /
                     (slow * kSeries + (1.0 + slow) / kFeedback);
    const double vi = offset + injected - slow * y;
    EXPECT_NEAR(evaluate(ends, v).current, kSeries * (v - vi), 1e-12 * kSeries) << v;
    double charge = 0.0;
    ends.charges({&v, 1}, {&charge, 1});
    EXPECT_NEAR(ends.output_of_charge(charge), y, 1e-12) << v;
  }
}

// The feedback a capacitance C, without clamp, K what is injected into its charge:
//   y/A + vi - o + alpha t y = J,   g (v - vi) = alpha C (vi - y) - K
TEST(AmplifierEnds, InATimeStepIntegratorsKeepWhatTheirFeedbackHolds) {
  const double gain = 200.0, alpha = 4e9, farad = 1e-13, kGbw = 1e8;
  const std::array injected{0.7, 3e-4};
  AmplifierEnds ends({.gain = gain, .gbw = kGbw}, {{1.0 / kSeries, 0.0, 0.0, farad}});
  ends.set_step(alpha, injected);
  const double slow = 1.0 / gain + alpha / (2.0 * kPi * kGbw), g = alpha * farad;
  for (const double v : {-0.2, 1e-4, 0.5}) {
    // vi = J - slow y  into  (kSeries + g) vi = kSeries v + g y + K
    const double y = ((kSeries + g) * injected[0] - kSeries * v - injected[1]) /
                     ((kSeries + g) * slow + g);
    const double vi = injected[0] - slow * y;
    EXPECT_NEAR(evaluate(ends, v).current, kSeries * (v - vi), 1e-12 * kSeries) << v;
    std::array<double, 2> charge{};
    ends.charges({&v, 1}, charge);
    EXPECT_NEAR(ends.output_of_charge(charge[0]), y, 1e-12) << v;
    EXPECT_NEAR(charge[1], farad * (vi - y), 1e-12 * farad) << v;
  }
}

/// Charges of an integrator by what is injected into either, and by the voltage.
TEST(AmplifierEnds, SlopesOfAnIntegratorAreDifferenceQuotients) {
  const double alpha = 2e9, farad = 1e-13, v = 1e-3;
  const auto at = [&](double voltage, std::array<double, 2> with) {
    AmplifierEnds ends({.gain = 1e3, .clamp = 0.3}, {{1.0 / kSeries, 0.0, 0.0, farad}});
    ends.set_step(alpha, with);
    std::array<double, 3> all{};
    ends.charges({&voltage, 1}, std::span(all).first(2));
    all[2] = evaluate(ends, voltage).current;
    return std::tuple{all, ends.slopes({&voltage, 1}),
                      evaluate(ends, voltage).conductance};
  };
  const std::array here{0.05, 2e-5};
  const auto [values, slopes, conductance] = at(v, here);
  const std::array unit{1.0 / (2.0 * kPi * 1e8), farad};  // of the charges, per volt
  const auto expect = [&](const std::array<double, 3>& up,
                          const std::array<double, 3>& down, double h,
                          std::array<double, 3> found, double scale) {
    for (std::size_t c = 0; c < 3; ++c)
      EXPECT_NEAR(found[c], (up[c] - down[c]) / (2 * h),
                  1e-5 * scale * (c < 2 ? unit[c] : kSeries))
          << c;
  };
  const auto& q = slopes.charge_by_injected;
  expect(std::get<0>(at(v, {here[0] + 1e-7, here[1]})),
         std::get<0>(at(v, {here[0] - 1e-7, here[1]})), 1e-7,
         {q[0], q[2], slopes.current_by_injected[0]}, 1.0);
  expect(std::get<0>(at(v, {here[0], here[1] + 1e-9})),
         std::get<0>(at(v, {here[0], here[1] - 1e-9})), 1e-9,
         {q[1], q[3], slopes.current_by_injected[1]}, 1.0 / (alpha * farad));
  expect(std::get<0>(at(v + 1e-7, here)), std::get<0>(at(v - 1e-7, here)), 1e-7,
         {slopes.charge_by_voltage[0], slopes.charge_by_voltage[1], conductance}, 1.0);
}

TEST(AmplifierEnds, SlopesInATimeStepAreDifferenceQuotients) {
  const double alpha = 2e9, h = 1e-7;
  for (const double injected : {-0.4, 0.0, 0.05, 2.0}) {
    for (const double v : {-0.4, 1e-4, 0.2}) {
      const auto at = [&](double voltage, double with) {
        AmplifierEnds ends({.gain = 1e3, .clamp = 0.3},
                           {{1.0 / kSeries, 0.0, kFeedback}});
        ends.set_step(alpha, {&with, 1});
        double charge = 0.0;
        ends.charges({&voltage, 1}, {&charge, 1});
        return std::pair{evaluate(ends, voltage).current, charge};
      };
      AmplifierEnds ends({.gain = 1e3, .clamp = 0.3}, {{1.0 / kSeries, 0.0, kFeedback}});
      ends.set_step(alpha, {&injected, 1});
      const auto slopes = ends.slopes({&v, 1});
      const auto up = at(v, injected + h), down = at(v, injected - h);
      const auto right = at(v + h, injected), left = at(v - h, injected);
      const double charge_scale = 1.0 / (2.0 * kPi * 1e8);
      EXPECT_NEAR(slopes.current_by_injected[0], (up.first - down.first) / (2 * h),
                  1e-6 * kSeries);
      EXPECT_NEAR(slopes.charge_by_injected[0], (up.second - down.second) / (2 * h),
                  1e-5 * charge_scale);
      EXPECT_NEAR(slopes.charge_by_voltage[0], (right.second - left.second) / (2 * h),
                  1e-5 * charge_scale);
      EXPECT_NEAR(evaluate(ends, v).conductance, (right.first - left.first) / (2 * h),
                  1e-6 * kSeries);
    }
  }
}

TEST(AmplifierEnds, ConductanceIsTheDifferenceQuotient) {
  const AmplifierEnds ends({.gain = 1e3, .clamp = 0.3},
                           {{1.0 / kSeries, 0.0, kFeedback}});
  for (const double v : {-0.4, -4e-4, 1e-4, 3.4e-4, 0.2}) {
    const double h = 1e-7;
    const double quotient =
        (evaluate(ends, v + h).current - evaluate(ends, v - h).current) / (2 * h);
    EXPECT_NEAR(evaluate(ends, v).conductance / quotient, 1.0, 1e-5) << v;
  }
}

}  // namespace
}  // namespace arrayspice
