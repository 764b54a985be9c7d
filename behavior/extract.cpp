// SPDX-License-Identifier: Apache-2.0
#include "behavior/extract.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "behavior/array_lines.hpp"
#include "behavior/array_probe.hpp"
#include "behavior/cell_table.hpp"
#include "behavior/mvm.hpp"
#include "behavior/nonlinearity.hpp"
#include "behavior/product_cost.hpp"
#include "behavior/settling.hpp"
#include "behavior/small_signal.hpp"
#include "behavior/statistics.hpp"
#include "devices/constants.hpp"
#include "netlists/arrays/array_type.hpp"
#include "netlists/arrays/pairs.hpp"
#include "netlists/failure.hpp"

namespace arrayspice {

namespace {

std::string output_unit(const ArraySpec& spec) {
  return spec.sense.kind == "virtual-ground" ? "A" : "V";
}

double largest(const std::vector<double>& v) {
  return *std::max_element(v.begin(), v.end());
}

class Extractor {
 public:
  Extractor(const ArraySpec& spec, const Matrix& weights, const ExtractOptions& options,
            const Progress& progress)
      : spec_(spec),
        weights_(weights),
        options_(options),
        progress_(progress),
        full_scale_(static_cast<std::size_t>(spec.array.rows), spec.input.maximum) {}

  Extraction run() {
    const Matrix conductances = programmed_conductances(spec_, weights_);
    measure_array(spec_, conductances, why_not_line_slopes(spec_),
                  [&](ArrayProbe& probe) {
                    out_ = {};
                    out_.conductances = conductances;
                    at_rest(probe);
                  });
    stage("cell I-V", 0.45);
    out_.cell_iv = cell_curves(spec_);
    stage("settling", 0.5);
    settling();
    stage("noise", 0.78);
    extract_product_noise(spec_, out_.conductances, full_scale_, options_, out_);
    stage("variation", 0.8);
    if (options_.samples > 0) variation();
    stage("done", 1.0);
    out_.circuit_solves += static_cast<std::int64_t>(out_.cell_iv.rows());
    return std::move(out_);
  }

 private:
  void stage(const char* name, double done) const {
    if (progress_) progress_(name, done);
  }
  void figure(std::string name, double value, std::string unit, std::string meaning) {
    out_.figures.push_back({std::move(name), value, std::move(unit), std::move(meaning)});
  }

  void at_rest(ArrayProbe& probe) {
    stage("transfer curves", 0.0);
    transfer(probe);
    stage("IR drop", 0.3);
    ir_drop(probe);
    stage("effective conductance", 0.35);
    small_signal(probe);
    out_.circuit_solves += probe.solves();
  }

  void transfer(ArrayProbe& probe) {
    const Nonlinearity n = measure_nonlinearity(probe, full_scale_, options_.points);
    extract_converters(spec_, n.outputs, out_);
    std::vector<double> span;
    out_.transfer.add("input_scale", n.scale);
    for (std::int64_t j = 0; j < n.outputs.columns; ++j) {
      std::vector<double> y;
      for (std::int64_t k = 0; k < n.outputs.rows; ++k) y.push_back(n.outputs(k, j));
      span.push_back(y.back() - y.front());
      out_.transfer.add(fmt::format("column {}", j), std::move(y));
    }
    out_.inl.add("column", index_column(n.outputs.columns));
    out_.inl.add(fmt::format("full_scale ({})", output_unit(spec_)), span);
    out_.inl.add("inl (of full scale)", n.inl);
    figure("full_scale_mean", mean(span), output_unit(spec_),
           "output with all inputs at maximum, mean over columns");
    figure("inl_worst", largest(n.inl), "",
           "largest distance from the end-point line over full scale, worst column");
  }

  void ir_drop(ArrayProbe& probe) {
    probe.solve(full_scale_);
    out_.ir_drop = probe.cell_voltages();
    for (double& v : out_.ir_drop.values) v /= spec_.input.maximum;
    const auto& map = out_.ir_drop.values;
    figure("cell_voltage_worst", *std::min_element(map.begin(), map.end()), "",
           "cell voltage over input voltage, worst cell, all inputs at maximum");
    figure("cell_voltage_mean", mean(map), "", "the same, mean over cells");
  }

  void small_signal(ArrayProbe& probe) {
    std::vector<double> half = full_scale_;
    for (double& v : half) v *= 0.5;
    probe.solve(half);
    out_.effective_conductance = probe.effective_conductance();
    double effective = 0.0, programmed = 0.0;
    for (const double g : out_.effective_conductance.values) effective += g;
    for (const double g : out_.conductances.values) programmed += g;
    if (output_unit(spec_) != "A") return;
    figure("effective_conductance_ratio", effective / programmed, "",
           "sum of d output/d input over sum of cell conductances, half of full scale");
    const std::vector<double> noise = thermal_noise(probe, spec_.environment.temperature);
    out_.noise.add("column", index_column(spec_.array.columns));
    out_.noise.add("noise (A/sqrt(Hz))", noise);
    figure("thermal_noise_mean", mean(noise), "A/√Hz",
           "thermal noise current at the output, zero input, mean over columns");
  }

  void settling() {
    const StepResponse step = measure_settling(spec_, out_.conductances, full_scale_,
                                               half_step_of(spec_, options_));
    out_.settling.add("column", index_column(spec_.array.columns));
    out_.settling.add("settling_time (s)", step.settling_time);
    out_.settling.add("half_time (s)", step.half_time);
    out_.step_response = step.waveform;
    ++out_.circuit_solves;
    figure("settling_time_worst", largest(step.settling_time), "s",
           "of the worst column after a full-scale step, as near as the latency");
    figure("half_time_worst", largest(step.half_time), "s",
           "to half of the final output after a full-scale step, worst column");
    extract_cost(spec_, cost_at_rest(step), options_, "all inputs at maximum", out_);
  }

  void variation() {
    const Spread spread = spread_of_samples(
        options_, spec_.array.columns, [&](std::int64_t k) { return sample(k); },
        [&](std::int64_t done) {
          stage("variation", 0.8 + 0.2 * static_cast<double>(done) /
                                       static_cast<double>(options_.samples));
        });
    out_.variation = spread_table(spread, output_unit(spec_));
    out_.circuit_solves += options_.samples;
    figure("output_sigma_mean", relative_spread(spread), "",
           fmt::format("standard deviation over mean of the full-scale output, {} chips",
                       options_.samples));
  }

  /// Full-scale outputs of the chip whose number is so much larger.
  std::vector<double> sample(std::int64_t number) const {
    ArraySpec other = spec_;
    other.variation.chip = spec_.variation.chip + number;
    std::vector<double> outputs;
    measure_array(other, programmed_conductances(other, weights_), why_not_lines(other),
                  [&](ArrayProbe& probe) {
                    probe.solve(full_scale_);
                    outputs = probe.outputs();
                  });
    return outputs;
  }

  const ArraySpec& spec_;
  const Matrix& weights_;
  const ExtractOptions& options_;
  const Progress& progress_;
  std::vector<double> full_scale_;
  Extraction out_;
};

}  // namespace

double memory_for_extract(const ArraySpec& spec) {
  if (!why_not_line_step(spec).empty()) return memory_needed(spec);
  constexpr double kMatrices = 20.0;  // maps and results; the fields of a transient
  return memory_for_mvm(spec) + kMatrices * sizeof(double) *
                                    static_cast<double>(spec.array.rows) *
                                    static_cast<double>(spec.array.columns);
}

Extraction extract(const ArraySpec& spec, const Matrix& weights,
                   const ExtractOptions& options, const Progress& progress) {
  if (spec.array.type != "current-domain" ||
      array_type(spec).experiment(spec).is_transient() ||
      spec.sense.kind == "regulated-cascode" || spec.cell.structure == "gate-input" ||
      has_pairs(spec))
    return extract_products(spec, weights, options, progress);
  return Extractor(spec, weights, options, progress).run();
}

}  // namespace arrayspice
