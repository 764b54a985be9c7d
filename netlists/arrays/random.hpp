// SPDX-License-Identifier: Apache-2.0
// Random numbers that depend on what they are for and on nothing else: counter-based
// Philox 4x64-10 (Salmon et al., SC'11) keyed by the seed, with (row, column, purpose) as
// the counter. So a cell keeps its draw in any order of evaluation, with any number of
// threads, and when the array grows.
#pragma once

#include <cstdint>

namespace arrayspice {

/// What a number is drawn for. The values are part of what a seed reproduces: never
/// reuse.
enum class Draw : std::uint64_t {
  Weight = 1,
  Conductance = 2,
  Stuck = 3,
  Input = 4,
  TestWeight = 5,
  TestInput = 6,
  TestActivity = 7,
  TestShape = 8,
  Capacitor = 9
};

/// Uniform in the open interval (0, 1), on the grid of (2 k + 1) / 2^54.
double uniform(std::int64_t seed, Draw draw, std::int64_t row, std::int64_t column);

/// Standard normal (Box-Muller).
double normal(std::int64_t seed, Draw draw, std::int64_t row, std::int64_t column);

}  // namespace arrayspice
