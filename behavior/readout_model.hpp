// SPDX-License-Identifier: Apache-2.0
// An array whose columns do not disturb each other as a table of sums over its cells:
//
//   s_j = sum_i share_i f(x_i, w_ij) + n_j     what the cells bring
//   n_j = sum_i sum_a e_ia phi_a,ij + sum_(i >= q) sum_ab c^(i mod q)_ab phi_a,ij
//   phi_b,(i-q)j
//         where a cell's share depends on that of the q-th row before (an edge that a
//         stage of a chain starves delays the next such stage too), and rows at the ends
//         are not like the others: phi_a = f/max |f| times the (a - 1)-th power of the
//         weight, which goes from 0 to 1 over the table
//   u_j = s_j, or (p0 s_j + p1 + p2 L_j)/(L_j + p3) where the cells also load the output
//         (capacitive and resistive division): L_j = sum_i l(x_i, w_ij), l = w without a
//         table of it
//   z_j = h(u_j, v_j)                          v: a second sum, where it helps
//   z_j = y_j + k sum_(neighbours n of j) (y_j - y_n)
//         where capacitances couple columns: what a column would be alone
//
// docs/models.md, "Readout tables"; the idea of the two sums: charge that cells bring and
// conductance or capacitance that it meets.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "behavior/bilinear_table.hpp"
#include "netlists/arrays/array.hpp"

namespace arrayspice {

/// The second axis of the readout table.
enum class ReadoutFeature : std::uint8_t {
  None,
  Weight,   ///< sum_i w_ij
  Input,    ///< sum_i x_i
  Product,  ///< sum_i x_i w_ij
  Width,    ///< sum_i x_i^2 w_ij / sum_i x_i w_ij: of pulses, their mean width
};
inline constexpr std::array kReadoutFeatures{
    ReadoutFeature::None, ReadoutFeature::Weight, ReadoutFeature::Input,
    ReadoutFeature::Product, ReadoutFeature::Width};
std::string_view readout_feature_name(ReadoutFeature feature);  ///< "none", "weight", ..

/// What rows bring beside f, alone and with those before them.
struct NeighbourTerm {
  std::size_t distance = 1;  ///< q, in rows
  std::size_t shapes = 1;    ///< phi_1 .. phi_shapes
  std::vector<double> own;   ///< e (rows, shapes)
  std::vector<double> both;  ///< c (distance, shapes, shapes)
};

struct ReadoutModel {
  BilinearTable cell;                 ///< f over (x, w)
  std::optional<BilinearTable> load;  ///< l over (x, w)
  std::vector<double> share;          ///< of every row; empty: all 1
  std::optional<NeighbourTerm> neighbours;
  std::optional<std::array<double, 4>> division;  ///< p0 .. p3
  ReadoutFeature second = ReadoutFeature::None;
  BilinearTable readout;  ///< h over (u, v)
  double coupling = 0.0;  ///< k of neighbouring columns, not negative
};

/// Outputs (batch, columns) as they would be without coupling, and back.
Matrix decoupled(double coupling, Matrix outputs);
Matrix coupled(double coupling, Matrix outputs);

/// phi_1 .. phi_shapes of all cells, each (rows, columns): made of the table's points,
/// bilinear between them. inputs is one vector (1, rows).
std::vector<Matrix> response_shapes(const BilinearTable& cell, const Matrix& weights,
                                    const Matrix& inputs, std::size_t shapes);
/// What e and then c are multiplied by in column j, in their order.
std::vector<double> neighbour_products(const std::vector<Matrix>& shapes,
                                       std::size_t distance, std::int64_t column);

/// u and v of every column; inputs is one vector (1, rows).
struct ReadoutSums {
  std::vector<double> u, v;
};
ReadoutSums readout_sums(const ReadoutModel& model, const Matrix& weights,
                         const Matrix& inputs);

/// Outputs (1, columns) for weights (rows, columns) and one input vector (1, rows).
Matrix readout_outputs(const ReadoutModel& model, const Matrix& weights,
                       const Matrix& inputs);

}  // namespace arrayspice
