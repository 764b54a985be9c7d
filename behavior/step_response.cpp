// SPDX-License-Identifier: Apache-2.0
// The measurement of settling.hpp: a transient with all inputs stepping at t = 0.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

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
  StepTransient(ArrayProbe& probe, const std::vector<double>& inputs, int bits,
                double half_step)
      : probe_(probe), inputs_(inputs) {
    probe.solve(inputs);
    final_ = probe.outputs();
    for (const double y : final_) {
      tolerance_.push_back(half_step > 0.0 ? half_step
                                           : std::abs(y) * std::exp2(-bits - 1));
      half_.push_back(0.5 * std::abs(y));
    }
  }

  /// Simulates from 0 to stop; true when all columns have settled well before.
  bool run(double stop) {
    SettlingWatch watch(final_, tolerance_), to_half(final_, half_);
    times_.clear();
    outputs_.assign(final_.size(), {});
    probe_.step(inputs_,
                {.stop = stop, .max_step = stop / kLeastSteps, .reltol = kReltol},
                [&](double t, std::span<const double> y) {
                  record(t, y);
                  watch.observe(t, y);
                  to_half.observe(t, y);
                });
    settled_ = watch.settled_at();
    half_time_ = to_half.settled_at();
    const double slowest = *std::max_element(settled_.begin(), settled_.end());
    return watch.is_settled() && slowest < kSettledBy * stop;
  }

  StepResponse result() const {
    StepResponse response{settled_, half_time_, {}};
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
};

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
  const double of_column =
      std::accumulate(conductances.values.begin(), conductances.values.end(), 0.0) /
      static_cast<double>(spec.array.columns);
  if (spec.array.type == "resistive-division")  // the cells charge an open line
    tau += (spec.sense.load_capacitance +
            static_cast<double>(spec.array.rows) * wire.bit_line_capacitance) /
           of_column;
  if (spec.sense.kind == "tia") {
    const double noise_gain = 1.0 + spec.sense.feedback_resistance * of_column;
    tau += noise_gain / (2.0 * std::numbers::pi * spec.sense.bandwidth);
  }
  return tau;
}

StepResponse measure_settling(const ArraySpec& spec, const Matrix& conductances,
                              const std::vector<double>& inputs, int bits,
                              double half_step) {
  const double tau = estimated_time_constant(spec, conductances);
  const std::vector<double> at_once(static_cast<std::size_t>(spec.array.columns), 0.0);
  if (tau == 0.0) return {at_once, at_once, {}};
  StepResponse response;
  measure_array(spec, conductances, why_not_line_step(spec), [&](ArrayProbe& probe) {
    StepTransient step(probe, inputs, bits, half_step);
    double stop = tau * (bits + 1) * std::numbers::ln2 / 2.0;
    for (int extension = 0; extension < kMostExtensions; ++extension, stop *= 2.0) {
      if (!step.run(stop)) continue;
      response = step.result();
      return;
    }
    throw Failure(Exit::Numeric,
                  fmt::format("the outputs have not settled after {:.3g} s", stop / 2.0));
  });
  return response;
}

}  // namespace arrayspice
