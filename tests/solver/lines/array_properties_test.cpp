// SPDX-License-Identifier: Apache-2.0
// Laws that every linear network obeys, on random arrays of every kind.
#include <gtest/gtest.h>

#include <cmath>

#include "array_reference.hpp"
#include "random_arrays.hpp"

namespace arrayspice::lines {
namespace {

struct Solved {
  Values outputs, w, b;
  bool converged;
};

Solved solve(LineSolver& solver, const Values& inputs) {
  const std::int64_t cells = solver.rows() * solver.columns();
  Solved s{Values(solver.columns()), Values(cells), Values(cells), false};
  s.converged = solver.solve(inputs, s.outputs).converged;
  solver.voltages(s.w, s.b);
  return s;
}

Solved solve(const RandomArray& array, const Values& inputs) {
  LineSolver solver(array.grid);
  solver.set_cells(array.cells);
  return solve(solver, inputs);
}

TEST(ArrayProperties, OutputsAndVoltagesAreThoseOfADirectSolution) {
  for (unsigned seed = 0; seed < kRandomArrays; ++seed) {
    const RandomArray array = random_array(seed);
    SCOPED_TRACE(array.description);
    const Reference direct =
        solve_directly(array.grid, ohmic_cells(array.cells), array.inputs);
    ASSERT_LT(direct.residual, 1e-17);
    const Solved s = solve(array, array.inputs);
    EXPECT_TRUE(s.converged);
    EXPECT_LT(relative_error(s.outputs, direct.outputs), 1e-11);
    EXPECT_LT(relative_error(s.w, Values(direct.w.begin(), direct.w.end())), 1e-11);
    // Bit lines are virtual grounds: their small voltages count on the scale of inputs.
    const Values b(direct.b.begin(), direct.b.end());
    EXPECT_LT(relative_error(s.b, b) * largest(b), 1e-11 * largest(array.inputs));
  }
}

TEST(ArrayProperties, OutputsSuperpose) {
  for (unsigned seed = 0; seed < kRandomArrays; ++seed) {
    const RandomArray array = random_array(seed);
    SCOPED_TRACE(array.description);
    LineSolver solver(array.grid);
    solver.set_cells(array.cells);
    const std::int64_t m = array.grid.rows, n = array.grid.columns;
    const Values other = random_values(m, -0.5, 0.5, seed + 1);
    Values both(m), sum(n);
    for (std::int64_t i = 0; i < m; ++i) both[i] = 2.0 * array.inputs[i] - 3.0 * other[i];
    const Values a = solve(solver, array.inputs).outputs;
    const Values b = solve(solver, other).outputs;
    for (std::int64_t j = 0; j < n; ++j) sum[j] = 2.0 * a[j] - 3.0 * b[j];
    const double scale = 2.0 * largest(a) + 3.0 * largest(b);
    const Values together = solve(solver, both).outputs;
    for (std::int64_t j = 0; j < n; ++j)
      EXPECT_NEAR(together[j], sum[j], 1e-11 * scale) << "column " << j;
  }
}

// The transfer conductance of a network of resistors is the same in both directions.
TEST(ArrayProperties, DriversAndSenseCanChangePlaces) {
  for (unsigned seed = 0; seed < kRandomArrays; ++seed) {
    const RandomArray array = random_array(seed), turned = transposed(array);
    SCOPED_TRACE(array.description);
    const std::int64_t m = array.grid.rows, n = array.grid.columns;
    const std::int64_t row = seed % m, column = 7 * seed % n;
    Values row_unit(m, 0.0), column_unit(n, 0.0);
    row_unit[row] = column_unit[column] = 1.0;
    const Values forward = solve(array, row_unit).outputs;
    const Values backward = solve(turned, column_unit).outputs;
    EXPECT_NEAR(forward[column], backward[row],
                1e-11 * std::max(largest(forward), largest(backward)));
  }
}

TEST(ArrayProperties, BothSidesGiveTheSameEffectiveConductance) {
  for (unsigned seed = 0; seed < kRandomArrays; seed += 3) {
    const RandomArray array = random_array(seed), turned = transposed(array);
    SCOPED_TRACE(array.description);
    const std::int64_t m = array.grid.rows, n = array.grid.columns;
    LineSolver forward(array.grid), backward(turned.grid);
    forward.set_cells(array.cells);
    backward.set_cells(turned.cells);
    Values effective(m * n), other(m * n), product(n, 0.0);
    ASSERT_TRUE(forward.effective_conductance(effective));
    ASSERT_TRUE(backward.effective_conductance(other));
    EXPECT_LT(relative_error(transposed(other, n, m), effective), 1e-11);
    for (std::int64_t i = 0; i < m; ++i)
      for (std::int64_t j = 0; j < n; ++j)
        product[j] += effective[i * n + j] * array.inputs[i];
    EXPECT_LT(relative_error(product, solve(forward, array.inputs).outputs), 1e-11);
  }
}

/// Every element of an array: report(conductance, voltage at one end, at the other,
/// node at one end, at the other); a node is the address of its voltage, null a terminal.
template <class Report>
void for_each_wire(const Family& family, std::int64_t lines, std::int64_t cells,
                   std::int64_t line_stride, std::int64_t cell_stride, const Values& v,
                   const Values& terminal, const Report& report) {
  for (std::int64_t l = 0; l < lines; ++l) {
    const double* node = &v[l * line_stride];
    const double at = terminal.empty() ? 0.0 : terminal[l];
    for (std::int64_t k = 0; k < cells; ++k, node += cell_stride) {
      if (k == 0) report(family.first_end[l], at, *node, nullptr, node);
      if (!family.shunt.empty()) report(family.shunt[l], 0.0, *node, nullptr, node);
      if (k + 1 == cells) {
        report(family.last_end[l], at, *node, nullptr, node);
        break;
      }
      report(
          family.varied.empty() ? family.segment[l] : family.varied[l * (cells - 1) + k],
          *node, node[cell_stride], node, node + cell_stride);
    }
  }
}

template <class Report>
void for_each_element(const RandomArray& a, const Solved& s, const Report& report) {
  const std::int64_t m = a.grid.rows, n = a.grid.columns;
  for_each_wire(a.grid.word, m, n, n, 1, s.w, a.inputs, report);
  for_each_wire(a.grid.bit, n, m, 1, n, s.b, {}, report);
  for (std::int64_t k = 0; k < m * n; ++k)
    report(a.cells[k], s.w[k], s.b[k], &s.w[k], &s.b[k]);
}

// To the tolerance of 1e-12 of the cell currents (twice: kSlack of the solver), and to
// the rounding of the currents, g V eps; all as norms, which is what the solver controls.
TEST(ArrayProperties, CurrentsBalanceAtEveryNode) {
  for (unsigned seed = 0; seed < kRandomArrays; ++seed) {
    const RandomArray array = random_array(seed);
    SCOPED_TRACE(array.description);
    const Solved s = solve(array, array.inputs);
    const std::int64_t cells = array.grid.rows * array.grid.columns;
    Values into(2 * cells, 0.0);
    const auto number = [&](const double* node) {
      const bool word = node >= s.w.data() && node < s.w.data() + cells;
      return word ? node - s.w.data() : cells + (node - s.b.data());
    };
    double cell_currents = 0.0, rounding = 0.0;
    for_each_element(
        array, s, [&](double g, double va, double vb, const double* a, const double* b) {
          const double i = g * (va - vb);
          if (a) into[number(a)] -= i;
          into[number(b)] += i;
          rounding = std::hypot(rounding, g * std::max(std::abs(va), std::abs(vb)));
        });
    for (std::int64_t k = 0; k < cells; ++k)
      cell_currents = std::hypot(cell_currents, array.cells[k] * (s.w[k] - s.b[k]));
    for (std::int64_t k = 0; k < 2 * cells; ++k)
      ASSERT_NEAR(into[k], 0.0, 2e-12 * cell_currents + 4.0 * 2.2e-16 * rounding)
          << "node " << k;
  }
}

TEST(ArrayProperties, TerminalsDeliverWhatTheElementsDissipate) {
  for (unsigned seed = 0; seed < kRandomArrays; ++seed) {
    const RandomArray array = random_array(seed);
    SCOPED_TRACE(array.description);
    const Solved s = solve(array, array.inputs);
    double dissipated = 0.0, delivered = 0.0, gross = 0.0, rounding = 0.0;
    for_each_element(array, s,
                     [&](double g, double va, double vb, const double* a, const double*) {
                       const double i = g * (va - vb);
                       dissipated += i * (va - vb);
                       if (a) return;
                       delivered += va * i;
                       gross += std::abs(va * i);
                       rounding += std::abs(va) * g * std::abs(va) * 2.2e-16;
                     });
    EXPECT_NEAR(delivered, dissipated, 1e-11 * gross + 4.0 * rounding);
  }
}

// Without an end a bit line carries no current out; with wires that conduct perfectly
// (the arrays are small and the wires 1e-4 ohm) it is at the mean of its inputs, weighted
// with the conductances.
TEST(ArrayProperties, OpenBitLinesDivideTheirInputs) {
  const std::int64_t m = 19, n = 21;
  const Grid grid{m, n, uniform(m, 1e4, 1e4, 0.0), uniform(n, 1e4, 0.0, 0.0)};
  RandomArray array{"", grid, pattern("random", m, n, 1), random_values(m, -0.2, 0.3, 2)};
  const Solved s = solve(array, array.inputs);
  ASSERT_TRUE(s.converged);
  for (std::int64_t j = 0; j < n; ++j) {
    double gv = 0.0, g = 0.0;
    for (std::int64_t i = 0; i < m; ++i) {
      gv += array.cells[i * n + j] * array.inputs[i];
      g += array.cells[i * n + j];
    }
    EXPECT_EQ(s.outputs[j], 0.0);
    // A cell's current passes at most m + n segments: 40 * 1e-4 ohm * 1e-3 S.
    for (std::int64_t i = 0; i < m; ++i) EXPECT_NEAR(s.b[i * n + j], gv / g, 4e-6 * 0.3);
  }
}

TEST(ArrayProperties, OpenBitLinesAreThoseOfADirectSolutionWithLossyWires) {
  for (const Pattern& p : patterns()) {
    SCOPED_TRACE(p.name);
    const std::int64_t m = 37, n = 18;
    const Grid grid{m, n, uniform(m, 0.2, 0.1, 0.0), uniform(n, 0.2, 0.0, 0.0)};
    RandomArray array{"", grid, p.conductances(m, n, 5), random_values(m, -0.2, 0.3, 2)};
    const Reference direct = solve_directly(grid, ohmic_cells(array.cells), array.inputs);
    const Solved s = solve(array, array.inputs);
    EXPECT_TRUE(s.converged);
    EXPECT_LT(relative_error(s.w, Values(direct.w.begin(), direct.w.end())), 1e-11);
    EXPECT_LT(relative_error(s.b, Values(direct.b.begin(), direct.b.end())), 1e-11);
  }
}

}  // namespace
}  // namespace arrayspice::lines
