// SPDX-License-Identifier: Apache-2.0
// The linear core of the array solver: word lines and bit lines, chains of wire coupled
// cell by cell.
//
// Unknowns are the voltages w_ij (word line) and b_ij (bit line) at the cells. With D the
// cell conductances and T_w, T_b the tridiagonal matrices of the lines (wire, ends and
// D):
//
//     T_w w = D b + s,      T_b b = D w + t        s, t: currents injected at the cells
//
// The word lines are eliminated exactly; what is left for b is symmetric positive
// definite:
//
//     S b = g,    S = T_b - D T_w^-1 D,    g = t + D T_w^-1 s
//
// and is solved by conjugate gradients preconditioned with T_b^-1 (exact line solves).
// With u = D (w - p), w = T_w^-1 D p, the product needs no large numbers that cancel:
//
//     S p = L_b p - u,   p'S p = sum over segments c (dp)^2 + sum over ends - sum p u
//
// (L_b: wire and ends only). Each line is factored without subtraction, e_l being what
// loads node l from the left:  e_0 = d_0 + first;  e_l = d_l + c e_{l-1} m_{l-1}; m_l =
// 1/(e_l + c), at the last cell 1/(e_l + last).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "solver/lines/buffer.hpp"

namespace arrayspice::lines {

/// One family of parallel lines; conductances in siemens, per line. Every line must reach
/// a terminal through one of its ends.
struct Family {
  std::vector<double> segment;    ///< between neighbouring cells
  std::vector<double> first_end;  ///< from the first cell to its terminal; 0: open
  std::vector<double> last_end;   ///< from the last cell to its terminal; 0: open
};

/// Terminals of word lines are at the input voltage, those of bit lines at 0 V.
struct Grid {
  std::int64_t rows = 0, columns = 0;
  Family word, bit;
};

struct SolveOptions {
  double tolerance = 1e-12;  ///< on |r| / |g| of the Schur system
  int max_iterations = 500;
};

struct SolveReport {
  bool converged = false;
  int iterations = 0;
  double residual = 0.0;  ///< |r| / |g| reached
};

class SchurSolver {
 public:
  explicit SchurSolver(Grid grid);

  const Grid& grid() const { return grid_; }
  /// Elements of a buffer in panel layout (kernels.hpp), padding included.
  std::int64_t size() const { return rows_ * columns_; }
  std::int64_t index(std::int64_t row, std::int64_t column) const;

  /// Cell conductances in panel layout, zero in the padding: factors all lines.
  void factor(const Buffer& cells);

  /// Solves for b and w; s and t in panel layout (t may be empty: zero).
  SolveReport solve(const Buffer& s, const Buffer& t, const SolveOptions& options);
  /// After solve(): b, and w (computed on demand; s as in solve()).
  const Buffer& bit_voltages() const { return x_; }
  void word_voltages(const Buffer& s, Buffer& w);

 private:
  struct Sums {
    double rz = 0.0, rr = 0.0;
  };
  double word_pass(double beta, const double* inject, bool write_voltage);
  Sums bit_pass(double alpha);
  double end_energy() const;
  void factor_word_lines();
  void factor_bit_lines();

  Grid grid_;
  std::int64_t rows_, columns_;  // padded
  Buffer cell_, word_factor_, bit_factor_;
  Buffer z_, p_, r_, x_, scratch_;
};

}  // namespace arrayspice::lines
