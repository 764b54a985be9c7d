// SPDX-License-Identifier: Apache-2.0
// Iterative solution of a circuit matrix in which wires were found: an alternative to
// factoring it, chosen where arrays make fill-in expensive.
//
//   groups.hpp          what is no part of a wire
//   reduced_matrix.hpp  its exact elimination
//   line_structure.hpp  wires and their two colours
//   line_blocks.hpp     the operators, krylov.hpp the iteration
//
// A symmetric positive definite matrix is solved by conjugate gradients, another by
// GMRES. The residual is taken from the circuit's own matrix, and a correction solve
// takes out what elimination and rounding left.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "solver/core_matrix.hpp"
#include "solver/lines/krylov.hpp"
#include "solver/lines/line_blocks.hpp"
#include "solver/lines/reduced_matrix.hpp"

namespace arrayspice::lines {

class WiredCore final : public CoreFactor {
 public:
  /// Null when no wires are found in the matrix, whose values may change and which must
  /// outlive the result; `report` says what was found, or why nothing.
  static std::unique_ptr<WiredCore> find(const CoreMatrix& matrix, std::string& report);

  /// Asked when an iteration goes slowly, with the operations that its solution is
  /// expected to take: is it worth that?
  using Judge = std::function<bool(double operations)>;
  void set_judge(Judge judge) { judge_ = std::move(judge); }
  /// The residual that is small enough, relative to the right-hand side; 0: as small as
  /// rounding allows.
  void set_tolerance(double tolerance) { tolerance_ = tolerance; }

  /// Singular when a group, a line or the border alone is: then factor the whole.
  FactorStatus factor() override;
  bool solve(std::span<double> b, std::int32_t count) override;
  bool solve_transposed(std::span<double> b) override;
  /// Of the last call of solve() or solve_transposed(), over its right-hand sides.
  int last_iterations() const { return iterations_; }
  /// Operations of one iteration, in units that cost as much as those of a factorisation.
  double iteration_cost() const;
  /// Numbers kept: what a direct method's factor would be compared with.
  std::int64_t nonzeros() const override { return blocks_->entries(); }
  std::int32_t singular_column() const override { return -1; }

 private:
  WiredCore(const CoreMatrix& matrix, std::unique_ptr<ReducedMatrix> reduced,
            std::unique_ptr<LineBlocks> blocks)
      : a_(matrix), reduced_(std::move(reduced)), blocks_(std::move(blocks)) {}

  bool solve_one(std::span<double> b);
  void take_residual(std::span<const double> b, const Vector& x, Vector& residual) const;
  bool is_rounding(const Vector& residual, std::span<const double> b,
                   const Vector& x) const;
  KrylovEnd iterate(double stop, Vector& r, Vector& x);
  KrylovResult krylov(const KrylovLimits& limits, Vector& r, Vector& x);
  bool make_adjoint();

  const CoreMatrix& a_;
  std::unique_ptr<ReducedMatrix> reduced_;
  std::unique_ptr<LineBlocks> blocks_;
  Judge judge_;
  double tolerance_ = 0.0;
  bool symmetric_ = false;
  bool is_proven_ = false;  ///< a solution has been checked against the circuit's matrix
  int iterations_ = 0;

  CoreMatrix transposed_;
  std::unique_ptr<WiredCore> adjoint_;
  bool adjoint_is_current_ = false;
};

}  // namespace arrayspice::lines
