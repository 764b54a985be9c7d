// SPDX-License-Identifier: Apache-2.0
// Circuit-accurate matrix-vector products: one array, many inputs.
//
//   ArraySolver solver(spec, conductances, options);
//   const Matrix y = solver.multiply(x);        // (batch, rows) -> (batch, columns)
//
// Two ways to solve: by lines (solver/lines: cells between resistive word lines and bit
// lines that end in voltages) and by circuit (everything else: 1T1R, amplifiers,
// integrators, wires without resistance). Where the array is linear, more inputs than
// rows are superposed from the responses to unit inputs.
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
  /// Told how many solves are done; returns false to stop (Failure(Exit::Interrupted)).
  std::function<bool(std::int64_t done, std::int64_t of)> progress;
};

/// What was decided and what it cost.
struct MvmStats {
  std::string method;  ///< "lines", "circuit"
  std::string reason;
  bool superposed = false;
  std::int64_t solves = 0;
  std::int64_t iterations = 0;  ///< of Newton (circuit), linear and Newton steps (lines)
  /// Largest imbalance of Kirchhoff's law: A at a node (circuit), relative (lines).
  double worst_residual = 0.0;
  double build_seconds = 0.0, solve_seconds = 0.0;
  LinearStats linear;  ///< circuit method, first thread
};

/// One way to solve an array; every thread has its own.
class BlockSolver {
 public:
  virtual ~BlockSolver() = default;
  /// Solves inputs first..last-1 and writes those rows of outputs. What an earlier block
  /// left behind must not matter. Throws Failure(Exit::Numeric).
  virtual void solve(const Matrix& inputs, std::int64_t first, std::int64_t last,
                     Matrix& outputs) = 0;
  /// Adds what was spent.
  virtual void report(MvmStats& stats) const = 0;
};

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
  void solve_blocks(const Matrix& inputs, Matrix& outputs);

  ArraySpec spec_;
  Matrix conductances_;
  MvmOptions options_;
  bool by_lines_ = false;
  MvmStats stats_;
  std::vector<std::unique_ptr<BlockSolver>> workers_;  // one per thread
  Matrix response_;                                    // (rows, columns) to unit inputs
};

/// Are outputs proportional to inputs?
bool is_linear(const ArraySpec& spec);
/// Can the line solver do it? If not, why not (empty: it can).
std::string why_not_lines(const ArraySpec& spec);

/// Bytes that it will need in one thread.
double memory_for_mvm(const ArraySpec& spec);

std::unique_ptr<BlockSolver> make_line_block_solver(const ArraySpec& spec,
                                                    const Matrix& conductances);
std::unique_ptr<BlockSolver> make_circuit_block_solver(const ArraySpec& spec,
                                                       const Matrix& conductances,
                                                       Backend backend);

}  // namespace arrayspice
