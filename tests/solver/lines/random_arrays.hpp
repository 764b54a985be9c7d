// SPDX-License-Identifier: Apache-2.0
// Arrays of every kind for property tests.
#pragma once

#include <span>
#include <string>

#include "array_reference.hpp"

namespace arrayspice::lines {

/// Conductances that have broken solvers before, 10 to 100 uS where nothing else is said.
struct Pattern {
  const char* name;
  Values (*conductances)(std::int64_t rows, std::int64_t columns, unsigned seed);
};
std::span<const Pattern> patterns();
Values pattern(const char* name, std::int64_t rows, std::int64_t columns, unsigned seed);

struct RandomArray {
  std::string description;
  Grid grid;
  Values cells;   ///< S, row-major
  Values inputs;  ///< V
};
inline constexpr unsigned kRandomArrays = 96;
/// The same array for the same seed; every pattern, shape and kind of wires turns up
/// within kRandomArrays seeds.
RandomArray random_array(unsigned seed);
RandomArray transposed(const RandomArray& array);
/// What a method that corrects voltages cannot do better than: rounding leaves eps c V in
/// the current of every wire, and what a column collects of that adds up at random.
/// Relative to the largest output.
double rounding_of_outputs(const RandomArray& array, const Values& outputs);

}  // namespace arrayspice::lines
