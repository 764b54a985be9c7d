// SPDX-License-Identifier: Apache-2.0
// Lines without resistance, and open ones: what the kernels make of kPerfectWire and
// kPerfectEnd against closed forms.
#include <gtest/gtest.h>

#include "array_reference.hpp"
#include "random_arrays.hpp"

namespace arrayspice::lines {
namespace {

constexpr std::int64_t kRows = 20, kColumns = 37;

struct Array {
  Values cells = random_values(kRows * kColumns, 1e-6, 1e-3, 1);
  Values inputs = random_values(kRows, -0.2, 0.2, 2);
  double cell(std::int64_t i, std::int64_t j) const { return cells[i * kColumns + j]; }
};

Values solve(const Grid& grid, const Array& array, Reading reading = Reading::Current) {
  LineSolver solver(grid, 1, reading);
  solver.set_cells(array.cells);
  Values outputs(kColumns);
  const SolveReport report = solver.solve(array.inputs, outputs);
  EXPECT_TRUE(report.converged);
  EXPECT_LT(report.residual, 1e-7);  // what rounding leaves of 1 uOhm
  return outputs;
}

Family words(double wire, double end) { return uniform(kRows, wire, end, 0.0); }
Family bits(double wire, double end) { return uniform(kColumns, wire, 0.0, end); }

TEST(PerfectWires, GiveTheSumOfTheCellCurrents) {
  const Array array;
  Values expected(kColumns, 0.0);
  for (std::int64_t i = 0; i < kRows; ++i)
    for (std::int64_t j = 0; j < kColumns; ++j)
      expected[j] += array.cell(i, j) * array.inputs[i];
  const Grid grid{kRows, kColumns, words(kPerfectWire, kPerfectEnd),
                  bits(kPerfectWire, kPerfectEnd)};
  EXPECT_LT(relative_error(solve(grid, array), expected), 1e-14);
}

TEST(PerfectWires, LeaveOneEquationABitLine) {
  // b (end + sum g) = sum g V
  const Array array;
  const double end = 1e-3;
  Values expected(kColumns, 0.0);
  for (std::int64_t j = 0; j < kColumns; ++j) {
    double total = end;
    for (std::int64_t i = 0; i < kRows; ++i) {
      total += array.cell(i, j);
      expected[j] += end * array.cell(i, j) * array.inputs[i];
    }
    expected[j] /= total;
  }
  const Grid grid{kRows, kColumns, words(kPerfectWire, kPerfectEnd),
                  bits(kPerfectWire, end)};
  EXPECT_LT(relative_error(solve(grid, array), expected), 1e-13);
}

TEST(PerfectWires, LeaveOneEquationAWordLine) {
  // w (end + sum g) = end V
  const Array array;
  const double end = 1e-3;
  Values expected(kColumns, 0.0);
  for (std::int64_t i = 0; i < kRows; ++i) {
    double total = end;
    for (std::int64_t j = 0; j < kColumns; ++j) total += array.cell(i, j);
    for (std::int64_t j = 0; j < kColumns; ++j)
      expected[j] += array.cell(i, j) * end * array.inputs[i] / total;
  }
  const Grid grid{kRows, kColumns, words(kPerfectWire, end),
                  bits(kPerfectWire, kPerfectEnd)};
  EXPECT_LT(relative_error(solve(grid, array), expected), 1e-13);
}

TEST(PerfectWires, AreTheLimitOfGoodOnes) {
  // What 1 uOhm a segment changes is of first order: below 1e-6 G N^2 = 1e-6.
  const Array array;
  for (const bool word : {false, true}) {
    const auto grid = [&](double wire) {
      return Grid{kRows, kColumns, words(word ? wire : 0.2, 0.01),
                  bits(word ? 0.2 : wire, 0.02)};
    };
    EXPECT_LT(relative_error(solve(grid(kPerfectWire), array), solve(grid(1e6), array)),
              1e-6);
  }
}

TEST(PerfectWires, HaveTheGradientOfTheirReciprocal) {
  const Array array;
  for (const bool word : {false, true}) {
    LineSolver solver({kRows, kColumns, words(word ? kPerfectWire : 0.2, 0.01),
                       bits(word ? 0.2 : kPerfectWire, 0.02)});
    solver.set_cells(array.cells);
    Values weights(kColumns, 0.0), by_input(kRows), unit(kRows, 0.0), outputs(kColumns);
    weights[11] = 1.0;
    solver.solve(unit, outputs);
    ASSERT_TRUE(solver.gradient(weights, {.by_input = by_input}));
    for (const std::int64_t i : {0, 7, 19}) {
      unit.assign(kRows, 0.0);
      unit[i] = 1.0;
      ASSERT_TRUE(solver.solve(unit, outputs).converged);
      EXPECT_NEAR(by_input[i], outputs[11], 1e-11 * largest(by_input)) << i;
    }
  }
}

TEST(PerfectWires, MayHaveChangingCells) {
  Array array;
  const Grid grid{kRows, kColumns, words(kPerfectWire, 0.01), bits(kPerfectWire, 0.02)};
  LineSolver solver(grid);
  solver.set_cells(array.cells);
  Values outputs(kColumns);
  solver.solve(array.inputs, outputs);
  const CellChange change{3, 30, 5e-3};
  array.cells[3 * kColumns + 30] = 5e-3;
  solver.change_cells({&change, 1});
  EXPECT_TRUE(solver.solve_again(array.inputs, outputs).converged);
  EXPECT_LT(relative_error(outputs, solve(grid, array)), 1e-11);
}

TEST(OpenBitLines, HaveTheMeanOfTheInputsWeightedByTheirCells) {
  const Array array;
  Values expected(kColumns, 0.0);
  for (std::int64_t j = 0; j < kColumns; ++j) {
    double total = 0.0;
    for (std::int64_t i = 0; i < kRows; ++i) {
      total += array.cell(i, j);
      expected[j] += array.cell(i, j) * array.inputs[i];
    }
    expected[j] /= total;
  }
  const Grid grid{kRows, kColumns, words(kPerfectWire, kPerfectEnd),
                  bits(kPerfectWire, 0.0)};
  EXPECT_LT(relative_error(solve(grid, array, Reading::Voltage), expected), 1e-13);
}

TEST(OpenBitLines, FollowInputsThatAreAllTheSame) {
  // No current flows: every node has the voltage of the inputs.
  Array array;
  array.inputs.assign(kRows, 0.1);
  const Grid grid{kRows, kColumns, words(0.2, 0.01), bits(0.3, 0.0)};
  EXPECT_LT(relative_error(solve(grid, array, Reading::Voltage), Values(kColumns, 0.1)),
            1e-11);
}

TEST(OpenBitLines, HaveTheGradientOfFiniteDifferences) {
  Array array;
  const Grid grid{kRows, kColumns, words(0.2, 0.01), bits(0.3, 0.0)};
  LineSolver solver(grid, 1, Reading::Voltage);
  solver.set_cells(array.cells);
  Values weights(kColumns, 0.0), by_input(kRows), by_current(kRows * kColumns),
      outputs(kColumns), w(kRows * kColumns), b(kRows * kColumns);
  weights[5] = 1.0;
  solver.solve(array.inputs, outputs);
  solver.voltages(w, b);
  ASSERT_TRUE(solver.gradient(weights, {.by_current = by_current, .by_input = by_input}));
  double total = 0.0;
  for (const double x : by_input) total += x;
  EXPECT_NEAR(total, 1.0, 1e-11);  // the inputs' mean
  const std::int64_t cell = 8 * kColumns + 5;
  const double step = 1e-3 * array.cells[cell];
  Values plus, minus;
  for (Values* result : {&plus, &minus}) {
    Array moved = array;
    moved.cells[cell] += result == &plus ? step : -step;
    *result = solve(grid, moved, Reading::Voltage);
  }
  // The third derivative: (step / g)^2.
  const double by_cell = by_current[cell] * (w[cell] - b[cell]);
  EXPECT_NEAR(by_cell, (plus[5] - minus[5]) / (2 * step), 1e-5 * std::abs(by_cell));
}

}  // namespace
}  // namespace arrayspice::lines
