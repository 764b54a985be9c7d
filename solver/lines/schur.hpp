// SPDX-License-Identifier: Apache-2.0
// The linear core of the array solver: word lines and bit lines, chains of wire coupled
// cell by cell.
//
// Unknowns are the voltages w_ij (word line) and b_ij (bit line) at the cells. A cell
// carries i = out w - in b from its word line to its bit line (in = out: a conductance).
// With L_w, L_b the wires with their ends and shunts, T_w = L_w + out, T_b = L_b + in:
//
//     T_w w = in b + s,      T_b b = out w + t     s, t: currents injected at the cells
//
// The word lines are eliminated exactly; what is left for b is
//
//     S b = g,    S = T_b - out T_w^-1 in,    g = t + out T_w^-1 s
//
// With in = out, S is symmetric positive definite: conjugate gradients preconditioned
// with T_b^-1 (exact line solves). With u = out w - in p, w = T_w^-1 in p, the product
// needs no large numbers that cancel:
//
//     S p = L_b p - u,   p'S p = sum over segments c (dp)^2 + sum over ends - sum p u
//
// Where a cell conducts like the wires (a short), T_b is far from S: it takes the word
// line behind the cell for 0 V. For the preconditioner such a cell counts in series with
// what its word line leads to, which is the diagonal of S (shorts.cpp).
//
// Else BiCGStab (H. van der Vorst, SIAM J. Sci. Stat. Comput. 13 (1992)) on
// M^-1 S p = p - M^-1 (out T_w^-1 in p - (in - load) p), M = L_b + load the same.
//
// Each line is factored without subtraction, e_l being what loads node l from the left:
//     e_0 = d_0 + first;  e_l = d_l + c e_{l-1} m_{l-1};
//     m_l = 1/(e_l + c), at the last cell 1/(e_l + last).
//
// Where the iteration gives up, the whole array is factored (grid_factors.hpp), and kept
// so until its conductances change.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "solver/lines/buffer.hpp"
#include "solver/lines/coarse_grid.hpp"
#include "solver/lines/grid.hpp"
#include "solver/lines/grid_factors.hpp"
#include "solver/lines/kernels.hpp"
#include "solver/lines/team.hpp"

namespace arrayspice::lines {

enum class Coarse : std::uint8_t { Auto, Never, Always };

struct SolveOptions {
  double tolerance = 1e-12;  ///< on |r| / |g| of the Schur system
  double absolute = 0.0;     ///< on |r|, A: the larger of the two stops
  int max_iterations = 500;
  Coarse coarse = Coarse::Auto;
  /// What the factors of the whole array may take when the iteration gives up; 0: none
  /// are made.
  double factor_bytes = 4e9;
};

struct SolveReport {
  bool converged = false;
  int iterations = 0;
  double residual = 0.0;     ///< |r| / |g| reached
  double scale = 0.0;        ///< |g|; of unsymmetric cells |T_b^-1 g|
  bool coarse_grid = false;  ///< was it used
  /// Of the whole array's factors, where the iteration gave up, or had before; 0: not.
  std::int64_t factor_nonzeros = 0;
};

class SchurSolver {
 public:
  explicit SchurSolver(Grid grid, int threads = 1);

  const Grid& grid() const { return grid_; }
  /// Elements of a buffer in panel layout (kernels.hpp), padding included.
  std::int64_t size() const { return rows_ * columns_; }
  std::int64_t index(std::int64_t row, std::int64_t column) const {
    return column / kWidth * rows_ * kWidth + row * kWidth + column % kWidth;
  }
  std::int64_t panels() const { return columns_ / kWidth; }
  std::int64_t panel_size() const { return rows_ * kWidth; }
  Team& team() { return *team_; }
  /// Grid::bit.varied in panel layout; null: uniform.
  const double* bit_varied() const { return bit_varied_.data(); }
  /// The buffers of that name given to factor().
  const Buffer& in() const { return *in_; }
  const Buffer& out() const { return *out_; }
  /// What the factors of the bit lines were made with: `in`, but at shorts.
  const Buffer& load() const { return has_shorts_ ? load_ : *in_; }

  /// Conductances in panel layout, zero in the padding: factors all lines. They must
  /// stay where they are, and as they are, until the last solve with them. The same
  /// buffer for both: two-terminal cells.
  void factor(const Buffer& in, const Buffer& out);
  /// After a change in rows and columns of the buffers given to factor().
  void refactor(const std::vector<std::int64_t>& rows,
                const std::vector<std::int64_t>& columns);
  /// After a change of the grid's ends and shunts: factor() must follow.
  Grid& change_grid() { return grid_; }

  /// Solves for b and w; s and t in panel layout (empty: zero).
  SolveReport solve(const Buffer& s, const Buffer& t, const SolveOptions& options);
  /// The transposed system, with in and out exchanged: T_w w = out b + s and
  /// T_b b = in w + t.
  SolveReport solve_transposed(const Buffer& s, const Buffer& t,
                               const SolveOptions& options);
  /// Several right-hand sides (t = 0) in step, for two-terminal cells without a coarse
  /// grid; the solution of number k is there after take(k). What has not converged is to
  /// be solved by itself.
  bool can_share(const SolveOptions& options) const;
  std::vector<SolveReport> solve_together(std::span<const Buffer* const> s,
                                          const SolveOptions& options);
  void take(std::size_t k) { std::swap(run_.x, block_[k].x); }
  /// z <- T_b^-1 z; with shorts of the preconditioner's lines, L_b + load().
  void solve_bit_lines(Buffer& z);
  /// After a solve: b, and w (computed on demand; s as in the solve, which may be w).
  const Buffer& bit_voltages() const { return run_.x; }
  /// The same without a copy, in exchange for a buffer of that size; after
  /// word_voltages().
  void take_bit_voltages(Buffer& b) { std::swap(run_.x, b); }
  void word_voltages(const Buffer& s, Buffer& w);

  /// Bytes that a solver of this size holds.
  static double memory(double rows, double columns, bool symmetric);

 private:
  struct Sums {
    double rz = 0.0, rr = 0.0;
  };
  /// One right-hand side on its way by conjugate gradients.
  struct Run {
    Buffer z, p, r, x;
    Sums now;
    double start = 0.0, stop = 0.0;  // |r|^2
    double energy = 0.0, beta = 0.0;
    int iterations = 0;
    std::vector<double> partial, partial2;  // by piece
  };
  std::int64_t word_index(std::int64_t row, std::int64_t column) const {
    return row / kWidth * columns_ * kWidth + column * kWidth + row % kWidth;
  }
  void lay_out_varied_wires();
  void factor_word_group(std::int64_t group);
  void factor_bit_panel(std::int64_t panel);
  bool any_short() const;
  void take_shorts();
  void relieve_shorts(std::int64_t group);
  const double* bit_shunt() const;
  bool predict_coarse(Coarse wanted) const;
  bool prepare_coarse();
  SolveReport iterate(const Buffer& s, const Buffer& t, const SolveOptions& options);
  bool factor_grid(double most_bytes);
  void forget_factors();
  void solve_with_factors(const Buffer& s, const Buffer& t, bool transposed);
  SolveReport solve_or_factor(const Buffer& s, const Buffer& t,
                              const SolveOptions& options, bool transposed);
  SolveReport solve_unsymmetric(const Buffer& s, const Buffer& t,
                                const SolveOptions& options);
  WordPass word_pass_of(WordResult result, const double* inject, double* z,
                        double* p) const;
  void word_pass(WordResult result, const double* inject, double* z, double* p);
  // schur_symmetric.cpp
  void allocate(Run& run) const;
  double edge_energy(std::int64_t panel, const Buffer& p_of_cells) const;
  void word_step(std::span<Run* const> runs, bool with_coarse);
  BitPass bit_pass_of(Run& run) const;
  void bit_step(std::span<Run* const> runs, const Buffer* first, bool with_coarse);
  double norm2(const Sums& sums) const;
  void start(std::span<Run* const> runs, std::span<const Buffer* const> s,
             const Buffer& t, const SolveOptions& options, bool with_coarse);
  void iterate_together(std::vector<Run*> runs, const SolveOptions& options,
                        bool with_coarse);
  SolveReport report_of(const Run& run) const;
  SolveReport solve_symmetric(const Buffer& s, const Buffer& t,
                              const SolveOptions& options);
  void apply_preconditioned(Buffer& y, Buffer& result);
  double dot(const Buffer& a, const Buffer& b);
  template <class Update>
  void for_each_element(const Update& update);

  Grid grid_;
  std::int64_t rows_, columns_;  // padded
  std::unique_ptr<Team> team_;
  Pace pace_;
  Buffer word_varied_, bit_varied_;  // group and panel layout; empty: uniform wires
  const Buffer* in_ = nullptr;
  const Buffer* out_ = nullptr;
  const Buffer* bit_cells_ = nullptr;  // in T_b, also of the transposed system
  Buffer word_factor_, bit_factor_;
  std::vector<double> shorted_;  // by group: largest cell over what it sees
  bool has_shorts_ = false;
  Buffer load_;  // once there were shorts
  Run run_;      // x: the last solution
  std::vector<Run> block_;
  Buffer shadow_, v_, t_;        // BiCGStab only
  std::vector<Buffer> scratch_;  // by thread
  std::vector<double> partial_;
  double mean_conductance_ = 0.0;
  std::unique_ptr<CoarseGrid> coarse_;
  bool coarse_is_current_ = false;
  std::unique_ptr<GridFactors> factors_;  // of the present conductances
  bool cannot_factor_ = false;            // which are singular or too many
  bool word_of_transposed_ = false;       // the last solve was of the transposed system
};

}  // namespace arrayspice::lines
