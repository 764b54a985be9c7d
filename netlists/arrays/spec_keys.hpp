// SPDX-License-Identifier: Apache-2.0
// The table of spec keys: reading, `--set`, suggestions, write_spec() and the
// documentation are all made from it. A key is one row in spec_table.cpp and one member
// of ArraySpec.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "devices/device.hpp"
#include "netlists/arrays/spec.hpp"

namespace arrayspice {

struct SpecKey {
  using Text = std::string& (*)(ArraySpec&);
  using Integer = std::int64_t& (*)(ArraySpec&);
  using Number = double& (*)(ArraySpec&);

  std::string_view section, name;
  std::variant<Text, Integer, Number> member;
  std::string_view unit;
  Range range;                              ///< of integers and numbers
  std::span<const std::string_view> words;  ///< allowed values of a text
  std::string_view doc;

  std::string full_name() const;
  /// Must the spec give it?
  bool is_required() const;
  /// "a number of 0 or more", "'left' or 'both'": for messages and documentation.
  std::string allowed() const;
};

std::span<const SpecKey> spec_keys();
/// Null when there is no such key.
const SpecKey* find_spec_key(std::string_view section, std::string_view name);

/// What the spec would have to say for a key to matter; empty when it does.
std::string missing_condition(const SpecKey& key, const ArraySpec& spec);

/// The value of a key as TOML writes it.
std::string spec_value(const SpecKey& key, ArraySpec& spec);

/// The words of `cell.model`.
std::span<const std::string_view> cell_models();

}  // namespace arrayspice
