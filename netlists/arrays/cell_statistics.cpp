// SPDX-License-Identifier: Apache-2.0
#include "netlists/arrays/cell_statistics.hpp"

#include <algorithm>
#include <cmath>

#include "devices/pcm.hpp"
#include "netlists/arrays/array_type.hpp"
#include "netlists/arrays/cell_model.hpp"
#include "netlists/arrays/chip.hpp"

namespace arrayspice {

namespace {

bool is_pcm(const ArraySpec& spec) { return spec.variation.statistics == "pcm"; }

/// The statistics of devices/pcm.hpp at the scale of this array's cells: those are
/// stated for a largest conductance of 25 uS, and used relative to it.
Pcm::Model pcm_of(const ArraySpec& spec) {
  Pcm::Model pcm;
  pcm.time = spec.variation.time;
  pcm.t0 = spec.variation.drift_start;
  pcm.tr = spec.variation.read_duration;
  return pcm;
}
double pcm_scale(const ArraySpec& spec, const Pcm::Model& pcm) {
  return spec.cell.maximum / pcm.gmax;
}

/// Exponent of cell (i, j) that was programmed to g.
double drift_exponent(const ArraySpec& spec, double g, std::int64_t i, std::int64_t j) {
  const auto& v = spec.variation;
  const double z = normal(chip_of(spec), Draw::DriftExponent, i, j);
  double nu = v.drift_exponent + v.drift_exponent_sigma * z;
  if (is_pcm(spec)) {
    const Pcm::Model pcm = pcm_of(spec);
    const double g_pcm = g / pcm_scale(spec, pcm);
    nu += std::abs(Pcm::drift_mean(pcm, g_pcm) + Pcm::drift_sigma(pcm, g_pcm) * z);
  }
  return nu;
}

double drifted(const ArraySpec& spec, double g, std::int64_t i, std::int64_t j) {
  const auto& v = spec.variation;
  if (v.time == 0.0 || g <= 0.0) return g;
  return g * std::pow((v.time + v.drift_start) / v.drift_start,
                      -drift_exponent(spec, g, i, j));
}

/// Into what cells can hold.
double possible(const ArraySpec& spec, double g) {
  if (cell_structure(spec).weight.unit != "S") return std::max(g, 0.0);
  const ConductanceRange range = programmable(spec);
  return std::clamp(g, range.low, range.high);
}

}  // namespace

double programming_sigma(const ArraySpec& spec, double g) {
  const auto& v = spec.variation;
  const double u = g / spec.cell.maximum;
  const double polynomial =
      v.programming_constant +
      u * (v.programming_linear +
           u * (v.programming_quadratic +
                u * (v.programming_cubic + u * v.programming_quartic)));
  double sigma = spec.cell.maximum * std::max(0.0, polynomial);
  if (is_pcm(spec)) {
    const Pcm::Model pcm = pcm_of(spec);
    const double scale = pcm_scale(spec, pcm);
    sigma = std::hypot(sigma, scale * Pcm::programming_sigma(pcm, g / scale));
  }
  return sigma;
}

double programmed_value(const ArraySpec& spec, double w, std::int64_t i, std::int64_t j) {
  const auto& v = spec.variation;
  const Chip chip = chip_of(spec);
  const double u = uniform(chip, Draw::Stuck, i, j);
  if (u < v.stuck_off) return spec.cell.minimum;
  if (u < v.stuck_off + v.stuck_on) return spec.cell.maximum;
  const std::string_view unit = cell_structure(spec).weight.unit;
  if (unit != "S" && unit != "A") return w;
  double g = w;
  if (v.conductance_sigma > 0.0)
    g *= lognormal_factor(v.conductance_sigma, normal(chip, Draw::Conductance, i, j));
  if (const double sigma = programming_sigma(spec, w); sigma > 0.0)
    g += sigma * normal(chip, Draw::Programming, i, j);
  if (g == w && v.time == 0.0) return w;
  return possible(spec, drifted(spec, possible(spec, g), i, j));
}

double read_sigma(const ArraySpec& spec, double g) {
  double sigma = spec.variation.read_noise * g;
  if (is_pcm(spec)) {
    const Pcm::Model pcm = pcm_of(spec);
    const double scale = pcm_scale(spec, pcm);
    sigma = std::hypot(sigma, scale * Pcm::read_sigma(pcm, g / scale, g / scale));
  }
  return sigma;
}

double read_conductance(const ArraySpec& spec, double g, std::int64_t i, std::int64_t j,
                        std::int64_t product) {
  if (!reads_vary(spec) || g <= 0.0) return g;
  constexpr double kLeast = 1e-3;  // of g: an open cell would be another circuit
  const double z = normal(chip_of(spec), Draw::ReadNoise, i, j, product);
  const double read = std::max(kLeast * g, g + read_sigma(spec, g) * z);
  const ConductanceRange range = programmable(spec);
  return std::clamp(read, range.low, range.high);
}

bool reads_vary(const ArraySpec& spec) {
  return spec.variation.read_noise > 0.0 || is_pcm(spec);
}

}  // namespace arrayspice
