// SPDX-License-Identifier: Apache-2.0
// Measures an array of any type by its products: how the outputs follow the inputs, how
// far they are from what the array would compute without non-idealities, how they spread
// over chips, and what one product costs.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "behavior/extract.hpp"
#include "behavior/mvm.hpp"
#include "behavior/nonlinearity.hpp"
#include "behavior/statistics.hpp"
#include "netlists/arrays/array_type.hpp"
#include "netlists/arrays/random.hpp"

namespace arrayspice {

namespace {

class ProductExtractor {
 public:
  ProductExtractor(const ArraySpec& spec, const Matrix& weights,
                   const ExtractOptions& options, const Progress& progress)
      : spec_(spec),
        weights_(weights),
        options_(options),
        progress_(progress),
        domain_(input_domain(spec)),
        unit_(array_type(spec).experiment(spec).unit) {}

  Extraction run() {
    out_.conductances = programmed_conductances(spec_, weights_);
    MvmOptions of_solver;
    of_solver.threads = options_.threads;
    ArraySolver solver(spec_, out_.conductances, of_solver);
    stage("transfer curves", 0.0);
    transfer(solver);
    stage("products", 0.3);
    products(solver);
    stage("energy", 0.6);
    cost();
    stage("noise", 0.62);
    extract_product_noise(spec_, out_.conductances, inputs_at(0.5), options_, out_);
    stage("variation", 0.65);
    if (options_.samples > 0) variation();
    stage("done", 1.0);
    return std::move(out_);
  }

 private:
  void stage(const char* name, double done) const {
    if (progress_) progress_(name, done);
  }
  void figure(std::string name, double value, std::string unit, std::string meaning) {
    out_.figures.push_back({std::move(name), value, std::move(unit), std::move(meaning)});
  }

  /// All inputs at a part of their maximum; of inputs that are levels this part is on.
  std::vector<double> inputs_at(double scale) const {
    std::vector<double> inputs;
    for (std::int64_t i = 0; i < spec_.array.rows; ++i) {
      const bool on =
          static_cast<double>(i) + 0.5 < scale * static_cast<double>(spec_.array.rows);
      inputs.push_back(domain_.unit == "level" ? (on ? domain_.maximum : 0.0)
                                               : scale * domain_.maximum);
    }
    return inputs;
  }

  Matrix multiply(ArraySolver& solver, const Matrix& inputs) {
    out_.circuit_solves += inputs.rows;
    return solver.multiply(inputs);
  }

  void transfer(ArraySolver& solver) {
    Matrix inputs{options_.points, spec_.array.rows, {}};
    std::vector<double> scales;
    for (int k = 0; k < options_.points; ++k) {
      scales.push_back(static_cast<double>(k) / (options_.points - 1));
      const auto row = inputs_at(scales.back());
      inputs.values.insert(inputs.values.end(), row.begin(), row.end());
    }
    const Matrix outputs = multiply(solver, inputs);
    extract_converters(spec_, outputs, out_);
    out_.transfer.add("input_scale", scales);
    std::vector<double> span, inl;
    for (std::int64_t j = 0; j < outputs.columns; ++j) {
      std::vector<double> y = column_of(outputs, j);
      span.push_back(y.back() - y.front());
      double worst = 0.0;
      for (const double e : end_point_error(y)) worst = std::max(worst, std::abs(e));
      inl.push_back(worst);
      out_.transfer.add(fmt::format("column {}", j), std::move(y));
    }
    out_.inl.add("column", index_column(outputs.columns));
    out_.inl.add(fmt::format("full_scale ({})", unit_), span);
    out_.inl.add("inl (of full scale)", inl);
    double sum = 0.0;
    for (const double s : span) sum += s;
    figure("full_scale_mean", sum / static_cast<double>(span.size()), unit_,
           "change of an output from no input to all at maximum, mean over columns");
    figure("inl_worst", *std::max_element(inl.begin(), inl.end()), "",
           "largest distance from the end-point line over full scale, worst column");
  }

  /// Random inputs: outputs over ideal outputs, one line for all columns.
  void products(ArraySolver& solver) {
    Matrix inputs{kProducts, spec_.array.rows, {}};
    for (std::int64_t k = 0; k < kProducts; ++k) {
      for (std::int64_t i = 0; i < spec_.array.rows; ++i) {
        const double u = uniform(spec_.array.seed, Draw::Input, k, i);
        const double value = domain_.minimum + u * (domain_.maximum - domain_.minimum);
        inputs.values.push_back(domain_.unit == "level" ? std::round(value) : value);
      }
    }
    const Matrix y = multiply(solver, inputs);
    const Matrix ideal = array_type(spec_).ideal(spec_, weights_, inputs);
    const auto [low, high] =
        std::minmax_element(ideal.values.begin(), ideal.values.end());
    const double range = *high - *low;
    const FittedLine line = fit_line(ideal.values, y.values);
    double worst = 0.0;
    for (std::size_t k = 0; k < y.values.size(); ++k) {
      const double error = y.values[k] - line.offset - line.gain * ideal.values[k];
      worst = std::max(worst, std::abs(error));
    }
    const double scale = std::abs(line.gain) * range;
    out_.products.add(fmt::format("ideal ({})", unit_), ideal.values);
    out_.products.add(fmt::format("output ({})", unit_), y.values);
    const std::string of =
        fmt::format("of {} random products against ideal ones", kProducts);
    figure("gain", line.gain, "", "slope of the line " + of);
    figure("offset", line.offset, unit_, "of that line");
    figure("error_rms", scale > 0.0 ? line.residual / scale : 0.0, "",
           "around that line, over the range of the products");
    figure("error_worst", scale > 0.0 ? worst / scale : 0.0, "",
           "largest distance from that line, over the same range");
    figure("snr",
           line.residual > 0.0 ? 20.0 * std::log10(population_deviation(ideal.values) *
                                                   std::abs(line.gain) / line.residual)
                               : 0.0,
           "dB", "standard deviation of the products over error_rms");
  }

  void cost() {
    // Equal inputs of both signs would leave open bit lines without any current.
    const bool both_signs = domain_.minimum < 0.0;
    std::vector<double> inputs = inputs_at(0.5);
    for (std::size_t i = 1; both_signs && i < inputs.size(); i += 2) inputs[i] *= -1.0;
    const ProductCost cost =
        cost_of_product(spec_, out_.conductances, inputs, half_step_of(spec_, options_),
                        options_.threads);
    ++out_.circuit_solves;
    extract_cost(spec_, cost, options_,
                 both_signs ? "inputs at half of their maximum, every second one negative"
                            : "inputs at half of their maximum",
                 out_);
  }

  void variation() {
    const Spread spread = spread_of_samples(
        options_, spec_.array.columns, [&](std::int64_t k) { return sample(k); },
        [&](std::int64_t done) {
          stage("variation", 0.65 + 0.35 * static_cast<double>(done) /
                                        static_cast<double>(options_.samples));
        });
    out_.variation = spread_table(spread, unit_);
    out_.circuit_solves += options_.samples;
    figure("output_sigma_mean", relative_spread(spread), "",
           fmt::format("standard deviation over mean of the full-scale output, {} chips",
                       options_.samples));
  }

  std::vector<double> sample(std::int64_t number) const {
    ArraySpec other = spec_;
    other.variation.chip = spec_.variation.chip + number;
    ArraySolver solver(other, programmed_conductances(other, weights_));
    return solver.multiply({1, spec_.array.rows, inputs_at(1.0)}).values;
  }

  static constexpr std::int64_t kProducts = 32;
  const ArraySpec& spec_;
  const Matrix& weights_;
  const ExtractOptions& options_;
  const Progress& progress_;
  Domain domain_;
  std::string unit_;
  Extraction out_;
};

}  // namespace

Extraction extract_products(const ArraySpec& spec, const Matrix& weights,
                            const ExtractOptions& options, const Progress& progress) {
  return ProductExtractor(spec, weights, options, progress).run();
}

}  // namespace arrayspice
