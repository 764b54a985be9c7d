// SPDX-License-Identifier: Apache-2.0
// An array on the bench: apply inputs, read outputs and cell voltages, and ask for the
// sensitivity of an output at the operating point.
//
// With F(x, V) = 0 and one adjoint solve  J^T lambda = e_out  per output,
//     d x_out / d p = - lambda . dF/dp   for any number of parameters p:
// a source V adds  v(p) - v(m) - V = 0,  so  d x_out / dV = lambda[branch of V].
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "netlists/arrays/array.hpp"
#include "solver/analysis.hpp"
#include "solver/linear_solver.hpp"

namespace arrayspice {

class ArrayProbe {
 public:
  ArrayProbe(const ArraySpec& spec, const Matrix& conductances);

  /// Other conductances in the cells (rows x columns, S).
  void program(const Matrix& conductances);
  /// Finds the operating point with these inputs (rows, V), starting from the last one.
  /// Throws Failure (Exit::Numeric) when there is none.
  void solve(std::span<const double> inputs);
  std::vector<double> outputs() const;  ///< columns, the output's unit
  /// Word line minus bit line at every cell, V.
  Matrix cell_voltages() const;

  /// lambda of column j at the last solution.
  std::vector<double> adjoint(std::int64_t column);
  UnknownId input_branch(std::int64_t row) const;
  UnknownId output_unknown(std::int64_t column) const { return array_.outputs[column]; }

  const ArrayCircuit& array() const { return array_; }
  Circuit& circuit() { return *array_.circuit; }
  DirectSolver& solver() { return solver_; }
  std::int64_t solves() const { return solves_; }

 private:
  ArraySpec spec_;
  ArrayCircuit array_;
  DirectSolver solver_;
  std::vector<double> x_;
  std::int64_t solves_ = 0;
};

}  // namespace arrayspice
