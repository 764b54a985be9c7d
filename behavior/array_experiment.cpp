// SPDX-License-Identifier: Apache-2.0
#include "behavior/array_experiment.hpp"

#include <fmt/format.h>

#include "behavior/energy_meter.hpp"
#include "behavior/reading_watch.hpp"
#include "devices/current_source.hpp"
#include "devices/voltage_source.hpp"
#include "netlists/arrays/chip.hpp"
#include "netlists/arrays/circuit_sink.hpp"
#include "netlists/failure.hpp"

namespace arrayspice {

namespace {

/// Of transients. A smallest voltage below this would watch rounding errors.
constexpr double kReltol = 1e-6, kVntol = 1e-7, kChgtol = 1e-20;

}  // namespace

Tolerances product_tolerances() {
  Tolerances t;
  t.reltol = 1e-9;
  t.abstol = 1e-15;
  t.vntol = 1e-12;
  return t;
}

TransientOptions product_transient(const ArraySpec& spec, const Experiment& experiment) {
  TransientOptions options;
  options.tolerances = product_tolerances();
  options.tolerances.reltol = kReltol;
  options.tolerances.trtol = 1.0;
  options.tolerances.chgtol = kChgtol;
  options.tolerances.vntol = kVntol;
  options.keep_factors = true;  // most of an array is linear
  options.env.temperature = spec.environment.temperature;
  options.stop = experiment.stop;
  options.step = options.max_step = experiment.max_step;
  options.use_initial_conditions = experiment.from_rest;
  return options;
}

void require_result(const Summary& summary, std::int64_t number) {
  if (!summary.ok() && summary.outcome != Outcome::Stopped)
    throw Failure(Exit::Numeric, fmt::format("input {}: {}", number, summary.message));
}

ArrayExperiment::ArrayExperiment(const ArraySpec& spec, const Matrix& weights,
                                 Backend backend, std::int64_t column)
    : spec_(spec),
      weights_(weights),
      experiment_(chip_experiment(spec)),
      array_(build_array(spec, weights, {.column = column})) {
  solver_.emplace(circuit().pattern(), LinearOptions{.backend = backend},
                  experiment_.is_transient() ? std::span<const std::uint8_t>()
                                             : circuit().conductive());
  for (std::int64_t j = 0; j < spec.array.columns; ++j)
    if (array_.part.has_column(j)) readings_.push_back(experiment_.reading(j));
}

Summary ArrayExperiment::run(std::span<const double> inputs, std::span<double> outputs,
                             std::int64_t number, const Observer& observe) {
  set_signals(array_, spec_, weights_, inputs, number);
  circuit().reset_states();
  state_.assign(static_cast<std::size_t>(circuit().unknowns()), 0.0);
  for (const auto& [node, volt] : array_.initial) state_[node] = volt;
  Summary before;
  if (!experiment_.from_rest) before = find_operating_point(number);
  if (experiment_.is_transient()) {
    Summary summary = follow(outputs, number, observe);
    summary.iterations += before.iterations;
    return summary;
  }
  for (std::size_t j = 0; j < outputs.size(); ++j) outputs[j] = state_[array_.outputs[j]];
  if (observe) observe(0.0, state_);
  return before;
}

Summary ArrayExperiment::run_again(std::span<const double> inputs,
                                   std::span<double> outputs, const Observer& observe) {
  set_signals(array_, spec_, weights_, inputs);
  return follow(outputs, 0, observe);
}

namespace {

/// V or A, of an independent source at x.
double source_value(const Circuit& circuit, DeviceId source, std::span<const double> x,
                    const Env& env) {
  if (circuit.device_type(source).name == CurrentSource::kName)
    return circuit.pin_current(source, CurrentSource::P, x, env);
  const auto pins = circuit.device_pins(source);
  return x[pins[VoltageSource::P]] - x[pins[VoltageSource::M]];
}

}  // namespace

void ArrayExperiment::restore(const Observer& observe) {
  const auto& timing = spec_.timing;
  Env now, then;
  now.transient = then.transient = true;
  now.time = ended_;
  struct Return {
    DeviceId source;
    double from, to;
    bool is_clock;
  };
  std::vector<Return> returns;
  double clocks_from = 0.0;
  for (const DeviceId source : array_.sources) {
    returns.push_back({source, source_value(circuit(), source, state_, now),
                       source_value(circuit(), source, start_, then),
                       is_clock(circuit().device_name(source))});
    if (!returns.back().is_clock && returns.back().from != returns.back().to)
      clocks_from = timing.edge + timing.gap;
  }
  for (const auto& [source, from, to, is_clock] : returns)
    set_signal(circuit(), source,
               from == to ? Signal(to)
                          : step(from, to, (is_clock ? clocks_from : 0.0) + timing.edge,
                                 timing.edge));
  TransientOptions options = product_transient(spec_, experiment_);
  options.use_initial_conditions = false;
  options.stop = clocks_from + 1.5 * timing.edge + timing.phase;
  const Summary summary = transient(circuit(), *solver_, options, state_,
                                    [&](double t, std::span<const double> x) {
                                      observe(t, x);
                                      return true;
                                    });
  require_result(summary, 0);
}

Summary ArrayExperiment::find_operating_point(std::int64_t number) {
  OperatingPointOptions options;
  options.tolerances = product_tolerances();
  options.env.transient = experiment_.is_transient();
  options.env.temperature = spec_.environment.temperature;
  options.forced = array_.initial;
  Summary summary = operating_point(circuit(), *solver_, options, state_);
  require_result(summary, number);
  return summary;
}

/// From the present state on.
Summary ArrayExperiment::follow(std::span<double> outputs, std::int64_t number,
                                const Observer& observe) {
  ReadingWatch watch(readings_, array_.outputs);
  TransientOptions options = product_transient(spec_, experiment_);
  for (std::size_t j = 0; j < readings_.size(); ++j)
    if (readings_[j].event)
      options.events.push_back(
          [node = array_.outputs[j], level = readings_[j].event->level](
              double, std::span<const double> now) { return now[node] - level; });
  start_.clear();
  const auto note = [&](double t, std::span<const double> now) {
    if (start_.empty()) start_.assign(now.begin(), now.end());
    ended_ = t;
    watch.observe(t, now);
    if (observe) observe(t, now);
    return !watch.is_complete();
  };
  Summary summary = transient(circuit(), *solver_, options, state_, note);
  require_result(summary, number);
  watch.results(state_, outputs, number);
  return summary;
}

bool solves_columns(const ArraySpec& spec) {
  return array_type(spec).experiment(spec).is_transient() &&
         columns_are_independent(spec);
}

}  // namespace arrayspice
