// SPDX-License-Identifier: Apache-2.0
#include "netlists/card.hpp"

#include <algorithm>

namespace arrayspice {

void Cards::join(Card& card, std::string_view text, std::uint32_t line,
                 std::uint16_t column) {
  if (card.joined == Card::kNotJoined) {
    card.joined = static_cast<std::uint32_t>(joined_.size());
    joined_.push_back(
        {card.file, std::string(card.text()), {{0, card.line, card.column}}});
  }
  Joined& joined = joined_[card.joined];
  joined.text += ' ';
  joined.pieces.push_back({static_cast<std::uint32_t>(joined.text.size()), line, column});
  joined.text += text;
}

void Cards::seal(Card& card) const {
  if (card.joined == Card::kNotJoined) return;
  card.data = joined_[card.joined].text.data();
  card.size = static_cast<std::uint32_t>(joined_[card.joined].text.size());
}

Location Cards::place(const Card& card, std::size_t offset) const {
  if (card.joined == Card::kNotJoined)
    return {card.file, column_of(card.column + offset), card.line};
  return place(joined_[card.joined], offset);
}

Location Cards::place(const Joined& joined, std::size_t offset) {
  const auto after = std::upper_bound(
      joined.pieces.begin(), joined.pieces.end(), offset,
      [](std::size_t at, const Piece& piece) { return at < piece.offset; });
  const Piece& piece = *std::prev(after);
  return {joined.file, column_of(piece.column + (offset - piece.offset)), piece.line};
}

Location Cards::physical(Location counted) const {
  for (const Joined& joined : joined_) {
    if (joined.file != counted.file) continue;
    const auto piece = std::lower_bound(
        joined.pieces.begin(), joined.pieces.end(), counted.line,
        [](const Piece& p, std::uint32_t line) { return p.line < line; });
    if (piece == joined.pieces.end() || piece->line != counted.line ||
        counted.column < piece->column)
      continue;
    return place(joined, piece->offset + (counted.column - piece->column));
  }
  return counted;
}

}  // namespace arrayspice
