// SPDX-License-Identifier: Apache-2.0
// Cells whose current depends differently on their two voltages (transistors): BiCGStab
// on the line solver against a direct solution.
#include <gtest/gtest.h>

#include <cmath>

#include "array_reference.hpp"
#include "random_arrays.hpp"

namespace arrayspice::lines {
namespace {

struct Outcome {
  SolveReport report;
  double error;  ///< of w and b, relative to the largest voltage
};

/// p - T_b^-1 out T_w^-1 in p loses a digit for every ten times that a short conducts
/// better than the wires. (Newton's method gets them back with its next step.)
double tolerance(const RandomArray& array) {
  return 1e-11 + 2e-13 * largest(array.cells) / largest(array.grid.bit.segment);
}

Outcome compare(const Grid& grid, const Values& out, const Values& in,
                const Values& inputs) {
  const std::int64_t m = grid.rows, n = grid.columns;
  ReferenceOptions options;
  options.symmetric = false;
  const Reference direct = solve_directly(grid, linear_cells(out, in), inputs, options);
  EXPECT_LT(direct.residual, 1e-16);
  SchurSolver solver(grid);
  Buffer a(solver.size()), b(solver.size()), s(solver.size()), w(solver.size());
  for (std::int64_t i = 0; i < m; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      a[solver.index(i, j)] = out[i * n + j];
      b[solver.index(i, j)] = in[i * n + j];
    }
    s[solver.index(i, 0)] += grid.word.first_end[i] * inputs[i];
    s[solver.index(i, n - 1)] += grid.word.last_end[i] * inputs[i];
  }
  solver.factor(b, a);
  Outcome outcome{solver.solve(s, {}, {}), 0.0};
  solver.word_voltages(s, w);
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t j = 0; j < n; ++j) {
      const std::int64_t k = solver.index(i, j), cell = i * n + j;
      const auto of_w = static_cast<double>(std::abs(w[k] - direct.w[cell]));
      const auto of_b =
          static_cast<double>(std::abs(solver.bit_voltages()[k] - direct.b[cell]));
      outcome.error = std::max({outcome.error, of_w, of_b});
    }
  outcome.error /= largest(inputs);
  return outcome;
}

/// Shorts are resistors: their factor is 1.
Values unsymmetric(const Values& cells, double low, double high, unsigned seed) {
  const auto count = static_cast<std::int64_t>(cells.size());
  Values in = random_values(count, low, high, seed);
  for (std::size_t k = 0; k < cells.size(); ++k)
    in[k] = cells[k] > 1e-2 ? cells[k] : cells[k] * in[k];
  return in;
}

TEST(UnsymmetricCells, VoltagesAreThoseOfADirectSolution) {
  for (unsigned seed = 0; seed < kRandomArrays; ++seed)
    for (const double most : {2.0, 50.0}) {
      const RandomArray array = random_array(seed);
      SCOPED_TRACE(testing::Message() << array.description << ", factors to " << most);
      const Values in = unsymmetric(array.cells, 1.0, most, seed + 1);
      const Outcome outcome = compare(array.grid, array.cells, in, array.inputs);
      EXPECT_TRUE(outcome.report.converged) << outcome.report.iterations;
      EXPECT_LT(outcome.error, tolerance(array));
    }
}

// Either side may be the stronger one.
TEST(UnsymmetricCells, MayConductMoreForwardThanBackward) {
  for (unsigned seed = 1; seed < kRandomArrays; seed += 3) {
    const RandomArray array = random_array(seed);
    SCOPED_TRACE(array.description);
    const Values in = unsymmetric(array.cells, 0.02, 1.5, seed + 1);
    const Outcome outcome = compare(array.grid, array.cells, in, array.inputs);
    EXPECT_TRUE(outcome.report.converged) << outcome.report.iterations;
    EXPECT_LT(outcome.error, tolerance(array));
  }
}

// A prototype took 5 iterations at 1 ohm and 11 at 10 ohm.
TEST(UnsymmetricCells, TakeAboutTheIterationsOfThePrototype) {
  const std::int64_t n = 256;
  for (const auto& [r, expected] : {std::pair{1.0, 5}, {10.0, 11}}) {
    const double c = 1.0 / r;
    SchurSolver solver({n, n, uniform(n, c, 0.1, 0.0), uniform(n, c, 0.0, 0.1)});
    Buffer out(solver.size()), in(solver.size()), s(solver.size());
    const Values cells = pattern("random", n, n, 1);
    const Values factor = random_values(n * n, 1.0, 2.0, 2);
    for (std::int64_t i = 0; i < n; ++i) {
      for (std::int64_t j = 0; j < n; ++j) {
        out[solver.index(i, j)] = cells[i * n + j];
        in[solver.index(i, j)] = cells[i * n + j] * factor[i * n + j];
      }
      s[solver.index(i, 0)] = 0.1 * 0.2;
    }
    solver.factor(in, out);
    const SolveReport report = solver.solve(s, {}, {});
    EXPECT_TRUE(report.converged);
    EXPECT_LE(report.iterations, expected + 2) << r << " ohm";
  }
}

// With T_b itself as preconditioner it takes 150.
TEST(UnsymmetricCells, TakeTensOfIterationsWithShorts) {
  const std::int64_t n = 128;
  const Values out = random_values(n * n, 1e-6, 1e-4, 1);
  const Values draw = random_values(n * n, 0.0, 1.0, 2);
  const Values factor = random_values(n * n, 1.0, 2.0, 3);
  SchurSolver solver(one_sided(n, 1.0));
  Buffer a(solver.size()), b(solver.size()), s(solver.size());
  for (std::int64_t k = 0; k < n * n; ++k) {
    const double g = draw[k] < 0.01 ? 10.0 : out[k];
    a[solver.index(k / n, k % n)] = g;
    b[solver.index(k / n, k % n)] = g * factor[k];
  }
  for (std::int64_t i = 0; i < n; ++i) s[solver.index(i, 0)] = 0.2;
  solver.factor(b, a);
  for (const SolveReport& report :
       {solver.solve(s, {}, {.factor_bytes = 0.0}),
        solver.solve_transposed(s, {}, {.factor_bytes = 0.0})}) {
    EXPECT_TRUE(report.converged);
    EXPECT_LT(report.iterations, 80);
  }
}

}  // namespace
}  // namespace arrayspice::lines
