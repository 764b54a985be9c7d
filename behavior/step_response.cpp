// SPDX-License-Identifier: Apache-2.0
// The measurement of settling.hpp: a transient with all inputs stepping at t = 0.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "behavior/array_lines.hpp"
#include "behavior/product_cost.hpp"
#include "behavior/settling.hpp"
#include "netlists/failure.hpp"

namespace arrayspice {

namespace {

constexpr int kMostExtensions = 12;  // doublings of the time that is simulated

/// Outputs that are kept as waveforms.
std::vector<std::size_t> shown_columns(std::size_t columns) {
  std::vector<std::size_t> shown{0, columns / 2, columns - 1};
  shown.erase(std::unique(shown.begin(), shown.end()), shown.end());
  return shown;
}

class StepTransient {
 public:
  StepTransient(ArrayProbe& probe, const std::vector<double>& inputs,
                const HalfStep& half)
      : probe_(probe), inputs_(inputs) {
    probe.solve(inputs);
    final_ = probe.outputs();
    power_ = probe.power();
    for (const double y : final_) {
      tolerance_.push_back(half.of(y));
      half_.push_back(0.5 * std::abs(y));
    }
  }

  /// Simulates from 0 to stop; true when all columns have settled well before.
  bool run(double stop) {
    SettlingWatch watch(final_, tolerance_), to_half(final_, half_);
    times_.clear();
    outputs_.assign(final_.size(), {});
    energy_ = probe_.step(
        inputs_, {.stop = stop, .max_step = stop / kLeastSteps, .reltol = kReltol},
        [&](double t, std::span<const double> y) {
          record(t, y);
          watch.observe(t, y);
          to_half.observe(t, y);
        });
    settled_ = watch.settled_at();
    half_time_ = to_half.settled_at();
    const double slowest = *std::max_element(settled_.begin(), settled_.end());
    energy_ = energy_ + (slowest - stop) * power_;
    return watch.is_settled() && slowest < kSettledBy * stop;
  }

  StepResponse result() const {
    StepResponse response{settled_, half_time_, {}, power_, energy_};
    response.waveform.add("time (s)", times_);
    for (const std::size_t j : shown_columns(final_.size()))
      response.waveform.add(fmt::format("column {}", j), outputs_[j]);
    return response;
  }

 private:
  static constexpr double kLeastSteps = 100, kSettledBy = 0.8, kReltol = 1e-5;

  void record(double t, std::span<const double> y) {
    times_.push_back(t);
    for (const std::size_t j : shown_columns(y.size())) outputs_[j].push_back(y[j]);
  }

  ArrayProbe& probe_;
  const std::vector<double>& inputs_;
  std::vector<double> final_, tolerance_, half_, settled_, half_time_, times_;
  std::vector<std::vector<double>> outputs_;  // per column, of the shown ones
  Energy power_, energy_;
};

}  // namespace

namespace {

/// The resistance through which the cells of a bit line drive it, in parallel.
double driving_resistance(const ArraySpec& spec, const Matrix& weights) {
  const auto rows = static_cast<double>(spec.array.rows);
  const auto& d = spec.divider;
  if (spec.cell.structure == "pull-resistor")
    return (std::max(d.up_resistance, d.down_resistance) + spec.contact.on_resistance) /
           rows;
  if (spec.cell.structure == "pull")
    return 1.0 / (rows *
                  std::min(d.up_transconductance * d.up_width_over_length,
                           spec.access.transconductance * spec.access.width_over_length) *
                  std::max(spec.supply.voltage - spec.access.threshold, 1e-2));
  const double total = std::accumulate(weights.values.begin(), weights.values.end(), 0.0);
  return 1.0 /
         (total / static_cast<double>(spec.array.columns) + spec.sense.load_conductance);
}

}  // namespace

double estimated_time_constant(const ArraySpec& spec, const Matrix& conductances) {
  const auto& wire = spec.wire;
  const auto line = [&](double end, double segment, double farad, std::int64_t count) {
    const auto n = static_cast<double>(count);
    return (end + segment * n / 2.0) * n * (farad + 2.0 * wire.coupling_capacitance);
  };
  double tau = line(spec.driver.resistance, wire.word_line_resistance,
                    wire.word_line_capacitance, spec.array.columns) +
               line(spec.sense.resistance, wire.bit_line_resistance,
                    wire.bit_line_capacitance, spec.array.rows);
  if (spec.array.type == "resistive-division")
    tau += driving_resistance(spec, conductances) *
           (spec.sense.load_capacitance +
            static_cast<double>(spec.array.rows) *
                (wire.bit_line_capacitance + 2.0 * wire.coupling_capacitance));
  if (uses_amplifier(spec)) {
    const double total =
        std::accumulate(conductances.values.begin(), conductances.values.end(), 0.0);
    const double noise_gain = spec.sense.kind == "tia"
                                  ? 1.0 + spec.sense.feedback_resistance * total /
                                              static_cast<double>(spec.array.columns)
                                  : 1.0;
    tau += noise_gain / (2.0 * std::numbers::pi * spec.sense.bandwidth);
  }
  return tau;
}

namespace {

/// Longer and longer transients, until one holds the settling.
StepResponse followed(ArrayProbe& probe, const std::vector<double>& inputs, double first,
                      const HalfStep& half) {
  StepTransient step(probe, inputs, half);
  double stop = first;
  for (int extension = 0; extension < kMostExtensions; ++extension, stop *= 2.0)
    if (step.run(stop)) return step.result();
  throw Failure(Exit::Numeric,
                fmt::format("the outputs have not settled after {:.3g} s", stop / 2.0));
}

}  // namespace

StepResponse measure_settling(const ArraySpec& spec, const Matrix& conductances,
                              const std::vector<double>& inputs, const HalfStep& half) {
  const double tau = estimated_time_constant(spec, conductances);
  StepResponse response;
  if (tau == 0.0) {
    response.settling_time.assign(static_cast<std::size_t>(spec.array.columns), 0.0);
    response.half_time = response.settling_time;
    measure_array(spec, conductances, why_not_lines(spec), [&](ArrayProbe& probe) {
      probe.solve(inputs);
      response.power = probe.power();
    });
  } else {
    const double first = tau * (half.bits + 1) * std::numbers::ln2 / 2.0;
    measure_array(spec, conductances, why_not_line_step(spec), [&](ArrayProbe& probe) {
      response = followed(probe, inputs, first, half);
    });
  }
  const double sense = spec.sense.supply_power * sense_circuits(spec) *
                       static_cast<double>(spec.array.columns);
  const double latency =
      *std::max_element(response.settling_time.begin(), response.settling_time.end());
  response.power.sense = sense;
  response.energy.sense = sense * latency;
  return response;
}

}  // namespace arrayspice
