// SPDX-License-Identifier: Apache-2.0
#include "behavior/chain_experiment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "behavior/array_experiment.hpp"
#include "behavior/reading_watch.hpp"
#include "netlists/arrays/chip.hpp"
#include "netlists/arrays/circuit_sink.hpp"
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
  for (ArrayCircuit& cell : cells_) {
    set_signals(cell, spec_, weights_, inputs, number);
    cell.circuit->reset_states();
  }
  Pass pass{number, observe, &output};
  run_through(pass);
  return pass.summary;
}

void ChainExperiment::restore(const Observer& observe) {
  Circuit& first = *cells_.front().circuit;
  set_signal(first, *first.find_device("vstart"),
             step(edge_to_, edge_from_, spec_.timing.edge, spec_.timing.edge));
  Pass pass{0, observe, nullptr};
  run_through(pass);
}

void ChainExperiment::run_through(Pass& pass) {
  pass.summary.outcome = Outcome::Converged;
  Curve curve;
  double start = 0.0;
  for (std::int64_t i = 0; i < rows(); ++i) {
    ArrayCircuit& cell = cells_[static_cast<std::size_t>(i)];
    if (i > 0) {
      curve = moving_part(std::move(curve));
      start = curve.front().first;
      for (auto& sample : curve) sample.first -= start;
      const DeviceId before = cell.sources.back();
      cell.circuit->device_block(before).set_waveform(
          cell.circuit->device_instance(before),
          std::make_shared<const Waveform>(Waveform::Sampled::through(curve)));
    }
    curve = follow(i, start, curve.empty() ? 0.0 : curve.back().first, pass);
  }
}

ChainExperiment::Rest ChainExperiment::find_rest(std::int64_t row, Pass& pass) {
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
    require_result(found, pass.number);
    pass.summary.iterations += found.iterations;
  }
  rest.after = after[cell.outputs.front()];
  if (row == 0 && pass.output) {
    const auto pins = cell.circuit->device_pins(*cell.circuit->find_device("vstart"));
    edge_from_ = rest.before[pins.front()];
    edge_to_ = after[pins.front()];
  }
  return rest;
}

/// `settled`: when the input of the cell has come to rest, s after `start`. Returns what
/// its output does.
ChainExperiment::Curve ChainExperiment::follow(std::int64_t row, double start,
                                               double settled, Pass& pass) {
  const auto k = static_cast<std::size_t>(row);
  ArrayCircuit& cell = cells_[k];
  const UnknownId out = cell.outputs.front();
  Rest rest = find_rest(row, pass);
  const double swing = std::abs(rest.after - rest.before[out]);
  const bool is_read = pass.output && row + 1 == rows();
  Reading reading = reading_;
  reading.event->since -= start;
  ReadingWatch watch({&reading, 1}, {&out, 1});
  TransientOptions options = product_transient(spec_, experiment_);
  options.tolerances.vntol = kSmallest * swing;
  if (row > 0) options.step = options.max_step = kLongerSteps * experiment_.max_step;
  if (is_read)
    options.events.push_back(
        [out, level = reading.event->level](double, std::span<const double> x) {
          return x[out] - level;
        });
  Curve curve;
  const Summary followed =
      transient(*cell.circuit, solvers_[k], options, rest.before,
                [&](double t, std::span<const double> x) {
                  if (pass.observe) pass.observe(row, start + t, x);
                  if (is_read) {
                    watch.observe(t, x);
                    if (!watch.is_complete()) return true;
                    if (!pass.observe) return false;
                  }
                  curve.emplace_back(start + t, x[out]);
                  return t <= settled || std::abs(x[out] - rest.after) > kAtRest * swing;
                });
  require_result(followed, pass.number);
  pass.summary.iterations += followed.iterations;
  pass.summary.steps += followed.steps;
  if (is_read) watch.results(rest.before, {pass.output, 1}, pass.number);
  return curve;
}

}  // namespace arrayspice
