// SPDX-License-Identifier: Apache-2.0
#include "behavior/chord_table.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <stdexcept>

namespace arrayspice {

namespace {

/// Where x lies on a grid: the interval, the fraction in it, and whether x was outside.
struct Place {
  std::size_t interval;
  double t;
  bool clamped;
};

Place locate(const UniformGrid& grid, double x) {
  const double last = static_cast<double>(grid.count - 1);
  const double wanted = (x - grid.first) / grid.step;
  const double s = std::clamp(wanted, 0.0, last);
  const auto interval = std::min(static_cast<std::size_t>(s), grid.count - 2);
  return {interval, s - static_cast<double>(interval), s != wanted};
}

std::array<double, 4> catmull_rom(double t) {
  return {0.5 * t * (t * (2.0 - t) - 1.0), 0.5 * (t * t * (3.0 * t - 5.0) + 2.0),
          0.5 * t * (t * (4.0 - 3.0 * t) + 1.0), 0.5 * t * t * (t - 1.0)};
}

std::array<double, 4> catmull_rom_slope(double t) {
  return {0.5 * (t * (4.0 - 3.0 * t) - 1.0), 0.5 * t * (9.0 * t - 10.0),
          0.5 * (t * (8.0 - 9.0 * t) + 1.0), 0.5 * t * (3.0 * t - 2.0)};
}

double dot(const std::array<double, 4>& a, const std::array<double, 4>& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
}

/// Fills both ends of a line of n values that starts at `line` + stride: the parabola
/// through the three nearest values.
void extrapolate(double* line, std::size_t stride, std::size_t n) {
  const auto at = [&](std::size_t k) -> double& { return line[k * stride]; };
  at(0) = 3.0 * at(1) - 3.0 * at(2) + at(3);
  at(n + 1) = 3.0 * at(n) - 3.0 * at(n - 1) + at(n - 2);
}

}  // namespace

std::vector<double> UniformGrid::points() const {
  std::vector<double> p(count);
  for (std::size_t k = 0; k < count; ++k) p[k] = (*this)[k];
  return p;
}

UniformGrid uniform_grid(const std::vector<double>& points) {
  if (points.size() < 4) throw std::invalid_argument("a table axis needs four points");
  const double span = points.back() - points.front();
  const UniformGrid grid{points.front(), span / static_cast<double>(points.size() - 1),
                         points.size()};
  if (!(span > 0.0)) throw std::invalid_argument("a table axis must ascend");
  for (std::size_t k = 0; k < points.size(); ++k)
    if (!(std::abs(points[k] - grid[k]) <= 1e-9 * grid.step))
      throw std::invalid_argument("a table axis must be uniform");
  return grid;
}

ChordTable::ChordTable(UniformGrid v, UniformGrid g, const std::vector<double>& ratio)
    : v_(v), g_(g), padded_((v.count + 2) * (g.count + 2)) {
  assert(v.count >= 4 && g.count >= 4 && ratio.size() == v.count * g.count);
  const std::size_t width = g.count + 2;
  for (std::size_t k = 0; k < v.count; ++k) {
    double* row = &padded_[(k + 1) * width];
    std::copy_n(&ratio[k * g.count], g.count, row + 1);
    extrapolate(row, 1, g.count);
  }
  for (std::size_t c = 0; c < width; ++c) extrapolate(&padded_[c], width, v.count);
}

ChordTable::Cell ChordTable::cell(double g) const {
  const Place at = locate(g_, g);
  Cell cell{g, at.interval, catmull_rom(at.t), {}};
  if (!at.clamped) cell.slope = catmull_rom_slope(at.t);
  for (double& slope : cell.slope) slope /= g_.step;
  return cell;
}

/// The table along v at the cell's conductance, or its slope there: four values from
/// `row`.
std::array<double, 4> ChordTable::across(const Cell& cell,
                                         const std::array<double, 4>& weight,
                                         std::size_t row) const {
  std::array<double, 4> line;
  for (std::size_t a = 0; a < 4; ++a) {
    const double* p = &padded_[(row + a) * (g_.count + 2) + cell.column];
    line[a] = dot(weight, {p[0], p[1], p[2], p[3]});
  }
  return line;
}

ChordTable::Point ChordTable::at(const Cell& cell, double v) const {
  const Place at = locate(v_, v);
  const std::array<double, 4> line = across(cell, cell.weight, at.interval);
  const double rho = dot(catmull_rom(at.t), line);
  const double slope = at.clamped ? 0.0 : dot(catmull_rom_slope(at.t), line) / v_.step;
  return {cell.g * v * rho, std::max(0.0, cell.g * (rho + v * slope))};
}

double ChordTable::ratio(double v, double g) const {
  const Place at = locate(v_, v);
  const Cell here = cell(g);
  return dot(catmull_rom(at.t), across(here, here.weight, at.interval));
}

double ChordTable::by_conductance(const Cell& cell, double v) const {
  const Place at = locate(v_, v);
  const std::array<double, 4> along = catmull_rom(at.t);
  const double rho = dot(along, across(cell, cell.weight, at.interval));
  const double slope = dot(along, across(cell, cell.slope, at.interval));
  return v * (rho + cell.g * slope);
}

std::vector<double> ChordTable::values() const {
  std::vector<double> values;
  values.reserve(v_.count * g_.count);
  for (std::size_t k = 1; k <= v_.count; ++k)
    for (std::size_t c = 1; c <= g_.count; ++c) values.push_back(padded(k, c));
  return values;
}

}  // namespace arrayspice
