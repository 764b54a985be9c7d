// SPDX-License-Identifier: Apache-2.0
// The array solver against published ratios, against direct solutions refined in long
// double, and what it reports when it stops early.
//
// ARRAYSPICE_LARGE_TESTS=1 adds arrays of 1024 x 1024 (two minutes of processor time with
// the reference BLAS, 2.3 GB, for the direct solutions).
#include <gtest/gtest.h>

#include <cstdlib>

#include "array_reference.hpp"
#include "random_arrays.hpp"

namespace arrayspice::lines {
namespace {

struct Published {
  std::int64_t n;
  double segment_resistance;
  double near, far;  // I/I_ideal of the first and the last column
};

// Uniform 10 kohm cells, all inputs 0.2 V, one segment at each driven and sensed end.
TEST(ArrayAccuracy, UniformArraysGiveThePublishedRatios) {
  for (const auto& [n, r, near, far] : {Published{8, 10.0, 0.967793404, 0.941956940},
                                        Published{16, 1.0, 0.989194635, 0.977549518},
                                        Published{64, 10.0, 0.460275236, 0.208391283},
                                        Published{128, 1.0, 0.661933548, 0.411156884}}) {
    LineSolver solver(one_sided(n, r));
    solver.set_cells(Values(n * n, 1e-4));
    const Values inputs(n, 0.2);
    Values currents(n);
    ASSERT_TRUE(solver.solve(inputs, currents).converged);
    const double ideal = static_cast<double>(n) * 0.2 * 1e-4;
    EXPECT_NEAR(currents.front() / ideal, near, 1e-9);
    EXPECT_NEAR(currents.back() / ideal, far, 1e-9);
  }
}

/// Random 10 to 100 uS, drivers and sense resistors of 10 ohm.
void expect_currents_of_a_direct_solution(std::int64_t n, double segment_resistance) {
  const double c = 1.0 / segment_resistance;
  const Grid grid{n, n, uniform(n, c, 0.1, 0.0), uniform(n, c, 0.0, 0.1)};
  const Values cells = pattern("random", n, n, 1);
  const Values inputs = random_values(n, 0.0, 0.2, 2);
  const Reference direct = solve_directly(grid, ohmic_cells(cells), inputs);
  ASSERT_LT(direct.residual, 1e-17);
  LineSolver solver(grid);
  solver.set_cells(cells);
  Values currents(n);
  const SolveReport report = solver.solve(inputs, currents);
  ASSERT_TRUE(report.converged);
  const double error = relative_error(currents, direct.outputs);
  EXPECT_LT(error, 1e-11) << n << ", " << segment_resistance << " ohm";
  const std::string name =
      std::to_string(n) + "_at_" + std::to_string(segment_resistance) + "_ohm";
  testing::Test::RecordProperty(name, (testing::Message() << error).GetString());
}

TEST(ArrayAccuracy, CurrentsOf256LinesAreThoseOfADirectSolution) {
  for (const double r : {0.1, 1.0, 10.0}) expect_currents_of_a_direct_solution(256, r);
}

TEST(ArrayAccuracy, CurrentsOf1024LinesAreThoseOfADirectSolution) {
  if (!std::getenv("ARRAYSPICE_LARGE_TESTS"))
    GTEST_SKIP() << "set ARRAYSPICE_LARGE_TESTS for this test";
  for (const double r : {0.1, 1.0, 10.0}) expect_currents_of_a_direct_solution(1024, r);
}

// 256 x 256 at 1 ohm. A prototype left errors of 6.6e-6, 5.2e-8, 1.1e-9 and 2.3e-11.
TEST(ArrayAccuracy, LooserTolerancesCostFewerIterationsAndAreMet) {
  const std::int64_t n = 256;
  LineSolver solver({n, n, uniform(n, 1.0, 0.1, 0.0), uniform(n, 1.0, 0.0, 0.1)});
  solver.set_cells(pattern("random", n, n, 1));
  const Values inputs = random_values(n, 0.0, 0.2, 2);
  Values exact(n), currents(n);
  int before = solver.solve(inputs, exact).iterations;
  for (const double tolerance : {1e-10, 1e-8, 1e-6, 1e-4}) {
    const SolveReport report = solver.solve(inputs, currents, {.tolerance = tolerance});
    EXPECT_TRUE(report.converged) << tolerance;
    EXPECT_LT(report.iterations, before);
    EXPECT_LT(relative_error(currents, exact), tolerance);
    before = report.iterations;
  }
}

TEST(ArrayAccuracy, StopsAtTheIterationCapAndSaysSo) {
  LineSolver solver(one_sided(64, 100.0));
  solver.set_cells(random_values(64 * 64, 1e-6, 1e-3, 8));
  Values currents(64);
  const SolveReport report =
      solver.solve(Values(64, 0.2), currents,
                   {.tolerance = 1e-12, .max_iterations = 3, .factor_bytes = 0.0});
  EXPECT_FALSE(report.converged);
  EXPECT_EQ(report.iterations, 3);
  EXPECT_GT(report.residual, 1e-12);
}

}  // namespace
}  // namespace arrayspice::lines
