// SPDX-License-Identifier: Apache-2.0
#include "behavior/gradient_check.hpp"

#include <cmath>

#include "behavior/array_lines.hpp"
#include "solver/lines/line_solver.hpp"

namespace arrayspice {

std::optional<LineArray::Gradient> circuit_gradient(const ArraySpec& spec,
                                                    const ChordTable& table,
                                                    const Matrix& conductances,
                                                    std::span<const double> input,
                                                    std::span<const double> weights) {
  if (spec.cell.structure != "1R" || !why_not_lines(spec).empty() || amplifiers_of(spec))
    return {};
  lines::LineSolver solver(grid_of(spec));
  const auto law = cell_law_of(spec, conductances, solver);
  std::vector<double> outputs(static_cast<std::size_t>(spec.array.columns));
  bool converged = true;
  if (law) {
    converged = solver.solve(*law, input, outputs).converged;
  } else {
    solver.set_cells(conductances.values);
    converged = solver.solve(input, outputs).converged;
  }
  LineArray::Gradient g{CellValues(conductances.values.size()),
                        std::vector<double>(input.size())};
  if (!converged || !solver.gradient(weights, g.by_conductance, g.by_input)) return {};
  CellValues w(g.by_conductance.size()), b(w.size());
  solver.voltages(w, b);
  for (std::size_t k = 0; k < w.size(); ++k)
    g.by_conductance[k] *=
        table.by_conductance(table.cell(conductances.values[k]), w[k] - b[k]);
  return g;
}

namespace {

void add_squares(std::span<const double> model, std::span<const double> truth,
                 double& error, double& size) {
  for (std::size_t k = 0; k < truth.size(); ++k) {
    error += (model[k] - truth[k]) * (model[k] - truth[k]);
    size += truth[k] * truth[k];
  }
}

}  // namespace

void GradientError::add(const LineArray::Gradient& model,
                        const LineArray::Gradient& circuit) {
  add_squares(model.by_conductance, circuit.by_conductance, by_conductance,
              by_conductance_of);
  add_squares(model.by_input, circuit.by_input, by_input, by_input_of);
}

double GradientError::relative_by_conductance() const {
  return std::sqrt(by_conductance / by_conductance_of);
}
double GradientError::relative_by_input() const {
  return std::sqrt(by_input / by_input_of);
}

}  // namespace arrayspice
