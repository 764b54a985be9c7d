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

std::vector<double> output_noise(const ArraySpec& spec, const Matrix& held) {
  const auto& noise = spec.noise;
  std::vector<double> sigma(static_cast<std::size_t>(spec.array.columns), noise.sense);
  const auto add = [&](const std::vector<double>& more, double factor) {
    for (std::size_t j = 0; j < sigma.size(); ++j)
      sigma[j] = std::hypot(sigma[j], factor * more[j]);
  };
  if (const auto reset_noise = array_type(spec).reset_noise; noise.thermal && reset_noise)
    add(reset_noise(spec, held), 1.0);
  if (noise.bandwidth > 0.0 && spec.array.type == "current-domain" &&
      spec.sense.kind == "virtual-ground")
    add(current_noise(spec, held), std::sqrt(noise.bandwidth));
  return sigma;
}

void add_noise(const ArraySpec& spec, const std::vector<double>& sigma, Matrix& outputs) {
  for (std::int64_t k = 0; k < outputs.rows; ++k) {
    for (std::int64_t j = 0; j < outputs.columns; ++j) {
      const double rms = sigma[static_cast<std::size_t>(j)];
      if (rms > 0.0)
        outputs(k, j) += rms * normal(chip_of(spec), Draw::OutputNoise, 0, j, k);
    }
  }
}

ChipProducts multiply_on_chip(const ArraySpec& spec, const Matrix& weights,
                              const Matrix& inputs, const MvmOptions& options) {
  check_inputs(spec, inputs, "inputs");
  const Matrix held = programmed_conductances(spec, weights);
  ArraySolver solver(spec, held, options);
  ChipProducts products;
  products.outputs = solver.multiply(converted_inputs(spec, inputs));
  products.stats = solver.stats();
  add_noise(spec, output_noise(spec, held), products.outputs);
  if (const auto adc = make_adc(spec)) {
    Conversion conversion = converted_outputs(*adc, products.outputs);
    products.outputs = std::move(conversion.values);
    products.codes = std::move(conversion.codes);
    products.clipped = conversion.clipped;
  }
  return products;
}

}  // namespace arrayspice
