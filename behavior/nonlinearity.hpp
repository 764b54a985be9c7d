// SPDX-License-Identifier: Apache-2.0
// Integral nonlinearity: all inputs scaled together from 0 to full scale; the distance of
// each column's output from the straight line through its end points.
#pragma once

#include <vector>

#include "behavior/array_probe.hpp"

namespace arrayspice {

struct Nonlinearity {
  std::vector<double> scale;  ///< of the inputs, 0 .. 1
  Matrix outputs;             ///< scale x columns
  std::vector<double> inl;    ///< per column: largest |distance| / |y(1) - y(0)|
};

/// inputs: full scale, rows; points >= 3.
Nonlinearity measure_nonlinearity(ArrayProbe& probe, const std::vector<double>& inputs,
                                  int points);

/// (y - end-point line) / (y(1) - y(0)) at every scale; 0 for a column without signal.
std::vector<double> end_point_error(const std::vector<double>& y);

}  // namespace arrayspice
