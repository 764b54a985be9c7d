// SPDX-License-Identifier: Apache-2.0
#include "behavior/array_probe.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "netlists/failure.hpp"
#include "solver/sensitivity.hpp"

namespace arrayspice {

namespace {

/// Cells of 0 S would be left out of the circuit and could not be programmed later: they
/// stay in with a conductance far below every other one.
Matrix without_gaps(Matrix conductances) {
  constexpr double kOpen = 1e-24;  // S
  for (double& g : conductances.values) g = std::max(g, kOpen);
  return conductances;
}

}  // namespace

ArrayProbe::ArrayProbe(const ArraySpec& spec, const Matrix& conductances)
    : spec_(spec),
      array_(build_array(spec, without_gaps(conductances))),
      solver_(array_.circuit->pattern(), {}, array_.circuit->conductive()),
      x_(static_cast<std::size_t>(array_.circuit->unknowns()), 0.0) {}

void ArrayProbe::program(const Matrix& conductances) {
  set_conductances(array_, without_gaps(conductances));
}

void ArrayProbe::solve(std::span<const double> inputs) {
  assert(inputs.size() == array_.inputs.size());
  set_inputs(array_, inputs);
  OperatingPointOptions options;
  options.tolerances.reltol = 1e-9;
  options.tolerances.abstol = 1e-15;
  options.tolerances.vntol = 1e-12;
  const Summary summary = operating_point(circuit(), solver_, options, x_);
  if (!summary.ok())
    throw Failure(Exit::Numeric, "operating point of the array: " + summary.message);
  ++solves_;
}

std::vector<double> ArrayProbe::outputs() const {
  std::vector<double> y;
  for (const UnknownId out : array_.outputs) y.push_back(array_.output_sign * x_[out]);
  return y;
}

Matrix ArrayProbe::cell_voltages() const {
  Matrix v{spec_.array.rows, spec_.array.columns, {}};
  for (std::size_t k = 0; k < array_.word_line.size(); ++k)
    v.values.push_back(x_[array_.word_line[k]] - x_[array_.bit_line[k]]);
  return v;
}

std::vector<double> ArrayProbe::adjoint(std::int64_t column) {
  const OutputSelector output{{output_unknown(column), array_.output_sign}};
  Adjoints adjoints = solve_adjoints(circuit(), solver_, x_, {}, {&output, 1});
  if (!adjoints.ok())
    throw Failure(Exit::Numeric, "the array is singular at its operating point");
  return std::move(adjoints.lambda.front());
}

UnknownId ArrayProbe::input_branch(std::int64_t row) const {
  return array_.circuit->branch_current(array_.inputs[row]);
}

}  // namespace arrayspice
