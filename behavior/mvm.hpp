// SPDX-License-Identifier: Apache-2.0
// Circuit-accurate matrix-vector products: one array, many inputs.
//
//   ArraySolver solver(spec, conductances, options);
//   const Matrix y = solver.multiply(x);        // (batch, rows) -> (batch, columns)
//
// Two ways to solve: by lines (solver/lines: wired arrays at rest, whatever their cells)
// and by circuit (integrators, wires without resistance, inputs that the lines leave).
// Where the array is linear, many inputs are products with its effective matrix.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "netlists/arrays/array.hpp"
#include "solver/linear_solver.hpp"

namespace arrayspice {

enum class MvmMethod { Auto, Lines, Circuit };

struct MvmOptions {
  MvmMethod method = MvmMethod::Auto;
  Backend backend = Backend::Auto;  ///< of the circuit method
  int threads = 1;                  ///< the result does not depend on it
  /// Bytes that the circuit may need for inputs that the lines do not solve.
  double memory = 4e9;
  /// Told how many solves are done; returns false to stop (Failure(Exit::Interrupted)).
  std::function<bool(std::int64_t done, std::int64_t of)> progress;
};

/// What was decided and what it cost.
struct MvmStats {
  std::string method;  ///< "lines", "circuit"
  std::string reason;
  bool effective_matrix = false;  ///< outputs are products with it
  std::int64_t solves = 0;
  /// Of these, by factors of the lines, where the iteration did not converge.
  std::int64_t by_factors = 0;
  std::int64_t by_circuit = 0;  ///< of these, left by the lines to the circuit
  std::string by_circuit_reason;
  std::int64_t newton_steps = 0;
  std::int64_t linear_iterations = 0;  ///< lines; the circuit factorises
  /// Largest imbalance of Kirchhoff's law: A at a node (circuit), relative (lines).
  double worst_residual = 0.0;
  double build_seconds = 0.0, solve_seconds = 0.0;
  LinearStats linear;  ///< circuit method, first thread
};

/// One way to solve an array; every thread has its own.
class BlockSolver {
 public:
  virtual ~BlockSolver() = default;
  /// Does the jobs first..last-1 and writes what they find into outputs. A job is an
  /// input; where columns are solved one by one all inputs of column 0, then all of
  /// column 1 ... What an earlier block left behind must not matter. Throws
  /// Failure(Exit::Numeric).
  virtual void solve(const Matrix& inputs, std::int64_t first, std::int64_t last,
                     Matrix& outputs) = 0;
  /// The effective matrix, (rows, columns), of a linear array, where there is a better
  /// way than one solve for each row; false: there is none.
  virtual bool respond(Matrix&) { return false; }
  /// Adds what was spent.
  virtual void report(MvmStats& stats) const = 0;
};
using MakeBlockSolver = std::function<std::unique_ptr<BlockSolver>()>;

class ArraySolver {
 public:
  /// Throws Failure(Exit::Input) when the method cannot solve such an array.
  ArraySolver(const ArraySpec& spec, const Matrix& conductances,
              const MvmOptions& options = {});
  ~ArraySolver();

  /// Inputs (batch, rows) in V to outputs (batch, columns): A for virtual-ground, V for
  /// tia and integrator.
  Matrix multiply(const Matrix& inputs);

  const MvmStats& stats() const { return stats_; }

 private:
  std::unique_ptr<BlockSolver> make_block_solver() const;
  void staff(std::int64_t jobs);
  std::int64_t inputs_in_a_block() const;
  void solve_blocks(const Matrix& inputs, Matrix& outputs);
  void find_response();
  void count_work();

  ArraySpec spec_;
  Matrix conductances_;
  MvmOptions options_;
  bool by_lines_ = false;
  bool by_columns_ = false;  // each column is a transient of its own
  MvmStats stats_;
  MvmStats past_;         // spent by workers that are no more
  int threads_each_ = 1;  // of a worker, within a solve
  std::vector<std::unique_ptr<BlockSolver>> workers_;  // each in a thread of its own
  Matrix response_;                                    // the effective matrix
};

/// Bytes that it will need in one thread.
double memory_for_mvm(const ArraySpec& spec);

/// `threads` work within a solve. `circuit` makes the solver for inputs that the lines do
/// not solve; empty: they are a Failure.
std::unique_ptr<BlockSolver> make_line_block_solver(const ArraySpec& spec,
                                                    const Matrix& conductances,
                                                    int threads, MakeBlockSolver circuit);
std::unique_ptr<BlockSolver> make_circuit_block_solver(const ArraySpec& spec,
                                                       const Matrix& conductances,
                                                       Backend backend);

}  // namespace arrayspice
