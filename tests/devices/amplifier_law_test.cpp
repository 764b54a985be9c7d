// SPDX-License-Identifier: Apache-2.0
#include "devices/amplifier_law.hpp"

#include <gtest/gtest.h>

#include <cmath>

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
  const AmplifierEnds ends({.gain = gain, .offset = offset}, kSeries, kFeedback);
  for (const double v : {-0.2, 1e-4, 0.5}) {
    const double g = (1.0 + gain) / kFeedback;  // seen into the amplifier
    const double vi = (kSeries * v + gain * offset / kFeedback) / (kSeries + g);
    const End end = evaluate(ends, v);
    EXPECT_NEAR(end.current, kSeries * (v - vi), 1e-13 * kSeries);
    EXPECT_NEAR(end.conductance, kSeries * g / (kSeries + g), 1e-14 * kSeries);
    EXPECT_NEAR(ends.output(end.current), gain * (offset - vi), 1e-11);
  }
}

TEST(AmplifierEnds, CurrentAndOutputObeyTheSoftClamp) {
  const OpAmp::Model model{.gain = 1e4, .clamp = 0.5, .offset = 1e-3};
  const AmplifierEnds ends(model, kSeries, kFeedback);
  for (const double v : {-1.0, -1e-3, 0.0, 2e-3, 1.02e-3, 0.3}) {
    const double i = evaluate(ends, v).current, vo = ends.output(i);
    const double vi = vo + kFeedback * i;
    // In saturation the input's error is amplified by the gain and flattened by tanh.
    EXPECT_NEAR(vo, 0.5 * std::tanh(1e4 * (1e-3 - vi) / 0.5), 1e-10) << v;
    EXPECT_NEAR(i, kSeries * (v - vi), 1e-14) << v;
  }
}

TEST(AmplifierEnds, ConductanceIsTheDifferenceQuotient) {
  const AmplifierEnds ends({.gain = 1e3, .clamp = 0.3}, kSeries, kFeedback);
  for (const double v : {-0.4, -4e-4, 1e-4, 3.4e-4, 0.2}) {
    const double h = 1e-7;
    const double quotient =
        (evaluate(ends, v + h).current - evaluate(ends, v - h).current) / (2 * h);
    EXPECT_NEAR(evaluate(ends, v).conductance / quotient, 1.0, 1e-5) << v;
  }
}

}  // namespace
}  // namespace arrayspice
