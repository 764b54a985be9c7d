// SPDX-License-Identifier: Apache-2.0
#include "devices/amplifier_law.hpp"

#include <algorithm>
#include <cmath>

namespace arrayspice {

/// Input and output as the state s of the op-amp demands them: its equations are affine
/// in the pins that they are solved for.
AmplifierEnds::Stage AmplifierEnds::stage(double state) const {
  std::array<Dual<1>, 6> pins{};
  pins[OpAmp::STAGE] = Dual<1>::variable(state, 0);
  Residual<Dual<1>, 6> at;
  OpAmp::equations(amplifier_, OpAmp::Instance{}, Env{}, pins, at);
  const Dual<1> input = -at.f[OpAmp::STAGE], output = -at.f[OpAmp::I];
  return {input.value, output.value, input.gradient[0], output.gradient[0]};
}

/// The state at which the feedback takes what comes out of the bit line:
///
///     h(s) = g (v - in(s)) + (out(s) - in(s))/R = 0.
///
/// h rises: with the offset o, in(s) = o - x and out(s) - in(s) = s - o, x between 0 and
/// s. These two values of x bracket the root; Newton's method finds it.
AmplifierEnds::Stage AmplifierEnds::settle(double voltage) const {
  const double offset = amplifier_.offset, inverse = 1.0 / feedback_;
  const double drive = offset * inverse - series_ * (voltage - offset);
  const double virtual_ground = drive * feedback_, shorted = drive / (series_ + inverse);
  double low = std::min(virtual_ground, shorted),
         high = std::max(virtual_ground, shorted);
  double s = virtual_ground;
  if (given(amplifier_.clamp))
    s = std::clamp(std::clamp(s, -amplifier_.clamp, amplifier_.clamp), low, high);
  constexpr int kMostSteps = 100;
  for (int step = 0; step < kMostSteps; ++step) {
    const Stage now = stage(s);
    const double h = series_ * (voltage - now.input) + (now.output - now.input) * inverse;
    const double slope =
        -series_ * now.input_slope + (now.output_slope - now.input_slope) * inverse;
    (h > 0.0 ? high : low) = s;
    double next = s - h / slope;
    if (!(next >= low && next <= high)) next = 0.5 * (low + high);
    if (std::abs(next - s) <= 1e-15 * std::abs(s)) return now;
    s = next;
  }
  return stage(s);
}

void AmplifierEnds::evaluate(std::span<const double> voltage, std::span<double> current,
                             std::span<double> conductance) const {
  const double inverse = 1.0 / feedback_;
  for (std::size_t j = 0; j < voltage.size(); ++j) {
    const Stage at = settle(voltage[j]);
    const double through = (at.output_slope - at.input_slope) * inverse;
    current[j] = (at.input - at.output) * inverse;
    conductance[j] = series_ * through / (through - series_ * at.input_slope);
  }
}

/// in(s) - out(s) = R i, which is o - s.
double AmplifierEnds::output(double current) const {
  return stage(amplifier_.offset - feedback_ * current).output;
}

double AmplifierEnds::transimpedance(double current) const {
  return -feedback_ * stage(amplifier_.offset - feedback_ * current).output_slope;
}

}  // namespace arrayspice
