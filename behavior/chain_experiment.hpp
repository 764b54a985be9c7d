// SPDX-License-Identifier: Apache-2.0
// A column whose cells follow one another (Experiment::joint), solved one cell at a time:
//
//   start --[cell 0]-- v_0(t) --[cell 1]-- v_1(t) -- ... --[cell M-1]-- output
//
// Each cell is a transient of its own, with steps of its own, from when its input begins
// to move until its output rests; the next cell sees that output as a smooth curve. No
// cell waits for the steps of another: the time grows with the number of cells, not with
// its square.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "netlists/arrays/array_type.hpp"
#include "solver/analysis.hpp"
#include "solver/linear_solver.hpp"

namespace arrayspice {

class ChainExperiment {
 public:
  ChainExperiment(const ArraySpec& spec, const Matrix& weights, std::int64_t column,
                  Backend backend = {});

  /// Called at every time point of cell `row`, t counting from the experiment's start.
  /// Where there is one, the last cell too is followed until its output rests.
  using Observer =
      std::function<void(std::int64_t row, double t, std::span<const double> x)>;

  /// The output of the column for inputs (rows). Throws Failure(Exit::Numeric); number:
  /// of the input vector, for the message.
  Summary run(std::span<const double> inputs, double& output, std::int64_t number = 0,
              const Observer& observe = {});

  /// After a run: the edge that comes back, until every cell is as it was before.
  void restore(const Observer& observe);

  const Circuit& circuit(std::int64_t row) const { return *cells_[row].circuit; }
  std::int64_t rows() const { return static_cast<std::int64_t>(cells_.size()); }
  const LinearStats& linear_stats() const { return solvers_.front().stats(); }

 private:
  using Curve = std::vector<std::pair<double, double>>;

  /// Voltages of a cell before its input moves, and of its output after it has.
  struct Rest {
    std::vector<double> before;
    double after;
  };
  /// An edge through the chain, product or return.
  struct Pass {
    std::int64_t number;  ///< of the input vector
    const Observer& observe;
    double* output;  ///< of the column; null: the edge that comes back
    Summary summary = {};
  };
  void run_through(Pass& pass);
  Rest find_rest(std::int64_t row, Pass& pass);
  Curve follow(std::int64_t row, double start, double settled, Pass& pass);

  ArraySpec spec_;
  Matrix weights_;
  Experiment experiment_;
  Reading reading_;
  std::vector<ArrayCircuit> cells_;
  std::vector<DirectSolver> solvers_;
  double edge_from_ = 0.0, edge_to_ = 0.0;  // V, of the edge into the chain
};

}  // namespace arrayspice
