// SPDX-License-Identifier: Apache-2.0
// The array solver: operating points of a wired array for one input vector after another.
//
//   LineSolver solver(grid);
//   solver.set_cells(conductance);            // ohmic cells: one linear solve per input
//   solver.solve(inputs, outputs);
//   solver.solve(law, inputs, outputs);       // any other cells: Newton-Krylov
//   solver.gradient(weights, {.by_current = ..., .by_input = ...});
//
// Every solution is checked with the currents of the elements themselves (residual.hpp).
// The results have the same bits for any number of threads.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "solver/lines/coupling.hpp"
#include "solver/lines/residual.hpp"
#include "solver/lines/schur.hpp"

namespace arrayspice::lines {

/// Where a CellLaw writes, in the order of LineSolver::index.
struct CellCurrents {
  double* i;    ///< A, from the word line to the bit line
  double* out;  ///< di/dw, S
  double* in;   ///< -di/db, S; the same array as `out` when the law is symmetric
};

/// Currents of all cells of an array. Padding carries nothing: i, out and in are 0.
class CellLaw {
 public:
  virtual ~CellLaw() = default;
  /// Two-terminal cells, whose current depends on w - b alone.
  virtual bool symmetric() const = 0;
  /// A solve from 0 V begins: what inner nodes remember must go.
  virtual void start() {}
  /// Cells [first, last) at the voltages w and b of their nodes; ranges may be evaluated
  /// at the same time.
  virtual void evaluate(std::int64_t first, std::int64_t last, const double* w,
                        const double* b, CellCurrents currents) = 0;
};

/// What the bit lines end in when that is not a resistance to 0 V (amplifiers). Where the
/// first ends conduct too, it is at both ends: there are then no gradients.
class EndLaw {
 public:
  virtual ~EndLaw() = default;
  /// Voltages at the last cells of the bit lines (of both ends the mean, weighted with
  /// their conductances) -> currents out of the array (A) and their derivatives (S,
  /// positive).
  virtual void evaluate(std::span<const double> voltage, std::span<double> current,
                        std::span<double> conductance) const = 0;
};

struct CellChange {
  std::int64_t row, column;
  double conductance;  ///< S
};

/// Where derivatives go; what is empty is not wanted.
struct Gradient {
  std::span<double> by_current = {};   ///< rows x columns: a current added to each cell
  std::span<double> by_input = {};     ///< rows, S
  std::span<double> by_terminal = {};  ///< columns, S: what the bit lines' ends lead to
};

/// What the outputs are.
enum class Reading : std::uint8_t {
  Current,  ///< A, out of the bit lines into their terminals
  Voltage   ///< V, at the last cells of the bit lines
};

struct NewtonOptions {
  double tolerance = 1e-12;  ///< |F| over the norm of the cell currents
  double absolute = 0.0;     ///< on |F|, A: the larger of the two stops
  int max_steps = 60;
  int max_halvings = 12;
  int max_linear_iterations = 500;  ///< per step
  Coarse coarse = Coarse::Auto;
  const EndLaw* ends = nullptr;  ///< replaces the last ends of the bit lines
  bool warm_start = false;       ///< from the present voltages, not from 0 V
};

struct NewtonReport {
  bool converged = false;
  int steps = 0;
  int linear_iterations = 0;
  double residual = 0.0;  ///< |F| over the norm of the cell currents
  bool factored = false;  ///< a step's iteration gave up
};

class LineSolver {
 public:
  explicit LineSolver(Grid grid, int threads = 1, Reading reading = Reading::Current);

  std::int64_t rows() const { return schur_.grid().rows; }
  std::int64_t columns() const { return schur_.grid().columns; }
  std::int64_t panel_size() const { return schur_.panel_size(); }
  const Grid& grid() const { return schur_.grid(); }
  Team& team() { return schur_.team(); }
  /// Elements of a CellLaw's arrays, and where the cell (row, column) is in them.
  std::int64_t size() const { return schur_.size(); }
  std::int64_t index(std::int64_t row, std::int64_t column) const {
    return schur_.index(row, column);
  }

  /// Ohmic cells (rows x columns, row-major, S, not negative).
  void set_cells(std::span<const double> conductance);
  /// Ohmic cells: changes a few; only their lines are factored again.
  void change_cells(std::span<const CellChange> changes);

  /// Ohmic cells: `outputs` (columns) for `inputs` (rows, V). `residual` of the report is
  /// |F| over the norm of the currents that the terminals would drive into the array
  /// (that of the cell currents where terminals drive without resistance).
  SolveReport solve(std::span<const double> inputs, std::span<double> outputs,
                    const SolveOptions& options = {});
  /// The same for a block of inputs, one after another in both spans: with the same bits,
  /// in step where that is faster.
  std::vector<SolveReport> solve_block(std::span<const double> inputs,
                                       std::span<double> outputs,
                                       const SolveOptions& options = {});
  /// How many inputs make a block that is worth it; 1: none is.
  static std::int64_t inputs_in_a_block(std::int64_t rows, std::int64_t columns);
  /// The same from the present voltages: after change_cells() or for inputs that changed
  /// little.
  SolveReport solve_again(std::span<const double> inputs, std::span<double> outputs,
                          const SolveOptions& options = {});
  /// Cells of any law.
  NewtonReport solve(CellLaw& law, std::span<const double> inputs,
                     std::span<double> outputs, const NewtonOptions& options = {});

  /// What node capacitances add in a time step: conductances to ground (by line, S) ...
  void set_shunts(std::span<const double> word, std::span<const double> bit);
  /// ... between neighbouring lines (the shunts hold the nodes' own part of it) ...
  void set_coupling(const Coupling& coupling);
  /// ... and currents into the nodes (panel layout, A; kept by the caller; null: none).
  void set_injection(const Buffer* word, const Buffer* bit);
  /// J^-1 applied to currents into the nodes; a view of the voltages.
  struct NodeVoltages {
    const Buffer *word, *bit;
  };
  NodeVoltages respond(const Buffer& word, const Buffer& bit,
                       const SolveOptions& options);

  /// Voltages at the cells after a solve, in panel layout.
  NodeVoltages state() const { return {&w_, &b_}; }
  void set_state(const Buffer& word, const Buffer& bit);
  /// The same, rows x columns, row-major, V.
  void voltages(std::span<double> word, std::span<double> bit) const;

  /// Derivatives of sum_j weights_j outputs_j at the last solution, by one solve of the
  /// transposed system. With respect to the current of a cell, times di/dg of the cell it
  /// is the derivative with respect to g, for ohmic cells times its voltage. False when
  /// the solve did not converge.
  bool gradient(std::span<const double> weights, const Gradient& wanted,
                const SolveOptions& options = {});

  /// Ohmic cells: dI_j/dV_i (rows x columns, row-major, S) by one solve for each line of
  /// the shorter side. False when a solve did not converge.
  bool effective_conductance(std::span<double> effective,
                             const SolveOptions& options = {});

  /// Bytes that a solver of this size holds once it has been used.
  static double memory(double rows, double columns, bool ohmic);

 private:
  struct Balance {
    double f = 0.0;      // |F|
    double i = 0.0;      // norm of the cell currents
    double floor = 0.0;  // what rounding leaves of |F| at best
    bool kept = false;   // F, in fw_ and fb_
  };
  void use_cells();
  void drive(std::span<const double> inputs);
  void inject_drive(Buffer& source);
  void finish(const Buffer& source, std::span<double> outputs,
              const SolveOptions& options, SolveReport& report);
  void hold_driven_lines(Buffer& w) const;
  void read_outputs(std::span<double> outputs) const;
  // line_balance.cpp
  const Grid& grid_of_balance();
  double word_lines_balance2() const;
  double bit_lines_balance2() const;
  Balance balance(const Buffer& w, const Buffer& b, const double* cell_currents,
                  bool keep = true);
  void correct(const SolveOptions& options, Balance now, SolveReport& report);
  SolveReport solve_for(const Buffer& s, const Buffer& t, const SolveOptions& options);
  const Buffer& word_change() const;
  const Buffer& bit_change() const;
  void add_solution();
  // line_newton.cpp
  void allocate_newton(const CellLaw& law);
  void take_end_law(const EndLaw& ends, const Buffer& b);
  bool remove_end_law();
  Balance evaluate(CellLaw& law, const EndLaw* ends, const Buffer& w, const Buffer& b);
  double shortened(const Buffer& dw, const Buffer& db) const;
  bool step(CellLaw& law, const NewtonOptions& options, double forcing,
            NewtonReport& report);

  SchurSolver schur_;
  Reading reading_;
  Grid contracted_;
  Buffer cells_;                                      // ohmic
  std::vector<double> word_terminal_, bit_terminal_;  // V
  double source_norm_ = 0.0;                          // |source|
  bool cells_are_factored_ = false;
  Buffer w_, b_;                 // the solution
  std::vector<Buffer> sources_;  // of a block
  Buffer fw_, fb_, dw_;
  Coupling coupling_;
  std::unique_ptr<CoupledSolver> coupled_;  // once there was a coupling
  const Buffer *word_inject_ = nullptr, *bit_inject_ = nullptr;
  std::vector<ResidualSums> panel_sums_;
  Buffer i_, out_, in_, try_w_, try_b_;  // Newton
  std::vector<double> end_voltage_, end_current_, end_conductance_, plain_last_end_;
  bool has_end_law_ = false;
  Balance now_;
};

}  // namespace arrayspice::lines
