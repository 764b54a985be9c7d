// SPDX-License-Identifier: Apache-2.0
#include "behavior/chain_experiment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "behavior/array_experiment.hpp"
#include "behavior/reading_watch.hpp"
#include "netlists/arrays/chip.hpp"
#include "netlists/failure.hpp"

namespace arrayspice {

namespace {

/// An output that is so near to where it rests, in parts of its swing, does not move.
constexpr double kAtRest = 1e-6;
/// The smallest voltage that counts, in parts of it.
constexpr double kSmallest = 1e-7;
/// A cell's input is a smooth curve, and its error bounds its steps: the largest step of
/// the experiment, made for a whole chain, may be exceeded.
constexpr double kLongerSteps = 5.0;

/// From the last sample before a curve begins to move.
std::vector<std::pair<double, double>> moving_part(
    std::vector<std::pair<double, double>> curve) {
  const double from = curve.front().second;
  const double swing = curve.back().second - from;
  const auto first = std::find_if(curve.begin(), curve.end(), [&](const auto& sample) {
    return std::abs(sample.second - from) > kAtRest * std::abs(swing);
  });
  if (first - curve.begin() > 1) curve.erase(curve.begin(), first - 1);
  return curve;
}

}  // namespace

ChainExperiment::ChainExperiment(const ArraySpec& spec, const Matrix& weights,
                                 std::int64_t column, Backend backend)
    : spec_(spec),
      weights_(weights),
      experiment_(chip_experiment(spec)),
      reading_(experiment_.reading(column)) {
  for (std::int64_t i = 0; i < spec.array.rows; ++i) {
    cells_.push_back(build_array(spec, weights, {i, column}));
    solvers_.emplace_back(cells_.back().circuit->pattern(),
                          LinearOptions{.backend = backend});
  }
}

Summary ChainExperiment::run(std::span<const double> inputs, double& output,
                             std::int64_t number, const Observer& observe) {
  Summary summary;
  summary.outcome = Outcome::Converged;
  Curve curve;
  double start = 0.0;
  for (std::int64_t i = 0; i < rows(); ++i) {
    ArrayCircuit& cell = cells_[static_cast<std::size_t>(i)];
    set_signals(cell, spec_, weights_, inputs, number);
    cell.circuit->reset_states();
    if (i > 0) {
      curve = moving_part(std::move(curve));
      start = curve.front().first;
      for (auto& sample : curve) sample.first -= start;
      const DeviceId before = cell.sources.back();
      cell.circuit->device_block(before).set_waveform(
          cell.circuit->device_instance(before),
          std::make_shared<const Waveform>(Waveform::Sampled::through(curve)));
    }
    curve = follow(i, start, curve.empty() ? 0.0 : curve.back().first, number, observe,
                   summary, output);
  }
  return summary;
}

ChainExperiment::Rest ChainExperiment::find_rest(std::int64_t row, std::int64_t number,
                                                 Summary& summary) {
  const auto k = static_cast<std::size_t>(row);
  ArrayCircuit& cell = cells_[k];
  OperatingPointOptions options;
  options.tolerances = product_tolerances();
  options.env.transient = true;
  options.env.temperature = spec_.environment.temperature;
  Rest rest;
  rest.before.assign(static_cast<std::size_t>(cell.circuit->unknowns()), 0.0);
  for (const auto& [node, volt] : cell.initial) rest.before[node] = volt;
  std::vector<double> after = rest.before;
  for (auto [x, time] :
       {std::pair{&after, experiment_.stop}, std::pair{&rest.before, 0.0}}) {
    options.env.time = time;
    const Summary found = operating_point(*cell.circuit, solvers_[k], options, *x);
    require_result(found, number);
    summary.iterations += found.iterations;
  }
  rest.after = after[cell.outputs.front()];
  return rest;
}

/// `settled`: when the input of the cell has come to rest, s after `start`. Returns what
/// its output does.
ChainExperiment::Curve ChainExperiment::follow(std::int64_t row, double start,
                                               double settled, std::int64_t number,
                                               const Observer& observe, Summary& summary,
                                               double& output) {
  const auto k = static_cast<std::size_t>(row);
  ArrayCircuit& cell = cells_[k];
  const UnknownId out = cell.outputs.front();
  Rest rest = find_rest(row, number, summary);
  const double swing = std::abs(rest.after - rest.before[out]);
  const bool is_last = row + 1 == rows();
  Reading reading = reading_;
  reading.event->since -= start;
  ReadingWatch watch({&reading, 1}, {&out, 1});
  TransientOptions options = product_transient(spec_, experiment_);
  options.tolerances.vntol = kSmallest * swing;
  if (row > 0) options.step = options.max_step = kLongerSteps * experiment_.max_step;
  if (is_last)
    options.events.push_back(
        [out, level = reading.event->level](double, std::span<const double> x) {
          return x[out] - level;
        });
  Curve curve;
  const Summary followed =
      transient(*cell.circuit, solvers_[k], options, rest.before,
                [&](double t, std::span<const double> x) {
                  if (observe) observe(row, start + t, x);
                  if (is_last) {
                    watch.observe(t, x);
                    return !watch.is_complete();
                  }
                  curve.emplace_back(start + t, x[out]);
                  return t <= settled || std::abs(x[out] - rest.after) > kAtRest * swing;
                });
  require_result(followed, number);
  summary.iterations += followed.iterations;
  summary.steps += followed.steps;
  if (is_last) watch.results(rest.before, {&output, 1}, number);
  return curve;
}

}  // namespace arrayspice
