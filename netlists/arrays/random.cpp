// SPDX-License-Identifier: Apache-2.0
#include "netlists/arrays/random.hpp"

#include <Random123/philox.h>

#include <cmath>
#include <numbers>

namespace arrayspice {

namespace {

using Generator = r123::Philox4x64;

Generator::ctr_type draw_bits(Chip chip, Purpose purpose, std::int64_t row,
                              std::int64_t column, std::int64_t index) {
  const Generator::ctr_type counter = {{static_cast<std::uint64_t>(row),
                                        static_cast<std::uint64_t>(column), purpose.code,
                                        static_cast<std::uint64_t>(index)}};
  const Generator::key_type key = {
      {static_cast<std::uint64_t>(chip.seed), static_cast<std::uint64_t>(chip.number)}};
  return Generator()(counter, key);
}

double to_unit(std::uint64_t bits) {
  return (static_cast<double>(bits >> 11) + 0.5) * 0x1p-53;
}

}  // namespace

double uniform(Chip chip, Purpose purpose, std::int64_t row, std::int64_t column,
               std::int64_t index) {
  return to_unit(draw_bits(chip, purpose, row, column, index)[0]);
}

double normal(Chip chip, Purpose purpose, std::int64_t row, std::int64_t column,
              std::int64_t index) {
  const auto bits = draw_bits(chip, purpose, row, column, index);
  return std::sqrt(-2.0 * std::log(to_unit(bits[0]))) *
         std::cos(2.0 * std::numbers::pi * to_unit(bits[1]));
}

}  // namespace arrayspice
