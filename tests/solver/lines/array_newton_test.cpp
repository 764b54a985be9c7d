// SPDX-License-Identifier: Apache-2.0
// Cells of any law: Newton's method on the array solver against Newton's method on the
// network assembled node by node, and the steps it takes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "array_reference.hpp"
#include "random_arrays.hpp"

namespace arrayspice::lines {
namespace {

struct Case {
  Grid grid;
  CellEquation cells;
  Values inputs;
  bool symmetric = true;
  const EndLaw* ends = nullptr;
};

/// Solves, and has the solution polished node by node: the cells' currents are monotonic,
/// so there is only one.
NewtonReport expect_true_solution(const Case& c, NewtonOptions options = {}) {
  LineSolver solver(c.grid);
  EquationLaw law(solver, c.cells, c.symmetric);
  const std::int64_t m = c.grid.rows, n = c.grid.columns;
  Values outputs(n), w(m * n), b(m * n);
  options.ends = c.ends;
  const NewtonReport report = solver.solve(law, c.inputs, outputs, options);
  EXPECT_TRUE(report.converged) << report.residual;
  solver.voltages(w, b);
  const Reference direct =
      solve_directly(c.grid, c.cells, c.inputs,
                     {.symmetric = c.symmetric, .ends = c.ends, .w0 = w, .b0 = b});
  EXPECT_LT(direct.residual, 1e-15);
  EXPECT_LT(relative_error(outputs, direct.outputs), 1e-11);
  return report;
}

// Random 10 to 100 uS, V0 = 0.25 V, 128 x 128. A prototype that solved its linear systems
// with BiCGStab, an iteration of which is worth two of conjugate gradients, took 5 / 7
// steps / iterations at 1 V, 11 / 33 at 3 V undamped and 9 / 22 at 5 V with halving.
TEST(ArrayNewton, SinhCellsTakeFewSteps) {
  struct Expected {
    double v;
    int steps, iterations;
  };
  for (const auto& [v, steps, iterations] :
       {Expected{0.2, 4, 13}, {1.0, 6, 18}, {3.0, 11, 66}, {5.0, 15, 66}}) {
    SCOPED_TRACE(v);
    const std::int64_t n = 128;
    const NewtonReport report = expect_true_solution(
        {one_sided(n, 1.0), sinh_cells(pattern("random", n, n, 1), 0.25),
         random_values(n, 0.0, v, 2)});
    EXPECT_LE(report.steps, steps);
    EXPECT_LE(report.linear_iterations, iterations);
  }
}

// The hard case: nothing limits the exponential but wires. At most 13 / 57 steps and
// iterations of BiCGStab in the prototype.
TEST(ArrayNewton, SelectorsWithoutSeriesResistanceConverge) {
  const std::int64_t n = 64;
  for (const double segment : {1.0, 10.0})
    for (const double is : {1e-12, 1e-15})
      for (const double v : {0.6, 1.0, 2.0}) {
        SCOPED_TRACE(testing::Message()
                     << segment << " ohm, " << is << " A, " << v << " V");
        const NewtonReport report =
            expect_true_solution({one_sided(n, segment), bare_selectors(is, 0.026),
                                  random_values(n, 0.0, v, 3)});
        EXPECT_LE(report.steps, 20);
        EXPECT_LE(report.linear_iterations, 200);
      }
}

TEST(ArrayNewton, TransistorsConductAsInADirectSolution) {
  for (const auto& [m, n] : {std::pair{30, 41}, {64, 64}, {1, 7}})
    for (const double v : {0.2, 1.0}) {
      SCOPED_TRACE(testing::Message() << m << " x " << n << ", " << v << " V");
      Values gate = random_values(m * n, -0.6, 1.0, 4);  // a third is off
      const NewtonReport report = expect_true_solution(
          {{m, n, uniform(m, 0.2, 0.2, 0.0), uniform(n, 0.2, 0.0, 0.2)},
           transistors(1e-6, gate),
           random_values(m, 0.0, v, 5),
           false});
      EXPECT_LE(report.steps, 8);
    }
}

TEST(ArrayNewton, OhmicCellsAreSolvedAsByTheLinearSolver) {
  for (unsigned seed = 0; seed < kRandomArrays; ++seed) {
    const RandomArray array = random_array(seed);
    SCOPED_TRACE(array.description);
    Values linear(array.grid.columns), outputs(array.grid.columns);
    LineSolver solver(array.grid);
    solver.set_cells(array.cells);
    ASSERT_TRUE(solver.solve(array.inputs, linear).converged);
    for (const bool symmetric : {true, false}) {
      EquationLaw law(solver, ohmic_cells(array.cells), symmetric);
      const NewtonReport report = solver.solve(law, array.inputs, outputs);
      EXPECT_TRUE(report.converged) << report.residual;
      EXPECT_LT(relative_error(outputs, linear),
                1e-11 + rounding_of_outputs(array, linear));
    }
    // Back to the ohmic cells, whose factors Newton's method has overwritten.
    ASSERT_TRUE(solver.solve(array.inputs, outputs).converged);
    EXPECT_EQ(outputs, linear);
  }
}

TEST(ArrayNewton, SinhCellsOfRandomArraysAreThoseOfADirectSolution) {
  for (unsigned seed = 0; seed < kRandomArrays; seed += 2) {
    const RandomArray array = random_array(seed);
    SCOPED_TRACE(array.description);
    expect_true_solution({array.grid, sinh_cells(array.cells, 0.1), array.inputs});
  }
}

/// An amplifier that holds its input at 0 V until its current runs out.
class Limited final : public EndLaw {
 public:
  explicit Limited(double most) : most_(most) {}
  void evaluate(std::span<const double> voltage, std::span<double> current,
                std::span<double> conductance) const override {
    constexpr double kInput = 0.5, kLeak = 1e-5;
    for (std::size_t j = 0; j < voltage.size(); ++j) {
      const double tanh = std::tanh(kInput * voltage[j] / most_);
      current[j] = most_ * tanh + kLeak * voltage[j];
      conductance[j] = kInput * (1.0 - tanh * tanh) + kLeak;
    }
  }

 private:
  double most_;
};

TEST(ArrayNewton, AmplifiersAtTheEndsAreSolvedWithTheArray) {
  const std::int64_t m = 50, n = 40;
  const Grid grid{m, n, uniform(m, 0.5, 0.5, 0.0), uniform(n, 0.5, 0.0, 0.3)};
  const Values inputs = random_values(m, 0.0, 0.4, 6);
  const Values g = pattern("random", m, n, 6);
  // A column carries about 50 * 55 uS * 0.2 V = 550 uA.
  for (const double most : {1e-2, 5e-4, 3e-4}) {
    SCOPED_TRACE(most);
    const Limited ends(most);
    const NewtonReport report =
        expect_true_solution({grid, sinh_cells(g, 0.25), inputs, true, &ends});
    EXPECT_LE(report.steps, 15);
  }
}

TEST(ArrayNewton, ResistorsAtTheEndsComeBackAfterAmplifiers) {
  const std::int64_t n = 20;
  const Values inputs = random_values(n, 0.0, 0.4, 7), g = pattern("random", n, n, 7);
  LineSolver solver(one_sided(n, 2.0)), fresh(one_sided(n, 2.0));
  EquationLaw law(solver, sinh_cells(g, 0.25), true);
  const Limited ends(1e-4);
  Values amplified(n), plain(n), expected(n);
  solver.solve(law, inputs, amplified, {.ends = &ends});
  solver.solve(law, inputs, plain);
  fresh.solve(law, inputs, expected);
  EXPECT_EQ(plain, expected);
  EXPECT_GT(relative_error(amplified, expected), 0.01);
}

// The chord conductances i/v of the solution make a linear array with the same solution.
TEST(ArrayNewton, SolutionIsThatOfItsChordConductances) {
  const std::int64_t n = 30;
  LineSolver solver(one_sided(n, 5.0));
  const Values g = random_values(n * n, 1e-6, 1e-4, 11);
  EquationLaw law(solver, sinh_cells(g, 0.25), true);
  const Values inputs = random_values(n, 0.0, 1.0, 12);
  Values currents(n), w(n * n), b(n * n), chord(n * n), linear(n);
  ASSERT_TRUE(solver.solve(law, inputs, currents).converged);
  solver.voltages(w, b);
  for (std::int64_t k = 0; k < n * n; ++k) {
    const double v = w[k] - b[k];
    chord[k] = g[k] * 0.25 * std::sinh(v / 0.25) / v;
  }
  solver.set_cells(chord);
  ASSERT_TRUE(solver.solve(inputs, linear).converged);
  EXPECT_LT(relative_error(currents, linear), 1e-11);
}

TEST(ArrayNewton, StartsFromThePresentSolutionWhenAsked) {
  const std::int64_t n = 60;
  LineSolver solver(one_sided(n, 5.0));
  EquationLaw law(solver, sinh_cells(pattern("random", n, n, 8), 0.1), true);
  Values inputs = random_values(n, 0.0, 0.5, 13), cold(n), warm(n);
  ASSERT_TRUE(solver.solve(law, inputs, cold).converged);
  EXPECT_EQ(solver.solve(law, inputs, warm, {.warm_start = true}).steps, 0);
  for (double& v : inputs) v *= 1.001;
  const NewtonReport again = solver.solve(law, inputs, warm, {.warm_start = true});
  const NewtonReport fresh = solver.solve(law, inputs, cold);
  EXPECT_TRUE(again.converged);
  EXPECT_LT(again.steps, fresh.steps);
  EXPECT_LT(relative_error(warm, cold), 1e-11);
}

bool all_finite(const Values& values) {
  return std::all_of(values.begin(), values.end(),
                     [](double v) { return std::isfinite(v); });
}

TEST(ArrayNewton, SaysWhenItsStepsRunOut) {
  const std::int64_t n = 32;
  LineSolver solver(one_sided(n, 1.0));
  EquationLaw law(solver, bare_selectors(1e-12, 0.026), true);
  Values currents(n);
  const NewtonReport report =
      solver.solve(law, Values(n, 1.0), currents, {.max_steps = 3});
  EXPECT_FALSE(report.converged);
  EXPECT_EQ(report.steps, 3);
  EXPECT_GT(report.residual, 1e-12);
  EXPECT_TRUE(all_finite(currents));
}

// Cells that are nowhere defined at the voltages that the inputs ask for.
TEST(ArrayNewton, SaysThatItFailedWhereCellsAreNotDefined) {
  const std::int64_t n = 20;
  LineSolver solver(one_sided(n, 1.0));
  EquationLaw law(
      solver,
      [](std::int64_t, long double w, long double b) {
        return CellPoint{1e-5L * std::sqrt(0.04L - w * w + 0.0L * b), 1e-5, 1e-5};
      },
      true);
  Values currents(n);
  const NewtonReport report = solver.solve(law, Values(n, 1.0), currents);
  EXPECT_FALSE(report.converged);
  EXPECT_TRUE(all_finite(currents));
}

}  // namespace
}  // namespace arrayspice::lines
