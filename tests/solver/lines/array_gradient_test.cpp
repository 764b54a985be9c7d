// SPDX-License-Identifier: Apache-2.0
// Derivatives of the outputs against finite differences of solutions, and the transposed
// system against the system itself.
#include <gtest/gtest.h>

#include <cmath>

#include "array_reference.hpp"
#include "random_arrays.hpp"

namespace arrayspice::lines {
namespace {

double dot(const Values& a, const Values& b) {
  double sum = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += a[k] * b[k];
  return sum;
}

/// (f(x + h) - f(x - h)) / 2h, and the same with h/2, extrapolated: the error is h^4.
template <class F>
double central_difference(const F& f, double x, double h) {
  const double wide = (f(x + h) - f(x - h)) / (2.0 * h);
  const double narrow = (f(x + 0.5 * h) - f(x - 0.5 * h)) / h;
  return (4.0 * narrow - wide) / 3.0;
}

// Steps of 1e-2 leave (1e-2)^4 and rounding of 1e-12 / 1e-2; 1e-7 is ten times that.
constexpr double kStep = 1e-2, kTolerance = 1e-7;

TEST(ArrayGradient, OhmicCellsAgreeWithDifferencesOfSolutions) {
  for (unsigned seed = 0; seed < kRandomArrays; seed += 5) {
    RandomArray array = random_array(seed);
    SCOPED_TRACE(array.description);
    const std::int64_t m = array.grid.rows, n = array.grid.columns;
    const Values weights = random_values(n, -1.0, 1.0, seed);
    LineSolver solver(array.grid);
    Values outputs(n), w(m * n), b(m * n), by_current(m * n), by_input(m);
    const auto objective = [&] {
      solver.set_cells(array.cells);
      EXPECT_TRUE(solver.solve(array.inputs, outputs).converged);
      return dot(weights, outputs);
    };
    objective();
    solver.voltages(w, b);
    ASSERT_TRUE(solver.gradient(weights, {by_current, by_input, {}}));
    double scale = 0.0;
    for (std::int64_t k = 0; k < m * n; ++k)
      scale = std::max(scale, std::abs(by_current[k] * (w[k] - b[k]) * array.cells[k]));
    for (std::int64_t k = seed % 7; k < m * n; k += m * n / 4 + 1) {
      const double g = array.cells[k];
      if (g == 0.0) continue;
      const double difference = central_difference(
          [&](double value) {
            array.cells[k] = value;
            return objective();
          },
          g, kStep * g);
      array.cells[k] = g;
      EXPECT_NEAR(by_current[k] * (w[k] - b[k]) * g, difference * g, kTolerance * scale)
          << "cell " << k;
    }
    for (std::int64_t i = 0; i < m; i += m / 3 + 1) {
      const double v = array.inputs[i];
      const double difference = central_difference(
          [&](double value) {
            array.inputs[i] = value;
            return objective();
          },
          v, 0.1);
      array.inputs[i] = v;
      EXPECT_NEAR(by_input[i], difference, kTolerance * largest(by_input));
    }
  }
}

/// Cells of a law scaled by `factor` (by cell), so that d/dfactor is known: its current.
CellEquation scaled(const CellEquation& cells, const Values& factor) {
  return [cells, factor](std::int64_t k, long double w, long double b) {
    CellPoint at = cells(k, w, b);
    return CellPoint{factor[k] * at.i, factor[k] * at.out, factor[k] * at.in};
  };
}

void expect_gradient_of_law(const Grid& grid, const CellEquation& cells, Values inputs,
                            bool symmetric) {
  const std::int64_t m = grid.rows, n = grid.columns;
  const Values weights = random_values(n, -1.0, 1.0, 21);
  LineSolver solver(grid);
  Values factor(m * n, 1.0), outputs(n);
  const auto objective = [&] {
    EquationLaw law(solver, scaled(cells, factor), symmetric);
    EXPECT_TRUE(solver.solve(law, inputs, outputs).converged);
    return dot(weights, outputs);
  };
  objective();
  Values w(m * n), b(m * n), by_current(m * n), by_input(m);
  solver.voltages(w, b);
  ASSERT_TRUE(solver.gradient(weights, {by_current, by_input, {}}));
  Values by_factor(m * n);
  for (std::int64_t k = 0; k < m * n; ++k)
    by_factor[k] = by_current[k] * static_cast<double>(cells(k, w[k], b[k]).i);
  for (std::int64_t k = 3; k < m * n; k += m * n / 6) {
    const double difference = central_difference(
        [&](double value) {
          factor[k] = value;
          return objective();
        },
        1.0, kStep);
    factor[k] = 1.0;
    EXPECT_NEAR(by_factor[k], difference, kTolerance * largest(by_factor)) << k;
  }
  for (std::int64_t i = 0; i < m; i += m / 4) {
    const double v = inputs[i];
    const double difference = central_difference(
        [&](double value) {
          inputs[i] = value;
          return objective();
        },
        v, 5e-4);
    inputs[i] = v;
    EXPECT_NEAR(by_input[i], difference, 1e-6 * largest(by_input)) << i;
  }
}

TEST(ArrayGradient, SinhCellsAgreeWithDifferencesOfSolutions) {
  const std::int64_t m = 23, n = 34;
  const Grid grid{m, n, uniform(m, 0.2, 0.1, 0.0), uniform(n, 0.3, 0.05, 0.2)};
  expect_gradient_of_law(grid, sinh_cells(pattern("random", m, n, 1), 0.1),
                         random_values(m, 0.0, 0.3, 2), true);
}

TEST(ArrayGradient, TransistorsAgreeWithDifferencesOfSolutions) {
  const std::int64_t m = 34, n = 21;
  const Grid grid{m, n, uniform(m, 0.2, 0.1, 0.0), uniform(n, 0.3, 0.05, 0.2)};
  expect_gradient_of_law(grid, transistors(1e-6, random_values(m * n, 0.0, 0.8, 3)),
                         random_values(m, 0.0, 0.3, 4), false);
}

// Through an amplifier whose slope at the solution is what counts.
TEST(ArrayGradient, IsZeroWhereAnAmplifierTakesEveryCurrent) {
  class Saturated final : public EndLaw {
   public:
    void evaluate(std::span<const double> voltage, std::span<double> current,
                  std::span<double> conductance) const override {
      for (std::size_t j = 0; j < voltage.size(); ++j) {
        current[j] = 1e-4 + 1e-12 * voltage[j];
        conductance[j] = 1e-12;
      }
    }
  };
  const std::int64_t n = 12;
  const Saturated ends;
  LineSolver solver(one_sided(n, 2.0));
  EquationLaw law(solver, sinh_cells(pattern("random", n, n, 1), 0.5), true);
  Values outputs(n), by_current(n * n), by_input(n);
  ASSERT_TRUE(solver.solve(law, Values(n, 0.3), outputs, {.ends = &ends}).converged);
  ASSERT_TRUE(solver.gradient(Values(n, 1.0), {by_current, by_input, {}}));
  // 1e-12 S against cells of at least 1e-5 S
  EXPECT_LT(largest(by_current), 1e-6);
  for (const double i : outputs) EXPECT_NEAR(i, 1e-4, 1e-11);
}

TEST(ArrayGradient, OutputsDoNotChangeWhenAllTerminalsRise) {
  for (unsigned seed = 0; seed < kRandomArrays; seed += 3) {
    RandomArray array = random_array(seed);
    SCOPED_TRACE(array.description);
    array.grid.word.shunt = array.grid.bit.shunt = {};  // they lead to 0 V
    const std::int64_t m = array.grid.rows, n = array.grid.columns;
    LineSolver solver(array.grid);
    solver.set_cells(array.cells);
    Values outputs(n), by_input(m), by_terminal(n);
    ASSERT_TRUE(solver.solve(array.inputs, outputs).converged);
    for (std::int64_t j = 0; j < n; j += n / 3 + 1) {
      Values weights(n, 0.0);
      weights[j] = 1.0;
      ASSERT_TRUE(
          solver.gradient(weights, {.by_input = by_input, .by_terminal = by_terminal}));
      double sum = 0.0, gross = 0.0;
      for (const Values* values : {&by_input, &by_terminal})
        for (const double v : *values) {
          sum += v;
          gross += std::abs(v);
        }
      EXPECT_NEAR(sum, 0.0, 1e-9 * gross) << "output " << j;
      EXPECT_LE(by_terminal[j], 0.0);
    }
  }
}

// For any s, t and the solution x of J x = (s, t): lambda'(s, t) = (J' lambda)' x, with
// J' lambda = (p, q) solved for lambda.
TEST(ArrayGradient, TransposedSolutionsArePairedWithSolutions) {
  for (unsigned seed = 0; seed < kRandomArrays; ++seed) {
    const RandomArray array = random_array(seed);
    SCOPED_TRACE(array.description);
    SchurSolver solver(array.grid);
    const std::int64_t m = array.grid.rows, n = array.grid.columns;
    const Values factor = random_values(m * n, 1.0, 2.0, seed);
    const auto buffer = [&](double low, double high, unsigned offset) {
      const Values values = random_values(m * n, low, high, seed + offset);
      Buffer result(solver.size());
      for (std::int64_t i = 0; i < m; ++i)
        for (std::int64_t j = 0; j < n; ++j)
          result[solver.index(i, j)] = values[i * n + j];
      return result;
    };
    Buffer in(solver.size()), out(solver.size());
    for (std::int64_t i = 0; i < m; ++i)
      for (std::int64_t j = 0; j < n; ++j) {
        out[solver.index(i, j)] = array.cells[i * n + j];
        in[solver.index(i, j)] = array.cells[i * n + j] * factor[i * n + j];
      }
    solver.factor(in, out);
    const Buffer s = buffer(-1.0, 1.0, 1), t = buffer(-1.0, 1.0, 2);
    const Buffer p = buffer(-1.0, 1.0, 3), q = buffer(-1.0, 1.0, 4);
    const auto pair = [&](const Buffer& a, const Buffer& b) {
      double sum = 0.0, gross = 0.0;
      for (std::int64_t k = 0; k < a.size(); ++k) {
        sum += a[k] * b[k];
        gross += std::abs(a[k] * b[k]);
      }
      return std::pair{sum, gross};
    };
    Buffer xw(solver.size()), xb(solver.size()), yw(solver.size());
    ASSERT_TRUE(solver.solve(s, t, {.tolerance = 1e-13}).converged);
    xb.copy(solver.bit_voltages());
    solver.word_voltages(s, xw);
    ASSERT_TRUE(solver.solve_transposed(p, q, {.tolerance = 1e-13}).converged);
    solver.word_voltages(p, yw);
    const Buffer& yb = solver.bit_voltages();
    const auto [ps, ps_gross] = pair(s, yw);
    const auto [pt, pt_gross] = pair(t, yb);
    const auto [qs, qs_gross] = pair(p, xw);
    const auto [qt, qt_gross] = pair(q, xb);
    EXPECT_NEAR(ps + pt, qs + qt, 1e-10 * (ps_gross + pt_gross + qs_gross + qt_gross));
  }
}

}  // namespace
}  // namespace arrayspice::lines
