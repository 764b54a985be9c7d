// SPDX-License-Identifier: Apache-2.0
#include "netlists/arrays/time_sums.hpp"

#include <algorithm>
#include <numeric>

#include "netlists/arrays/clocks.hpp"
#include "netlists/arrays/crossing_time.hpp"
#include "netlists/arrays/decision.hpp"

namespace arrayspice::time_domain {

namespace {

std::vector<double> column_of(const Matrix& matrix, std::int64_t j) {
  std::vector<double> column;
  for (std::int64_t i = 0; i < matrix.rows; ++i) column.push_back(matrix(i, j));
  return column;
}

double weighted_sum(std::span<const double> weights, std::span<const double> inputs) {
  return std::inner_product(weights.begin(), weights.end(), inputs.begin(), 0.0);
}

/// The first cycle begins at 0 V, the others where the one before was emptied to.
double cycles_within(const ArraySpec& spec, double time, double current) {
  const double to_threshold = spec.sense.feedback_capacitance * spec.sense.threshold;
  return std::max(0.0,
                  std::floor((time * current / to_threshold - spec.sense.empty_level) /
                             (1.0 - spec.sense.empty_level)));
}

double ideal_output(const ArraySpec& spec, std::span<const double> weights,
                    std::span<const double> inputs) {
  if (spec.cell.structure == "crossing")
    return crossing(line_charge(spec), weights, inputs).time;
  if (is_pwm(spec) || oscillates(spec)) {
    const double sum = weighted_sum(weights, inputs);
    if (counts(spec)) return cycles_within(spec, spec.sense.integration_time, sum);
    if (oscillates(spec)) return sum / swing_charge(spec);
    return spec.supply.read * sum /
           (reads_voltage(spec) ? -spec.sense.feedback_capacitance
                                : spec.sense.ramp_current);
  }
  double sum = 0.0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (spec.cell.structure == "delay-chain")
      sum += unit_delay(spec) * (1.0 + inputs[i] * weights[i]);
    else if (i % 2 == 0)
      sum += starved_delay(spec, inputs[i] > 0.0 ? weights[i] : spec.supply.voltage);
  }
  return sum;
}

/// A stage of delay t passes half of the supply at the slope VDD/2 / (R C) = VDD ln 2/(2
/// t), where it is starved at VDD/2 / t.
double chain_noise(const ArraySpec& spec, std::span<const double> weights,
                   std::span<const double> inputs) {
  const bool is_starved = spec.cell.structure == "starved";
  const double volt = thermal_voltage_on(spec, spec.cell.unit_capacitance);
  double variance = 0.0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const bool selected = inputs[i] > 0.0;
    double rise = unit_delay(spec) / std::log(2.0) * (1.0 + inputs[i] * weights[i]);
    if (is_starved)
      rise = i % 2 == 1
                 ? starved_delay(spec, spec.supply.voltage) / spec.access.pull_up_ratio
                 : starved_delay(spec, selected ? weights[i] : spec.supply.voltage);
    variance += std::pow(volt * rise / (0.5 * spec.supply.voltage), 2);
  }
  return std::sqrt(variance);
}

/// Of a frequency, the mean over its cycles: each differs by the noise of the reset and
/// of two decisions.
double frequency_noise(const ArraySpec& spec, double frequency) {
  const double charge = spec.noise.thermal != 0
                            ? thermal_voltage_on(spec, spec.sense.feedback_capacitance)
                            : 0.0;
  const double volt = std::hypot(charge, std::sqrt(2.0) * spec.noise.comparator);
  const double cycles = std::min(static_cast<double>(spec.sense.cycles),
                                 std::floor(frequency * spec.sense.integration_time));
  if (cycles < 1.0) return 0.0;
  return frequency * volt /
         ((1.0 - spec.sense.empty_level) * spec.sense.threshold * std::sqrt(cycles));
}

double noise_of_column(const ArraySpec& spec, std::span<const double> weights,
                       std::span<const double> inputs) {
  if (counts(spec)) return 0.0;
  if (oscillates(spec)) return frequency_noise(spec, ideal_output(spec, weights, inputs));
  if (spec.noise.thermal == 0) return 0.0;
  const auto charge_on = [&](double farad) {
    return farad * thermal_voltage_on(spec, farad);
  };
  if (spec.cell.structure == "crossing")
    return charge_on(line_capacitance(spec)) /
           crossing(line_charge(spec), weights, inputs).current;
  const double feedback = spec.sense.feedback_capacitance;
  if (reads_voltage(spec)) return thermal_voltage_on(spec, feedback);
  if (is_pwm(spec)) return charge_on(feedback) / spec.sense.ramp_current;
  return chain_noise(spec, weights, inputs);
}

}  // namespace

Matrix ideal(const ArraySpec& spec, const Matrix& weights, const Matrix& inputs) {
  Matrix outputs{inputs.rows, weights.columns, {}};
  outputs.values.resize(static_cast<std::size_t>(outputs.rows * outputs.columns));
  for (std::int64_t j = 0; j < weights.columns; ++j) {
    const std::vector<double> column = column_of(weights, j);
    for (std::int64_t k = 0; k < inputs.rows; ++k)
      outputs(k, j) = ideal_output(
          spec, column, std::span(&inputs.values[k * inputs.columns], column.size()));
  }
  return outputs;
}

std::vector<double> thermal_noise(const ArraySpec& spec, const Matrix& weights,
                                  std::span<const double> inputs) {
  std::vector<double> rms;
  for (std::int64_t j = 0; j < weights.columns; ++j)
    rms.push_back(noise_of_column(spec, column_of(weights, j), inputs));
  return rms;
}

std::vector<double> decision_noise(const ArraySpec& spec, const Matrix& weights,
                                   std::span<const double> inputs) {
  std::vector<double> rms(static_cast<std::size_t>(weights.columns), 0.0);
  if (!compares(spec)) return rms;
  for (std::int64_t j = 0; j < weights.columns; ++j)
    rms[static_cast<std::size_t>(j)] =
        spec.noise.comparator * line_capacitance(spec) /
        crossing(line_charge(spec), column_of(weights, j), inputs).current;
  return rms;
}

}  // namespace arrayspice::time_domain
