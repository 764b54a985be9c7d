// SPDX-License-Identifier: Apache-2.0
#include "solver/lines/coarse_grid.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "solver/lines/kernels.hpp"

namespace arrayspice::lines {

namespace {

constexpr double kSpacing = 64.0;   // cells between coarse nodes, about
constexpr std::int64_t kReach = 3;  // column nodes that one panel can touch
using Lane = std::array<double, kWidth>;

/// A one-dimensional coarse matrix; only neighbours are coupled.
using Matrix = Eigen::MatrixXd;

double mean(const std::vector<double>& values, std::int64_t first, std::int64_t count) {
  double sum = 0.0;
  for (std::int64_t k = first; k < first + count; ++k) sum += values[k];
  return count > 0 ? sum / static_cast<double>(count) : 0.0;
}

}  // namespace

CoarseGrid::Axis::Axis(std::int64_t cells) {
  const auto count = static_cast<double>(cells);
  const double intervals = std::max(1.0, std::round(count / kSpacing));
  const double spacing = std::max(1.0, (count - 1.0) / intervals);
  nodes = static_cast<std::int64_t>(intervals) + 1;
  for (std::int64_t k = 0; k < cells; ++k) {
    const double place = static_cast<double>(k) / spacing;
    node.push_back(std::min(static_cast<std::int64_t>(place), nodes - 2));
    weight.push_back(place - static_cast<double>(node.back()));
  }
}

CoarseGrid::CoarseGrid(const Grid& grid, std::int64_t padded_rows, std::int64_t panels)
    : grid_(grid),
      padded_rows_(padded_rows),
      panels_(panels),
      rows_(grid.rows),
      columns_(grid.columns),
      sums_(panels * rows_.nodes * kReach),
      solution_(2 * rows_.nodes * columns_.nodes),
      along_columns_((rows_.nodes + 2) * panels * kWidth),
      smooth_node_(rows_.node),
      smooth_weight_(rows_.weight) {
  smooth_node_.resize(padded_rows, rows_.nodes);
  smooth_weight_.resize(padded_rows, 0.0);
}

std::int64_t CoarseGrid::used_width(std::int64_t panel) const {
  return std::min(kWidth, grid_.columns - panel * kWidth);
}

void CoarseGrid::add(std::int64_t a, std::int64_t b, double value) {
  entries_.emplace_back(static_cast<int>(a), static_cast<int>(b), value);
}

/// Lines are numbered along `across`, their cells along `along`:
///     sum over lines c_l psi psi'  (x)  sum over segments dphi dphi',  and likewise the
/// ends and shunts with phi phi'.
void CoarseGrid::add_wires(const Family& family, bool along_rows) {
  const Axis& across = along_rows ? rows_ : columns_;
  const Axis& along = along_rows ? columns_ : rows_;
  const auto lines = static_cast<std::int64_t>(across.node.size());
  const auto cells = static_cast<std::int64_t>(along.node.size());
  const auto mass = [](const Axis& axis, std::int64_t cell, double value, Matrix& m) {
    const std::int64_t k = axis.node[cell];
    const Eigen::Vector2d phi(1.0 - axis.weight[cell], axis.weight[cell]);
    m.block<2, 2>(k, k) += value * phi * phi.transpose();
  };
  const Matrix zero_across = Matrix::Zero(across.nodes, across.nodes);
  const Matrix zero_along = Matrix::Zero(along.nodes, along.nodes);
  Matrix segment = zero_across, first = zero_across, last = zero_across,
         shunt = zero_across;
  for (std::int64_t l = 0; l < lines; ++l) {
    mass(across, l,
         family.varied.empty() ? family.segment[l]
                               : mean(family.varied, l * (cells - 1), cells - 1),
         segment);
    mass(across, l, family.first_end[l], first);
    mass(across, l, family.last_end[l], last);
    mass(across, l, family.shunt[l], shunt);
  }
  Matrix stiffness = zero_along, at_first = zero_along, at_last = zero_along,
         everywhere = zero_along;
  for (std::int64_t k = 0; k < cells; ++k) {
    mass(along, k, 1.0, everywhere);
    if (k + 1 == cells) break;
    Eigen::VectorXd d = Eigen::VectorXd::Zero(along.nodes);
    for (const auto& [cell, sign] : {std::pair{k, -1.0}, {k + 1, 1.0}}) {
      d[along.node[cell]] += sign * (1.0 - along.weight[cell]);
      d[along.node[cell] + 1] += sign * along.weight[cell];
    }
    const std::int64_t from = along.node[k];
    const std::int64_t width = std::min<std::int64_t>(3, along.nodes - from);
    stiffness.block(from, from, width, width) +=
        d.segment(from, width) * d.segment(from, width).transpose();
  }
  mass(along, 0, 1.0, at_first);
  mass(along, cells - 1, 1.0, at_last);

  const std::int64_t offset = along_rows ? 0 : rows_.nodes * columns_.nodes;
  const auto place = [&](std::int64_t line, std::int64_t cell) {
    return offset + (along_rows ? number(line, cell) : number(cell, line));
  };
  for (std::int64_t a = 0; a < across.nodes; ++a)
    for (std::int64_t b = std::max<std::int64_t>(a - 1, 0);
         b < std::min(a + 2, across.nodes); ++b)
      for (std::int64_t p = 0; p < along.nodes; ++p)
        for (std::int64_t q = std::max<std::int64_t>(p - 2, 0);
             q < std::min(p + 3, along.nodes); ++q)
          add(place(a, p), place(b, q),
              segment(a, b) * stiffness(p, q) + first(a, b) * at_first(p, q) +
                  last(a, b) * at_last(p, q) + shunt(a, b) * everywhere(p, q));
}

/// Sum over the cells of D phi phi', which couples the families: moments over the rows
/// of an interval first, lane by lane.
void CoarseGrid::add_cells(std::int64_t panel, const double* cells) {
  const std::int64_t fields = rows_.nodes * columns_.nodes;
  const auto add_product = [&](std::int64_t a, std::int64_t b, double d) {
    for (const auto& [u, v] : {std::pair{a, b}, {b, a}}) {
      const double value = a == b ? 0.5 * d : d;
      add(u, v, value);
      add(fields + u, fields + v, value);
      add(u, fields + v, -value);
      add(fields + u, v, -value);
    }
  };
  for (std::int64_t i = 0; i < grid_.rows;) {
    const std::int64_t interval = rows_.node[i];
    std::array<Lane, 3> moments{};
    for (; i < grid_.rows && rows_.node[i] == interval; ++i) {
      const double s = rows_.weight[i];
      for (std::int64_t k = 0; k < kWidth; ++k) {
        const double d = cells[i * kWidth + k];
        moments[0][k] += d * (1.0 - s) * (1.0 - s);
        moments[1][k] += d * (1.0 - s) * s;
        moments[2][k] += d * s * s;
      }
    }
    // A panel has few column nodes: sum their products before they become entries.
    std::array<std::array<std::array<double, 3>, kReach>, 2> sums{};
    const std::int64_t origin = columns_.node[panel * kWidth];
    for (std::int64_t k = 0; k < used_width(panel); ++k) {
      const std::int64_t column = panel * kWidth + k;
      const std::int64_t from = columns_.node[column] - origin;
      const double t = columns_.weight[column];
      for (std::size_t m = 0; m < 3; ++m) {
        sums[0][from][m] += moments[m][k] * (1.0 - t) * (1.0 - t);
        sums[0][from + 1][m] += moments[m][k] * t * t;
        sums[1][from][m] += moments[m][k] * t * (1.0 - t);
      }
    }
    for (std::int64_t c = 0; c < kReach && origin + c < columns_.nodes; ++c)
      for (std::int64_t step = 0; step < 2 && origin + c + step < columns_.nodes;
           ++step) {
        const auto& m = sums[step][c];
        const std::int64_t left = origin + c, right = left + step;
        add_product(number(interval, left), number(interval, right), m[0]);
        add_product(number(interval, left), number(interval + 1, right), m[1]);
        if (step == 1)
          add_product(number(interval + 1, left), number(interval, right), m[1]);
        add_product(number(interval + 1, left), number(interval + 1, right), m[2]);
      }
  }
}

bool CoarseGrid::factor(const Buffer& cells) {
  entries_.clear();
  add_wires(grid_.word, true);
  add_wires(grid_.bit, false);
  for (std::int64_t panel = 0; panel < panels_; ++panel)
    add_cells(panel, cells.data() + panel * padded_rows_ * kWidth);
  Eigen::SparseMatrix<double> a(solution_.size(), solution_.size());
  a.setFromTriplets(entries_.begin(), entries_.end());
  if (!analysed_) factors_.analyzePattern(a);
  analysed_ = true;
  factors_.factorize(a);
  return factors_.info() == Eigen::Success;
}

void CoarseGrid::restrict_panel(std::int64_t panel, const double* r) {
  double* const sums = &sums_[panel * rows_.nodes * kReach];
  std::fill_n(sums, rows_.nodes * kReach, 0.0);
  const std::int64_t origin = columns_.node[panel * kWidth];
  for (std::int64_t i = 0; i < grid_.rows;) {
    const std::int64_t interval = rows_.node[i];
    Lane low{}, high{};
    for (; i < grid_.rows && rows_.node[i] == interval; ++i) {
      const double s = rows_.weight[i];
      for (std::int64_t k = 0; k < kWidth; ++k) {
        low[k] += (1.0 - s) * r[i * kWidth + k];
        high[k] += s * r[i * kWidth + k];
      }
    }
    for (std::int64_t k = 0; k < used_width(panel); ++k) {
      const std::int64_t column = panel * kWidth + k;
      const std::int64_t to = interval * kReach + columns_.node[column] - origin;
      const double t = columns_.weight[column];
      sums[to] += (1.0 - t) * low[k];
      sums[to + 1] += t * low[k];
      sums[to + kReach] += (1.0 - t) * high[k];
      sums[to + kReach + 1] += t * high[k];
    }
  }
}

double CoarseGrid::solve() {
  const std::int64_t fields = rows_.nodes * columns_.nodes;
  Eigen::VectorXd right = Eigen::VectorXd::Zero(2 * fields);
  for (std::int64_t panel = 0; panel < panels_; ++panel) {
    const std::int64_t origin = columns_.node[panel * kWidth];
    for (std::int64_t row = 0; row < rows_.nodes; ++row)
      for (std::int64_t c = 0; c < kReach && origin + c < columns_.nodes; ++c)
        right[fields + number(row, origin + c)] +=
            sums_[(panel * rows_.nodes + row) * kReach + c];
  }
  solution_ = factors_.solve(right);
  interpolate_columns();
  return right.dot(solution_);
}

void CoarseGrid::interpolate_columns() {
  const std::int64_t fields = rows_.nodes * columns_.nodes;
  const std::int64_t padded = panels_ * kWidth;
  for (std::int64_t row = 0; row < rows_.nodes; ++row)
    for (std::int64_t column = 0; column < grid_.columns; ++column) {
      const double* const y =
          solution_.data() + fields + number(row, columns_.node[column]);
      const double t = columns_.weight[column];
      along_columns_[row * padded + column] = (1.0 - t) * y[0] + t * y[1];
    }
}

SmoothPart CoarseGrid::smooth_part() const {
  return {along_columns_.data(), smooth_node_.data(), smooth_weight_.data()};
}

}  // namespace arrayspice::lines
