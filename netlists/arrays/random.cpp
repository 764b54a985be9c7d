// SPDX-License-Identifier: Apache-2.0
#include "netlists/arrays/random.hpp"

#include <Random123/philox.h>

#include <cmath>
#include <numbers>

namespace arrayspice {

namespace {

using Generator = r123::Philox4x64;

Generator::ctr_type draw_bits(std::int64_t seed, Draw draw, std::int64_t row,
                              std::int64_t column) {
  const Generator::ctr_type counter = {{static_cast<std::uint64_t>(row),
                                        static_cast<std::uint64_t>(column),
                                        static_cast<std::uint64_t>(draw), 0}};
  const Generator::key_type key = {{static_cast<std::uint64_t>(seed), 0}};
  return Generator()(counter, key);
}

double to_unit(std::uint64_t bits) {
  return (static_cast<double>(bits >> 11) + 0.5) * 0x1p-53;
}

}  // namespace

double uniform(std::int64_t seed, Draw draw, std::int64_t row, std::int64_t column) {
  return to_unit(draw_bits(seed, draw, row, column)[0]);
}

double normal(std::int64_t seed, Draw draw, std::int64_t row, std::int64_t column) {
  const auto bits = draw_bits(seed, draw, row, column);
  return std::sqrt(-2.0 * std::log(to_unit(bits[0]))) *
         std::cos(2.0 * std::numbers::pi * to_unit(bits[1]));
}

}  // namespace arrayspice
