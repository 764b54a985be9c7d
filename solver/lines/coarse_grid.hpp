// SPDX-License-Identifier: Apache-2.0
// Coarse-grid correction for large arrays: what line solves leave over is smooth, and a
// bilinear grid with a node about every 64 cells takes it out.
//
// With P the interpolation from the coarse nodes of both families and A the whole system
// of w and b, the correction of a residual r of the Schur system is
//
//     z += P_b y_b,    (P' A P) y = (0, P_b' r)
//
// that is, the coarse system eliminates its word lines just as the fine one does. Wires
// are uniform along their line (of varied ones the mean), which makes their part of
// P' A P a sum of products of one-dimensional matrices.
#pragma once

#include <Eigen/SparseCholesky>
#include <Eigen/SparseCore>
#include <cstdint>
#include <vector>

#include "solver/lines/buffer.hpp"
#include "solver/lines/grid.hpp"
#include "solver/lines/kernels.hpp"

namespace arrayspice::lines {

class CoarseGrid {
 public:
  /// `grid` must outlive this; buffers are in panel layout with `padded_rows` rows.
  CoarseGrid(const Grid& grid, std::int64_t padded_rows, std::int64_t panels);

  /// Forms and factors P' A P; false when it is not positive definite.
  bool factor(const Buffer& cells);

  /// Forms P_b' r on one panel; panels may be done at the same time.
  void restrict_panel(std::int64_t panel, const double* r);
  /// Solves for the sums of all panels; returns r' P_b y_b.
  double solve();
  /// P_b y_b, which is to be added to z; until the next solve().
  SmoothPart smooth_part() const;

 private:
  /// Coarse nodes along one direction: cell k lies between nodes node[k] and node[k] + 1,
  /// `weight[k]` of the way.
  struct Axis {
    explicit Axis(std::int64_t cells);
    std::int64_t nodes = 0;
    std::vector<std::int64_t> node;
    std::vector<double> weight;
  };

  std::int64_t number(std::int64_t row_node, std::int64_t column_node) const {
    return row_node * columns_.nodes + column_node;
  }
  std::int64_t used_width(std::int64_t panel) const;
  void add_wires(const Family& family, bool along_rows);
  void add_cells(std::int64_t panel, const double* cells);
  void add(std::int64_t a, std::int64_t b, double value);
  void interpolate_columns();

  const Grid& grid_;
  std::int64_t padded_rows_, panels_;
  Axis rows_, columns_;
  std::vector<double> sums_;  // by panel: row nodes x kReach column nodes
  Eigen::VectorXd solution_;
  Buffer along_columns_;  // row nodes and two of zeros x padded columns: P_b y_b there
  std::vector<std::int64_t> smooth_node_;  // of the padded rows: one of the zeros
  std::vector<double> smooth_weight_;
  std::vector<Eigen::Triplet<double>> entries_;
  Eigen::SimplicialLLT<Eigen::SparseMatrix<double>> factors_;
  bool analysed_ = false;
};

}  // namespace arrayspice::lines
