// SPDX-License-Identifier: Apache-2.0
// A function of two numbers as a table on a uniform grid: bilinear between its points,
// and beyond them along the outermost ones.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "behavior/chord_table.hpp"

namespace arrayspice {

struct BilinearTable {
  UniformGrid a, b;            ///< one point: the function does not depend on it
  std::vector<double> values;  ///< row-major (a.count, b.count)

  double at(double x, double y) const;
  double operator()(std::size_t k, std::size_t l) const {
    return values[k * b.count + l];
  }
};

/// The points on both sides of x, and how much each counts; of a grid of one point the
/// second counts nothing.
struct GridShare {
  std::array<std::size_t, 2> point;
  std::array<double, 2> weight;
};
GridShare grid_share(const UniformGrid& grid, double x);

}  // namespace arrayspice
