// SPDX-License-Identifier: Apache-2.0
// Matrix-vector products on the array as a general circuit.
#include <fmt/format.h>

#include <cmath>

#include "behavior/array_experiment.hpp"
#include "behavior/array_lines.hpp"
#include "behavior/chain_experiment.hpp"
#include "behavior/mvm.hpp"
#include "netlists/arrays/cell_statistics.hpp"
#include "netlists/failure.hpp"
#include "solver/analysis.hpp"

namespace arrayspice {

namespace {

/// What all circuit methods share: the array, its solver, one input after another.
class CircuitBlockSolver : public BlockSolver {
 public:
  CircuitBlockSolver(const ArraySpec& spec, const Matrix& conductances, Backend backend)
      : spec_(spec), weights_(conductances), array_(build_array(spec, conductances)) {
    solver_.emplace(circuit().pattern(), LinearOptions{.backend = backend},
                    circuit().conductive());
  }

  void report(MvmStats& stats) const override {
    stats.newton_steps += iterations_;
    stats.worst_residual = std::max(stats.worst_residual, worst_residual_);
    if (stats.linear.backend.empty()) stats.linear = solver_->stats();
  }

 protected:
  Circuit& circuit() { return *array_.circuit; }
  void apply(const Matrix& inputs, std::int64_t k) {
    set_signals(array_, spec_, weights_,
                std::span(&inputs.values[k * inputs.columns],
                          static_cast<std::size_t>(inputs.columns)),
                k);
  }
  Env env() const {
    Env at;
    at.temperature = spec_.environment.temperature;
    return at;
  }
  void read(std::span<const double> x, std::int64_t k, Matrix& outputs) const {
    for (std::int64_t j = 0; j < outputs.columns; ++j)
      outputs(k, j) = x[array_.outputs[j]];
  }
  void check(const Summary& summary, std::int64_t k) {
    if (!summary.ok())
      throw Failure(Exit::Numeric, fmt::format("input {}: {}", k, summary.message));
    iterations_ += summary.iterations;
    worst_residual_ = std::max(worst_residual_, summary.worst_residual);
  }

  ArraySpec spec_;
  Matrix weights_;
  ArrayCircuit array_;
  std::optional<DirectSolver> solver_;
  std::int64_t iterations_ = 0;
  double worst_residual_ = 0.0;
};

/// J x = -f(0): one factorisation, inputs only change the right-hand side.
class LinearBlockSolver final : public CircuitBlockSolver {
 public:
  LinearBlockSolver(const ArraySpec& spec, const Matrix& conductances, Backend backend)
      : CircuitBlockSolver(spec, conductances, backend),
        zero_(static_cast<std::size_t>(circuit().unknowns()), 0.0) {
    circuit().evaluate(zero_, env(), Want::ResidualAndJacobian, at_zero_);
    if (solver_->factor(at_zero_.g) != FactorStatus::Ok)
      throw Failure(Exit::Numeric,
                    fmt::format("the array is singular at {}",
                                circuit().unknown_name(solver_->singular_unknown())));
  }

  void solve(const Matrix& inputs, std::int64_t first, std::int64_t last,
             Matrix& outputs) override {
    const std::size_t n = zero_.size();
    block_.assign(n * static_cast<std::size_t>(last - first), 0.0);
    for (std::int64_t k = first; k < last; ++k) {
      apply(inputs, k);
      circuit().evaluate(zero_, env(), Want::Residual, at_zero_);
      double* b = &block_[n * static_cast<std::size_t>(k - first)];
      for (std::size_t u = 0; u < n; ++u) b[u] = -at_zero_.f[u];
    }
    solver_->solve_many(block_, static_cast<std::int32_t>(last - first));
    for (std::int64_t k = first; k < last; ++k)
      read(std::span(&block_[n * static_cast<std::size_t>(k - first)], n), k, outputs);
    check_balance(inputs, last - 1, std::span(block_).last(n));
  }

 private:
  /// Kirchhoff's law at the last solution of the block.
  void check_balance(const Matrix& inputs, std::int64_t k, std::span<const double> x) {
    apply(inputs, k);
    circuit().evaluate(x, env(), Want::Residual, at_zero_);
    for (std::size_t u = 0; u < x.size(); ++u) {
      if (!std::isfinite(x[u]))
        throw Failure(Exit::Numeric,
                      fmt::format("input {}: the solution is not finite", k));
      worst_residual_ = std::max(worst_residual_, std::abs(at_zero_.f[u]));
    }
  }

  std::vector<double> zero_, block_;
  Evaluation at_zero_;
};

/// Newton's method; within a block each input starts from the solution of the one before.
class NewtonBlockSolver final : public CircuitBlockSolver {
 public:
  using CircuitBlockSolver::CircuitBlockSolver;

  void solve(const Matrix& inputs, std::int64_t first, std::int64_t last,
             Matrix& outputs) override {
    OperatingPointOptions options;
    options.tolerances = product_tolerances();
    options.env = env();
    std::vector<double> x(static_cast<std::size_t>(circuit().unknowns()), 0.0);
    for (std::int64_t k = first; k < last; ++k) {
      apply(inputs, k);
      check(operating_point(circuit(), *solver_, options, x), k);
      read(x, k, outputs);
    }
  }
};

/// Arrays whose outputs take time: every input is a transient of its own, and every
/// column where that can be.
class TransientBlockSolver final : public BlockSolver {
 public:
  TransientBlockSolver(const ArraySpec& spec, const Matrix& weights, Backend backend)
      : spec_(spec),
        weights_(weights),
        backend_(backend),
        by_columns_(solves_columns(spec)) {}

  void solve(const Matrix& inputs, std::int64_t first, std::int64_t last,
             Matrix& outputs) override {
    const auto rows = static_cast<std::size_t>(inputs.columns);
    for (std::int64_t job = first; job < last; ++job) {
      const std::int64_t k = job % inputs.rows;
      prepare(by_columns_ ? job / inputs.rows : -1);
      const std::span input =
          std::span(inputs.values).subspan(static_cast<std::size_t>(k) * rows, rows);
      if (chain_) {
        iterations_ += chain_->run(input, outputs(k, column_), k).iterations;
        continue;
      }
      const std::int64_t from = k * outputs.columns + std::max<std::int64_t>(column_, 0);
      const std::int64_t count = by_columns_ ? 1 : outputs.columns;
      iterations_ += array_
                         ->run(input,
                               std::span(outputs.values)
                                   .subspan(static_cast<std::size_t>(from),
                                            static_cast<std::size_t>(count)),
                               k)
                         .iterations;
    }
  }

  void report(MvmStats& stats) const override {
    stats.newton_steps += iterations_;
    if (!stats.linear.backend.empty()) return;
    if (array_) stats.linear = array_->linear_stats();
    if (chain_) stats.linear = chain_->linear_stats();
  }

 private:
  /// One column at a time is kept.
  void prepare(std::int64_t column) {
    if ((array_ || chain_) && column == column_) return;
    column_ = column;
    if (array_type(spec_).experiment(spec_).joint && column >= 0)
      chain_.emplace(spec_, weights_, column, backend_);
    else
      array_.emplace(spec_, weights_, backend_, column);
  }

  ArraySpec spec_;
  Matrix weights_;
  Backend backend_;
  bool by_columns_;
  std::int64_t column_ = -1;
  std::optional<ArrayExperiment> array_;
  std::optional<ChainExperiment> chain_;
  std::int64_t iterations_ = 0;
};

}  // namespace

std::unique_ptr<BlockSolver> make_circuit_block_solver(const ArraySpec& spec,
                                                       const Matrix& conductances,
                                                       Backend backend) {
  if (array_type(spec).experiment(spec).is_transient())
    return std::make_unique<TransientBlockSolver>(spec, conductances, backend);
  if (is_linear(spec) && !reads_vary(spec))
    return std::make_unique<LinearBlockSolver>(spec, conductances, backend);
  return std::make_unique<NewtonBlockSolver>(spec, conductances, backend);
}

}  // namespace arrayspice
