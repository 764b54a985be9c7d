// SPDX-License-Identifier: Apache-2.0
#include "netlists/arrays/pairs.hpp"

#include <algorithm>

namespace arrayspice {

namespace {
bool is_separate(const ArraySpec& spec) { return spec.array.pairs == "separate"; }
}  // namespace

bool has_pairs(const ArraySpec& spec) { return spec.array.pairs != "none"; }

ArraySpec physical_array(const ArraySpec& spec) {
  ArraySpec physical = spec;
  if (!has_pairs(spec)) return physical;
  (is_separate(spec) ? physical.array.columns : physical.array.rows) *= 2;
  physical.array.pairs = "none";
  return physical;
}

Matrix physical_weights(const ArraySpec& spec, const Matrix& weights) {
  if (!has_pairs(spec)) return weights;
  const ArraySpec::Array& array = physical_array(spec).array;
  Matrix cells{array.rows, array.columns,
               std::vector<double>(array.rows * array.columns)};
  for (std::int64_t i = 0; i < weights.rows; ++i) {
    for (std::int64_t j = 0; j < weights.columns; ++j) {
      const double plus = spec.cell.minimum + std::max(weights(i, j), 0.0);
      const double minus = spec.cell.minimum + std::max(-weights(i, j), 0.0);
      if (is_separate(spec)) {
        cells(i, 2 * j) = plus;
        cells(i, 2 * j + 1) = minus;
      } else {
        cells(2 * i, j) = plus;
        cells(2 * i + 1, j) = minus;
      }
    }
  }
  return cells;
}

Matrix physical_inputs(const ArraySpec& spec, const Matrix& inputs) {
  if (!has_pairs(spec) || is_separate(spec)) return inputs;
  Matrix both{inputs.rows, 2 * inputs.columns, {}};
  for (const double volt : inputs.values)
    both.values.insert(both.values.end(), {volt, -volt});
  return both;
}

std::vector<double> physical_input(const ArraySpec& spec, std::span<const double> input) {
  return physical_inputs(spec, {1, std::ssize(input),
                                std::vector<double>(input.begin(), input.end())})
      .values;
}

Matrix logical_outputs(const ArraySpec& spec, Matrix outputs) {
  if (!has_pairs(spec) || !is_separate(spec)) return outputs;
  Matrix differences{outputs.rows, outputs.columns / 2, {}};
  for (std::int64_t k = 0; k < outputs.rows; ++k)
    for (std::int64_t j = 0; j < differences.columns; ++j)
      differences.values.push_back(outputs(k, 2 * j) - outputs(k, 2 * j + 1));
  return differences;
}

}  // namespace arrayspice
