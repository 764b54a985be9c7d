// SPDX-License-Identifier: Apache-2.0
#include "behavior/gradient_check.hpp"

#include <cmath>

#include "behavior/wired_array.hpp"

namespace arrayspice {

std::optional<LineArray::Gradient> circuit_gradient(const ArraySpec& spec,
                                                    const ChordTable& table,
                                                    const Matrix& conductances,
                                                    std::span<const double> input,
                                                    std::span<const double> weights) {
  if (spec.cell.structure != "1R" || !why_not_lines(spec).empty()) return {};
  WiredArray array(spec, conductances);
  if (array.amplifiers()) return {};
  std::vector<double> outputs(static_cast<std::size_t>(spec.array.columns));
  LineArray::Gradient g{CellValues(conductances.values.size()),
                        std::vector<double>(input.size())};
  if (!array.solve(input, outputs).empty() ||
      !array.solver().gradient(weights,
                               {.by_current = g.by_conductance, .by_input = g.by_input}))
    return {};
  CellValues w(g.by_conductance.size()), b(w.size());
  array.solver().voltages(w, b);
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
