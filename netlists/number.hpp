// SPDX-License-Identifier: Apache-2.0
// SPICE numbers at the start of a text; parse_number() in expression.hpp wants all of it.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace arrayspice {

struct ScannedNumber {
  double value;        ///< may be infinite: the digits overflow
  std::size_t length;  ///< characters taken: digits, exponent, scale suffix, unit letters
};

/// The unsigned number that `text` starts with, or nullopt when it starts with something
/// else. `1e` is 1 with the unit e; `1e-x` ends before the minus.
std::optional<ScannedNumber> scan_number(std::string_view text);

}  // namespace arrayspice
