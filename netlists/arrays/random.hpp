// SPDX-License-Identifier: Apache-2.0
// Random numbers that depend on what they are for and on nothing else: counter-based
// Philox 4x64-10 (Salmon et al., SC'11). The key is the seed and the number of the chip,
// the counter (row, column, purpose, index). So every element keeps its draw in any order
// of evaluation, with any number of threads, and when the array grows.
#pragma once

#include <cstdint>
#include <string_view>

namespace arrayspice {

/// What a number is drawn for. The values are part of what a seed reproduces: never
/// reuse.
enum class Draw : std::uint8_t {
  Weight = 1,
  Conductance = 2,
  Stuck = 3,
  Input = 4,
  TestWeight = 5,
  TestInput = 6,
  TestActivity = 7,
  TestShape = 8,
  Capacitor = 9,
  Programming = 10,
  DriftExponent = 11,
  ReadNoise = 12,
  Threshold = 13,
  Gain = 14,
  Resistor = 15,
  WireResistance = 16,
  WireCapacitance = 17,
  DriverResistance = 18,
  AmplifierOffset = 19,
  ComparatorOffset = 20,
  Supply = 21,
  Jitter = 22,
  OutputNoise = 23,
  DacElement = 24,
  AdcElement = 25,
  AdcOffset = 26,
  AdcSlope = 27,
  AdcNoise = 28,
  CircuitNoise = 29
};

/// A purpose, of the elements of one name or of none.
struct Purpose {
  std::uint64_t code;

  constexpr Purpose(Draw draw) : code(static_cast<std::uint64_t>(draw)) {}
  /// FNV-1a tells the names apart.
  constexpr Purpose(Draw draw, std::string_view stem) : Purpose(draw) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : stem)
      hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
    code |= hash << 8;
  }
};

/// One of the chips that a seed makes.
struct Chip {
  std::int64_t seed, number;
  constexpr Chip(std::int64_t of_seed, std::int64_t which = 0)
      : seed(of_seed), number(which) {}
};

/// Uniform in the open interval (0, 1), on the grid of (2 k + 1) / 2^54.
double uniform(Chip chip, Purpose purpose, std::int64_t row, std::int64_t column,
               std::int64_t index = 0);

/// Standard normal (Box-Muller).
double normal(Chip chip, Purpose purpose, std::int64_t row, std::int64_t column,
              std::int64_t index = 0);

}  // namespace arrayspice
