// SPDX-License-Identifier: Apache-2.0
// What extract() says of any array beside its circuit: how outputs differ from product to
// product with the same inputs, and how straight the converters of its columns are.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "behavior/chip_products.hpp"
#include "behavior/extract.hpp"
#include "behavior/statistics.hpp"
#include "netlists/arrays/adc.hpp"
#include "netlists/arrays/array_type.hpp"
#include "netlists/arrays/cell_statistics.hpp"

namespace arrayspice {

namespace {

constexpr std::int64_t kNoiseProducts = 64;

bool has_noise(const ArraySpec& spec) {
  const auto& noise = spec.noise;
  return reads_vary(spec) || spec.variation.jitter > 0.0 || noise.thermal != 0 ||
         noise.bandwidth > 0.0 || noise.sense > 0.0 || noise.comparator > 0.0;
}

/// Of readings of cells into virtual grounds without wires: sum (V sigma)^2, A^2.
double reading_variance(const ArraySpec& spec, const Matrix& held,
                        const std::vector<double>& inputs, std::int64_t j) {
  if (!reads_vary(spec) || spec.sense.kind != "virtual-ground") return 0.0;
  double sum = 0.0;
  for (std::int64_t i = 0; i < held.rows; ++i)
    sum +=
        std::pow(inputs[static_cast<std::size_t>(i)] * read_sigma(spec, held(i, j)), 2);
  return sum;
}

}  // namespace

void extract_product_noise(const ArraySpec& spec, const Matrix& held,
                           const std::vector<double>& inputs,
                           const ExtractOptions& options, Extraction& out) {
  if (!has_noise(spec)) return;
  Matrix same{kNoiseProducts, spec.array.rows, {}};
  for (std::int64_t k = 0; k < kNoiseProducts; ++k)
    same.values.insert(same.values.end(), inputs.begin(), inputs.end());
  MvmOptions of_solver;
  of_solver.threads = options.threads;
  Matrix outputs = ArraySolver(spec, held, of_solver).multiply(same);
  out.circuit_solves += kNoiseProducts;
  const Matrix added = output_noise(spec, held, same);
  add_noise(spec, added, outputs);
  std::vector<double> decided(static_cast<std::size_t>(outputs.columns), 0.0);
  if (const auto decision_noise = array_type(spec).decision_noise)
    decided = decision_noise(spec, held, inputs);
  std::vector<double> predicted, sampled;
  for (std::int64_t j = 0; j < outputs.columns; ++j) {
    const double variance = reading_variance(spec, held, inputs, j);
    predicted.push_back(std::hypot(added(0, j), decided[static_cast<std::size_t>(j)],
                                   std::sqrt(variance)));
    sampled.push_back(sample_deviation(column_of(outputs, j)));
  }
  const std::string_view unit = array_type(spec).experiment(spec).unit;
  out.product_noise.add("column", index_column(outputs.columns));
  out.product_noise.add(fmt::format("predicted ({})", unit), predicted);
  out.product_noise.add(fmt::format("sampled ({})", unit), sampled);
  out.figures.push_back(
      {"product_noise_mean", mean(sampled), std::string(unit),
       fmt::format("standard deviation of {} products with the same inputs, mean over "
                   "columns",
                   kNoiseProducts)});
}

void extract_converters(const ArraySpec& spec, const Matrix& outputs, Extraction& out) {
  const auto adc = make_adc(spec);
  if (!adc) return;
  std::vector<double> inl, dnl, missing;
  for (std::int64_t j = 0; j < spec.array.columns; ++j) {
    const Linearity of_column = linearity(*adc, j);
    inl.push_back(of_column.inl);
    dnl.push_back(of_column.dnl);
    missing.push_back(static_cast<double>(of_column.missing));
  }
  const std::string_view unit = array_type(spec).experiment(spec).unit;
  out.converter.add("column", index_column(spec.array.columns));
  out.converter.add("inl (LSB)", inl);
  out.converter.add("dnl (LSB)", dnl);
  out.converter.add("missing codes", missing);
  const auto figure = [&](std::string name, double value, std::string_view of,
                          std::string meaning) {
    out.figures.push_back({std::move(name), value, std::string(of), std::move(meaning)});
  };
  figure("converter_lsb", adc->lsb(), unit, "a step of the converters");
  figure("converter_inl_worst", *std::max_element(inl.begin(), inl.end()), "LSB",
         "largest distance of a transition from the line through both ends");
  figure("converter_dnl_worst", *std::max_element(dnl.begin(), dnl.end()), "LSB",
         "largest distance of a step from the mean one");
  figure("converter_clipped",
         static_cast<double>(converted_outputs(*adc, outputs).clipped) /
             static_cast<double>(outputs.values.size()),
         "", "part of the outputs of the transfer curves beyond the converters' range");
}

}  // namespace arrayspice
