// SPDX-License-Identifier: Apache-2.0
// Matrix-vector products with the array solver of solver/lines.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "behavior/array_lines.hpp"
#include "behavior/mvm.hpp"
#include "netlists/failure.hpp"
#include "solver/lines/line_solver.hpp"

namespace arrayspice {

namespace {

/// What a cell law leaves out (bulk junctions) may be this much of the largest current,
/// or below what the circuit method itself resolves.
constexpr double kLeftOut = 1e-10;
constexpr double kLeftOutAlways = 1e-16;  // A

class LineBlockSolver final : public BlockSolver {
 public:
  LineBlockSolver(const ArraySpec& spec, const Matrix& conductances, int threads,
                  MakeBlockSolver circuit)
      : solver_(grid_of(spec), threads),
        law_(cell_law_of(spec, conductances, solver_)),
        amplifiers_(amplifiers_of(spec)),
        make_circuit_(std::move(circuit)) {
    if (!law_) solver_.set_cells(conductances.values);
  }

  void solve(const Matrix& inputs, std::int64_t first, std::int64_t last,
             Matrix& outputs) override {
    for (std::int64_t k = first; k < last; ++k) {
      const std::span x(&inputs.values[k * inputs.columns],
                        static_cast<std::size_t>(inputs.columns));
      const std::span y(&outputs.values[k * outputs.columns],
                        static_cast<std::size_t>(outputs.columns));
      const std::string why_not = law_ ? solve_by_newton(x, y) : solve_linear(x, y);
      if (why_not.empty())
        worst_residual_ = std::max(worst_residual_, residual_);
      else
        solve_by_circuit(inputs, k, outputs, why_not);
    }
  }

  bool respond(Matrix& response) override {
    return !law_ && solver_.effective_conductance(response.values);
  }

  void report(MvmStats& stats) const override {
    stats.newton_steps += newton_steps_;
    stats.linear_iterations += linear_iterations_;
    stats.worst_residual = std::max(stats.worst_residual, worst_residual_);
    stats.by_circuit += by_circuit_;
    if (by_circuit_ > 0) stats.by_circuit_reason = by_circuit_reason_;
    if (circuit_) circuit_->report(stats);
  }

 private:
  /// Why the outputs are not those of the array; empty: they are.
  std::string solve_linear(std::span<const double> x, std::span<double> y) {
    const lines::SolveReport report = solver_.solve(x, y);
    linear_iterations_ += report.iterations;
    residual_ = report.residual;
    return report.converged ? std::string() : not_converged();
  }

  std::string solve_by_newton(std::span<const double> x, std::span<double> y) {
    const lines::NewtonReport report =
        solver_.solve(*law_, x, y, {.ends = amplifiers_ ? &*amplifiers_ : nullptr});
    newton_steps_ += report.steps;
    linear_iterations_ += report.linear_iterations;
    residual_ = report.residual;
    if (!report.converged) return not_converged();
    double largest = 0.0;
    for (const double i : y) largest = std::max(largest, std::abs(i));
    if (law_->left_out() > kLeftOut * largest + kLeftOutAlways)
      return "the bulk junctions of access transistors conduct";
    if (amplifiers_)
      for (double& value : y) value = amplifiers_->output(value);
    return {};
  }

  std::string not_converged() const {
    return fmt::format("the array solver did not converge (relative residual {:.3g})",
                       residual_);
  }

  void solve_by_circuit(const Matrix& inputs, std::int64_t k, Matrix& outputs,
                        const std::string& why_not) {
    if (!make_circuit_)
      throw Failure(Exit::Numeric,
                    fmt::format("input {}: {}; --solver klu may", k, why_not));
    if (!circuit_) circuit_ = make_circuit_();
    circuit_->solve(inputs, k, k + 1, outputs);
    if (by_circuit_++ == 0) by_circuit_reason_ = why_not;
  }

  lines::LineSolver solver_;
  std::unique_ptr<DeviceCellLaw> law_;
  std::optional<AmplifierEnds> amplifiers_;
  MakeBlockSolver make_circuit_;
  std::unique_ptr<BlockSolver> circuit_;  // once an input needed it
  std::int64_t newton_steps_ = 0, linear_iterations_ = 0, by_circuit_ = 0;
  std::string by_circuit_reason_;
  double residual_ = 0.0, worst_residual_ = 0.0;
};

}  // namespace

std::unique_ptr<BlockSolver> make_line_block_solver(const ArraySpec& spec,
                                                    const Matrix& conductances,
                                                    int threads,
                                                    MakeBlockSolver circuit) {
  return std::make_unique<LineBlockSolver>(spec, conductances, threads,
                                           std::move(circuit));
}

}  // namespace arrayspice
