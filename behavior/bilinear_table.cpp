// SPDX-License-Identifier: Apache-2.0
#include "behavior/bilinear_table.hpp"

#include <algorithm>

namespace arrayspice {

GridShare grid_share(const UniformGrid& grid, double x) {
  if (grid.count < 2) return {{0, 0}, {1.0, 0.0}};
  const double s = (x - grid.first) / grid.step;
  const double lower = std::clamp(s, 0.0, static_cast<double>(grid.count - 2));
  const auto k = static_cast<std::size_t>(lower);
  const double t = s - static_cast<double>(k);
  return {{k, k + 1}, {1.0 - t, t}};
}

double BilinearTable::at(double x, double y) const {
  const GridShare p = grid_share(a, x), q = grid_share(b, y);
  double sum = 0.0;
  for (std::size_t k = 0; k < 2; ++k)
    for (std::size_t l = 0; l < 2; ++l)
      sum += p.weight[k] * q.weight[l] * (*this)(p.point[k], q.point[l]);
  return sum;
}

}  // namespace arrayspice
