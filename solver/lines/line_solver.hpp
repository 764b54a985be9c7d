// SPDX-License-Identifier: Apache-2.0
// The array solver: word lines and bit lines, chains of wire coupled cell by cell.
//
// Unknowns are the voltages w_ij (word line) and b_ij (bit line) at the cells. With D the
// cell conductances and T_w, T_b the tridiagonal matrices of the lines (wire, ends and
// D):
//
//     T_w w = D b + s,      T_b b = D w          s: currents from the drivers
//
// The word lines are eliminated exactly; what is left for b is symmetric positive
// definite:
//
//     S b = g,    S = T_b - D T_w^-1 D,    g = D T_w^-1 s
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
#include <string>
#include <vector>

namespace arrayspice::lines {

/// One family of parallel lines; all in siemens, per line.
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

/// Doubles aligned to a cache line, as the vector kernels need them.
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::int64_t size);
  Buffer(Buffer&&) noexcept;
  Buffer& operator=(Buffer&&) noexcept;
  ~Buffer();
  double* data() { return data_; }
  const double* data() const { return data_; }
  void fill(double value);

 private:
  double* data_ = nullptr;
  std::int64_t size_ = 0;
};

class LineSolver {
 public:
  /// Every line must reach a terminal through its ends.
  explicit LineSolver(Grid grid);

  /// Cell conductances (rows x columns, row-major, S, not negative); factors the lines.
  void set_cells(std::span<const double> conductance);

  /// Solves for one input vector (rows, V); `outputs` (columns, A): the current out of
  /// each bit line into its terminals.
  SolveReport solve(std::span<const double> inputs, std::span<double> outputs,
                    const SolveOptions& options = {});

  /// After solve(): voltages at the cells (rows x columns, row-major, V). Changes the
  /// solver's work space; the next solve() starts afresh.
  void voltages(std::span<const double> inputs, std::span<double> word,
                std::span<double> bit);

  /// Bytes that a solver of this size holds.
  static std::int64_t memory(std::int64_t rows, std::int64_t columns);

 private:
  std::int64_t panel_index(std::int64_t i, std::int64_t j) const;
  double word_pass(double beta, bool drive, bool write_voltage);
  double end_energy() const;
  void factor_word_lines();
  void factor_bit_lines();
  void inject(std::span<const double> inputs);

  Grid grid_;
  std::int64_t rows_, columns_;  // padded
  Buffer cell_, word_factor_, bit_factor_;
  Buffer z_, p_, r_, x_, scratch_;
  std::vector<double> first_source_, last_source_;
};

}  // namespace arrayspice::lines
