// SPDX-License-Identifier: Apache-2.0
// What the array solver is compared with: the same network assembled node by node and
// solved directly, with residuals formed in long double from the currents of the
// elements. For ohmic cells that is iterative refinement, for others Newton's method;
// either way the answer is good to the last bits of a double.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "solver/lines/line_solver.hpp"

namespace arrayspice::lines {

using Values = std::vector<double>;
using Voltages = std::vector<long double>;

/// The current of a cell (row-major number) at the voltages w and b of its nodes.
struct CellPoint {
  long double i;
  double out, in;  // di/dw, -di/db
};
using CellEquation =
    std::function<CellPoint(std::int64_t cell, long double w, long double b)>;

/// i = out w - in b
CellEquation linear_cells(const Values& out, const Values& in);
CellEquation ohmic_cells(const Values& conductance);

/// 2 is sinh(v / n), the same for all cells: a selector without series resistance.
CellEquation bare_selectors(double is, double n);
/// g v0 sinh(v / v0)
CellEquation sinh_cells(const Values& g, double v0);
/// k (f(vp - b) - f(vp - w)), f(x) = ln^2(1 + exp(x / 50 mV)): a transistor in the EKV
/// form whose gate is at vp above its threshold (by cell).
CellEquation transistors(double k, const Values& vp);

/// The same equations as a law for the array solver.
class EquationLaw final : public CellLaw {
 public:
  EquationLaw(const LineSolver& solver, CellEquation cells, bool symmetric);
  bool symmetric() const override { return symmetric_; }
  void evaluate(std::int64_t first, std::int64_t last, const double* w, const double* b,
                CellCurrents currents) override;

 private:
  CellEquation cells_;
  bool symmetric_;
  std::vector<std::int64_t> number_;  // by index; -1: padding
};

struct ReferenceOptions {
  bool symmetric = true;           ///< cells with in == out
  const EndLaw* ends = nullptr;    ///< in place of the last ends of the bit lines
  std::span<const double> w0, b0;  ///< where to begin; empty: 0 V
  int steps = 30;
};

struct Reference {
  Voltages w, b;          ///< row-major
  Values outputs;         ///< A, into the terminals of the bit lines
  double residual = 0.0;  ///< largest |F| of a node over the largest current of a wire
};

/// Nodes that reach no terminal and no ground stay at 0 V.
Reference solve_directly(const Grid& grid, const CellEquation& cells,
                         const Values& inputs, const ReferenceOptions& options = {});

Family uniform(std::int64_t lines, double segment, double first, double last);
/// Driven and sensed at one end through a segment.
Grid one_sided(std::int64_t n, double segment_resistance);
Values random_values(std::int64_t n, double low, double high, unsigned seed);
Values transposed(const Values& values, std::int64_t rows, std::int64_t columns);

double largest(std::span<const double> values);
/// Largest difference over the largest expected value.
double relative_error(std::span<const double> got, std::span<const double> expected);

}  // namespace arrayspice::lines
