// SPDX-License-Identifier: Apache-2.0
// Interned names: each distinct text is stored once and known by a small integer. A deck
// of a million elements keeps two million names, so the table is one arena and one hash
// array.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace arrayspice {

class NamePool {
 public:
  using Id = std::uint32_t;
  static constexpr Id kNone = 0xffffffffu;

  NamePool() : slots_(64, kNone), tags_(64, kEmpty) {}
  /// The id of a name; ids count up from 0 in order of first appearance.
  Id intern(std::string_view name);
  /// The id of a name, or kNone when it was never interned.
  Id find(std::string_view name) const;
  std::string_view name(Id id) const {
    return std::string_view(text_).substr(begin_[id], begin_[id + 1] - begin_[id]);
  }
  std::size_t size() const { return begin_.size() - 1; }
  void reserve(std::size_t names, std::size_t characters);

 private:
  static constexpr std::uint8_t kEmpty = 0;
  std::size_t slot_of(std::string_view name, std::uint64_t hash) const;
  void grow(std::size_t slots);

  std::string text_;
  std::vector<std::uint32_t> begin_{0};
  std::vector<Id> slots_;  // open addressing, linear probing, a power of two
  // Seven bits of the hash for each slot: most probes end here, in the cache, without a
  // look at the names.
  std::vector<std::uint8_t> tags_;
};

}  // namespace arrayspice
