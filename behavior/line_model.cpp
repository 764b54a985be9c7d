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

void LineArray::start(std::span<const double> input) {
  assert(input.size() == rows_);
  input_.assign(input.begin(), input.end());
  for (std::size_t i = 0; i < rows_; ++i)
    std::fill_n(w_.begin() + static_cast<std::ptrdiff_t>(i * columns_), columns_,
                input[i]);
  std::fill(b_.begin(), b_.end(), 0.0);
}

void LineArray::sweep() {
  half_sweep(word_, w_, b_);
  half_sweep(bit_, b_, w_);
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

void LineArray::half_sweep(const Family& family, std::vector<double>& x,
                           const std::vector<double>& other) {
  const std::span<double> d = std::span(d_).first(family.length);
  const std::span<double> r = std::span(r_).first(family.length);
  for (std::size_t line = 0; line < family.lines; ++line) {
    const Kind how = kind(*family.wires, line);
    if (how == Kind::Ideal) continue;
    std::size_t k = line * family.line_stride;
    for (std::size_t l = 0; l < family.length; ++l, k += family.node_stride) {
      const auto cell = model_.table.at(cells_[k], family.sign * (x[k] - other[k]));
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

double LineArray::bit_line_output(std::size_t j) const {
  if (kind(model_.bit, j) == Kind::Ideal) {
    double sum = 0.0;
    for (std::size_t k = j; k < w_.size(); k += columns_)
      sum += model_.table.at(cells_[k], w_[k] - b_[k]).i;
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
