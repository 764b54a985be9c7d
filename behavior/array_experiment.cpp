// SPDX-License-Identifier: Apache-2.0
#include "behavior/array_experiment.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "behavior/reading_watch.hpp"
#include "devices/current_source.hpp"
#include "devices/vcvs.hpp"
#include "devices/voltage_source.hpp"
#include "netlists/arrays/chip.hpp"
#include "netlists/arrays/pairs.hpp"
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
  std::vector<double> x(static_cast<std::size_t>(circuit().unknowns()), 0.0);
  for (const auto& [node, volt] : array_.initial) x[node] = volt;
  if (experiment_.is_transient()) return follow(x, outputs, number, observe);
  const Summary summary = find_operating_point(x, number);
  for (std::size_t j = 0; j < outputs.size(); ++j) outputs[j] = x[array_.outputs[j]];
  if (observe) observe(0.0, x);
  return summary;
}

Summary ArrayExperiment::find_operating_point(std::vector<double>& x,
                                              std::int64_t number) {
  OperatingPointOptions options;
  options.tolerances = product_tolerances();
  options.env.transient = experiment_.is_transient();
  options.env.temperature = spec_.environment.temperature;
  options.forced = array_.initial;
  const Summary summary = operating_point(circuit(), *solver_, options, x);
  require_result(summary, number);
  return summary;
}

Summary ArrayExperiment::follow(std::vector<double>& x, std::span<double> outputs,
                                std::int64_t number, const Observer& observe) {
  int iterations = 0;
  if (!experiment_.from_rest) iterations = find_operating_point(x, number).iterations;
  ReadingWatch watch(readings_, array_.outputs);
  TransientOptions options = product_transient(spec_, experiment_);
  for (std::size_t j = 0; j < readings_.size(); ++j)
    if (readings_[j].event)
      options.events.push_back(
          [node = array_.outputs[j], level = readings_[j].event->level](
              double, std::span<const double> now) { return now[node] - level; });
  Summary summary = transient(circuit(), *solver_, options, x,
                              [&](double t, std::span<const double> now) {
                                watch.observe(t, now);
                                if (observe) observe(t, now);
                                return !watch.is_complete();
                              });
  require_result(summary, number);
  watch.results(x, outputs, number);
  summary.iterations += iterations;
  return summary;
}

namespace {

/// What feeds an array: sources, and the controlled sources that stand for gated drivers.
std::vector<DeviceId> feeding_devices(const Circuit& circuit) {
  std::vector<DeviceId> feeding;
  for (DeviceId d = 0; d < circuit.devices(); ++d) {
    const std::string_view name = circuit.device_type(d).name;
    if (name == VoltageSource::kName || name == CurrentSource::kName ||
        name == Vcvs::kName)
      feeding.push_back(d);
  }
  return feeding;
}

/// Adds up the energy that a circuit takes in, from one time point to the next.
class EnergyMeter {
 public:
  EnergyMeter(const Circuit& circuit, bool moves, double temperature)
      : circuit_(circuit),
        feeding_(feeding_devices(circuit)),
        before_(feeding_.size()),
        next_corner_(circuit.next_breakpoint(0.0)) {
    env_.transient = moves;
    env_.temperature = temperature;
  }

  void add(double t, std::span<const double> x) {
    env_.time = t;
    // Currents jump at the corners of sources: before_ is then the value left of it.
    const bool from_corner = time_ == last_corner_;
    for (std::size_t k = 0; k < feeding_.size(); ++k) {
      const auto pins = circuit_.device_pins(feeding_[k]);
      const Feed now{x[pins[0]] - x[pins[1]],
                     -circuit_.pin_current(feeding_[k], 0, x, env_)};
      const double current =
          from_corner ? now.ampere : 0.5 * (before_[k].ampere + now.ampere);
      energy_ += 0.5 * (before_[k].volt + now.volt) * current * (t - time_);
      if (!env_.transient) power_ += now.volt * now.ampere;
      before_[k] = now;
    }
    if (t >= next_corner_) {
      last_corner_ = t;
      next_corner_ = circuit_.next_breakpoint(t);
    }
    time_ = t;
  }

  double energy() const { return energy_; }
  double power() const { return power_; }  ///< of an operating point
  double time() const { return time_; }

 private:
  struct Feed {
    double volt = 0.0, ampere = 0.0;
  };
  const Circuit& circuit_;
  Env env_;
  std::vector<DeviceId> feeding_;
  std::vector<Feed> before_;
  double energy_ = 0.0, power_ = 0.0, time_ = 0.0;
  double last_corner_ = 0.0, next_corner_;
};

}  // namespace

bool solves_columns(const ArraySpec& spec) {
  return array_type(spec).experiment(spec).is_transient() &&
         columns_are_independent(spec);
}

ProductCost cost_of_product(const ArraySpec& described, const Matrix& weights,
                            std::span<const double> logical_inputs) {
  const ArraySpec spec = physical_array(described);
  const std::vector<double> inputs = physical_input(described, logical_inputs);
  const bool moves = array_type(spec).experiment(spec).is_transient();
  const bool by_columns = solves_columns(spec);
  ProductCost cost;
  for (std::int64_t j = 0; j < (by_columns ? spec.array.columns : 1); ++j) {
    ArrayExperiment part(spec, weights, {}, by_columns ? j : -1);
    EnergyMeter meter(part.circuit(), moves, spec.environment.temperature);
    std::vector<double> outputs(part.array().outputs.size());
    part.run(inputs, outputs, 0,
             [&](double t, std::span<const double> x) { meter.add(t, x); });
    cost.energy += meter.energy();
    cost.power += meter.power();
    cost.time = std::max(cost.time, meter.time());
  }
  if (moves) cost.power = cost.energy / cost.time;
  return cost;
}

}  // namespace arrayspice
