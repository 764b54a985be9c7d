// SPDX-License-Identifier: Apache-2.0
// The array of a spec in the array solver: wires, cells, amplifiers, operating points.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "behavior/array_lines.hpp"
#include "solver/lines/line_solver.hpp"

namespace arrayspice {

class WiredArray {
 public:
  /// For a spec of which why_not_lines() has nothing to say; `threads` work within a
  /// solve.
  WiredArray(const ArraySpec& spec, const Matrix& conductances, int threads = 1);

  /// What the last solve took.
  struct Effort {
    std::int64_t newton_steps = 0, linear_iterations = 0;
    double residual = 0.0;  ///< relative
    bool factored = false;  ///< the iteration gave up, the whole array was factored
  };

  /// Outputs (A; V behind amplifiers) for inputs (V). Why they are not those of the
  /// array; empty: they are. `from_present`: Newton's method starts from the last
  /// voltages, not from 0 V.
  std::string solve(std::span<const double> inputs, std::span<double> outputs,
                    bool from_present = false);
  /// Where integrators sense: outputs (V) after the integration, all at 0 V before.
  /// `current`: A, a norm of the cells' currents. Why they are not those of the array.
  std::string integrate(std::span<const double> inputs, double current,
                        std::span<double> outputs);
  /// Of a linear array: inputs first..last-1, in step where that is faster.
  struct Solved {
    Effort effort;
    std::string why_not;
  };
  std::vector<Solved> solve_block(const Matrix& inputs, std::int64_t first,
                                  std::int64_t last, Matrix& outputs);
  /// The effective matrix of a linear array; false: not every solution converged.
  bool respond(std::span<double> effective);
  /// Of the last solve: currents out of the bit lines (the voltages of open ones).
  std::span<const double> currents() const { return currents_; }
  const Effort& effort() const { return effort_; }

  lines::LineSolver& solver() { return solver_; }
  const lines::LineSolver& solver() const { return solver_; }
  /// Null: the cells are conductances.
  DeviceCellLaw* law() { return law_.get(); }
  /// Null: the bit lines end in virtual grounds.
  AmplifierEnds* amplifiers() { return amplifiers_ ? &*amplifiers_ : nullptr; }

 private:
  /// Of rows of what the solver reads in every column.
  void to_outputs(std::span<double> readings) const;
  bool converge(std::span<const double> inputs, bool from_present);
  std::string why_not(bool converged) const;

  ArraySpec spec_;
  lines::LineSolver solver_;
  std::unique_ptr<DeviceCellLaw> law_;
  std::optional<AmplifierEnds> amplifiers_;
  std::vector<double> output_over_reading_;  // by column
  bool has_floating_line_ = false;
  std::vector<double> currents_;
  Effort effort_;
};

}  // namespace arrayspice
