// SPDX-License-Identifier: Apache-2.0
// Cells that conduct like the wires: what they cost in iterations, and that they change
// no result.
#include <gtest/gtest.h>

#include <cmath>

#include "array_reference.hpp"
#include "random_arrays.hpp"

namespace arrayspice::lines {
namespace {

/// Random cells of 1 to 100 uS, of which a fraction is shorted with 0.1 ohm.
Values shorted_cells(std::int64_t n, double fraction, unsigned seed) {
  Values cells = random_values(n * n, 1e-6, 1e-4, seed);
  const Values draw = random_values(n * n, 0.0, 1.0, seed + 1);
  for (std::int64_t k = 0; k < n * n; ++k)
    if (draw[k] < fraction) cells[k] = 10.0;
  return cells;
}

int iterations(std::int64_t n, double fraction, Coarse coarse) {
  LineSolver solver(one_sided(n, 1.0));
  solver.set_cells(shorted_cells(n, fraction, 1));
  Values outputs(n);
  const SolveReport report = solver.solve(Values(n, 0.2), outputs, {.coarse = coarse});
  EXPECT_TRUE(report.converged);
  return report.iterations;
}

TEST(ArrayShorts, TakeTensOfIterations) {
  // With T_b itself as preconditioner it is 29 and 142 for a solution.
  for (const Coarse coarse : {Coarse::Never, Coarse::Auto}) {
    EXPECT_LT(iterations(128, 0.001, coarse), 20);
    EXPECT_LT(iterations(128, 0.01, coarse), 90);
  }
}

TEST(ArrayShorts, GiveTheOutputsOfADirectSolution) {
  const std::int64_t n = 40;
  for (const double fraction : {0.001, 0.02, 0.3}) {
    const Grid grid = one_sided(n, 1.0);
    const Values cells = shorted_cells(n, fraction, 2),
                 inputs = random_values(n, 0, 1, 3);
    const Reference direct = solve_directly(grid, ohmic_cells(cells), inputs);
    LineSolver solver(grid);
    solver.set_cells(cells);
    Values outputs(n);
    EXPECT_TRUE(solver.solve(inputs, outputs).converged);
    EXPECT_LT(relative_error(outputs, direct.outputs), 1e-11) << fraction;
  }
}

TEST(ArrayShorts, ComeAndGoWithoutATrace) {
  const std::int64_t n = 40;
  Values cells = shorted_cells(n, 0.0, 4);
  const Values inputs = random_values(n, 0.0, 1.0, 5);
  LineSolver solver(one_sided(n, 1.0));
  solver.set_cells(cells);
  Values outputs(n), expected(n);
  solver.solve(inputs, outputs);
  for (const double g : {10.0, 3.0, 1e-5, 20.0}) {
    const std::int64_t cell = g == 20.0 ? 77 : 5 * n + 30;
    cells[cell] = g;
    const CellChange change{cell / n, cell % n, g};
    solver.change_cells({&change, 1});
    EXPECT_TRUE(solver.solve_again(inputs, outputs).converged);
    LineSolver fresh(one_sided(n, 1.0));
    fresh.set_cells(cells);
    EXPECT_TRUE(fresh.solve(inputs, expected).converged);
    EXPECT_LT(relative_error(outputs, expected), 1e-11) << g;
  }
}

TEST(ArrayShorts, HaveTheGradientOfTheirReciprocal) {
  // dI_j/dV_i by the transposed system and by a solution with one input.
  const std::int64_t n = 40;
  const Grid grid = one_sided(n, 1.0);
  LineSolver solver(grid);
  solver.set_cells(shorted_cells(n, 0.02, 6));
  Values weights(n, 0.0), by_input(n), unit(n, 0.0), outputs(n);
  weights[11] = 1.0;
  solver.solve(unit, outputs);
  ASSERT_TRUE(solver.gradient(weights, {.by_input = by_input}));
  for (const std::int64_t i : {0, 17, 39}) {
    unit.assign(n, 0.0);
    unit[i] = 1.0;
    ASSERT_TRUE(solver.solve(unit, outputs).converged);
    EXPECT_NEAR(by_input[i], outputs[11], 1e-10 * largest(by_input)) << i;
  }
}

}  // namespace
}  // namespace arrayspice::lines
