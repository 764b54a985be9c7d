// SPDX-License-Identifier: Apache-2.0
// Matrix-vector products with the array solver of solver/lines.
#include <fmt/format.h>

#include "behavior/mvm.hpp"
#include "devices/cell_law.hpp"
#include "netlists/arrays/cell_model.hpp"
#include "netlists/failure.hpp"
#include "solver/lines/line_solver.hpp"

namespace arrayspice {

namespace {

lines::Family family(std::int64_t count, double segment, double end, bool at_first,
                     bool at_last) {
  const auto all = [&](double g) {
    return std::vector<double>(static_cast<std::size_t>(count), g);
  };
  return {all(1.0 / segment), all(at_first ? 1.0 / (segment + end) : 0.0),
          all(at_last ? 1.0 / (segment + end) : 0.0)};
}

lines::Grid grid_of(const ArraySpec& spec) {
  return {spec.array.rows, spec.array.columns,
          family(spec.array.rows, spec.wire.word_line_resistance, spec.driver.resistance,
                 true, spec.driver.sides == "both"),
          family(spec.array.columns, spec.wire.bit_line_resistance, spec.sense.resistance,
                 spec.sense.sides == "both", true)};
}

AccessTransistor access_of(const ArraySpec& spec, const Env& env) {
  const auto& a = spec.access;
  AccessTransistor access;
  access.model.vto = a.threshold;
  access.model.kp = a.transconductance * a.width_over_length;
  access.model.lambda = a.channel_length_modulation;
  access.model.gamma = a.body_effect;
  access.model.phi = a.surface_potential;
  access.model.is = 1e-30;
  Mosfet1::prepare(access.model, env.temperature);
  Mosfet1::prepare(std::as_const(access.model), access.instance, env.temperature);
  access.gate.assign(static_cast<std::size_t>(spec.array.rows), a.gate_voltage);
  return access;
}

/// A Stanford cell whose gap rests reads like a sinh cell of the same conductance.
CellDescription describe_cells(const ArraySpec& spec, const Env& env) {
  CellDescription cells;
  if (spec.cell.model == "cubic")
    cells.cell = CubicCell::Model{.v_max = cell_parameter(spec, "vmax")};
  else if (spec.cell.model != "ohmic")
    cells.cell = SinhCell::Model{.v0 = cell_parameter(spec, "v0")};
  if (spec.cell.structure == "1T1R") cells.access = access_of(spec, env);
  return cells;
}

/// Null where the cells are conductances between voltages: a linear array.
std::unique_ptr<lines::CellLaw> law_of(const ArraySpec& spec, const Matrix& conductances,
                                       const lines::LineSolver& solver) {
  if (is_linear(spec)) return nullptr;
  lines::Buffer g(solver.size());
  for (std::int64_t i = 0; i < conductances.rows; ++i)
    for (std::int64_t j = 0; j < conductances.columns; ++j)
      g[solver.index(i, j)] = conductances(i, j);
  const Env env;
  return make_cell_law(describe_cells(spec, env), g, solver.padded_rows(), env);
}

class LineBlockSolver final : public BlockSolver {
 public:
  LineBlockSolver(const ArraySpec& spec, const Matrix& conductances)
      : solver_(grid_of(spec)), law_(law_of(spec, conductances, solver_)) {
    if (!law_) solver_.set_cells(conductances.values);
  }

  void solve(const Matrix& inputs, std::int64_t first, std::int64_t last,
             Matrix& outputs) override {
    for (std::int64_t k = first; k < last; ++k) {
      const std::span x(&inputs.values[k * inputs.columns],
                        static_cast<std::size_t>(inputs.columns));
      const std::span y(&outputs.values[k * outputs.columns],
                        static_cast<std::size_t>(outputs.columns));
      if (!(law_ ? solve_by_newton(x, y) : solve_linear(x, y)))
        throw Failure(Exit::Numeric,
                      fmt::format("input {}: the array solver did not converge (relative "
                                  "residual {:.3g}); --solver klu may",
                                  k, residual_));
      worst_residual_ = std::max(worst_residual_, residual_);
    }
  }

  void report(MvmStats& stats) const override {
    stats.iterations += iterations_;
    stats.worst_residual = std::max(stats.worst_residual, worst_residual_);
  }

 private:
  bool solve_linear(std::span<const double> x, std::span<double> y) {
    const lines::SolveReport report = solver_.solve(x, y);
    iterations_ += report.iterations;
    residual_ = report.residual;
    return report.converged;
  }
  bool solve_by_newton(std::span<const double> x, std::span<double> y) {
    const lines::NewtonReport report = solver_.solve(*law_, x, y);
    iterations_ += report.linear_iterations;
    residual_ = report.residual;
    return report.converged;
  }

  lines::LineSolver solver_;
  std::unique_ptr<lines::CellLaw> law_;
  std::int64_t iterations_ = 0;
  double residual_ = 0.0, worst_residual_ = 0.0;
};

}  // namespace

std::unique_ptr<BlockSolver> make_line_block_solver(const ArraySpec& spec,
                                                    const Matrix& conductances) {
  return std::make_unique<LineBlockSolver>(spec, conductances);
}

}  // namespace arrayspice
