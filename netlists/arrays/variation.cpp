// SPDX-License-Identifier: Apache-2.0
// Weights and inputs: shapes, ranges, default weights, and what cells hold of them.
#include <fmt/format.h>

#include <Eigen/Core>
#include <cmath>

#include "netlists/arrays/array_type.hpp"
#include "netlists/arrays/cell_statistics.hpp"
#include "netlists/arrays/pairs.hpp"
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

/// Refuses the first value outside the domain. The slack lets float32 files in, whose
/// rounding of a bound may lie just beyond it.
void check_range(const Matrix& matrix, const Domain& domain, const std::string& name,
                 std::string_view keys) {
  const double slack =
      1e-6 * std::max(std::abs(domain.minimum), std::abs(domain.maximum));
  const std::int64_t shape[] = {matrix.rows, matrix.columns};
  for (std::size_t k = 0; k < matrix.values.size(); ++k) {
    const double value = matrix.values[k];
    const bool is_whole = domain.unit != "level" || value == std::floor(value);
    if (is_whole && value >= domain.minimum - slack && value <= domain.maximum + slack)
      continue;
    throw Failure(Exit::Input,
                  fmt::format("{}: element {} is {} {}; allowed is {}{} to {} {} ({})",
                              name, index_text(shape, k), value, domain.unit,
                              domain.unit == "level" ? "a whole number from " : "",
                              domain.minimum, domain.maximum, domain.unit, keys));
  }
}

}  // namespace

Matrix product(const Matrix& a, const Matrix& b) {
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Matrix c{a.rows, b.columns, std::vector<double>(a.rows * b.columns)};
  Eigen::Map<RowMajor>(c.values.data(), c.rows, c.columns).noalias() =
      Eigen::Map<const RowMajor>(a.values.data(), a.rows, a.columns) *
      Eigen::Map<const RowMajor>(b.values.data(), b.rows, b.columns);
  return c;
}

Matrix read_matrix(const std::filesystem::path& path) {
  NpyArray array = read_npy(path);
  if (array.shape.size() != 2)
    throw Failure(Exit::Input, fmt::format("{}: shape {}, but two dimensions are needed",
                                           path.string(), shape_text(array.shape)));
  return {array.shape[0], array.shape[1], std::move(array.values)};
}

Domain weight_domain(const ArraySpec& spec) {
  const std::string_view unit = cell_structure(spec).weight.unit;
  const double span = spec.cell.maximum - spec.cell.minimum;
  if (has_pairs(spec)) return {unit, -span, span};
  return {unit, spec.cell.minimum, spec.cell.maximum};
}

Domain input_domain(const ArraySpec& spec) {
  const Domain& input = cell_structure(spec).input;
  return {input.unit, input.minimum < 0.0 ? -spec.input.maximum : 0.0,
          spec.input.maximum};
}

void check_weights(const ArraySpec& spec, const Matrix& weights,
                   const std::string& name) {
  check_shape(weights, spec.array.rows, spec.array.columns, name, "(rows, columns)");
  check_range(weights, weight_domain(spec), name, "cell.minimum, cell.maximum");
}

void check_inputs(const ArraySpec& spec, const Matrix& inputs, const std::string& name) {
  check_shape(inputs, inputs.rows, spec.array.rows, name, "(batch, rows)");
  const Domain domain = input_domain(spec);
  check_range(inputs, domain, name,
              domain.minimum < 0.0 ? "+-input.maximum" : "input.maximum");
}

Matrix default_weights(const ArraySpec& spec) {
  Matrix weights{spec.array.rows, spec.array.columns, {}};
  weights.values.resize(weights.rows * weights.columns);
  const Domain domain = weight_domain(spec);
  const bool is_level = domain.unit == "level";
  const double span = domain.maximum - domain.minimum + (is_level ? 1.0 : 0.0);
  for (std::int64_t i = 0; i < weights.rows; ++i)
    for (std::int64_t j = 0; j < weights.columns; ++j)
      weights(i, j) =
          domain.minimum + span * uniform(spec.array.seed, Draw::Weight, i, j);
  if (is_level)
    for (double& w : weights.values) w = std::floor(w);
  return weights;
}

Matrix programmed_conductances(const ArraySpec& spec, const Matrix& weights,
                               const std::string& name) {
  check_weights(spec, weights, name);
  if (has_pairs(spec))
    return programmed_conductances(physical_array(spec), physical_weights(spec, weights),
                                   name);
  Matrix held = weights;
  for (std::int64_t i = 0; i < held.rows; ++i)
    for (std::int64_t j = 0; j < held.columns; ++j)
      held(i, j) = programmed_value(spec, weights(i, j), i, j);
  return held;
}

}  // namespace arrayspice
