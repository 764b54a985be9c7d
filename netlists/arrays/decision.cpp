// SPDX-License-Identifier: Apache-2.0
#include "netlists/arrays/decision.hpp"

#include <cmath>
#include <numbers>

namespace arrayspice {

namespace {

/// `rms` from the start on, and again from every one of `times` on.
Signal stretches(double rms, std::span<const double> times, double edge) {
  Signal signal(rms);
  for (const double t : times) {
    signal.points.emplace_back(t - 0.5 * edge, rms);
    signal.points.emplace_back(t + 0.5 * edge, rms);
  }
  return signal;
}

}  // namespace

void comparator_model(const ArraySpec& spec, NetlistSink& sink, std::string_view name,
                      double gain, double delay, double hysteresis, double range) {
  sink.model(name, 'n', "comparator",
             {{"low", 0.0},
              {"high", spec.supply.voltage},
              {"gain", gain},
              {"tau", delay},
              {"hysteresis", hysteresis},
              {"range", range}});
}

void threshold_model(const ArraySpec& spec, NetlistSink& sink, double gain) {
  sink.source({"Vth"}, kThreshold, kGroundName, spec.sense.threshold);
  comparator_model(spec, sink, "comparator", gain, spec.sense.comparator_delay);
}

void compare(const ArraySpec& spec, const Comparison& comparison, std::int64_t j,
             NetlistSink& sink) {
  Name level = comparison.level;
  if (spec.noise.thermal != 0 && comparison.thermal > 0.0) {
    sink.source({kChargeNoise, j}, {"lvl", j}, level, comparison.thermal);
    level = {"lvl", j};
  }
  if (spec.noise.comparator > 0.0) {
    sink.source({kDecisionNoise, j}, {"ref", j}, level,
                stretches(spec.noise.comparator, comparison.decisions, spec.timing.edge));
    level = {"ref", j};
  }
  sink.device({"Ncmp", j}, {comparison.line, level, {"cmp", j}, kGroundName},
              "comparator", {});
}

Matrix compared(const ArraySpec& spec, Matrix lines) {
  if (compares(spec))
    for (double& y : lines.values)
      y = y > spec.sense.threshold ? spec.supply.voltage : 0.0;
  return lines;
}

double normal_probability(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

double compared_deviation(const ArraySpec& spec, double line, double sigma) {
  if (sigma <= 0.0) return 0.0;
  const double p = normal_probability((line - spec.sense.threshold) / sigma);
  return spec.supply.voltage * std::sqrt(p * (1.0 - p));
}

double decision_sigma(const ArraySpec& spec, double thermal) {
  return std::hypot(spec.noise.thermal != 0 ? thermal : 0.0, spec.noise.comparator);
}

}  // namespace arrayspice
