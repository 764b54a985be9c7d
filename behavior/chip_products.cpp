// SPDX-License-Identifier: Apache-2.0
#include "behavior/chip_products.hpp"

#include <algorithm>
#include <cmath>

#include "behavior/array_lines.hpp"
#include "behavior/array_probe.hpp"
#include "behavior/small_signal.hpp"
#include "netlists/arrays/adc.hpp"
#include "netlists/arrays/array_type.hpp"
#include "netlists/arrays/chip.hpp"
#include "netlists/arrays/pairs.hpp"

namespace arrayspice {

namespace {

/// Densities of thermal currents at virtual grounds, A/sqrt(Hz).
std::vector<double> current_noise(const ArraySpec& described, const Matrix& held) {
  std::vector<double> density;
  const ArraySpec spec = physical_array(described);
  measure_array(spec, held, why_not_lines(spec), [&](ArrayProbe& probe) {
    density = thermal_noise(probe, spec.environment.temperature);
  });
  if (described.array.pairs != "separate") return density;
  std::vector<double> of_pairs;
  for (std::size_t j = 0; j + 1 < density.size(); j += 2)
    of_pairs.push_back(std::hypot(density[j], density[j + 1]));
  return of_pairs;
}

}  // namespace

Matrix output_noise(const ArraySpec& spec, const Matrix& held, const Matrix& inputs) {
  const auto& noise = spec.noise;
  std::vector<double> of_all(static_cast<std::size_t>(spec.array.columns), noise.sense);
  if (noise.bandwidth > 0.0 && spec.array.type == "current-domain" &&
      spec.sense.kind == "virtual-ground") {
    const std::vector<double> density = current_noise(spec, held);
    for (std::size_t j = 0; j < of_all.size(); ++j)
      of_all[j] = std::hypot(of_all[j], std::sqrt(noise.bandwidth) * density[j]);
  }
  const auto reset_noise = array_type(spec).reset_noise;
  const bool has_charges = reset_noise && (noise.thermal != 0 || noise.comparator > 0.0);
  Matrix sigma{inputs.rows, spec.array.columns, {}};
  for (std::int64_t k = 0; k < inputs.rows; ++k) {
    std::vector<double> of_product = of_all;
    if (has_charges) {
      const auto rows = static_cast<std::size_t>(inputs.columns);
      const std::vector<double> more = reset_noise(
          spec, held,
          std::span(inputs.values).subspan(static_cast<std::size_t>(k) * rows, rows));
      for (std::size_t j = 0; j < more.size(); ++j)
        of_product[j] = std::hypot(of_product[j], more[j]);
    }
    sigma.values.insert(sigma.values.end(), of_product.begin(), of_product.end());
  }
  return sigma;
}

void add_noise(const ArraySpec& spec, const Matrix& sigma, Matrix& outputs) {
  for (std::int64_t k = 0; k < outputs.rows; ++k)
    for (std::int64_t j = 0; j < outputs.columns; ++j)
      if (sigma(k, j) > 0.0)
        outputs(k, j) += sigma(k, j) * normal(chip_of(spec), Draw::OutputNoise, 0, j, k);
}

ChipProducts multiply_on_chip(const ArraySpec& spec, const Matrix& weights,
                              const Matrix& inputs, const MvmOptions& options) {
  check_inputs(spec, inputs, "inputs");
  const Matrix held = programmed_conductances(spec, weights);
  ArraySolver solver(spec, held, options);
  ChipProducts products;
  const Matrix applied = converted_inputs(spec, inputs);
  products.outputs = solver.multiply(applied);
  products.stats = solver.stats();
  add_noise(spec, output_noise(spec, held, applied), products.outputs);
  if (const auto adc = make_adc(spec)) {
    Conversion conversion = converted_outputs(*adc, products.outputs);
    products.outputs = std::move(conversion.values);
    products.codes = std::move(conversion.codes);
    products.clipped = conversion.clipped;
  }
  return products;
}

}  // namespace arrayspice
