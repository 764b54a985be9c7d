// SPDX-License-Identifier: Apache-2.0
// Time functions of the independent sources: PULSE, SIN, EXP, PWL, SFFM, AM.
//
// A jump (zero rise time, two PWL points at one time) is a breakpoint at which value()
// gives the limit from the left; integrators restart there and never use f at that
// instant as the start of a step.
#pragma once

#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace arrayspice {

class Waveform {
 public:
  struct Pulse {
    double initial, pulsed, delay, rise, fall, width, period;  // V or A, s
    int count = 0;  // number of pulses, 0: unlimited
  };
  struct Sine {
    double offset, amplitude, frequency, delay, damping, phase;  // Hz, s, 1/s, degree
  };
  struct Exponential {
    double initial, pulsed, rise_delay, rise_tau, fall_delay, fall_tau;
  };
  struct PieceWiseLinear {
    std::vector<std::pair<double, double>> points;  // (s, value), times not descending
    double delay = 0.0;
    double repeat_from = -1.0;  // s; negative: no repetition
  };
  /// A smooth curve through samples, by cubic pieces (each slope that of the parabola
  /// through three samples, 0 at the ends), and constant outside. It has no corners.
  struct Sampled {
    struct Sample {
      double t, value, slope = 0.0;
    };
    std::vector<Sample> samples;  // times ascending
    static Sampled through(std::span<const std::pair<double, double>> points);
  };
  struct FrequencyModulated {
    double offset, amplitude, carrier, index, signal;
  };
  struct AmplitudeModulated {
    double amplitude, offset, modulation, carrier, delay;
  };
  using Shape = std::variant<Pulse, Sine, Exponential, PieceWiseLinear, Sampled,
                             FrequencyModulated, AmplitudeModulated>;

  explicit Waveform(Shape shape) : shape_(std::move(shape)) {}

  double value(double t) const;
  /// First corner strictly after t, or +infinity.
  double next_breakpoint(double t) const;

 private:
  Shape shape_;
};

}  // namespace arrayspice
