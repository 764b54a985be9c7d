// SPDX-License-Identifier: Apache-2.0
// Any number of threads gives the same bits.
#include <gtest/gtest.h>

#include <thread>

#include "array_reference.hpp"
#include "random_arrays.hpp"

namespace arrayspice::lines {
namespace {

/// Everything a solver can be asked for; compared bit by bit.
Values all_results(const RandomArray& array, int threads, Coarse coarse) {
  const std::int64_t m = array.grid.rows, n = array.grid.columns;
  LineSolver solver(array.grid, threads);
  Values results;
  const auto keep = [&](const Values& v) {
    results.insert(results.end(), v.begin(), v.end());
  };
  Values outputs(n), w(m * n), b(m * n), by_current(m * n), by_input(m);
  const auto keep_solution = [&] {
    solver.voltages(w, b);
    for (const Values* v : {&outputs, &w, &b}) keep(*v);
    solver.gradient(Values(n, 1.0), {by_current, by_input, {}}, {.coarse = coarse});
    keep(by_current);
    keep(by_input);
  };
  solver.set_cells(array.cells);
  solver.solve(array.inputs, outputs, {.coarse = coarse});
  keep_solution();
  solver.change_cells(std::vector<CellChange>{{m / 2, n / 2, 2e-5}, {0, n - 1, 1e-6}});
  solver.solve_again(array.inputs, outputs, {.coarse = coarse});
  keep_solution();
  EquationLaw sinh(solver, sinh_cells(array.cells, 0.1), true);
  solver.solve(sinh, array.inputs, outputs, {.coarse = coarse});
  keep_solution();
  Values gate(m * n, 0.3);
  gate[0] = -0.5;
  EquationLaw transistor(solver, transistors(1e-6, gate), false);
  solver.solve(transistor, array.inputs, outputs, {.coarse = coarse});
  keep_solution();
  return results;
}

TEST(ArrayThreads, GiveTheSameBits) {
  for (unsigned seed = 0; seed < kRandomArrays; seed += 4)
    for (const Coarse coarse : {Coarse::Never, Coarse::Always}) {
      const RandomArray array = random_array(seed);
      SCOPED_TRACE(array.description);
      const Values alone = all_results(array, 1, coarse);
      for (const int threads : {2, 3, 5})
        EXPECT_EQ(all_results(array, threads, coarse), alone) << threads;
    }
}

TEST(ArrayThreads, GiveTheSameBitsOnALargerArray) {
  const std::int64_t m = 150, n = 210;
  const RandomArray array{"",
                          {m, n, uniform(m, 0.1, 0.1, 0.0), uniform(n, 0.1, 0.0, 0.1)},
                          pattern("random", m, n, 1),
                          random_values(m, 0.0, 0.2, 2)};
  const Values alone = all_results(array, 1, Coarse::Always);
  for (const int threads : {2, 3, 5})
    EXPECT_EQ(all_results(array, threads, Coarse::Always), alone) << threads;
}

TEST(ArrayThreads, SolversDoNotDisturbEachOther) {
  const RandomArray array = random_array(7), other = random_array(8);
  const Values expected = all_results(array, 1, Coarse::Never);
  std::jthread beside([&] {
    for (int k = 0; k < 20; ++k) all_results(other, 3, Coarse::Never);
  });
  for (int k = 0; k < 20; ++k) ASSERT_EQ(all_results(array, 3, Coarse::Never), expected);
}

}  // namespace
}  // namespace arrayspice::lines
