// SPDX-License-Identifier: Apache-2.0
#include "behavior/line_model.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace arrayspice {

void solve_ladder(const Ladder& line, std::span<const double> d, std::span<double> x,
                  std::span<double> m) {
  const std::size_t n = d.size();
  double e = d[0] + line.alpha;
  double carried = line.alpha * line.p;
  for (std::size_t l = 0; l < n; ++l) {
    const bool last = l + 1 == n;
    m[l] = 1.0 / (e + (last ? line.beta : line.c));
    x[l] = (x[l] + carried + (last ? line.beta * line.s : 0.0)) * m[l];
    if (last) break;
    carried = line.c * x[l];
    e = d[l + 1] + line.c * e * m[l];
  }
  for (std::size_t l = n - 1; l-- > 0;) x[l] += line.c * m[l] * x[l + 1];
}

/// The ladder in the limit c -> infinity: all its nodes are one.
void solve_one_node(const Ladder& line, std::span<const double> d, std::span<double> x) {
  const double load = std::accumulate(d.begin(), d.end(), line.alpha + line.beta);
  const double current =
      std::accumulate(x.begin(), x.end(), line.alpha * line.p + line.beta * line.s);
  std::fill(x.begin(), x.end(), current / load);
}

LineArray::LineArray(const LineModel& model, const Matrix& conductances)
    : model_(model),
      rows_(static_cast<std::size_t>(model.rows())),
      columns_(static_cast<std::size_t>(model.columns())),
      word_{&model.word, rows_, columns_, columns_, 1, 1.0},
      bit_{&model.bit, columns_, rows_, 1, columns_, -1.0},
      w_(rows_ * columns_),
      b_(rows_ * columns_),
      d_(std::max(rows_, columns_)),
      r_(d_.size()),
      m_(d_.size()) {
  assert(conductances.rows == model.rows() && conductances.columns == model.columns());
  cells_.reserve(conductances.values.size());
  for (const double g : conductances.values) cells_.push_back(model.table.cell(g));
}

std::vector<double> LineModel::seen(std::span<const double> inputs) const {
  std::vector<double> all(inputs.begin(), inputs.end());
  if (!is_gated())
    for (double& v : all) v -= sense_voltage;
  return all;
}

void LineArray::start(std::span<const double> input) {
  assert(input.size() == rows_);
  if (model_.is_gated()) {
    gate_.assign(input.begin(), input.end());
    input_.assign(rows_, model_.read_voltage - model_.sense_voltage);
  } else {
    input_.assign(input.begin(), input.end());
  }
  for (std::size_t i = 0; i < rows_; ++i)
    std::fill_n(w_.begin() + static_cast<std::ptrdiff_t>(i * columns_), columns_,
                input_[i]);
  std::fill(b_.begin(), b_.end(), 0.0);
}

void LineArray::start(std::span<const double> input, CellValues w, CellValues b) {
  assert(input.size() == rows_ && w.size() == w_.size() && b.size() == b_.size());
  input_.assign(input.begin(), input.end());
  w_ = std::move(w);
  b_ = std::move(b);
}

void LineArray::sweep() {
  sweep_words();
  half_sweep(bit_, b_, w_);
}

void LineArray::sweep_words() { half_sweep(word_, w_, b_); }

ChordTable::Point LineArray::cell_at(std::size_t k, double v) const {
  ChordTable::Point point = model_.table.at(cells_[k], v);
  if (gate_.empty()) return point;
  point.i *= gate_[k / columns_];
  point.d *= gate_[k / columns_];
  return point;
}

CellValues LineArray::currents() const {
  CellValues i(w_.size());
  for (std::size_t k = 0; k < i.size(); ++k) i[k] = cell_at(k, w_[k] - b_[k]).i;
  return i;
}

CellValues LineArray::slopes() const {
  CellValues d(w_.size());
  for (std::size_t k = 0; k < d.size(); ++k) d[k] = cell_at(k, w_[k] - b_[k]).d;
  return d;
}

/// A line without segment resistance is one node; without end resistance it is its
/// source.
LineArray::Kind LineArray::kind(const Wires& wires, std::size_t line) {
  if (wires.segment > 0.0) return Kind::Ladder;
  const bool held = wires.near_end[line] == 0.0 ||
                    (!wires.far_end.empty() && wires.far_end[line] == 0.0);
  return held ? Kind::Ideal : Kind::OneNode;
}

Ladder LineArray::ladder(const Family& family, std::size_t line) const {
  const Wires& wires = *family.wires;
  const double near_end = 1.0 / (wires.near_end[line] + wires.segment);
  const double far_end =
      wires.far_end.empty() ? 0.0 : 1.0 / (wires.far_end[line] + wires.segment);
  const double c = wires.segment > 0.0 ? 1.0 / wires.segment : 0.0;
  const bool is_word_line = family.sign > 0.0;
  if (is_word_line) return {c, near_end, input_[line], far_end, input_[line]};
  return {c, far_end, 0.0, near_end, 0.0};
}

void LineArray::half_sweep(const Family& family, CellValues& x, const CellValues& other) {
  const std::span<double> d = std::span(d_).first(family.length);
  const std::span<double> r = std::span(r_).first(family.length);
  for (std::size_t line = 0; line < family.lines; ++line) {
    const Kind how = kind(*family.wires, line);
    if (how == Kind::Ideal) continue;
    std::size_t k = line * family.line_stride;
    for (std::size_t l = 0; l < family.length; ++l, k += family.node_stride) {
      const auto cell = cell_at(k, family.sign * (x[k] - other[k]));
      d[l] = cell.d;
      r[l] = cell.d * x[k] - family.sign * cell.i;
    }
    const Ladder ends = ladder(family, line);
    if (how == Kind::OneNode)
      solve_one_node(ends, d, r);
    else
      solve_ladder(ends, d, r, m_);
    k = line * family.line_stride;
    for (std::size_t l = 0; l < family.length; ++l, k += family.node_stride) x[k] = r[l];
  }
}

void LineArray::solve_lines(const Family& family, const CellValues& d, CellValues& x) {
  const std::span<double> loads = std::span(d_).first(family.length);
  const std::span<double> r = std::span(r_).first(family.length);
  for (std::size_t line = 0; line < family.lines; ++line) {
    assert(kind(*family.wires, line) == Kind::Ladder);
    std::size_t k = line * family.line_stride;
    for (std::size_t l = 0; l < family.length; ++l, k += family.node_stride) {
      loads[l] = d[k];
      r[l] = x[k];
    }
    Ladder ends = ladder(family, line);
    ends.p = ends.s = 0.0;
    solve_ladder(ends, loads, r, m_);
    k = line * family.line_stride;
    for (std::size_t l = 0; l < family.length; ++l, k += family.node_stride) x[k] = r[l];
  }
}

void LineArray::solve_words(const CellValues& d, CellValues& x) {
  solve_lines(word_, d, x);
}
void LineArray::solve_bits(const CellValues& d, CellValues& x) {
  solve_lines(bit_, d, x);
}

LineArray::Gradient LineArray::gradient(std::span<const double> weights, int sweeps) {
  assert(weights.size() == columns_);
  const CellValues d = slopes();
  CellValues lw(d.size(), 0.0), lb(d.size());
  for (int sweep = 0; sweep < sweeps; ++sweep) {
    for (std::size_t k = 0; k < d.size(); ++k) lb[k] = d[k] * lw[k];
    for (std::size_t j = 0; j < columns_; ++j) {
      const Ladder ends = ladder(bit_, j);
      lb[(rows_ - 1) * columns_ + j] += ends.beta * weights[j];
      lb[j] += ends.alpha * weights[j];
    }
    solve_bits(d, lb);
    for (std::size_t k = 0; k < d.size(); ++k) lw[k] = d[k] * lb[k];
    solve_words(d, lw);
  }
  Gradient gradient{CellValues(d.size()), std::vector<double>(rows_)};
  for (std::size_t k = 0; k < d.size(); ++k)
    gradient.by_conductance[k] =
        (lb[k] - lw[k]) * model_.table.by_conductance(cells_[k], w_[k] - b_[k]);
  for (std::size_t i = 0; i < rows_; ++i) {
    const Ladder ends = ladder(word_, i);
    gradient.by_input[i] =
        ends.alpha * lw[i * columns_] + ends.beta * lw[(i + 1) * columns_ - 1];
  }
  return gradient;
}

double LineArray::bit_line_output(std::size_t j) const {
  if (kind(model_.bit, j) == Kind::Ideal) {
    double sum = 0.0;
    for (std::size_t k = j; k < w_.size(); k += columns_)
      sum += cell_at(k, w_[k] - b_[k]).i;
    return sum;
  }
  const Ladder ends = ladder(bit_, j);
  return ends.beta * b_[(rows_ - 1) * columns_ + j] + ends.alpha * b_[j];
}

std::vector<double> LineArray::outputs() const {
  std::vector<double> y(columns_);
  for (std::size_t j = 0; j < columns_; ++j) y[j] = bit_line_output(j);
  return y;
}

Matrix line_outputs(const LineModel& model, const Matrix& conductances,
                    const Matrix& inputs) {
  LineArray array(model, conductances);
  Matrix y{inputs.rows, model.columns(), {}};
  y.values.reserve(static_cast<std::size_t>(y.rows * y.columns));
  for (std::int64_t k = 0; k < inputs.rows; ++k) {
    array.start(std::span(inputs.values)
                    .subspan(static_cast<std::size_t>(k * inputs.columns),
                             static_cast<std::size_t>(inputs.columns)));
    for (int sweep = 0; sweep < model.sweeps; ++sweep) array.sweep();
    const std::vector<double> out = array.outputs();
    y.values.insert(y.values.end(), out.begin(), out.end());
  }
  return y;
}

}  // namespace arrayspice
