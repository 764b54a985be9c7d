// SPDX-License-Identifier: Apache-2.0
// The coarse grid changes how fast a solution is found, never which.
#include <gtest/gtest.h>

#include "array_reference.hpp"
#include "random_arrays.hpp"

namespace arrayspice::lines {
namespace {

TEST(CoarseGrid, GivesTheSameSolutionOfEveryKindOfArray) {
  for (unsigned seed = 0; seed < kRandomArrays; ++seed) {
    const RandomArray array = random_array(seed);
    SCOPED_TRACE(array.description);
    LineSolver solver(array.grid);
    solver.set_cells(array.cells);
    Values plain(array.grid.columns), coarse(array.grid.columns);
    ASSERT_TRUE(solver.solve(array.inputs, plain, {.coarse = Coarse::Never}).converged);
    const SolveReport report =
        solver.solve(array.inputs, coarse, {.coarse = Coarse::Always});
    EXPECT_TRUE(report.converged) << report.iterations << ", " << report.residual;
    EXPECT_LT(relative_error(coarse, plain), 1e-11);
  }
}

TEST(CoarseGrid, GivesTheSameSolutionWhereItHasManyNodes) {
  for (const auto& [m, n] : {std::pair{97, 300}, {300, 33}, {200, 257}, {129, 128}})
    for (const Pattern& p : patterns()) {
      SCOPED_TRACE(testing::Message() << m << " x " << n << ", " << p.name);
      const Grid grid{m, n, uniform(m, 0.1, 0.1, 0.02), uniform(n, 0.1, 0.03, 0.1)};
      LineSolver solver(grid);
      solver.set_cells(p.conductances(m, n, 3));
      const Values inputs = random_values(m, -0.2, 0.2, 4);
      Values plain(n), coarse(n);
      const SolveReport never = solver.solve(inputs, plain, {.coarse = Coarse::Never});
      const SolveReport always = solver.solve(inputs, coarse, {.coarse = Coarse::Always});
      ASSERT_TRUE(never.converged);
      EXPECT_TRUE(always.converged) << always.iterations;
      EXPECT_LT(relative_error(coarse, plain), 1e-11);
    }
}

struct Counted {
  int iterations;
  bool coarse;
};

/// The prototype's base case: random 10 to 100 uS, drivers and sense of 10 ohm.
Counted iterations(std::int64_t n, double segment_resistance, const char* cells,
                   Coarse coarse) {
  const double c = 1.0 / segment_resistance;
  LineSolver solver({n, n, uniform(n, c, 0.1, 0.0), uniform(n, c, 0.0, 0.1)}, 2);
  solver.set_cells(pattern(cells, n, n, 1));
  Values outputs(n);
  const SolveReport report =
      solver.solve(random_values(n, 0.0, 0.2, 2), outputs, {.coarse = coarse});
  EXPECT_TRUE(report.converged);
  return {report.iterations, report.coarse_grid};
}

// Measured on a prototype of the same method; one more or less is rounding.
TEST(CoarseGrid, PlainIterationsAreThoseOfThePrototype) {
  struct Expected {
    std::int64_t n;
    double r;
    int iterations;
  };
  for (const auto& [n, r, expected] : {Expected{64, 0.1, 3},
                                       {64, 1.0, 4},
                                       {64, 10.0, 7},
                                       {128, 0.1, 4},
                                       {128, 1.0, 6},
                                       {128, 10.0, 10},
                                       {256, 0.1, 5},
                                       {256, 1.0, 8},
                                       {256, 10.0, 16},
                                       {512, 0.1, 7},
                                       {512, 1.0, 12},
                                       {512, 10.0, 27}})
    EXPECT_NEAR(iterations(n, r, "random", Coarse::Never).iterations, expected, 1)
        << n << ", " << r << " ohm";
}

TEST(CoarseGrid, SavesIterationsOfLargeArraysWithResistiveWires) {
  const int with = iterations(512, 10.0, "random", Coarse::Always).iterations;
  EXPECT_LE(with, 20);  // 19 in the prototype, against 27
  EXPECT_LE(iterations(700, 10.0, "random", Coarse::Always).iterations, with + 3);
}

// Its bilinear functions are wrong for conductances that jump, which must cost no more
// than some iterations.
TEST(CoarseGrid, DoesNotFailOnACheckerboard) {
  const char* const cells = "checkerboard of contrast 100";
  const int plain = iterations(512, 10.0, cells, Coarse::Never).iterations;
  EXPECT_LE(iterations(512, 10.0, cells, Coarse::Always).iterations, 2 * plain);
}

TEST(CoarseGrid, IsTakenWhereItPays) {
  EXPECT_FALSE(iterations(128, 10.0, "random", Coarse::Auto).coarse);
  EXPECT_FALSE(iterations(256, 10.0, "random", Coarse::Auto).coarse);
  EXPECT_FALSE(iterations(512, 1.0, "random", Coarse::Auto).coarse);
  EXPECT_TRUE(iterations(512, 10.0, "random", Coarse::Auto).coarse);
  EXPECT_TRUE(iterations(256, 100.0, "random", Coarse::Auto).coarse);
  EXPECT_FALSE(iterations(512, 10.0, "nothing conducts", Coarse::Auto).coarse);
}

TEST(CoarseGrid, IsNotTakenForWiresThatVaryAroundGoodOnes) {
  const std::int64_t n = 200;
  Grid grid{
      n, n, {{}, Values(n, 1.0), Values(n, 0.0)}, {{}, Values(n, 0.0), Values(n, 1.0)}};
  grid.word.segment = grid.bit.segment = Values(n, 0.0);
  grid.word.varied = random_values(n * (n - 1), 0.5, 2.0, 1);
  grid.bit.varied = random_values(n * (n - 1), 0.5, 2.0, 2);
  grid.word.varied[100] = 0.0;  // broken
  LineSolver solver(grid);
  solver.set_cells(pattern("random", n, n, 1));
  Values outputs(n);
  const SolveReport report = solver.solve(Values(n, 0.2), outputs);
  EXPECT_TRUE(report.converged);
  EXPECT_FALSE(report.coarse_grid);
  EXPECT_LE(report.iterations, 8);
}

}  // namespace
}  // namespace arrayspice::lines
