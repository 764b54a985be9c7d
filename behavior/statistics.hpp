// SPDX-License-Identifier: Apache-2.0
// Of a handful of numbers: means, deviations, the line through points.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "netlists/arrays/array.hpp"

namespace arrayspice {

/// All of at least one value.
double mean(std::span<const double> values);
double root_mean_square(std::span<const double> values);
/// sqrt of the mean square distance from the mean: of all there is.
double population_deviation(std::span<const double> values);
/// The same over n - 1: of a sample of at least two.
double sample_deviation(std::span<const double> values);

/// y = offset + gain x with the least squared error; gain 0 where all x are equal.
struct FittedLine {
  double offset, gain;
  double residual;  ///< rms around it
};
FittedLine fit_line(std::span<const double> x, std::span<const double> y);

std::vector<double> column_of(const Matrix& m, std::int64_t j);

}  // namespace arrayspice
