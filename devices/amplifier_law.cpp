// SPDX-License-Identifier: Apache-2.0
#include "devices/amplifier_law.hpp"

#include <algorithm>
#include <cmath>

namespace arrayspice {

/// Input and output as the state s of the op-amp demands them: its equations are affine
/// in the pins that they are solved for.
AmplifierEnds::Stage AmplifierEnds::stage(const Column& column, double state,
                                          double injected) const {
  std::array<Dual<1>, 6> pins{};
  pins[OpAmp::STAGE] = Dual<1>::variable(state, 0);
  Residual<Dual<1>, 6> at;
  OpAmp::equations(amplifier_, OpAmp::Instance{column.offset}, Env{}, pins, at);
  const Dual<1>& charge = at.q[OpAmp::STAGE];
  const Dual<1> input = injected - at.f[OpAmp::STAGE] - alpha_ * charge;
  const Dual<1> output = -at.f[OpAmp::I];
  return {input.value,       output.value,       charge.value,
          input.gradient[0], output.gradient[0], charge.gradient[0]};
}

/// The state at which the feedback takes what comes out of the bit line through r:
///
///     h(s) = v - in(s) + k (out(s) - in(s)) = 0,   k = r/R.
///
/// h rises: with the offset o, what was injected into the pole, J, and y = out,
///     in(s) = o + J - (s - y) - alpha t y,   t = 1/(2 pi gbw),
/// and y is between 0 and s A/(1 + A), in which h is straight. These two values of y
/// bracket the root; Newton's method finds it.
AmplifierEnds::Stage AmplifierEnds::settle(const Column& column, double voltage,
                                           double injected) const {
  const double k = column.series / column.feedback, offset = column.offset + injected;
  const double drive = offset * k - (voltage - offset);
  const double slow = alpha_ / (2.0 * kPi * amplifier_.gbw), gain = amplifier_.gain;
  const double virtual_ground =
      drive * (1.0 + gain) / (1.0 + k + gain * (slow * (1.0 + k) + k));
  const double shorted = drive / (1.0 + k);
  double low = std::min(virtual_ground, shorted),
         high = std::max(virtual_ground, shorted);
  double s = virtual_ground;
  if (given(amplifier_.clamp))
    s = std::clamp(std::clamp(s, -amplifier_.clamp, amplifier_.clamp), low, high);
  constexpr int kMostSteps = 100;
  for (int step = 0; step < kMostSteps; ++step) {
    const Stage now = stage(column, s, injected);
    const double h = voltage - now.input + k * (now.output - now.input);
    const double slope = column.series * through(column, now) - now.input_slope;
    (h > 0.0 ? high : low) = s;
    double next = s - h / slope;
    if (!(next >= low && next <= high)) next = 0.5 * (low + high);
    if (std::abs(next - s) <= 1e-15 * std::abs(s)) return now;
    s = next;
  }
  return stage(column, s, injected);
}

/// Of the current through the feedback, less, by the state.
double AmplifierEnds::through(const Column& column, const Stage& at) {
  return (at.output_slope - at.input_slope) / column.feedback;
}

void AmplifierEnds::evaluate(std::span<const double> voltage, std::span<double> current,
                             std::span<double> conductance) const {
  for (std::size_t j = 0; j < voltage.size(); ++j) {
    const Stage at = settle(columns_[j], voltage[j], injected(j));
    current[j] = (at.input - at.output) / columns_[j].feedback;
    const double slope = through(columns_[j], at);
    conductance[j] = slope / (columns_[j].series * slope - at.input_slope);
  }
}

void AmplifierEnds::set_step(double alpha, std::span<const double> injected) {
  alpha_ = alpha;
  injected_.assign(injected.begin(), injected.end());
}

void AmplifierEnds::charges(std::span<const double> voltage,
                            std::span<double> charge) const {
  for (std::size_t j = 0; j < voltage.size(); ++j)
    charge[j] = settle(columns_[j], voltage[j], injected(j)).charge;
}

/// From h(s, v, J) = 0:  ds/dv = -1/h',  ds/dJ = (1 + k)/h'.
lines::MovingEndLaw::Slopes AmplifierEnds::slopes(std::span<const double> voltage) const {
  Slopes slopes;
  for (std::size_t j = 0; j < voltage.size(); ++j) {
    const Stage at = settle(columns_[j], voltage[j], injected(j));
    const double series = columns_[j].series, inverse = 1.0 / columns_[j].feedback;
    const double slope = through(columns_[j], at);
    const double h = series * slope - at.input_slope;
    const double by_injected = (1.0 + series * inverse) / h;
    slopes.current_by_injected.push_back(inverse - slope * by_injected);
    slopes.charge_by_injected.push_back(at.charge_slope * by_injected);
    slopes.charge_by_voltage.push_back(-at.charge_slope / h);
  }
  return slopes;
}

/// in(s) - out(s) = R i, which is o - s.
double AmplifierEnds::output(std::size_t column, double current) const {
  const Column& at = columns_[column];
  return stage(at, at.offset - at.feedback * current, 0.0).output;
}

double AmplifierEnds::transimpedance(std::size_t column, double current) const {
  const Column& at = columns_[column];
  return -at.feedback * stage(at, at.offset - at.feedback * current, 0.0).output_slope;
}

double AmplifierEnds::output_of_charge(double charge) const {
  return 2.0 * kPi * amplifier_.gbw * charge;
}

}  // namespace arrayspice
