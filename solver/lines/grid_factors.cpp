// SPDX-License-Identifier: Apache-2.0
#include "solver/lines/grid_factors.hpp"

#include "solver/cholmod.hpp"
#include "solver/klu.hpp"
#include "solver/lines/dissection.hpp"

namespace arrayspice::lines {

namespace {

/// Bytes for a nonzero of a Cholesky factor, with what is needed on the way, and for the
/// two of LU in its place (docs/performance.md).
constexpr double kCholeskyBytes = 22.0, kLuBytes = 32.0;

/// Node k of line l to the next, or from its last to the terminal.
double onward(const Family& family, std::int64_t line, std::int64_t k,
              std::int64_t cells) {
  if (k + 1 == cells) return family.last_end[line];
  return family.varied.empty() ? family.segment[line]
                               : family.varied[line * (cells - 1) + k];
}

class Assembly {
 public:
  Assembly(const Grid& grid, std::span<const double> in, std::span<const double> out,
           CoreMatrix& matrix)
      : grid_(grid), in_(in), out_(out), matrix_(matrix) {}

  void run() {
    const std::int64_t cells = grid_.rows * grid_.columns;
    for (std::int64_t i = 0; i < grid_.rows; ++i)
      for (std::int64_t j = 0; j < grid_.columns; ++j) {
        const std::int64_t cell = i * grid_.columns + j;
        node(grid_.word, i, j, grid_.columns, {cell, 1}, out_[cell]);
        add(cells + cell, -out_[cell]);
        close();
      }
    for (std::int64_t i = 0; i < grid_.rows; ++i)
      for (std::int64_t j = 0; j < grid_.columns; ++j) {
        const std::int64_t cell = i * grid_.columns + j;
        add(cell, -in_[cell]);
        node(grid_.bit, j, i, grid_.rows, {cells + cell, grid_.columns}, in_[cell]);
        close();
      }
  }

 private:
  struct Place {
    std::int64_t row, stride;  ///< of the matrix; to the next node of the line
  };

  /// A node's wires, shunt and cell. A node that nothing reaches stays at 0 V.
  void node(const Family& family, std::int64_t line, std::int64_t k, std::int64_t count,
            Place at, double cell) {
    const double before =
        k > 0 ? onward(family, line, k - 1, count) : family.first_end[line];
    const double after = onward(family, line, k, count);
    const double shunt = family.shunt.empty() ? 0.0 : family.shunt[line];
    const double total = before + after + shunt + cell;
    if (k > 0) add(at.row - at.stride, -before);
    add(at.row, total > 0.0 ? total : 1.0);
    if (k + 1 < count) add(at.row + at.stride, -after);
  }
  void add(std::int64_t row, double value) {
    matrix_.rows.push_back(static_cast<std::int32_t>(row));
    matrix_.values.push_back(value);
  }
  void close() {
    matrix_.starts.push_back(static_cast<std::int32_t>(matrix_.rows.size()));
    ++matrix_.n;
  }

  const Grid& grid_;
  std::span<const double> in_, out_;
  CoreMatrix& matrix_;
};

}  // namespace

std::unique_ptr<GridFactors> GridFactors::make(const Grid& grid,
                                               std::span<const double> in,
                                               std::span<const double> out,
                                               double most_bytes) {
  const bool symmetric = in.data() == out.data();
  auto result = std::make_unique<GridFactors>();
  CoreMatrix& matrix = result->matrix_;
  Assembly(grid, in, out, matrix).run();
  Ordering ordering{.name = "geometric nested dissection",
                    .reason = {},
                    .order = dissect(grid.rows, grid.columns),
                    .fill = {},
                    .dissection_tried = true};
  ordering.fill =
      count_fill(symmetric_graph(matrix.n, matrix.starts, matrix.rows), ordering.order);
  const double bytes = symmetric ? kCholeskyBytes : kLuBytes;
  if (bytes * ordering.fill.nonzeros > most_bytes) return nullptr;
  result->factors_ = symmetric ? make_cholmod(matrix, ordering)
                               : make_klu(matrix, std::move(ordering.order));
  if (result->factors_->factor() != FactorStatus::Ok) return nullptr;
  return result;
}

}  // namespace arrayspice::lines
