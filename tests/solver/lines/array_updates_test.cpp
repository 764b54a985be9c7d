// SPDX-License-Identifier: Apache-2.0
// Solutions that start from the one before: changed cells, changed inputs.
#include <gtest/gtest.h>

#include "array_reference.hpp"
#include "random_arrays.hpp"

namespace arrayspice::lines {
namespace {

/// A few cells programmed anew.
std::vector<CellChange> some_changes(RandomArray& array, unsigned seed, double factor) {
  const std::int64_t m = array.grid.rows, n = array.grid.columns;
  std::vector<CellChange> changes;
  for (unsigned k = 0; k < 5; ++k) {
    const CellChange change{(31 * k + seed) % m, (17 * k + 5 * seed) % n,
                            factor * (1e-5 + 1e-6 * k)};
    array.cells[change.row * n + change.column] = change.conductance;
    changes.push_back(change);
  }
  return changes;
}

TEST(ArrayUpdates, ChangedCellsGiveTheSolutionOfAFreshSolver) {
  for (unsigned seed = 0; seed < kRandomArrays; ++seed) {
    RandomArray array = random_array(seed);
    SCOPED_TRACE(array.description);
    const std::int64_t n = array.grid.columns;
    LineSolver solver(array.grid);
    solver.set_cells(array.cells);
    Values outputs(n), expected(n);
    solver.solve(array.inputs, outputs);
    for (unsigned round = 0; round < 3; ++round) {
      solver.change_cells(some_changes(array, seed + round, 1.0 + round));
      EXPECT_TRUE(solver.solve_again(array.inputs, outputs).converged);
      LineSolver fresh(array.grid);
      fresh.set_cells(array.cells);
      ASSERT_TRUE(fresh.solve(array.inputs, expected).converged);
      EXPECT_LT(relative_error(outputs, expected),
                1e-11 + rounding_of_outputs(array, expected));
      solver.solve(array.inputs, outputs);  // from 0 V, with the updated factors
      EXPECT_EQ(outputs, expected);
    }
  }
}

TEST(ArrayUpdates, ChangedInputsGiveTheSolutionOfAFreshSolver) {
  for (unsigned seed = 0; seed < kRandomArrays; ++seed) {
    const RandomArray array = random_array(seed);
    SCOPED_TRACE(array.description);
    const std::int64_t n = array.grid.columns;
    LineSolver solver(array.grid), fresh(array.grid);
    solver.set_cells(array.cells);
    fresh.set_cells(array.cells);
    Values outputs(n), expected(n);
    solver.solve(array.inputs, outputs);
    const double before = largest(outputs);
    for (const double factor : {1.001, -1.0, 0.0}) {
      Values inputs = array.inputs;
      for (std::size_t i = 0; i < inputs.size(); i += 2) inputs[i] *= factor;
      EXPECT_TRUE(solver.solve_again(inputs, outputs).converged);
      ASSERT_TRUE(fresh.solve(inputs, expected).converged);
      EXPECT_LT(relative_error(outputs, expected),
                1e-11 + rounding_of_outputs(array, expected))
          << factor;
    }
    EXPECT_TRUE(solver.solve_again(Values(array.inputs.size(), 0.0), outputs).converged);
    EXPECT_LE(largest(outputs), 1e-11 * before);
  }
}

// 5 % in one cell of 256 x 256; a prototype took 4 of 8 iterations at 1 ohm, 6 of 15 at
// 10 ohm.
TEST(ArrayUpdates, OneChangedCellCostsFewIterations) {
  const std::int64_t n = 256;
  for (const double r : {0.1, 1.0, 10.0}) {
    const double c = 1.0 / r;
    LineSolver solver({n, n, uniform(n, c, 0.1, 0.0), uniform(n, c, 0.0, 0.1)});
    const Values cells = pattern("random", n, n, 1);
    solver.set_cells(cells);
    const Values inputs = random_values(n, 0.0, 0.2, 2);
    Values outputs(n), fresh(n);
    const int cold = solver.solve(inputs, outputs).iterations;
    solver.change_cells(std::vector<CellChange>{{100, 30, 1.05 * cells[100 * n + 30]}});
    const SolveReport warm = solver.solve_again(inputs, outputs);
    EXPECT_TRUE(warm.converged);
    EXPECT_LE(warm.iterations, 2 * cold / 3) << r << " ohm, cold " << cold;
    EXPECT_EQ(solver.solve_again(inputs, outputs).iterations, 0);
    solver.solve(inputs, fresh);
    EXPECT_LT(relative_error(outputs, fresh), 1e-11);
  }
}

TEST(ArrayUpdates, AFirstSolutionMayBeAskedForAsAnUpdate) {
  const RandomArray array = random_array(2);
  LineSolver solver(array.grid), fresh(array.grid);
  solver.set_cells(array.cells);
  fresh.set_cells(array.cells);
  Values outputs(array.grid.columns), expected(array.grid.columns);
  EXPECT_TRUE(solver.solve_again(array.inputs, outputs).converged);
  ASSERT_TRUE(fresh.solve(array.inputs, expected).converged);
  EXPECT_LT(relative_error(outputs, expected), 1e-11);
}

}  // namespace
}  // namespace arrayspice::lines
