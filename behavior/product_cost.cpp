// SPDX-License-Identifier: Apache-2.0
#include "behavior/product_cost.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <optional>

#include "behavior/array_experiment.hpp"
#include "behavior/chain_experiment.hpp"
#include "behavior/parallel.hpp"
#include "behavior/settling.hpp"
#include "netlists/arrays/decision.hpp"
#include "netlists/arrays/pairs.hpp"

namespace arrayspice {

namespace {

/// A cycle that ends so near to its start, in parts of what moved, is closed.
constexpr double kClosed = 1e-3;
constexpr int kMostCycles = 4;

/// One of the circuits that an array falls into.
struct PartCost {
  Energy product, restoring;
  double latency = 0.0, read = 0.0, cycle = 0.0, left = 0.0;
};

/// Outputs over time, to find out later when they came near to where they ended.
class OutputRecord {
 public:
  /// A comparator has decided when its line has settled, whether it changes or not.
  OutputRecord(const ArrayCircuit& array, const ArraySpec& spec)
      : watched_(array.outputs) {
    if (!compares(spec)) return;
    for (std::int64_t j = 0; j < spec.array.columns; ++j)
      if (const auto line = array.circuit->find_node(fmt::format("out_{}", j)))
        watched_.push_back(*line);
  }

  void add(double t, std::span<const double> x) {
    std::vector<double>& y = samples_.emplace_back(t, std::vector<double>()).second;
    for (const UnknownId at : watched_) y.push_back(x[at]);
  }
  /// The latest, s after the first sample's time 0.
  double settled(const HalfStep& half) const {
    const std::vector<double>& last = samples_.back().second;
    std::vector<double> change(last.size(), 0.0), tolerance;
    for (const auto& [t, y] : samples_)
      for (std::size_t j = 0; j < y.size(); ++j)
        change[j] = std::max(change[j], std::abs(y[j] - last[j]));
    for (std::size_t j = 0; j < last.size(); ++j)
      tolerance.push_back(half.of(change[j]) + kResolved * std::abs(last[j]));
    SettlingWatch watch(last, tolerance);
    for (const auto& [t, y] : samples_) watch.observe(t, y);
    return *std::max_element(watch.settled_at().begin(), watch.settled_at().end());
  }

 private:
  static constexpr double kResolved = 2e-6;  // of a voltage, by a transient
  std::vector<UnknownId> watched_;
  std::vector<std::pair<double, std::vector<double>>> samples_;
};

/// An array, or one of its columns, through a cycle.
class ArrayCycle {
 public:
  ArrayCycle(const ArraySpec& spec, const Matrix& weights, std::span<const double> inputs,
             std::int64_t column)
      : spec_(spec),
        inputs_(inputs),
        temperature_(spec.environment.temperature),
        array_(spec, weights, {}, column),
        meter_(array_.circuit(), temperature_),
        outputs_(array_.array().outputs.size()) {}

  PartCost measure(const HalfStep& half) {
    PartCost cost;
    for (int cycle = 0; cycle < kMostCycles; ++cycle) {
      run_product(cycle > 0, half, cost);
      const std::vector<double> after(array_.state().begin(), array_.state().end());
      if (array_.experiment().from_rest) break;  // what resets it is no part of it
      array_.restore([&](double t, std::span<const double> x) {
        meter_.add(t, x);
        cost.cycle = cost.read + t;
      });
      cost.restoring = meter_.finish();
      cost.left = distance(array_.state()) / std::max(distance(after), kLeastVolt);
      if (cost.left < kClosed) break;
    }
    cost.restoring.supplies += reset_elsewhere();
    return cost;
  }

 private:
  static constexpr double kLeastVolt = 1e-6;

  void run_product(bool again, const HalfStep& half, PartCost& cost) {
    OutputRecord record(array_.array(), spec_);
    const ArrayExperiment::Observer observe = [&](double t, std::span<const double> x) {
      meter_.add(t, x);
      record.add(t, x);
      cost.read = t;
    };
    if (again)
      array_.run_again(inputs_, outputs_, observe);
    else
      array_.run(inputs_, outputs_, 0, observe);
    cost.product = meter_.finish();
    cost.cycle = cost.read;
    const Experiment& experiment = array_.experiment();
    const std::optional<Reading::Event> event = experiment.reading(0).event;
    double at = cost.read;
    if (!event)
      at = record.settled(half);
    else if (event->cycles == 0)
      at = event->since + *std::max_element(outputs_.begin(), outputs_.end());
    cost.latency = std::max(0.0, at - experiment.start);
  }

  /// Largest difference of a node's voltage to that at the start, but for nodes that a
  /// reset outside of the circuit puts to their `.ic`.
  double distance(std::span<const double> x) {
    double most = 0.0;
    for (const UnknownId node : array_.circuit().nodes())
      if (!is_reset_elsewhere(node))
        most = std::max(most, std::abs(x[node] - array_.start()[node]));
    return most;
  }
  bool is_reset_elsewhere(UnknownId node) const {
    for (const auto& [at, volt] : array_.array().initial)
      if (at == node) return true;
    return false;
  }

  /// J: a source at the voltage of an `.ic` that puts its node back there.
  double reset_elsewhere() {
    Env env;
    env.transient = true;
    env.temperature = temperature_;
    Evaluation before, after;
    array_.circuit().evaluate(array_.start(), env, Want::Residual, before);
    array_.circuit().evaluate(array_.state(), env, Want::Residual, after);
    double sum = 0.0;
    for (const auto& [node, volt] : array_.array().initial)
      sum += volt * (before.q[node] - after.q[node]);
    return sum;
  }

  const ArraySpec& spec_;
  std::span<const double> inputs_;
  double temperature_;
  ArrayExperiment array_;
  EnergyMeter meter_;
  std::vector<double> outputs_;
};

/// A column of stages, one after another: the edge, and the edge that comes back.
PartCost cost_of_chain(const ArraySpec& spec, const Matrix& weights,
                       std::span<const double> inputs, std::int64_t column) {
  ChainExperiment chain(spec, weights, column);
  std::deque<EnergyMeter> meters;
  for (std::int64_t i = 0; i < chain.rows(); ++i)
    meters.emplace_back(chain.circuit(i), spec.environment.temperature);
  PartCost cost;
  const auto observe = [&](std::int64_t row, double t, std::span<const double> x) {
    meters[static_cast<std::size_t>(row)].add(t, x);
    cost.cycle = t;
  };
  const auto metered = [&] {
    Energy sum;
    for (EnergyMeter& meter : meters) sum = sum + meter.finish();
    return sum;
  };
  double output = 0.0;
  chain.run(inputs, output, 0, observe);
  cost.product = metered();
  const double rested = cost.cycle;
  chain.restore(observe);
  cost.restoring = metered();
  cost.cycle += rested;
  const Reading reading = array_type(spec).experiment(spec).reading(column);
  cost.read = reading.event->since + output;
  cost.latency = cost.read - array_type(spec).experiment(spec).start;
  return cost;
}

ProductCost cost_of_cycle(const ArraySpec& spec, const Matrix& weights,
                          std::span<const double> inputs, const HalfStep& half,
                          int threads) {
  const bool by_columns = solves_columns(spec);
  const bool is_chain = static_cast<bool>(array_type(spec).experiment(spec).joint);
  std::vector<PartCost> parts(
      static_cast<std::size_t>(by_columns ? spec.array.columns : 1));
  for_each_index(std::ssize(parts), threads, [&](std::int64_t k) {
    PartCost& part = parts[static_cast<std::size_t>(k)];
    if (by_columns && is_chain)
      part = cost_of_chain(spec, weights, inputs, k);
    else
      part = ArrayCycle(spec, weights, inputs, by_columns ? k : -1).measure(half);
  });
  ProductCost cost;
  double read = 0.0;
  for (const PartCost& part : parts) {
    cost.product = cost.product + part.product;
    cost.restoring = cost.restoring + part.restoring;
    cost.latency = std::max(cost.latency, part.latency);
    cost.cycle = std::max(cost.cycle, part.cycle);
    cost.left = std::max(cost.left, part.left);
    read = std::max(read, part.read);
  }
  cost.product.sense = spec.sense.supply_power * sense_circuits(spec) *
                       static_cast<double>(spec.array.columns) * read;
  cost.power = (1.0 / cost.cycle) * (cost.product + cost.restoring);
  return cost;
}

}  // namespace

ProductCost cost_at_rest(const StepResponse& step) {
  ProductCost cost;
  cost.power = step.power;
  cost.product = step.energy;
  cost.latency = *std::max_element(step.settling_time.begin(), step.settling_time.end());
  return cost;
}

int sense_circuits(const ArraySpec& spec) {
  if (spec.sense.kind == "sar") return 2;  // its comparator, and what restores decisions
  const bool has_comparator = compares(spec) || spec.cell.structure == "oscillator";
  return (has_comparator ? 1 : 0) + (uses_amplifier(spec) ? 1 : 0);
}

ProductCost cost_of_product(const ArraySpec& described, const Matrix& weights,
                            std::span<const double> logical_inputs, const HalfStep& half,
                            int threads) {
  const ArraySpec spec = physical_array(described);
  const std::vector<double> inputs = physical_input(described, logical_inputs);
  if (array_type(spec).experiment(spec).is_transient())
    return cost_of_cycle(spec, weights, inputs, half, threads);
  return cost_at_rest(measure_settling(spec, weights, inputs, half));
}

}  // namespace arrayspice
