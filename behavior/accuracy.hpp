// SPDX-License-Identifier: Apache-2.0
// How far a model's outputs are from circuit solves of the same arrays and inputs.
#pragma once

#include <optional>

#include "netlists/arrays/array.hpp"

namespace arrayspice {

/// All relative to the rms of the true values, or to a given full scale.
struct Accuracy {
  double nrmse = 0.0;
  /// Of y(2n) - y(2n+1), the columns of a differential pair, relative to the rms of the
  /// true differences (or full scale); nothing for an array of one column.
  std::optional<double> nrmse_differential;
  double max = 0.0;  ///< largest error
  double p99 = 0.0;  ///< 99 % of all errors are not larger
};

/// rms error of the nonideality factor (I_ideal - I) / I_ideal, over outputs whose ideal
/// value is above 2 % of the largest.
double nonideality_error(const Matrix& model, const Matrix& truth, const Matrix& ideal);

/// Both matrices are (solves x columns). At least one value must not be zero.
Accuracy accuracy_of(const Matrix& model, const Matrix& truth);
Accuracy accuracy_of(const Matrix& model, const Matrix& truth, double full_scale);

}  // namespace arrayspice
