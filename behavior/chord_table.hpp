// SPDX-License-Identifier: Apache-2.0
// A cell as a table of its chord ratio  rho(v, g) = i / (g v): dimensionless, 1 for an
// ohmic cell, smooth where the current itself would lose digits near 0 V.
// Interpolation: Catmull-Rom along both axes (docs/line-model.md).
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace arrayspice {

/// first + k step, k = 0 .. count - 1.
struct UniformGrid {
  double first = 0.0;
  double step = 1.0;
  std::size_t count = 0;
  double operator[](std::size_t k) const { return first + step * static_cast<double>(k); }
  double last() const { return (*this)[count - 1]; }
  std::vector<double> points() const;
};

/// The grid of the given points; throws std::invalid_argument unless they are at least
/// four, ascending and uniform to 1e-9 of the step.
UniformGrid uniform_grid(const std::vector<double>& points);

class ChordTable {
 public:
  /// ratio: row-major (v.count, g.count); both grids have at least four points.
  ChordTable(UniformGrid v, UniformGrid g, const std::vector<double>& ratio);

  /// The four table columns around one conductance, their weights, and the weights'
  /// slopes per siemens.
  struct Cell {
    double g = 0.0;
    std::size_t column = 0;
    std::array<double, 4> weight{}, slope{};
  };
  Cell cell(double g) const;

  struct Point {
    double i;  ///< A
    double d;  ///< S, slope di/dv, never negative
  };
  Point at(const Cell& cell, double v) const;
  double ratio(double v, double g) const;
  double by_conductance(const Cell& cell, double v) const;  ///< di/dg, V

  const UniformGrid& v() const { return v_; }
  const UniformGrid& g() const { return g_; }
  /// The values as given: row-major (v, g).
  std::vector<double> values() const;

 private:
  double padded(std::size_t row, std::size_t column) const {
    return padded_[row * (g_.count + 2) + column];
  }
  std::array<double, 4> across(const Cell& cell, const std::array<double, 4>& weight,
                               std::size_t row) const;

  UniformGrid v_, g_;
  std::vector<double> padded_;  // with one ghost line at each side
};

}  // namespace arrayspice
