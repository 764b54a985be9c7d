// SPDX-License-Identifier: Apache-2.0
// The array solver against published ratios and against a direct solution of the same
// network assembled node by node.
#include "solver/lines/line_solver.hpp"

#include <gtest/gtest.h>

#include <Eigen/SparseCholesky>
#include <random>

namespace arrayspice::lines {
namespace {

Family uniform(std::int64_t lines, double segment, double first, double last) {
  const auto fill = [&](double g) { return std::vector<double>(lines, g); };
  return {fill(segment), fill(first), fill(last)};
}

Grid one_sided(std::int64_t n, double segment_resistance) {
  const double g = 1.0 / segment_resistance;
  return {n, n, uniform(n, g, g, 0.0), uniform(n, g, 0.0, g)};
}

std::vector<double> random_values(std::size_t n, double low, double high, unsigned seed) {
  std::mt19937 engine(seed);
  std::uniform_real_distribution<> draw(low, high);
  std::vector<double> values(n);
  for (double& v : values) v = draw(engine);
  return values;
}

/// Node-by-node assembly: unknowns w_ij, then b_ij.
std::vector<double> direct_outputs(const Grid& grid, const std::vector<double>& cells,
                                   const std::vector<double>& inputs) {
  const std::int64_t m = grid.rows, n = grid.columns, half = m * n;
  std::vector<Eigen::Triplet<double>> entries;
  Eigen::VectorXd rhs = Eigen::VectorXd::Zero(2 * half);
  const auto connect = [&](std::int64_t a, std::int64_t b, double g) {
    entries.insert(entries.end(), {{static_cast<int>(a), static_cast<int>(a), g},
                                   {static_cast<int>(b), static_cast<int>(b), g},
                                   {static_cast<int>(a), static_cast<int>(b), -g},
                                   {static_cast<int>(b), static_cast<int>(a), -g}});
  };
  const auto terminal = [&](std::int64_t a, double g, double v) {
    entries.emplace_back(static_cast<int>(a), static_cast<int>(a), g);
    rhs[a] += g * v;
  };
  for (std::int64_t i = 0; i < m; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      const std::int64_t w = i * n + j, b = half + w;
      connect(w, b, cells[w]);
      if (j + 1 < n) connect(w, w + 1, grid.word.segment[i]);
      if (i + 1 < m) connect(b, b + n, grid.bit.segment[j]);
    }
    terminal(i * n, grid.word.first_end[i], inputs[i]);
    terminal(i * n + n - 1, grid.word.last_end[i], inputs[i]);
  }
  for (std::int64_t j = 0; j < n; ++j) {
    terminal(half + j, grid.bit.first_end[j], 0.0);
    terminal(half + (m - 1) * n + j, grid.bit.last_end[j], 0.0);
  }
  Eigen::SparseMatrix<double> a(2 * half, 2 * half);
  a.setFromTriplets(entries.begin(), entries.end());
  const Eigen::SimplicialLDLT<Eigen::SparseMatrix<double>> ldlt(a);
  const Eigen::VectorXd x = ldlt.solve(rhs);
  std::vector<double> outputs(n);
  for (std::int64_t j = 0; j < n; ++j)
    outputs[j] = grid.bit.first_end[j] * x[half + j] +
                 grid.bit.last_end[j] * x[half + (m - 1) * n + j];
  return outputs;
}

void expect_same_currents(const std::vector<double>& a, const std::vector<double>& b,
                          double tolerance) {
  const double largest = std::abs(*std::max_element(
      b.begin(), b.end(), [](double p, double q) { return std::abs(p) < std::abs(q); }));
  for (std::size_t j = 0; j < a.size(); ++j)
    EXPECT_NEAR(a[j], b[j], tolerance * largest) << "column " << j;
}

struct Published {
  std::int64_t n;
  double segment_resistance;
  double near, far;  // I/I_ideal of the first and the last column
};

// Uniform 10 kohm cells, all inputs 0.2 V, one segment at each driven and sensed end.
TEST(LineSolver, UniformArraysGiveThePublishedRatios) {
  for (const auto& [n, r, near, far] : {Published{8, 10.0, 0.967793404, 0.941956940},
                                        Published{16, 1.0, 0.989194635, 0.977549518},
                                        Published{64, 10.0, 0.460275236, 0.208391283},
                                        Published{128, 1.0, 0.661933548, 0.411156884}}) {
    LineSolver solver(one_sided(n, r));
    solver.set_cells(std::vector<double>(n * n, 1e-4));
    const std::vector<double> inputs(n, 0.2);
    std::vector<double> currents(n);
    ASSERT_TRUE(solver.solve(inputs, currents).converged);
    const double ideal = static_cast<double>(n) * 0.2 * 1e-4;
    EXPECT_NEAR(currents.front() / ideal, near, 1e-9);
    EXPECT_NEAR(currents.back() / ideal, far, 1e-9);
  }
}

TEST(LineSolver, AgreesWithADirectSolutionWhateverTheShape) {
  for (const auto& [rows, columns] :
       {std::pair{1, 1}, {1, 40}, {33, 1}, {17, 50}, {48, 31}}) {
    Grid grid{rows, columns, uniform(rows, 0.7, 0.5, 0.2),
              uniform(columns, 1.3, 0.1, 0.9)};
    grid.word.segment = random_values(rows, 0.1, 2.0, 1);
    grid.bit.segment = random_values(columns, 0.1, 2.0, 2);
    auto cells = random_values(rows * columns, 1e-6, 1e-3, 3);
    for (std::size_t k = 0; k < cells.size(); k += 7) cells[k] = 0.0;  // open cells
    const auto inputs = random_values(rows, -0.3, 0.5, 4);
    LineSolver solver(grid);
    solver.set_cells(cells);
    std::vector<double> currents(columns);
    ASSERT_TRUE(solver.solve(inputs, currents).converged);
    expect_same_currents(currents, direct_outputs(grid, cells, inputs), 1e-11);
  }
}

TEST(LineSolver, VoltagesSatisfyKirchhoffAtEveryCell) {
  const std::int64_t n = 40;
  const Grid grid = one_sided(n, 5.0);
  const auto cells = random_values(n * n, 1e-6, 1e-4, 5);
  const auto inputs = random_values(n, 0.0, 0.2, 6);
  LineSolver solver(grid);
  solver.set_cells(cells);
  std::vector<double> currents(n), w(n * n), b(n * n);
  solver.solve(inputs, currents);
  solver.voltages(w, b);
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = 0; j < n; ++j) {
      const std::int64_t k = i * n + j;
      const double cell = cells[k] * (w[k] - b[k]);
      const double left = j > 0 ? w[k - 1] : inputs[i];
      const double word =
          0.2 * (left - w[k]) + (j + 1 < n ? 0.2 * (w[k + 1] - w[k]) : 0.0);
      const double below = i + 1 < n ? b[k + n] : 0.0;
      const double bit = (i > 0 ? 0.2 * (b[k - n] - b[k]) : 0.0) + 0.2 * (below - b[k]);
      EXPECT_NEAR(word, cell, 1e-15);
      EXPECT_NEAR(bit, -cell, 1e-15);
    }
}

// Swapping drivers and sense leaves the transfer conductance of a linear network
// unchanged.
TEST(LineSolver, TransposedArrayIsReciprocal) {
  const std::int64_t m = 20, n = 37;
  const Grid grid{m, n, uniform(m, 0.4, 0.4, 0.0), uniform(n, 0.9, 0.0, 0.3)};
  const Grid swapped{n, m, grid.bit, grid.word};
  const auto cells = random_values(m * n, 1e-5, 1e-3, 7);
  std::vector<double> turned(m * n);
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t j = 0; j < n; ++j) turned[j * m + i] = cells[i * n + j];
  LineSolver forward(grid), backward(swapped);
  forward.set_cells(cells);
  backward.set_cells(turned);
  std::vector<double> row_unit(m, 0.0), column_unit(n, 0.0), to_columns(n), to_rows(m);
  row_unit[3] = 1.0;
  column_unit[30] = 1.0;
  forward.solve(row_unit, to_columns);
  backward.solve(column_unit, to_rows);
  EXPECT_NEAR(to_columns[30], to_rows[3], 1e-11 * std::abs(to_rows[3]));
}

TEST(LineSolver, EffectiveConductanceGivesTheSameProductFromEitherSide) {
  for (const auto& [m, n] : {std::pair{18, 33}, {33, 18}}) {
    const Grid grid{m, n, uniform(m, 0.4, 0.4, 0.1), uniform(n, 0.9, 0.2, 0.3)};
    LineSolver solver(grid);
    solver.set_cells(random_values(m * n, 1e-5, 1e-3, 9));
    const auto inputs = random_values(m, -0.2, 0.2, 10);
    std::vector<double> effective(m * n), currents(n), product(n, 0.0);
    ASSERT_TRUE(solver.effective_conductance(effective));
    ASSERT_TRUE(solver.solve(inputs, currents).converged);
    for (std::int64_t i = 0; i < m; ++i)
      for (std::int64_t j = 0; j < n; ++j) product[j] += effective[i * n + j] * inputs[i];
    expect_same_currents(product, currents, 1e-11);
  }
}

/// i = g V0 sinh(v/V0)
struct SinhCells final : CellLaw {
  double v0 = 0.25;
  std::vector<double> g;
  bool symmetric() const override { return true; }
  void evaluate(std::int64_t first, std::int64_t last, const double* w, const double* b,
                CellCurrents currents) override {
    for (std::int64_t k = first; k < last; ++k) {
      const double v = w[k] - b[k];
      currents.i[k] = g[k] * v0 * std::sinh(v / v0);
      currents.out[k] = g[k] * std::cosh(v / v0);
    }
  }
};

SinhCells sinh_cells(const LineSolver& solver, const std::vector<double>& g) {
  SinhCells law;
  law.g.assign(solver.size(), 0.0);
  for (std::int64_t i = 0; i < solver.rows(); ++i)
    for (std::int64_t j = 0; j < solver.columns(); ++j)
      law.g[solver.index(i, j)] = g[i * solver.columns() + j];
  return law;
}

// The chord conductances i/v of the solution make a linear array with the same solution.
TEST(LineSolver, NonlinearSolutionIsThatOfItsChordConductances) {
  const std::int64_t n = 30;
  const Grid grid = one_sided(n, 5.0);
  LineSolver solver(grid);
  const auto g = random_values(n * n, 1e-6, 1e-4, 11);
  SinhCells law = sinh_cells(solver, g);
  const auto inputs = random_values(n, 0.0, 1.0, 12);
  std::vector<double> currents(n), w(n * n), b(n * n), chord(n * n);
  const NewtonReport report = solver.solve(law, inputs, currents);
  ASSERT_TRUE(report.converged);
  EXPECT_LE(report.steps, 8);
  solver.voltages(w, b);
  for (std::int64_t k = 0; k < n * n; ++k) {
    const double v = w[k] - b[k];
    chord[k] = g[k] * law.v0 * std::sinh(v / law.v0) / v;
  }
  expect_same_currents(currents, direct_outputs(grid, chord, inputs), 1e-11);
}

TEST(LineSolver, SmallSignalsSeeOhmicCells) {
  const std::int64_t n = 25;
  LineSolver solver(one_sided(n, 2.0));
  const auto g = random_values(n * n, 1e-6, 1e-4, 13);
  SinhCells law = sinh_cells(solver, g);
  const std::vector<double> inputs(n, 1e-7);  // (v/V0)^2/6 below 1e-13
  std::vector<double> nonlinear(n), linear(n);
  ASSERT_TRUE(solver.solve(law, inputs, nonlinear).converged);
  solver.set_cells(g);
  ASSERT_TRUE(solver.solve(inputs, linear).converged);
  expect_same_currents(nonlinear, linear, 1e-11);
}

TEST(LineSolver, SteepCellsConvergeByLineSearch) {
  LineSolver solver(one_sided(16, 10.0));
  SinhCells law = sinh_cells(solver, std::vector<double>(256, 1e-5));
  std::vector<double> currents(16);
  EXPECT_TRUE(solver.solve(law, std::vector<double>(16, 4.0), currents).converged);
}

TEST(LineSolver, StopsAtTheIterationCap) {
  LineSolver solver(one_sided(64, 100.0));
  solver.set_cells(random_values(64 * 64, 1e-6, 1e-3, 8));
  std::vector<double> currents(64);
  const SolveReport report = solver.solve(std::vector<double>(64, 0.2), currents,
                                          {.tolerance = 1e-12, .max_iterations = 3});
  EXPECT_FALSE(report.converged);
  EXPECT_EQ(report.iterations, 3);
  EXPECT_GT(report.residual, 1e-12);
}

}  // namespace
}  // namespace arrayspice::lines
