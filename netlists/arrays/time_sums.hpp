// SPDX-License-Identifier: Apache-2.0
// What time-domain arrays compute in closed form: delays, crossing times, frequencies,
// and by how much thermal noise moves them. time_domain.cpp has the circuits.
#pragma once

#include <cmath>
#include <span>
#include <vector>

#include "netlists/arrays/array.hpp"
#include "netlists/arrays/reset_line.hpp"

namespace arrayspice::time_domain {

inline bool is_chain(const ArraySpec& spec) {
  return spec.cell.structure == "delay-chain" || spec.cell.structure == "starved";
}
inline bool is_pwm(const ArraySpec& spec) { return spec.cell.structure == "pwm"; }
/// The voltage before the ramp is the output.
inline bool reads_voltage(const ArraySpec& spec) {
  return spec.sense.kind == "integrated-voltage";
}
inline bool oscillates(const ArraySpec& spec) {
  return spec.cell.structure == "oscillator";
}
/// The output is how often an oscillator has come round.
inline bool counts(const ArraySpec& spec) { return spec.sense.kind == "count"; }
/// Of the transistor that does it, over the largest voltage that it has to hold.
inline constexpr double kMargin = 1.2;

/// The outputs are times from here on: the edge into a chain, input 0 of a crossing, the
/// ramp of pwm.
inline double origin(const ArraySpec& spec) {
  return product_start(spec) + (is_pwm(spec) ? spec.sense.integration_time : 0.0);
}

// --- how long it takes

/// Of a stage without a level, or one that does not starve.
inline double unit_delay(const ArraySpec& spec) {
  return std::log(2.0) * spec.cell.unit_resistance * spec.cell.unit_capacitance;
}
inline double starved_delay(const ArraySpec& spec, double volt) {
  const auto& a = spec.access;
  const double drive = volt - a.threshold;
  return spec.cell.unit_capacitance * spec.supply.voltage /
         (a.transconductance * a.width_over_length * drive * drive);
}
inline double line_capacitance(const ArraySpec& spec) {
  return spec.sense.load_capacitance +
         static_cast<double>(spec.array.rows) * spec.wire.bit_line_capacitance;
}
/// To the threshold, C.
inline double line_charge(const ArraySpec& spec) {
  return line_capacitance(spec) * (spec.sense.threshold - spec.supply.reset);
}

/// Of one cycle of an oscillator, C.
inline double swing_charge(const ArraySpec& spec) {
  return spec.sense.feedback_capacitance * (1.0 - spec.sense.empty_level) *
         spec.sense.threshold;
}

/// Without any non-ideality: (batch, columns).
Matrix ideal(const ArraySpec& spec, const Matrix& weights, const Matrix& inputs);

/// kT/C of what is charged, over the slope with which it passes the level: rms in the
/// output's unit. A stage whose resistance always conducts has kT/C whenever it is looked
/// at; lines and integrators keep that of their reset. An oscillator gets new noise, of
/// reset and of both decisions, in every cycle.
std::vector<double> thermal_noise(const ArraySpec& spec, const Matrix& weights,
                                  std::span<const double> inputs);
/// What noise at the threshold of a crossing's comparator makes of its time, s rms.
std::vector<double> decision_noise(const ArraySpec& spec, const Matrix& weights,
                                   std::span<const double> inputs);

}  // namespace arrayspice::time_domain
