// SPDX-License-Identifier: Apache-2.0
// Rows of the table of spec keys; the files spec_table*.cpp hold them.
#pragma once

#include <limits>
#include <vector>

#include "netlists/arrays/spec_keys.hpp"

namespace arrayspice {

inline constexpr Range kCount{1.0, std::numeric_limits<double>::infinity()};
inline constexpr Range kFraction{0.0, 1.0};

inline SpecKey text(std::string_view section, std::string_view name, SpecKey::Text member,
                    std::span<const std::string_view> words, std::string_view doc) {
  return {section, name, member, "", {}, words, doc};
}
inline SpecKey integer(std::string_view section, std::string_view name,
                       SpecKey::Integer member, Range range, std::string_view doc) {
  return {section, name, member, "", range, {}, doc};
}
inline SpecKey number(std::string_view section, std::string_view name,
                      SpecKey::Number member, std::string_view unit, Range range,
                      std::string_view doc) {
  return {section, name, member, unit, range, {}, doc};
}

/// [environment], [variation], [noise], [converter].
std::vector<SpecKey> chip_keys();

}  // namespace arrayspice
