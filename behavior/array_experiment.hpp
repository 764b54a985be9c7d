// SPDX-License-Identifier: Apache-2.0
// One array as a circuit, and the experiment that gives its outputs: an operating point
// or a transient for every input vector.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "netlists/arrays/array_type.hpp"
#include "solver/analysis.hpp"
#include "solver/linear_solver.hpp"

namespace arrayspice {

/// How exactly products are computed: operating points, transients.
Tolerances product_tolerances();
TransientOptions product_transient(const ArraySpec& spec, const Experiment& experiment);
/// Throws Failure(Exit::Numeric) unless the analysis has ended well; number: of the input
/// vector.
void require_result(const Summary& summary, std::int64_t number);

/// Is every column a circuit and a transient of its own?
bool solves_columns(const ArraySpec& spec);

class ArrayExperiment {
 public:
  /// Of the array or, where columns_are_independent(), of one column.
  ArrayExperiment(const ArraySpec& spec, const Matrix& weights, Backend backend = {},
                  std::int64_t column = -1);

  /// Called at every time point, or once with t = 0 at the operating point.
  using Observer = std::function<void(double t, std::span<const double> x)>;

  /// The outputs (columns, or one) for inputs (rows). Throws Failure(Exit::Numeric);
  /// number: of the input vector, for the message.
  Summary run(std::span<const double> inputs, std::span<double> outputs,
              std::int64_t number = 0, const Observer& observe = {});

  /// A transient once more, not from rest but from where the last run or restore ended.
  Summary run_again(std::span<const double> inputs, std::span<double> outputs,
                    const Observer& observe);
  /// After a run: everything that moved returns to where it was at the run's start, first
  /// the inputs, a gap later the clocks, and rests there for a clock phase. Throws
  /// Failure(Exit::Numeric).
  void restore(const Observer& observe);

  /// At the start of the last transient; at its end, or that of what restored it.
  std::span<const double> start() const { return start_; }
  std::span<const double> state() const { return state_; }

  const Experiment& experiment() const { return experiment_; }
  const ArrayCircuit& array() const { return array_; }
  Circuit& circuit() { return *array_.circuit; }
  const LinearStats& linear_stats() const { return solver_->stats(); }

 private:
  Summary find_operating_point(std::int64_t number);
  Summary follow(std::span<double> outputs, std::int64_t number, const Observer& observe);

  ArraySpec spec_;
  Matrix weights_;
  Experiment experiment_;
  ArrayCircuit array_;
  std::optional<DirectSolver> solver_;
  std::vector<Reading> readings_;
  std::vector<double> state_, start_;
  double ended_ = 0.0;  // s, of the last transient
};

}  // namespace arrayspice
