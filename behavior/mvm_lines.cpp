// SPDX-License-Identifier: Apache-2.0
// Matrix-vector products with the array solver of solver/lines.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "behavior/mvm.hpp"
#include "behavior/wired_array.hpp"
#include "netlists/arrays/cell_statistics.hpp"
#include "netlists/failure.hpp"

namespace arrayspice {

namespace {

class LineBlockSolver final : public BlockSolver {
 public:
  LineBlockSolver(const ArraySpec& spec, const Matrix& conductances, int threads,
                  MakeBlockSolver circuit)
      : spec_(spec),
        conductances_(conductances),
        threads_(threads),
        make_circuit_(std::move(circuit)) {
    if (!reads_vary(spec)) array_.emplace(spec, conductances, threads);
  }

  void solve(const Matrix& inputs, std::int64_t first, std::int64_t last,
             Matrix& outputs) override {
    if (!reads_vary(spec_) && !array_->law()) {
      const auto solved = array_->solve_block(inputs, first, last, outputs);
      for (std::int64_t k = first; k < last; ++k)
        take(inputs, k, outputs, solved[k - first]);
      return;
    }
    for (std::int64_t k = first; k < last; ++k) {
      const std::span x(&inputs.values[k * inputs.columns],
                        static_cast<std::size_t>(inputs.columns));
      const std::span y(&outputs.values[k * outputs.columns],
                        static_cast<std::size_t>(outputs.columns));
      if (reads_vary(spec_)) array_.emplace(spec_, readings(k), threads_);
      const std::string why_not = spec_.sense.kind == "integrator"
                                      ? array_->integrate(x, cell_current(x), y)
                                      : array_->solve(x, y);
      take(inputs, k, outputs, {array_->effort(), why_not});
    }
  }

  bool respond(Matrix& response) override {
    return !array_->law() && array_->respond(response.values);
  }

  void report(MvmStats& stats) const override {
    stats.newton_steps += newton_steps_;
    stats.linear_iterations += linear_iterations_;
    stats.worst_residual = std::max(stats.worst_residual, worst_residual_);
    stats.by_factors += by_factors_;
    stats.by_circuit += by_circuit_;
    if (by_circuit_ > 0) stats.by_circuit_reason = by_circuit_reason_;
    if (circuit_) circuit_->report(stats);
  }

 private:
  /// How the cells read in this product.
  Matrix readings(std::int64_t product) const {
    Matrix read = conductances_;
    for (std::int64_t i = 0; i < read.rows; ++i)
      for (std::int64_t j = 0; j < read.columns; ++j)
        read(i, j) = read_conductance(spec_, conductances_(i, j), i, j, product);
    return read;
  }

  /// A, the norm of the cells' currents without wires.
  double cell_current(std::span<const double> inputs) const {
    double sum = 0.0;
    for (std::int64_t i = 0; i < conductances_.rows; ++i)
      for (std::int64_t j = 0; j < conductances_.columns; ++j)
        sum += std::pow(inputs[i] * conductances_(i, j), 2);
    return std::sqrt(sum);
  }

  void take(const Matrix& inputs, std::int64_t k, Matrix& outputs,
            const WiredArray::Solved& solved) {
    newton_steps_ += solved.effort.newton_steps;
    linear_iterations_ += solved.effort.linear_iterations;
    by_factors_ += solved.effort.factored;
    if (solved.why_not.empty())
      worst_residual_ = std::max(worst_residual_, solved.effort.residual);
    else
      solve_by_circuit(inputs, k, outputs, solved.why_not);
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

  ArraySpec spec_;
  Matrix conductances_;
  int threads_;
  std::optional<WiredArray> array_;  // of the last product where readings vary
  MakeBlockSolver make_circuit_;
  std::unique_ptr<BlockSolver> circuit_;  // once an input needed it
  std::int64_t newton_steps_ = 0, linear_iterations_ = 0, by_circuit_ = 0;
  std::string by_circuit_reason_;
  std::int64_t by_factors_ = 0;
  double worst_residual_ = 0.0;
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
