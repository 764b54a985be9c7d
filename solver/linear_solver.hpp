// SPDX-License-Identifier: Apache-2.0
// Sparse direct solution of J x = b behind one interface.
//
//   DirectSolver solver(pattern, options);
//   solver.factor(values);      // analyses on the first call, then only re-factors
//   solver.solve(b);            // b becomes x; as many times as wanted
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "solver/sparse_pattern.hpp"

namespace arrayspice {

/// Array: iterate on the wires found in the matrix (solver/lines); factor where there are
/// none or the iteration does not converge.
enum class Backend { Auto, Klu, Cholmod, Array };

struct LinearOptions {
  Backend backend = Backend::Auto;
};

/// What was decided and what it cost; the figures behind `--stats`.
struct LinearStats {
  std::string backend;   ///< "array", "klu", "cholmod", "none" (all was peeled)
  std::string ordering;  ///< "amd", "nested dissection"
  std::string reason;    ///< why, in a few words
  std::int32_t unknowns = 0;
  std::int32_t peeled = 0;  ///< solved by substitution (row and column singletons)
  std::int64_t matrix_nonzeros = 0;
  std::int64_t factor_nonzeros = 0;
  std::int64_t array_iterations = 0;  ///< of the array back end, over all solves
  std::int64_t analyses = 0, factorisations = 0, solves = 0;
  double order_seconds = 0, factor_seconds = 0, solve_seconds = 0;
};

enum class FactorStatus { Ok, Singular, NotFinite };

class DirectSolver {
 public:
  /// `active[slot] == 0` marks slots that are zero in every matrix to come (an operating
  /// point has no capacitance); empty: all are active. The pattern must outlive the
  /// solver.
  DirectSolver(const SparsePattern& pattern, LinearOptions options,
               std::span<const std::uint8_t> active = {});
  ~DirectSolver();
  DirectSolver(DirectSolver&&) noexcept;
  DirectSolver& operator=(DirectSolver&&) noexcept;

  /// Factors the matrix with the given values (pattern order, nonzeros() or more
  /// elements). Does nothing when the values equal those of the last call.
  FactorStatus factor(std::span<const double> values);
  /// Solves J x = b in place; b has size() elements. Needs a successful factor(). Not Ok
  /// (and b lost) only when the array iteration gave up and the matrix then turned out to
  /// be singular. `tolerance`: the relative residual with which the caller is content; an
  /// iteration may stop there. 0: as exact as rounding allows.
  FactorStatus solve(std::span<double> b, double tolerance = 0.0);
  /// Solves J^T x = b in place (adjoint).
  FactorStatus solve_transposed(std::span<double> b);
  /// Solves for `count` right-hand sides, column-major, leading dimension size().
  FactorStatus solve_many(std::span<double> b, std::int32_t count);

  /// After Singular: the unknown at which elimination met a zero pivot, or -1.
  std::int32_t singular_unknown() const;
  const LinearStats& stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace arrayspice
