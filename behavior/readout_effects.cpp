// SPDX-License-Identifier: Apache-2.0
#include "behavior/readout_effects.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "behavior/chip_products.hpp"
#include "behavior/mvm.hpp"
#include "behavior/statistics.hpp"
#include "netlists/arrays/adc.hpp"
#include "netlists/arrays/array_type.hpp"

namespace arrayspice {

namespace {

/// Of the spec's reading time.
constexpr std::array kParts{0.125, 0.1875, 0.25, 0.375, 0.5, 0.75, 1.0, 1.5, 2.0};
constexpr std::int64_t kSettlingSolves = 5;
/// A phase is longer than its clock's two edges.
constexpr double kEdges = 2.5;

std::vector<double> outputs_of(const ArraySpec& spec, const TestSet& set, int threads) {
  MvmOptions options;
  options.threads = threads;
  std::vector<double> outputs;
  for (std::int64_t k = 0; k < std::min(kSettlingSolves, set.count); ++k) {
    const Matrix y = ArraySolver(spec, weights_of(set, spec, k), options)
                         .multiply(inputs_of(set, spec, k));
    outputs.insert(outputs.end(), y.values.begin(), y.values.end());
  }
  return outputs;
}

}  // namespace

double* settling_time_of(ArraySpec& spec) {
  const Experiment experiment = array_type(spec).experiment(spec);
  if (!experiment.is_transient() || experiment.reading(0).event) return nullptr;
  if (spec.array.type == "charge-redistribution") return &spec.timing.phase;
  if (spec.array.type == "charge-domain" || spec.array.type == "capacitive-division")
    return &spec.timing.settle;
  return nullptr;
}

std::optional<SettlingCurve> measure_settling_curve(const ArraySpec& spec,
                                                    const TestSet& set, int threads) {
  ArraySpec other = spec;
  double* const time = settling_time_of(other);
  if (time == nullptr) return {};
  const double whole = *time;
  const std::vector<double> settled = outputs_of(spec, set, threads);
  SettlingCurve curve;
  for (const double part : kParts) {
    if (part * whole < kEdges * spec.timing.edge) continue;
    *time = part * whole;
    const FittedLine line = fit_line(settled, outputs_of(other, set, threads));
    curve.time.push_back(*time);
    curve.error.push_back(1.0 - line.gain);
    curve.offset.push_back(line.offset);
    curve.residual.push_back(line.residual);
    curve.circuit_solves += std::min(kSettlingSolves, set.count);
  }
  return curve.time.empty() ? std::nullopt : std::optional(curve);
}

std::vector<double> noise_of_outputs(const ArraySpec& spec, const TestSet& set) {
  std::vector<double> squares(static_cast<std::size_t>(spec.array.columns), 0.0);
  for (std::int64_t k = 0; k < set.count; ++k) {
    const Matrix sigma =
        output_noise(spec, weights_of(set, spec, k), inputs_of(set, spec, k));
    for (std::int64_t i = 0; i < sigma.rows; ++i)
      for (std::int64_t j = 0; j < sigma.columns; ++j)
        squares[static_cast<std::size_t>(j)] +=
            sigma(i, j) * sigma(i, j) / static_cast<double>(set.count * sigma.rows);
  }
  if (std::ranges::all_of(squares, [](double s) { return s == 0.0; })) return {};
  for (double& s : squares) s = std::sqrt(s);
  return squares;
}

std::optional<ConverterTable> converter_table(const ArraySpec& spec) {
  const auto adc = make_adc(spec);
  if (!adc) return {};
  ConverterTable table{{spec.array.columns, adc->codes() - 1, {}}, {}};
  for (std::int64_t j = 0; j < spec.array.columns; ++j) {
    const std::vector<double> thresholds = adc->thresholds(j);
    table.thresholds.values.insert(table.thresholds.values.end(), thresholds.begin(),
                                   thresholds.end());
  }
  for (std::int64_t code = 0; code < adc->codes(); ++code)
    table.values.push_back(adc->value_of(code));
  return table;
}

}  // namespace arrayspice
