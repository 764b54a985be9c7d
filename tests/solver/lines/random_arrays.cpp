// SPDX-License-Identifier: Apache-2.0
#include "random_arrays.hpp"

#include <array>
#include <cmath>
#include <cstring>
#include <random>
#include <stdexcept>
#include <utility>

namespace arrayspice::lines {

namespace {

/// Random conductances, each replaced by rule(its value, row, column, a draw in 0..1).
template <class Rule>
Values patterned(std::int64_t rows, std::int64_t columns, unsigned seed,
                 const Rule& rule) {
  Values g = random_values(rows * columns, 10e-6, 100e-6, seed);
  const Values draw = random_values(rows * columns, 0.0, 1.0, seed + 1000);
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j) {
      const std::int64_t k = i * columns + j;
      g[k] = rule(g[k], i, j, draw[k]);
    }
  return g;
}

using I = std::int64_t;
// clang-format off
constexpr std::array kPatterns{
    Pattern{"random", [](I m, I n, unsigned s) {
      return patterned(m, n, s, [](double g, I, I, double) { return g; }); }},
    Pattern{"differential pairs", [](I m, I n, unsigned s) {
      return patterned(m, n, s, [](double g, I, I j, double d) {
        return j % 2 == 1 ? 1e-6 * d : g; }); }},
    Pattern{"checkerboard of contrast 100", [](I m, I n, unsigned s) {
      return patterned(m, n, s, [](double g, I i, I j, double) {
        return (i / 8 + j / 8) % 2 == 0 ? g : 0.01 * g; }); }},
    Pattern{"binary", [](I m, I n, unsigned s) {
      return patterned(m, n, s, [](double, I, I, double d) {
        return d < 0.5 ? 1e-6 : 100e-6; }); }},
    Pattern{"every third row weak", [](I m, I n, unsigned s) {
      return patterned(m, n, s, [](double g, I i, I, double) {
        return i % 3 == 0 ? 0.01 * g : g; }); }},
    Pattern{"rows and columns scaled", [](I m, I n, unsigned s) {
      return patterned(m, n, s, [](double g, I i, I j, double) {
        return g * std::pow(10.0, std::sin(2.0 * double(i)) + std::sin(3.0 * double(j)));
      }); }},
    Pattern{"sparse", [](I m, I n, unsigned s) {
      return patterned(m, n, s, [](double g, I, I, double d) {
        return d < 0.05 ? g : 0.0; }); }},
    Pattern{"half weak", [](I m, I n, unsigned s) {
      return patterned(m, n, s, [n](double g, I, I j, double) {
        return 2 * j < n ? 1e-3 * g : g; }); }},
    Pattern{"opens", [](I m, I n, unsigned s) {
      return patterned(m, n, s, [](double g, I, I, double d) {
        return d < 0.2 ? 0.0 : g; }); }},
    Pattern{"shorts of 2 ohm", [](I m, I n, unsigned s) {
      return patterned(m, n, s, [](double g, I, I, double d) {
        return d < 0.01 ? 0.5 : g; }); }},
    Pattern{"shorts of 0.1 ohm", [](I m, I n, unsigned s) {
      return patterned(m, n, s, [](double g, I, I, double d) {
        return d < 0.01 ? 10.0 : g; }); }},
    Pattern{"stuck cells", [](I m, I n, unsigned s) {
      return patterned(m, n, s, [](double g, I, I, double d) {
        return d < 0.01 ? 1e-3 : d < 0.03 ? 1e-9 : g; }); }},
    Pattern{"row of zeros", [](I m, I n, unsigned s) {
      return patterned(m, n, s, [m](double g, I i, I, double) {
        return i == m / 2 ? 0.0 : g; }); }},
    Pattern{"column of zeros", [](I m, I n, unsigned s) {
      return patterned(m, n, s, [n](double g, I, I j, double) {
        return j == n / 2 ? 0.0 : g; }); }},
    Pattern{"nothing conducts", [](I m, I n, unsigned) {
      return Values(m * n, 0.0); }},
};
// clang-format on

constexpr std::pair<I, I> kShapes[] = {{1, 1},   {1, 2},   {2, 1},   {1, 40},  {33, 1},
                                       {15, 17}, {16, 16}, {17, 50}, {48, 31}, {31, 16},
                                       {16, 33}, {64, 20}, {29, 100}};

constexpr std::array kEnds{
    std::array{1.0, 0.0, 0.0, 1.0},    // driven and sensed at one end
    std::array{1.0, 0.7, 0.4, 1.0},    // at both
    std::array{0.0, 1.0, 1.0, 0.0},    // at the others
    std::array{0.05, 0.0, 0.1, 0.02},  // through resistors
    std::array{1e5, 0.0, 0.0, 1e5},    // through next to nothing
};

constexpr std::array kSegmentResistance{0.1, 1.0, 10.0, 100.0};

/// Every line has its own resistance per segment.
void vary_lines(Family& family, unsigned seed) {
  const Values factor =
      random_values(static_cast<I>(family.segment.size()), 0.3, 3.0, seed);
  for (std::size_t k = 0; k < factor.size(); ++k) family.segment[k] *= factor[k];
}

/// Every segment has its own resistance; one in a hundred is broken when asked for.
void vary_segments(Family& family, I cells, bool broken, unsigned seed) {
  const auto lines = static_cast<I>(family.segment.size());
  family.varied = random_values(lines * (cells - 1), 0.3, 3.0, seed);
  const Values draw = random_values(lines * (cells - 1), 0.0, 1.0, seed + 1);
  for (I l = 0; l < lines; ++l)
    for (I k = 0; k < cells - 1; ++k) {
      double& c = family.varied[l * (cells - 1) + k];
      c *= broken && draw[l * (cells - 1) + k] < 0.01 ? 0.0 : family.segment[l];
    }
}

const char* apply_wires(Grid& grid, unsigned kind, unsigned seed) {
  switch (kind) {
    case 1:
      vary_lines(grid.word, seed);
      vary_lines(grid.bit, seed + 1);
      return "lines vary";
    case 2:
      vary_segments(grid.word, grid.columns, false, seed);
      vary_segments(grid.bit, grid.rows, false, seed + 1);
      return "segments vary";
    case 3:
      vary_segments(grid.word, grid.columns, true, seed);
      return "broken word lines";
    case 4:
      vary_segments(grid.bit, grid.rows, true, seed);
      return "broken bit lines";
    case 5:
      grid.word.shunt = random_values(grid.rows, 0.0, 1e-4, seed);
      grid.bit.shunt = random_values(grid.columns, 0.0, 1e-4, seed + 1);
      return "shunts";
    case 6:
      grid.bit.shunt = Values(grid.columns, 1e-5);
      vary_segments(grid.word, grid.columns, true, seed);
      vary_segments(grid.bit, grid.rows, true, seed + 1);
      return "shunts and broken lines";
    default:
      return "uniform wires";
  }
}

}  // namespace

std::span<const Pattern> patterns() { return kPatterns; }

Values pattern(const char* name, std::int64_t rows, std::int64_t columns, unsigned seed) {
  for (const Pattern& p : kPatterns)
    if (std::strcmp(p.name, name) == 0) return p.conductances(rows, columns, seed);
  throw std::invalid_argument(name);
}

RandomArray random_array(unsigned seed) {
  std::mt19937 engine(seed);
  const auto& [rows, columns] = kShapes[engine() % std::size(kShapes)];
  const Pattern& cells = kPatterns[seed % kPatterns.size()];
  const std::size_t end_kind = engine() % kEnds.size();
  const auto& ends = kEnds[end_kind];
  const double c = 1.0 / kSegmentResistance[engine() % kSegmentResistance.size()];
  RandomArray array;
  array.grid = {rows, columns, uniform(rows, c, c * ends[0], c * ends[1]),
                uniform(columns, c, c * ends[2], c * ends[3])};
  const char* const wires = apply_wires(array.grid, engine() % 8, seed + 500);
  array.cells = cells.conductances(rows, columns, seed);
  array.inputs = random_values(rows, -0.2, 0.3, seed + 700);
  array.description = std::to_string(rows) + " x " + std::to_string(columns) + ", " +
                      cells.name + ", " + wires + ", " + std::to_string(1.0 / c) +
                      " ohm, ends " + std::to_string(end_kind);
  return array;
}

RandomArray transposed(const RandomArray& array) {
  const Grid& grid = array.grid;
  return {"transposed " + array.description,
          {grid.columns, grid.rows, grid.bit, grid.word},
          transposed(array.cells, grid.rows, grid.columns),
          {}};
}

double rounding_of_outputs(const RandomArray& array, const Values& outputs) {
  const Family& bit = array.grid.bit;
  const double c = largest(bit.varied.empty() ? bit.segment : bit.varied);
  const double current = largest(outputs);
  return current == 0.0 ? 0.0
                        : 2.2e-16 * c * largest(array.inputs) *
                              std::sqrt(static_cast<double>(array.grid.rows)) / current;
}

}  // namespace arrayspice::lines
