// SPDX-License-Identifier: Apache-2.0
#include "array_reference.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>

#include "solver/linear_solver.hpp"

namespace arrayspice::lines {

namespace {

constexpr std::int32_t kGround = -1;
constexpr int kMostSteps = 30;
constexpr long double kEpsilon = std::numeric_limits<long double>::epsilon();

/// A wire between two nodes; node kGround stands for a terminal at the voltage `v`.
struct Wire {
  std::int32_t a, b;
  double g;
  double v = 0.0;
};

/// Nodes: w of cell k is k, b is cells + k.
class Assembly {
 public:
  Assembly(const Grid& grid, const CellEquation& cells, const Values& inputs,
           const ReferenceOptions& options)
      : grid_(grid),
        equation_(cells),
        options_(options),
        cells_(static_cast<std::int32_t>(grid.rows * grid.columns)),
        x_(2 * cells_),
        residual_(2 * cells_),
        rounding_(2 * cells_) {
    for (std::int64_t i = 0; i < grid.rows; ++i)
      add_line(grid.word, i, static_cast<std::int32_t>(i * grid.columns), 1, grid.columns,
               inputs[i], true);
    for (std::int64_t j = 0; j < grid.columns; ++j)
      add_line(grid.bit, j, static_cast<std::int32_t>(cells_ + j),
               static_cast<std::int32_t>(grid.columns), grid.rows, 0.0, !options.ends);
    for (std::size_t k = 0; k < options.w0.size(); ++k) {
      x_[k] = options.w0[k];
      x_[cells_ + k] = options.b0[k];
    }
    end_voltage_.resize(grid.columns);
    end_current_.resize(grid.columns);
    end_conductance_.resize(grid.columns);
    points_.resize(cells_);
  }

  Reference solve() {
    evaluate();
    find_floating_nodes();
    const SparsePattern pattern = make_pattern();
    const Backend backend = options_.symmetric ? Backend::Cholmod : Backend::Klu;
    DirectSolver direct(pattern, {.backend = backend});
    Values step(2 * cells_);
    for (int k = 0; k < kMostSteps; ++k) {
      if (direct.factor(matrix(pattern)) != FactorStatus::Ok)
        throw std::runtime_error("reference: singular");
      for (std::size_t n = 0; n < step.size(); ++n)
        step[n] = floating_[n] ? 0.0 : static_cast<double>(residual_[n]);
      direct.solve(step);
      for (std::size_t n = 0; n < step.size(); ++n) x_[n] += step[n];
      const double before = worst_residual();
      evaluate();
      // Close to the solution and no longer making progress: done.
      if (worst_residual() < 1e-14 && !(worst_residual() < 0.1 * before)) break;
    }
    return result();
  }

 private:
  void add_line(const Family& family, std::int64_t line, std::int32_t first,
                std::int32_t stride, std::int64_t cells, double v, bool last_end) {
    for (std::int64_t k = 0; k < cells; ++k) {
      const auto node = static_cast<std::int32_t>(first + k * stride);
      if (k + 1 < cells)
        wires_.push_back({node, node + stride,
                          family.varied.empty() ? family.segment[line]
                                                : family.varied[line * (cells - 1) + k]});
      if (!family.shunt.empty()) wires_.push_back({node, kGround, family.shunt[line]});
      if (k == 0) wires_.push_back({node, kGround, family.first_end[line], v});
      if (k + 1 == cells && last_end)
        wires_.push_back({node, kGround, family.last_end[line], v});
    }
  }

  std::int32_t last_node(std::int64_t column) const {
    return static_cast<std::int32_t>(2 * cells_ - grid_.columns + column);
  }

  void evaluate() {
    std::fill(residual_.begin(), residual_.end(), 0.0L);
    std::fill(rounding_.begin(), rounding_.end(), 0.0L);
    largest_current_ = 0.0L;
    const auto carry = [&](std::int32_t a, std::int32_t b, long double i) {
      residual_[a] -= i;
      if (b != kGround) residual_[b] += i;
      largest_current_ = std::max(largest_current_, std::abs(i));
    };
    for (const Wire& wire : wires_) {
      const long double other = wire.b == kGround ? wire.v : x_[wire.b];
      carry(wire.a, wire.b, wire.g * (x_[wire.a] - other));
      rounding_[wire.a] += kEpsilon * wire.g * std::abs(x_[wire.a]);
      if (wire.b != kGround) rounding_[wire.b] += kEpsilon * wire.g * std::abs(other);
    }
    for (std::int32_t k = 0; k < cells_; ++k) {
      points_[k] = equation_(k, x_[k], x_[cells_ + k]);
      carry(k, cells_ + k, points_[k].i);
      rounding_[k] += kEpsilon * points_[k].out * std::abs(x_[k]);
      rounding_[cells_ + k] += kEpsilon * points_[k].out * std::abs(x_[k]);
    }
    if (!options_.ends) return;
    for (std::int64_t j = 0; j < grid_.columns; ++j)
      end_voltage_[j] = static_cast<double>(x_[last_node(j)]);
    options_.ends->evaluate(end_voltage_, end_current_, end_conductance_);
    for (std::int64_t j = 0; j < grid_.columns; ++j)
      carry(last_node(j), kGround, end_current_[j]);
  }

  /// Beyond what rounding leaves where a wire conducts very well.
  double worst_residual() const {
    long double worst = 0.0L;
    for (std::size_t n = 0; n < residual_.size(); ++n)
      if (!floating_[n])
        worst = std::max(worst, std::abs(residual_[n]) - 4.0L * rounding_[n]);
    return static_cast<double>(largest_current_ > 0.0L ? worst / largest_current_ : 0.0L);
  }

  /// Spreads from the terminals along whatever conducts.
  void find_floating_nodes() {
    std::vector<std::vector<std::int32_t>> next(2 * cells_);
    std::vector<std::int32_t> reached;
    floating_.assign(2 * cells_, true);
    const auto reach = [&](std::int32_t n) {
      if (floating_[n]) reached.push_back(n);
      floating_[n] = false;
    };
    const auto join = [&](std::int32_t a, std::int32_t b, double g) {
      if (g == 0.0) return;
      if (b == kGround) return reach(a);
      next[a].push_back(b);
      next[b].push_back(a);
    };
    for (const Wire& wire : wires_) join(wire.a, wire.b, wire.g);
    for (std::int32_t k = 0; k < cells_; ++k) join(k, cells_ + k, points_[k].out);
    if (options_.ends)
      for (std::int64_t j = 0; j < grid_.columns; ++j) reach(last_node(j));
    while (!reached.empty()) {
      const std::int32_t n = reached.back();
      reached.pop_back();
      for (const std::int32_t m : next[n]) reach(m);
    }
  }

  /// Calls add(row, column, value) for everything in the Jacobian of -F.
  template <class Add>
  void stamp(const Add& add) const {
    for (const Wire& wire : wires_) {
      if (floating_[wire.a] || wire.g == 0.0) continue;
      add(wire.a, wire.a, wire.g);
      if (wire.b == kGround) continue;
      add(wire.b, wire.b, wire.g);
      add(wire.a, wire.b, -wire.g);
      add(wire.b, wire.a, -wire.g);
    }
    for (std::int32_t k = 0; k < cells_; ++k) {
      const std::int32_t b = cells_ + k;
      if (floating_[k] || floating_[b]) continue;
      add(k, k, points_[k].out);
      add(k, b, -points_[k].in);
      add(b, k, -points_[k].out);
      add(b, b, points_[k].in);
    }
    for (std::int32_t n = 0; n < 2 * cells_; ++n)
      if (floating_[n]) add(n, n, 1.0);
    if (options_.ends)
      for (std::int64_t j = 0; j < grid_.columns; ++j)
        add(last_node(j), last_node(j), end_conductance_[j]);
  }

  SparsePattern make_pattern() const {
    std::vector<SparsePattern::Entry> entries;
    stamp([&](std::int32_t row, std::int32_t column, double) {
      entries.push_back({row, column});
    });
    return {2 * cells_, entries};
  }

  Values matrix(const SparsePattern& pattern) const {
    Values values(pattern.nonzeros(), 0.0);
    stamp([&](std::int32_t row, std::int32_t column, double value) {
      values[pattern.slot(row, column)] += value;
    });
    return values;
  }

  Reference result() const {
    Reference r{.w = {x_.begin(), x_.begin() + cells_},
                .b = {x_.begin() + cells_, x_.end()},
                .outputs = Values(grid_.columns),
                .residual = worst_residual()};
    for (std::int64_t j = 0; j < grid_.columns; ++j)
      r.outputs[j] = static_cast<double>(
          grid_.bit.first_end[j] * x_[cells_ + j] +
          (options_.ends ? end_current_[j] : grid_.bit.last_end[j] * x_[last_node(j)]));
    return r;
  }

  const Grid& grid_;
  const CellEquation& equation_;
  ReferenceOptions options_;
  std::int32_t cells_;
  Voltages x_, residual_, rounding_;
  std::vector<Wire> wires_;
  std::vector<CellPoint> points_;
  std::vector<bool> floating_;
  Values end_voltage_, end_current_, end_conductance_;
  long double largest_current_ = 0.0L;
};

}  // namespace

CellEquation linear_cells(const Values& out, const Values& in) {
  return [out, in](std::int64_t k, long double w, long double b) {
    return CellPoint{out[k] * w - in[k] * b, out[k], in[k]};
  };
}

CellEquation ohmic_cells(const Values& conductance) {
  return [conductance](std::int64_t k, long double w, long double b) {
    return CellPoint{conductance[k] * (w - b), conductance[k], conductance[k]};
  };
}

CellEquation bare_selectors(double is, double n) {
  return [is, n](std::int64_t, long double w, long double b) {
    const long double x = (w - b) / n;
    const auto g = static_cast<double>(2.0L * is / n * std::cosh(x));
    return CellPoint{2.0L * is * std::sinh(x), g, g};
  };
}

CellEquation sinh_cells(const Values& conductance, double v0) {
  return [conductance, v0](std::int64_t k, long double w, long double b) {
    const long double x = (w - b) / v0;
    const auto g = static_cast<double>(conductance[k] * std::cosh(x));
    return CellPoint{conductance[k] * v0 * std::sinh(x), g, g};
  };
}

CellEquation transistors(double k, const Values& vp) {
  return [k, vp](std::int64_t cell, long double w, long double b) {
    constexpr long double kScale = 0.05L;
    const auto at = [&](long double v) {
      const long double x = (vp[cell] - v) / kScale;
      const long double log = std::max(x, 0.0L) + std::log1p(std::exp(-std::abs(x)));
      const long double slope = 2.0L * log / (1.0L + std::exp(-x)) / kScale;
      return std::pair{k * log * log, static_cast<double>(k * slope)};
    };
    const auto [source, in] = at(b);
    const auto [drain, out] = at(w);
    return CellPoint{source - drain, out, in};
  };
}

EquationLaw::EquationLaw(const LineSolver& solver, CellEquation cells, bool symmetric)
    : cells_(std::move(cells)), symmetric_(symmetric), number_(solver.size(), -1) {
  for (std::int64_t i = 0; i < solver.rows(); ++i)
    for (std::int64_t j = 0; j < solver.columns(); ++j)
      number_[solver.index(i, j)] = i * solver.columns() + j;
}

void EquationLaw::evaluate(std::int64_t first, std::int64_t last, const double* w,
                           const double* b, CellCurrents currents) {
  for (std::int64_t k = first; k < last; ++k) {
    const CellPoint at = number_[k] < 0 ? CellPoint{} : cells_(number_[k], w[k], b[k]);
    currents.i[k] = static_cast<double>(at.i);
    currents.out[k] = at.out;
    currents.in[k] = at.in;
  }
}

Reference solve_directly(const Grid& grid, const CellEquation& cells,
                         const Values& inputs, const ReferenceOptions& options) {
  return Assembly(grid, cells, inputs, options).solve();
}

Family uniform(std::int64_t lines, double segment, double first, double last) {
  const auto fill = [&](double g) { return Values(lines, g); };
  return {fill(segment), fill(first), fill(last)};
}

Grid one_sided(std::int64_t n, double segment_resistance) {
  const double g = 1.0 / segment_resistance;
  return {n, n, uniform(n, g, g, 0.0), uniform(n, g, 0.0, g)};
}

Values random_values(std::int64_t n, double low, double high, unsigned seed) {
  std::mt19937 engine(seed);
  std::uniform_real_distribution<> draw(low, high);
  Values values(n);
  for (double& v : values) v = draw(engine);
  return values;
}

Values transposed(const Values& values, std::int64_t rows, std::int64_t columns) {
  Values turned(values.size());
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j)
      turned[j * rows + i] = values[i * columns + j];
  return turned;
}

double largest(std::span<const double> values) {
  double most = 0.0;
  for (const double v : values) most = std::max(most, std::abs(v));
  return most;
}

double relative_error(std::span<const double> got, std::span<const double> expected) {
  double worst = 0.0;
  for (std::size_t k = 0; k < expected.size(); ++k) {
    const double error = std::abs(got[k] - expected[k]);
    if (!(error <= worst)) worst = error;  // a NaN is passed on
  }
  const double scale = largest(expected);
  return scale > 0.0 ? worst / scale : worst;
}

}  // namespace arrayspice::lines
