// SPDX-License-Identifier: Apache-2.0
// A card: one logical line of a deck, without comments, with its continuations. A card is
// a view into the loaded text, so a deck of a million elements needs 24 bytes for each;
// only a continued card owns its joined text.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "netlists/diagnostic.hpp"

namespace arrayspice {

struct Card {
  static constexpr std::uint32_t kNotJoined = 0xffffffffu;
  const char* data = nullptr;
  std::uint32_t size = 0;
  std::uint32_t line = 0;
  std::uint16_t file = 0;
  std::uint16_t column = 0;  ///< of data[0]
  std::uint32_t joined = kNotJoined;

  std::string_view text() const { return {data, size}; }
};

/// Owns the joined texts and knows the physical place of every character of a card.
class Cards {
 public:
  /// Appends one continuation to a card; the first call copies the card's own text.
  void join(Card& card, std::string_view text, std::uint32_t line, std::uint16_t column);
  /// To be called once no more continuations follow.
  void seal(Card& card) const;
  Location place(const Card& card, std::size_t offset) const;
  /// An expression counts its columns from its start on, over continuations: the physical
  /// place of such a location. Others stay as they are.
  Location physical(Location counted) const;

 private:
  struct Piece {
    std::uint32_t offset;
    std::uint32_t line;
    std::uint16_t column;
  };
  struct Joined {
    std::uint16_t file = 0;
    std::string text;
    std::vector<Piece> pieces;
  };
  static Location place(const Joined& joined, std::size_t offset);
  std::deque<Joined> joined_;
};

/// A column number that fits a Location.
inline std::uint16_t column_of(std::size_t column) {
  return static_cast<std::uint16_t>(column < 0xffff ? column : 0xffff);
}

}  // namespace arrayspice
