// SPDX-License-Identifier: Apache-2.0
// The array factored as a whole: what is done where the iteration gives up.
#include "solver/lines/grid_factors.hpp"

#include <gtest/gtest.h>

#include <set>

#include "array_reference.hpp"
#include "random_arrays.hpp"
#include "solver/lines/dissection.hpp"
#include "solver/ordering.hpp"

namespace arrayspice::lines {
namespace {

/// No iteration is allowed, so that it gives up.
constexpr SolveOptions kFactor{.max_iterations = 0};

Graph array_graph(std::int32_t n) {
  std::vector<std::int32_t> starts{0}, rows;
  for (std::int32_t family = 0; family < 2; ++family)
    for (std::int32_t i = 0; i < n; ++i)
      for (std::int32_t j = 0; j < n; ++j) {
        const std::int32_t at = (family * n + i) * n + j;
        if (family == 0) rows.push_back(n * n + at);
        if (family == 0 && j + 1 < n) rows.push_back(at + 1);
        if (family == 1 && i + 1 < n) rows.push_back(at + n);
        starts.push_back(static_cast<std::int32_t>(rows.size()));
      }
  return symmetric_graph(2 * n * n, starts, rows);
}

TEST(Dissection, OrdersEveryNodeOnce) {
  for (const auto& [m, n] : {std::pair{1, 1}, {1, 7}, {7, 1}, {2, 3}, {20, 33}}) {
    const Permutation order = dissect(m, n);
    const std::set<std::int32_t> nodes(order.begin(), order.end());
    EXPECT_EQ(order.size(), static_cast<std::size_t>(2 * m * n));
    EXPECT_EQ(nodes.size(), order.size());
    EXPECT_EQ(*nodes.begin(), 0);
    EXPECT_EQ(*nodes.rbegin(), 2 * m * n - 1);
  }
}

// A prototype had 2.7e6 nonzeros and 3.0e8 operations for 256 x 256.
TEST(Dissection, FillsLessThanMinimumDegreeAndGraphDissection) {
  const Graph graph = array_graph(64);
  const Fill geometric = count_fill(graph, dissect(64, 64));
  EXPECT_LT(geometric.flops, 0.7 * order_by_degree(graph).fill.flops);
  EXPECT_LT(geometric.flops, count_fill(graph, nested_dissection(graph)).flops);
  const Fill large = count_fill(array_graph(256), dissect(256, 256));
  EXPECT_NEAR(large.nonzeros, 2.7e6, 0.05e6);
  EXPECT_NEAR(large.flops, 3.0e8, 0.05e8);
}

TEST(GridFactors, GiveTheOutputsOfAReference) {
  for (unsigned seed = 0; seed < kRandomArrays; seed += 2) {
    const RandomArray array = random_array(seed);
    SCOPED_TRACE(array.description);
    const Reference direct =
        solve_directly(array.grid, ohmic_cells(array.cells), array.inputs);
    LineSolver solver(array.grid);
    solver.set_cells(array.cells);
    Values outputs(array.grid.columns);
    const SolveReport report = solver.solve(array.inputs, outputs, kFactor);
    if (report.factor_nonzeros == 0) continue;  // pieces of wire that reach no terminal
    EXPECT_TRUE(report.converged);
    EXPECT_LT(relative_error(outputs, direct.outputs),
              1e-11 + rounding_of_outputs(array, direct.outputs));
  }
}

/// 0.2 V at all word lines of cells whose slopes differ; b by factors and by iteration.
TEST(GridFactors, SolveUnsymmetricCellsAndTheirTransposed) {
  const std::int64_t m = 20, n = 37;
  const Values out = random_values(m * n, 1e-5, 1e-3, 1);
  const Values in = random_values(m * n, 1e-5, 1e-3, 2);
  const Grid grid{m, n, uniform(m, 0.3, 0.1, 0.0), uniform(n, 0.2, 0.0, 0.1)};
  SchurSolver iterates(grid), factors(grid);
  Buffer a(iterates.size()), b(iterates.size()), s(iterates.size());
  for (std::int64_t k = 0; k < m * n; ++k) {
    a[iterates.index(k / n, k % n)] = out[k];
    b[iterates.index(k / n, k % n)] = in[k];
    s[iterates.index(k / n, k % n)] = 1e-5 * static_cast<double>(k % 7);
  }
  for (SchurSolver* solver : {&iterates, &factors}) solver->factor(b, a);
  Buffer w(iterates.size()), w_factors(iterates.size());
  for (const bool transposed : {false, true}) {
    const auto solve = [&](SchurSolver& solver, const SolveOptions& options, Buffer& to) {
      const SolveReport report = transposed ? solver.solve_transposed(s, {}, options)
                                            : solver.solve(s, {}, options);
      EXPECT_TRUE(report.converged);
      solver.word_voltages(s, to);
      return report;
    };
    EXPECT_EQ(solve(iterates, {}, w).factor_nonzeros, 0);
    EXPECT_GT(solve(factors, kFactor, w_factors).factor_nonzeros, 0);
    EXPECT_LT(relative_error({w_factors.begin(), w_factors.end()}, {w.begin(), w.end()}),
              1e-11);
    EXPECT_LT(
        relative_error({factors.bit_voltages().begin(), factors.bit_voltages().end()},
                       {iterates.bit_voltages().begin(), iterates.bit_voltages().end()}),
        1e-11);
  }
}

TEST(GridFactors, AreKeptUntilACellChanges) {
  const std::int64_t n = 33;
  const Values cells = random_values(n * n, 1e-5, 1e-4, 1);
  const Values inputs = random_values(n, 0.0, 0.2, 2);
  LineSolver solver(one_sided(n, 1.0)), iterates(one_sided(n, 1.0));
  Values outputs(n), expected(n);
  solver.set_cells(cells);
  iterates.set_cells(cells);
  EXPECT_GT(solver.solve(inputs, outputs, kFactor).factor_nonzeros, 0);
  const SolveReport second = solver.solve(inputs, outputs);
  EXPECT_GT(second.factor_nonzeros, 0);
  EXPECT_EQ(second.iterations, 0);
  const CellChange change{3, 4, 5e-3};
  for (LineSolver* changed : {&solver, &iterates}) changed->change_cells({&change, 1});
  EXPECT_EQ(solver.solve(inputs, outputs).factor_nonzeros, 0);
  EXPECT_GT(solver.solve(inputs, outputs, kFactor).factor_nonzeros, 0);
  iterates.solve(inputs, expected);
  EXPECT_LT(relative_error(outputs, expected), 1e-11);
}

TEST(GridFactors, AreNotMadeBeyondTheirLimit) {
  LineSolver solver(one_sided(20, 1.0));
  solver.set_cells(Values(400, 1e-5));
  Values outputs(20);
  const SolveReport report =
      solver.solve(Values(20, 0.2), outputs, {.max_iterations = 0, .factor_bytes = 1e4});
  EXPECT_FALSE(report.converged);
  EXPECT_EQ(report.factor_nonzeros, 0);
}

// Newton's steps whose linear systems are factored reach the same point.
TEST(GridFactors, CarryNewtonsMethod) {
  const std::int64_t n = 24;
  const CellEquation cells = sinh_cells(random_values(n * n, 1e-5, 1e-4, 1), 0.25);
  const Values inputs = random_values(n, 0.0, 1.0, 2);
  Values outputs(n), expected(n);
  for (const bool factored : {false, true}) {
    LineSolver solver(one_sided(n, 2.0));
    EquationLaw law(solver, cells, true);
    NewtonOptions options;
    if (factored) options.max_linear_iterations = 0;
    const NewtonReport report =
        solver.solve(law, inputs, factored ? outputs : expected, options);
    EXPECT_TRUE(report.converged);
    EXPECT_EQ(report.factored, factored);
  }
  EXPECT_LT(relative_error(outputs, expected), 1e-11);
}

}  // namespace
}  // namespace arrayspice::lines
