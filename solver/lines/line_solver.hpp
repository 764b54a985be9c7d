// SPDX-License-Identifier: Apache-2.0
// The array solver: operating points of a wired array for one input vector after another.
//
//   LineSolver solver(grid);
//   solver.set_cells(conductance);            // ohmic cells: one linear solve per input
//   solver.solve(inputs, outputs);
//   solver.solve(law, inputs, outputs);       // any two-terminal cells: Newton-Krylov
//
// Newton, with F the currents that do not balance and D = di/dv at the present voltages:
//
//     T_w(D) dw = D db + F_w,   T_b(D) db = D dw + F_b,   w += lambda dw,   b += lambda
//     db
//
// The linear systems are solved only as well as the step deserves (Eisenstat and Walker,
// SIAM J. Sci. Comput. 17 (1996), choice 2); lambda is halved while |F| does not fall.
#pragma once

#include <cstdint>
#include <span>

#include "solver/lines/schur.hpp"

namespace arrayspice::lines {

/// Currents of all cells of an array; buffers in the order of SchurSolver::index, with
/// zeros in the padding, where i and d must be zero too.
class CellLaw {
 public:
  virtual ~CellLaw() = default;
  /// i (A) and d = di/dv (S, positive) of every cell at its voltage v (V).
  virtual void evaluate(const Buffer& v, Buffer& i, Buffer& d) const = 0;
};

struct NewtonOptions {
  double tolerance = 1e-12;  ///< |F| over the norm of the cell currents
  int max_steps = 60;
  int max_halvings = 12;
  int max_linear_iterations = 500;  ///< per step
};

struct NewtonReport {
  bool converged = false;
  int steps = 0;
  int linear_iterations = 0;
  double residual = 0.0;  ///< |F| over the norm of the cell currents
};

class LineSolver {
 public:
  explicit LineSolver(Grid grid);

  std::int64_t rows() const { return schur_.grid().rows; }
  std::int64_t columns() const { return schur_.grid().columns; }
  /// Elements of a CellLaw buffer, and where the cell (row, column) is in it.
  std::int64_t size() const { return schur_.size(); }
  std::int64_t index(std::int64_t row, std::int64_t column) const {
    return schur_.index(row, column);
  }

  /// Ohmic cells (rows x columns, row-major, S, not negative).
  void set_cells(std::span<const double> conductance);

  /// Ohmic cells: `outputs` (columns, A) are the currents out of the bit lines into their
  /// terminals, for `inputs` (rows, V).
  SolveReport solve(std::span<const double> inputs, std::span<double> outputs,
                    const SolveOptions& options = {});
  /// Cells of any law; starts from 0 V everywhere.
  NewtonReport solve(const CellLaw& law, std::span<const double> inputs,
                     std::span<double> outputs, const NewtonOptions& options = {});

  /// Voltages at the cells after a solve (rows x columns, row-major, V).
  void voltages(std::span<double> word, std::span<double> bit);

  /// Ohmic cells: dI_j/dV_i (rows x columns, row-major, S) by one solve for each line of
  /// the shorter side. False when a solve did not converge.
  bool effective_conductance(std::span<double> effective,
                             const SolveOptions& options = {});

  /// Bytes that a solver of this size holds once it has been used.
  static double memory(double rows, double columns);

 private:
  void drive(std::span<const double> inputs);
  void read_outputs(const Buffer& b, std::span<double> outputs) const;
  double imbalance(const CellLaw& law, const Buffer& w, const Buffer& b);
  void word_imbalance(const Buffer& w);
  void bit_imbalance(const Buffer& b);
  double rounding_floor() const;
  bool step(const CellLaw& law, const NewtonOptions& options, double forcing,
            NewtonReport& report);

  SchurSolver schur_;
  Buffer source_;     // currents from the word-line terminals, at the cells
  Buffer w_, b_;      // the solution
  Buffer v_, i_, d_;  // cells
  Buffer fw_, fb_;    // imbalance
  Buffer dw_, try_w_, try_b_;
  double norm_ = 0.0, current_norm_ = 0.0;
  bool state_is_in_schur_ = false;  // after a linear solve, until somebody asks for w
};

}  // namespace arrayspice::lines
