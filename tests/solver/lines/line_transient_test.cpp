// SPDX-License-Identifier: Apache-2.0
// Transients of small arrays against the exact solution of C dv/dt = s - G v,
//     v(t) = v_inf + sum_k m_k exp(-l_k t) m_k' C (v(0) - v_inf),   G m_k = l_k C m_k.
#include "solver/lines/line_transient.hpp"

#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <cmath>
#include <random>

namespace arrayspice::lines {
namespace {

constexpr std::int64_t kRows = 3, kColumns = 4, kCells = kRows * kColumns;

Family family(std::int64_t lines, double segment, double first, double last) {
  const auto fill = [&](double g) { return std::vector<double>(lines, g); };
  return {fill(segment), fill(first), fill(last)};
}

/// 100 ohm segments, driven from the left, sensed below; time constants up to some 0.2
/// ns.
struct Example {
  Grid grid{kRows, kColumns, family(kRows, 1e-2, 2e-2, 0.0),
            family(kColumns, 1e-2, 0.0, 2e-2)};
  NodeCapacitance capacitance{
      {40e-15, 50e-15, 60e-15}, {20e-15, 30e-15, 35e-15, 10e-15}, {}, {}};
  std::vector<double> cells, inputs{0.2, 0.1, -0.15};

  Example() {
    std::mt19937 engine(3);
    std::uniform_real_distribution<> draw(1e-4, 1e-3);
    for (std::int64_t k = 0; k < kCells; ++k) cells.push_back(draw(engine));
  }
  Eigen::MatrixXd conductance() const {
    Eigen::MatrixXd g = Eigen::MatrixXd::Zero(2 * kCells, 2 * kCells);
    const auto connect = [&](std::int64_t a, std::int64_t b, double value) {
      g(a, a) += value;
      g(b, b) += value;
      g(a, b) -= value;
      g(b, a) -= value;
    };
    for (std::int64_t i = 0; i < kRows; ++i)
      for (std::int64_t j = 0; j < kColumns; ++j) {
        const std::int64_t w = i * kColumns + j, b = kCells + w;
        connect(w, b, cells[w]);
        if (j + 1 < kColumns) connect(w, w + 1, grid.word.segment[i]);
        if (i + 1 < kRows) connect(b, b + kColumns, grid.bit.segment[j]);
        if (j == 0) g(w, w) += grid.word.first_end[i];
        if (i + 1 == kRows) g(b, b) += grid.bit.last_end[j];
      }
    return g;
  }
  static double between(const std::vector<double>& lines, std::int64_t line) {
    return lines.empty() ? 0.0 : lines[static_cast<std::size_t>(line)];
  }
  Eigen::MatrixXd capacitances() const {
    Eigen::MatrixXd c = Eigen::MatrixXd::Zero(2 * kCells, 2 * kCells);
    const auto connect = [&](std::int64_t a, std::int64_t b, double value) {
      c(a, a) += value;
      c(b, b) += value;
      c(a, b) -= value;
      c(b, a) -= value;
    };
    for (std::int64_t i = 0; i < kRows; ++i)
      for (std::int64_t j = 0; j < kColumns; ++j) {
        const std::int64_t w = i * kColumns + j, b = kCells + w;
        c(w, w) += capacitance.word[i];
        c(b, b) += capacitance.bit[j];
        if (i + 1 < kRows)
          connect(w, w + kColumns, between(capacitance.word_coupling, i));
        if (j + 1 < kColumns) connect(b, b + 1, between(capacitance.bit_coupling, j));
      }
    return c;
  }
  /// Output currents a time t after all inputs stepped from 0 to `inputs`.
  std::vector<double> step_response(double t) const {
    Eigen::VectorXd source = Eigen::VectorXd::Zero(2 * kCells);
    for (std::int64_t i = 0; i < kRows; ++i)
      source[i * kColumns] = grid.word.first_end[i] * inputs[i];
    const Eigen::MatrixXd g = conductance(), c = capacitances();
    const Eigen::VectorXd final = g.ldlt().solve(source);
    const Eigen::GeneralizedSelfAdjointEigenSolver<Eigen::MatrixXd> modes(g, c);
    const Eigen::MatrixXd& m = modes.eigenvectors();
    const Eigen::VectorXd decay = (-t * modes.eigenvalues()).array().exp();
    const Eigen::VectorXd v =
        final - m * (decay.asDiagonal() * (m.transpose() * (c * final)));
    std::vector<double> outputs;
    for (std::int64_t j = 0; j < kColumns; ++j)
      outputs.push_back(grid.bit.last_end[j] * v[kCells + (kRows - 1) * kColumns + j]);
    return outputs;
  }
};

/// Largest error of the outputs at the end, over the largest output.
double step_error(const LineTransientOptions& options, double coupling = 0.0) {
  Example example;
  if (coupling > 0.0) {  // between every two lines another one
    for (std::int64_t i = 0; i + 1 < kRows; ++i)
      example.capacitance.word_coupling.push_back(coupling / static_cast<double>(i + 1));
    for (std::int64_t j = 0; j + 1 < kColumns; ++j)
      example.capacitance.bit_coupling.push_back(coupling / static_cast<double>(j + 2));
  }
  LineSolver solver(example.grid);
  solver.set_cells(example.cells);
  LineTransient transient(solver, example.capacitance, options);
  std::vector<double> outputs;
  const auto report = transient.run(
      [&](double, std::span<double> v) { std::ranges::copy(example.inputs, v.begin()); },
      [&](double, std::span<const double> y) {
        outputs.assign(y.begin(), y.end());
        return true;
      },
      true);
  EXPECT_TRUE(report.completed) << report.message;
  const std::vector<double> exact = example.step_response(options.stop);
  double error = 0.0, largest = 0.0;
  for (std::size_t j = 0; j < exact.size(); ++j) {
    error = std::max(error, std::abs(outputs[j] - exact[j]));
    largest = std::max(largest, std::abs(exact[j]));
  }
  return error / largest;
}

LineTransientOptions fixed(Method method, double step) {
  return {.stop = 0.2e-9,
          .max_step = step,
          .method = method,
          .fixed_step = true,
          .tolerance = 1e-13};
}

TEST(LineTransient, ErrorFallsWithTheOrderOfTheMethod) {
  for (const auto& [method, order] : {std::pair{Method::TrBdf2, 2.0},
                                      {Method::Trapezoidal, 2.0},
                                      {Method::BackwardEuler, 1.0}}) {
    const double coarse = step_error(fixed(method, 4e-12));
    const double fine = step_error(fixed(method, 1e-12));
    EXPECT_NEAR(std::log(coarse / fine) / std::log(4.0), order, 0.25)
        << coarse << " " << fine;
    EXPECT_LT(coarse, 0.05);
  }
}

TEST(LineTransient, CapacitanceBetweenLinesIsPartOfTheExactSolution) {
  // As much as to ground, and ten times that.
  for (const double coupling : {40e-15, 400e-15}) {
    const double coarse = step_error(fixed(Method::TrBdf2, 4e-12), coupling);
    const double fine = step_error(fixed(Method::TrBdf2, 1e-12), coupling);
    EXPECT_NEAR(std::log(coarse / fine) / std::log(4.0), 2.0, 0.25) << coupling;
    EXPECT_LT(coarse, 0.05);
    // The step control bounds the error of a step; a run has some 100.
    LineTransientOptions options{.stop = 0.2e-9, .max_step = 0.05e-9, .reltol = 1e-6};
    EXPECT_LT(step_error(options, coupling), 1e-4);
    options.reltol = 1e-8;
    options.tolerance = 1e-12;
    EXPECT_LT(step_error(options, coupling), 1e-6);
  }
}

TEST(LineTransient, AdaptiveStepsMeetTheToleranceAndGrow) {
  LineTransientOptions options{.stop = 0.2e-9, .max_step = 0.05e-9, .reltol = 1e-4};
  EXPECT_LT(step_error(options), 1e-3);
  options.reltol = 1e-6;
  EXPECT_LT(step_error(options), 1e-5);
}

// A ramp that begins in the middle of the run: missed without its corner.
TEST(LineTransient, CornersAreMet) {
  const Example example;
  LineSolver solver(example.grid);
  solver.set_cells(example.cells);
  const double corner = 0.31e-9;
  LineTransient transient(solver, example.capacitance,
                          {.stop = 1e-9, .max_step = 0.2e-9, .corners = {corner}});
  std::vector<double> times;
  const auto report = transient.run(
      [&](double t, std::span<double> v) {
        std::ranges::fill(v, t > corner ? 1e9 * (t - corner) : 0.0);
      },
      [&](double t, std::span<const double>) {
        times.push_back(t);
        return true;
      });
  ASSERT_TRUE(report.completed) << report.message;
  EXPECT_NE(std::ranges::find(times, corner), times.end());
  EXPECT_EQ(times.back(), 1e-9);
}

TEST(LineTransient, StartsFromTheOperatingPointAndStaysThere) {
  const Example example;
  LineSolver solver(example.grid);
  solver.set_cells(example.cells);
  std::vector<double> resting(kColumns);
  ASSERT_TRUE(solver.solve(example.inputs, resting).converged);
  LineTransient transient(solver, example.capacitance,
                          {.stop = 1e-9, .max_step = 0.1e-9, .tolerance = 1e-13});
  const auto report = transient.run(
      [&](double, std::span<double> v) { std::ranges::copy(example.inputs, v.begin()); },
      [&](double, std::span<const double> y) {
        for (std::int64_t j = 0; j < kColumns; ++j)
          EXPECT_NEAR(y[j], resting[j], 1e-11 * std::abs(resting[j]));
        return true;
      });
  EXPECT_TRUE(report.completed);
}

/// i = g v0 sinh(v/v0); with a large v0 an ohmic cell.
struct SinhCells final : CellLaw {
  double v0;
  std::vector<double> g;
  SinhCells(const LineSolver& solver, const std::vector<double>& cells, double scale)
      : v0(scale), g(solver.size(), 0.0) {
    for (std::int64_t k = 0; k < kCells; ++k)
      g[solver.index(k / kColumns, k % kColumns)] = cells[k];
  }
  bool symmetric() const override { return true; }
  void evaluate(std::int64_t first, std::int64_t last, const double* w, const double* b,
                CellCurrents currents) override {
    for (std::int64_t k = first; k < last; ++k) {
      currents.i[k] = g[k] * v0 * std::sinh((w[k] - b[k]) / v0);
      currents.out[k] = g[k] * std::cosh((w[k] - b[k]) / v0);
    }
  }
};

/// Outputs after the inputs have stepped at t = 0 and rested since.
std::vector<double> response_of(double v0, const LineTransientOptions& options) {
  const Example example;
  LineSolver solver(example.grid);
  SinhCells law(solver, example.cells, v0);
  LineTransient transient(solver, example.capacitance, options, &law);
  std::vector<double> outputs;
  const auto report = transient.run(
      [&](double, std::span<double> v) { std::ranges::copy(example.inputs, v.begin()); },
      [&](double, std::span<const double> y) {
        outputs.assign(y.begin(), y.end());
        return true;
      },
      true);
  EXPECT_TRUE(report.completed) << report.message;
  return outputs;
}

TEST(LineTransient, NearlyOhmicCellsOfALawFollowTheExactSolution) {
  const LineTransientOptions options = fixed(Method::TrBdf2, 1e-12);
  const auto outputs = response_of(1e4, options);  // (v/v0)^2/6 below 1e-10
  const auto exact = Example().step_response(options.stop);
  for (std::size_t j = 0; j < exact.size(); ++j)
    EXPECT_NEAR(outputs[j], exact[j], 1e-4 * std::abs(exact[j]));
}

TEST(LineTransient, NonlinearCellsSettleAtTheirOperatingPoint) {
  const Example example;
  LineSolver solver(example.grid);
  SinhCells law(solver, example.cells, 0.05);
  std::vector<double> resting(kColumns);
  ASSERT_TRUE(solver.solve(law, example.inputs, resting).converged);
  const auto outputs =
      response_of(0.05, {.stop = 20e-9, .max_step = 1e-9, .tolerance = 1e-12});
  for (std::size_t j = 0; j < resting.size(); ++j)
    EXPECT_NEAR(outputs[j], resting[j], 1e-9 * std::abs(resting[j]));
}

TEST(LineTransient, TheSolverIsStaticAgainAfterwards) {
  const Example example;
  LineSolver solver(example.grid);
  solver.set_cells(example.cells);
  std::vector<double> before(kColumns), after(kColumns);
  solver.solve(example.inputs, before);
  LineTransient(solver, example.capacitance, fixed(Method::TrBdf2, 1e-11))
      .run([](double, std::span<double> v) { std::ranges::fill(v, 0.3); },
           [](double, std::span<const double>) { return true; });
  solver.solve(example.inputs, after);
  EXPECT_EQ(before, after);
}

}  // namespace
}  // namespace arrayspice::lines
