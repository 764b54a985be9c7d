// SPDX-License-Identifier: Apache-2.0
#include "behavior/sense_end.hpp"

#include <algorithm>
#include <vector>

#include "behavior/mvm.hpp"
#include "behavior/statistics.hpp"

namespace arrayspice {

namespace {

constexpr std::int64_t kPoints = 9;
/// Of the largest current that all cells of a column can bring.
constexpr double kUsed = 0.5;

}  // namespace

SenseEnd measure_sense_end(const ArraySpec& spec) {
  if (spec.sense.kind == "virtual-ground") return {};
  ArraySpec one = spec;
  one.array.rows = one.array.columns = 1;
  one.cell.structure = "1R";
  one.cell.model = "ohmic";
  one.wire = {.word_line_resistance = 0.0, .bit_line_resistance = 0.0};
  one.driver = {};
  one.sense.resistance = 0.0;
  one.variation = {};
  // One conductance for a column of them.
  const double g = static_cast<double>(spec.array.rows) * spec.cell.maximum;
  const double most = kUsed * (spec.cell.structure == "gate-input" ? spec.supply.read
                                                                   : spec.input.maximum);
  Matrix inputs{kPoints, 1, {}};
  for (std::int64_t k = 0; k < kPoints; ++k)
    inputs.values.push_back(most * (2.0 * static_cast<double>(k) / (kPoints - 1) - 1.0));
  const std::vector<double> currents =
      ArraySolver(one, {1, 1, {g}}).multiply(inputs).values;
  std::vector<double> ends;
  for (std::size_t k = 0; k < currents.size(); ++k)
    ends.push_back(inputs.values[k] - currents[k] / g);
  const FittedLine line = fit_line(currents, ends);
  return {line.offset, std::max(line.gain, 0.0), kPoints};
}

}  // namespace arrayspice
