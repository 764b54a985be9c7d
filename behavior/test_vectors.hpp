// SPDX-License-Identifier: Apache-2.0
// Random arrays and inputs that a behavioral model is chosen and judged on: of several
// kinds, because a model that is right on dense uniform data may be wrong on others.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "netlists/arrays/array.hpp"

namespace arrayspice {

enum class Distribution : std::uint8_t {
  Uniform,     ///< weights and inputs uniform over their range
  Gaussian,    ///< differential pairs (2n, 2n + 1) of a Gaussian weight, rectified inputs
  Sparse,      ///< one weight in five and one input in five not at its minimum
  Structured,  ///< smooth waves over rows and columns, like images
  Bipolar,     ///< uniform weights, inputs uniform in +-input.maximum, where inputs have
               ///< both signs
  Given,       ///< the user's weights, shifted along rows and columns; rectified inputs
};
std::string_view distribution_name(Distribution kind);

struct TestVector {
  Distribution kind;
  Matrix weights;              ///< rows x columns; levels are whole
  std::vector<double> inputs;  ///< rows; levels are whole
};

/// The number-th vector: equal for equal (spec, number), kinds in turn. With given
/// weights (no rows: none) every second vector is of that kind. Without both signs there
/// are no inputs below 0.
TestVector test_vector(const ArraySpec& spec, std::int64_t number, const Matrix& given,
                       bool both_signs = true);

}  // namespace arrayspice
