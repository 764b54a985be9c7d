// SPDX-License-Identifier: Apache-2.0
#include "behavior/cell_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "behavior/array_probe.hpp"
#include "netlists/arrays/cell_statistics.hpp"

namespace arrayspice {

namespace {

constexpr double kBeyond = 1.05;    // of input.maximum
constexpr double kSigmas = 4.0;     // of programming variation
constexpr double kNearZero = 1e-3;  // of input.maximum: where the ratio at 0 V is taken
constexpr std::size_t kFirstVoltages = 17, kFirstConductances = 5;
constexpr std::size_t kMostConductances = 257;

/// A row of cells of the spec between ideal sources and ideal virtual grounds.
ArraySpec bare_cells(const ArraySpec& spec, std::size_t count) {
  ArraySpec bare = spec;
  if (spec.array.type != "current-domain") {  // whose cell is the memory cell alone
    bare.array.type = "current-domain";
    bare.cell.structure = "1R";
  }
  bare.array.rows = 1;
  bare.array.columns = static_cast<std::int64_t>(count);
  bare.wire = {.word_line_resistance = 0.0, .bit_line_resistance = 0.0};
  bare.driver = {};
  bare.sense = {};
  bare.variation = {};
  return bare;
}

/// Are inputs the gates of transistors, and what the cells see a source line?
bool is_gated(const ArraySpec& spec) { return spec.cell.structure == "gate-input"; }

/// The largest voltage that cells see.
double largest_voltage(const ArraySpec& spec) {
  return is_gated(spec) ? spec.supply.read : spec.input.maximum;
}

class CellBench {
 public:
  CellBench(const ArraySpec& spec, const std::vector<double>& conductances)
      : spec_(bare_cells(spec, conductances.size())),
        conductances_{1, static_cast<std::int64_t>(conductances.size()), conductances} {
    if (!is_gated(spec_)) probe_ = make_circuit_probe(spec_, conductances_);
  }

  /// With the cells at v; where inputs are gates those are on.
  std::vector<double> currents(double v) {
    ++solves_;
    if (is_gated(spec_)) {
      spec_.supply.read = v;
      probe_ = make_circuit_probe(spec_, conductances_);
    }
    probe_->solve(std::vector{is_gated(spec_) ? 1.0 : v});
    return probe_->outputs();
  }
  std::int64_t solves() const { return solves_; }

 private:
  ArraySpec spec_;
  Matrix conductances_;
  std::unique_ptr<ArrayProbe> probe_;
  std::int64_t solves_ = 0;
};

/// The conductances of a grid; one of 0 S is replaced by one that can be measured.
std::vector<double> measurable(const UniformGrid& grid) {
  std::vector<double> g = grid.points();
  if (g.front() == 0.0) g.front() = 1e-6 * grid.step;
  return g;
}

ChordTable measure(const ArraySpec& spec, const UniformGrid& v, const UniformGrid& g,
                   std::int64_t& solves) {
  const std::vector<double> conductances = measurable(g);
  CellBench bench(spec, conductances);
  const double near_zero = kNearZero * largest_voltage(spec);
  std::vector<double> ratio;
  for (const double x : v.points()) {
    const bool is_zero = std::abs(x) < 1e-6 * v.step;
    // At 0 V the chord is the slope, here the central difference around it.
    std::vector<double> i = bench.currents(is_zero ? near_zero : x);
    const std::vector<double> opposite = is_zero ? bench.currents(-near_zero) : i;
    const double span = is_zero ? 2.0 * near_zero : x;
    for (std::size_t k = 0; k < i.size(); ++k)
      ratio.push_back((is_zero ? i[k] - opposite[k] : i[k]) / (span * conductances[k]));
  }
  solves += bench.solves();
  return {v, g, ratio};
}

UniformGrid between(double low, double high, std::size_t count) {
  return {low, (high - low) / static_cast<double>(count - 1), count};
}

/// The same range with twice the intervals.
UniformGrid finer(const UniformGrid& grid) {
  return between(grid.first, grid.last(), 2 * grid.count - 1);
}

/// Largest relative error of `coarse` at the points of `fine`.
double worst_error(const ChordTable& coarse, const ChordTable& fine) {
  const std::vector<double> truth = fine.values();
  double worst = 0.0;
  for (std::size_t k = 0; k < truth.size(); ++k) {
    const double v = fine.v()[k / fine.g().count], g = fine.g()[k % fine.g().count];
    worst = std::max(worst, std::abs(coarse.ratio(v, g) / truth[k] - 1.0));
  }
  return worst;
}

/// The conductances that cells of this array can have.
UniformGrid conductance_range(const ArraySpec& spec, std::size_t count) {
  const double sigma =
      std::sqrt(std::log1p(std::pow(spec.variation.conductance_sigma, 2)));
  const double spread = std::exp(kSigmas * sigma);
  const auto error = [&](double g) { return kSigmas * programming_sigma(spec, g); };
  double high = spec.cell.maximum * spread + error(spec.cell.maximum);
  double low = std::max(0.0, spec.cell.minimum / spread - error(spec.cell.minimum));
  if (spec.variation.time > 0.0) low = 0.0;            // drift has no least conductance
  if (!(high > low * (1.0 + 1e-6))) high = 2.0 * low;  // one conductance only
  return between(low, high, count);
}

}  // namespace

MeasuredCell measure_cell(const ArraySpec& spec, double tolerance) {
  const double limit = kBeyond * largest_voltage(spec);
  std::int64_t solves = 0;
  UniformGrid v = between(-limit, limit, kFirstVoltages);
  UniformGrid g = conductance_range(spec, kFirstConductances);
  ChordTable table = measure(spec, v, g, solves);
  while (true) {
    const ChordTable finer_v = measure(spec, finer(v), g, solves);
    const ChordTable finer_g = measure(spec, v, finer(g), solves);
    const double error_v = worst_error(table, finer_v);
    const double error_g = worst_error(table, finer_g);
    const bool refine_v = error_v > tolerance && finer(v).count <= kMostTableVoltages;
    const bool refine_g = error_g > tolerance && finer(g).count <= kMostConductances;
    if (!refine_v && !refine_g) return {table, std::max(error_v, error_g), solves};
    if (refine_v) v = finer(v);
    if (refine_g) g = finer(g);
    table = measure(spec, v, g, solves);
  }
}

Table cell_curves(const ArraySpec& spec) {
  constexpr std::size_t kCurves = 5, kPoints = 81;
  const UniformGrid v = between(-largest_voltage(spec), largest_voltage(spec), kPoints);
  const UniformGrid g = between(spec.cell.minimum, spec.cell.maximum, kCurves);
  CellBench bench(spec, g.points());
  std::vector<std::vector<double>> curves(kCurves);
  for (const double x : v.points()) {
    const std::vector<double> i = bench.currents(x);
    for (std::size_t k = 0; k < kCurves; ++k) curves[k].push_back(i[k]);
  }
  Table table;
  table.add("v (V)", v.points());
  for (std::size_t k = 0; k < kCurves; ++k)
    table.add(fmt::format("i at {:.4g} S (A)", g[k]), curves[k]);
  return table;
}

}  // namespace arrayspice
