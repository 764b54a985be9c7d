// SPDX-License-Identifier: Apache-2.0
// What the anchored start of one array consists of: shared by AWL-k and CORAL
// (docs/models.md has the equations).
#pragma once

#include <Eigen/Dense>
#include <span>
#include <vector>

#include "behavior/anchored_model.hpp"

namespace arrayspice {

using Grid = Eigen::Array<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using States = std::vector<Eigen::ArrayXd>;  // one per mode, each over columns

inline constexpr double kHeadroom = 1.1;  // of the largest anchor state

Grid grid_of(const CellValues& values, std::size_t columns);
CellValues values_of(const Grid& grid);

/// The k-th row of m.
std::span<const double> row_of(const Matrix& m, std::int64_t k);

/// Columns of x, x^2, ... and the coefficients of the polynomial without constant through
/// values (points x n) at x.
RowMatrix through_origin(const Eigen::ArrayXd& x, const RowMatrix& values);

/// Weights of the features (cases x features) that come nearest to what is wanted, with
/// a ridge.
Eigen::VectorXd ridge_fit(const Eigen::MatrixXd& features, const Eigen::VectorXd& wanted);

/// x of (T_bit + diag d) x = r, line by line.
Grid solved_bits(LineArray& array, const Grid& d, const Grid& r);

/// Solves every word line at the input level V with the bit lines at rest.
void solve_rows(LineArray& array, double level, const Grid& rest);

/// Cell currents and word-line voltages of rows over their input V = sign x scale, x >=
/// 0:
///   f - f_0 = psi(x) C,   w - w_0 = sum_k x^k W_k.
struct RowTable {
  double per_volt;
  Grid f0, c, w0;
  Eigen::VectorXd psi;  // coefficients of x, x^2, ...
  std::vector<Grid> w;  // likewise

  RowTable(const AnchoredSettings& settings, LineArray& array, const Grid& rest,
           double sign);
  double fraction(double input) const { return std::max(0.0, input * per_volt); }
  double psi_at(double input) const;

 private:
  Eigen::ArrayXd fractions(std::span<const double> levels) const;
  void make_currents(const AnchoredSettings& settings, LineArray& array, const Grid& rest,
                     double sign);
  void make_voltages(const AnchoredSettings& settings, LineArray& array, const Grid& rest,
                     double sign);
};

struct WarmStart::Parts {
  RowMatrix modes;
  Grid d, rest, omega;  // means over the anchors; weights of b in u
  Matrix anchor_outputs;
  std::vector<Grid> anchor_b;
  std::vector<Grid> profiles;
  std::vector<RowTable> tables;                // inputs above and below 0
  std::vector<std::vector<RowMatrix>> by_psi;  // table, mode: rows x columns
  std::vector<RowMatrix> to_u;                 // mode: rows x columns
  States s0, smax;
  std::vector<Eigen::VectorXd> fit;

  Parts(const AnchoredSettings& settings, LineArray& array);

  struct Predicted {
    States s;
    Eigen::VectorXd u;  ///< u - 1 of every row
    double m;           ///< its mean
  };
  Predicted predicted(std::span<const double> input) const;
  Grid bit_voltages(const States& s) const;
  Grid word_voltages(std::span<const double> input) const;

 private:
  void solve_anchors(const AnchoredSettings& settings, LineArray& array);
  States true_states(const Grid& b) const;
  void find_profiles();
  void couple(LineArray& array);
  void compose(const std::vector<RowMatrix>& by_u);
  void correct(const Matrix& anchors);
  void shift(const Matrix& anchors, const std::vector<States>& wanted);
  void fit_mode(std::size_t r, const std::vector<Predicted>& raw,
                const std::vector<States>& wanted);
  Eigen::VectorXd environment(const States& s) const;
  Predicted raw_states(std::span<const double> input) const;
  RowMatrix features(std::size_t r, const Predicted& raw) const;
};

}  // namespace arrayspice
