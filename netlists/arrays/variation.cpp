// SPDX-License-Identifier: Apache-2.0
// What the cells of an array hold: default weights, programming variation, stuck cells.
//
// Lognormal variation that keeps the mean: G = w exp(s z - s^2 / 2), z standard normal,
// s^2 = ln(1 + sigma^2), so that E[G] = w and the standard deviation of G is sigma w.
#include <fmt/format.h>

#include <cmath>

#include "netlists/arrays/array.hpp"
#include "netlists/arrays/random.hpp"
#include "netlists/failure.hpp"
#include "netlists/npy.hpp"

namespace arrayspice {

namespace {

void check_shape(const Matrix& matrix, std::int64_t rows, std::int64_t columns,
                 const std::string& name, std::string_view what) {
  if (matrix.rows == rows && matrix.columns == columns) return;
  throw Failure(Exit::Input,
                fmt::format("{}: shape ({}, {}), but the spec needs {} = ({}, {})", name,
                            matrix.rows, matrix.columns, what, rows, columns));
}

/// Refuses the first value outside [low, high]. The slack lets float32 files in, whose
/// rounding of a bound may lie just beyond it.
void check_range(const Matrix& matrix, double low, double high, const std::string& name,
                 std::string_view unit, std::string_view keys) {
  const double slack = 1e-6 * std::max(std::abs(low), std::abs(high));
  const std::int64_t shape[] = {matrix.rows, matrix.columns};
  for (std::size_t k = 0; k < matrix.values.size(); ++k) {
    const double value = matrix.values[k];
    if (value >= low - slack && value <= high + slack) continue;
    throw Failure(
        Exit::Input,
        fmt::format("{}: element {} is {} {}; allowed is {} to {} {} ({})", name,
                    index_text(shape, k), value, unit, low, high, unit, keys));
  }
}

}  // namespace

Matrix read_matrix(const std::filesystem::path& path) {
  NpyArray array = read_npy(path);
  if (array.shape.size() != 2)
    throw Failure(Exit::Input, fmt::format("{}: shape {}, but two dimensions are needed",
                                           path.string(), shape_text(array.shape)));
  return {array.shape[0], array.shape[1], std::move(array.values)};
}

void check_weights(const ArraySpec& spec, const Matrix& weights,
                   const std::string& name) {
  check_shape(weights, spec.array.rows, spec.array.columns, name, "(rows, columns)");
  check_range(weights, spec.cell.minimum, spec.cell.maximum, name, "S",
              "cell.minimum, cell.maximum");
}

void check_inputs(const ArraySpec& spec, const Matrix& inputs, const std::string& name) {
  check_shape(inputs, inputs.rows, spec.array.rows, name, "(batch, rows)");
  check_range(inputs, -spec.input.maximum, spec.input.maximum, name, "V",
              "+-input.maximum");
}

Matrix default_weights(const ArraySpec& spec) {
  Matrix weights{spec.array.rows, spec.array.columns, {}};
  weights.values.resize(weights.rows * weights.columns);
  const double span = spec.cell.maximum - spec.cell.minimum;
  for (std::int64_t i = 0; i < weights.rows; ++i)
    for (std::int64_t j = 0; j < weights.columns; ++j)
      weights(i, j) =
          spec.cell.minimum + span * uniform(spec.array.seed, Draw::Weight, i, j);
  return weights;
}

Matrix programmed_conductances(const ArraySpec& spec, const Matrix& weights,
                               const std::string& name) {
  check_weights(spec, weights, name);
  const auto& variation = spec.variation;
  const double s = std::sqrt(std::log1p(std::pow(variation.conductance_sigma, 2)));
  Matrix g = weights;
  for (std::int64_t i = 0; i < g.rows; ++i) {
    for (std::int64_t j = 0; j < g.columns; ++j) {
      if (s > 0.0)
        g(i, j) *=
            std::exp(s * normal(spec.array.seed, Draw::Conductance, i, j) - 0.5 * s * s);
      const double u = uniform(spec.array.seed, Draw::Stuck, i, j);
      if (u < variation.stuck_off)
        g(i, j) = spec.cell.minimum;
      else if (u < variation.stuck_off + variation.stuck_on)
        g(i, j) = spec.cell.maximum;
    }
  }
  return g;
}

}  // namespace arrayspice
