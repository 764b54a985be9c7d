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
///     h(s) = v - in(s) + k (out(s) - in(s)) + r K = 0,   k = r G.
///
/// G is the feedback's admittance and K what its capacitance keeps. h rises: with the
/// offset o, what was injected into the pole, J, and y = out,
///     in(s) = o + J - (s - y) - alpha t y,   t = 1/(2 pi gbw),
/// and y is between 0 and s A/(1 + A), in which h is straight. These two values of y
/// bracket the root; Newton's method finds it.
AmplifierEnds::Stage AmplifierEnds::settle(std::size_t j, double voltage) const {
  const Column& column = columns_[j];
  const double k = column.series * admittance(j), offset = column.offset + injected(j);
  const double known = voltage + column.series * kept(j);
  const double drive = offset * k - (known - offset);
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
    const Stage now = stage(column, s, injected(j));
    const double h = known - now.input + k * (now.output - now.input);
    const double slope = column.series * through(j, now) - now.input_slope;
    (h > 0.0 ? high : low) = s;
    double next = s - h / slope;
    if (!(next >= low && next <= high)) next = 0.5 * (low + high);
    if (std::abs(next - s) <= 1e-15 * std::abs(s)) return now;
    s = next;
  }
  return stage(column, s, injected(j));
}

/// Of the current through the feedback, less, by the state.
double AmplifierEnds::through(std::size_t column, const Stage& at) const {
  return (at.output_slope - at.input_slope) * admittance(column);
}

void AmplifierEnds::evaluate(std::span<const double> voltage, std::span<double> current,
                             std::span<double> conductance) const {
  for (std::size_t j = 0; j < voltage.size(); ++j) {
    const Stage at = settle(j, voltage[j]);
    current[j] = (at.input - at.output) * admittance(j) - kept(j);
    const double slope = through(j, at);
    conductance[j] = slope / (columns_[j].series * slope - at.input_slope);
  }
}

void AmplifierEnds::set_step(double alpha, std::span<const double> injected) {
  alpha_ = alpha;
  injected_.assign(injected.begin(), injected.end());
}

void AmplifierEnds::charges(std::span<const double> voltage,
                            std::span<double> charge) const {
  for (std::size_t j = 0; j < voltage.size(); ++j) {
    const Stage at = settle(j, voltage[j]);
    charge[j] = at.charge;
    if (integrates())
      charge[voltage.size() + j] = columns_[j].capacitance * (at.input - at.output);
  }
}

/// From h(s, v, J, K) = 0:  ds/dv = -1/h',  ds/dJ = (1 + k)/h',  ds/dK = -r/h'.
lines::MovingEndLaw::Slopes AmplifierEnds::slopes(std::span<const double> voltage) const {
  const std::size_t n = voltage.size(), kinds = charges_of_an_end();
  Slopes slopes{std::vector<double>(kinds * n), std::vector<double>(kinds * kinds * n),
                std::vector<double>(kinds * n)};
  for (std::size_t j = 0; j < n; ++j) {
    const Stage at = settle(j, voltage[j]);
    const double series = columns_[j].series, g = admittance(j), slope = through(j, at);
    const double h = series * slope - at.input_slope;
    const double by_injected = (1.0 + series * g) / h, by_kept = -series / h;
    slopes.current_by_injected[j] = g - slope * by_injected;
    slopes.charge_by_injected[j] = at.charge_slope * by_injected;
    slopes.charge_by_voltage[j] = -at.charge_slope / h;
    if (!integrates()) continue;
    const double farad = columns_[j].capacitance,
                 across = farad * (at.input_slope - at.output_slope);
    slopes.current_by_injected[n + j] = -1.0 - slope * by_kept;
    slopes.charge_by_injected[n + j] = at.charge_slope * by_kept;
    slopes.charge_by_injected[2 * n + j] = farad + across * by_injected;
    slopes.charge_by_injected[3 * n + j] = across * by_kept;
    slopes.charge_by_voltage[n + j] = -across / h;
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
