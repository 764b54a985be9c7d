// SPDX-License-Identifier: Apache-2.0
// Reads a card from left to right. Works on a lower-case copy in a buffer that the caller
// reuses, so that the million element lines of a large deck cost no allocation.
#pragma once

#include <string>
#include <string_view>

#include "netlists/card.hpp"

namespace arrayspice {

/// The text of a value: bare (`1k`, `x`, `2*(a+b)`), or what was inside braces or quotes.
struct ValueText {
  std::string_view text;
  std::size_t offset = 0;  ///< of text[0] in the card
  bool bracketed = false;  ///< was in braces or single quotes
  explicit operator bool() const { return text.data() != nullptr; }
};

class Cursor {
 public:
  /// `buffer` receives the lower-case text and must live as long as the cursor.
  Cursor(const Card& card, const Cards& cards, std::string& buffer);

  /// Skips blanks and commas. True when nothing follows.
  bool done();
  /// done(), with parentheses skipped as well (node lists in brackets).
  bool done_or_brackets();
  /// The character that comes next, 0 at the end.
  char peek() { return done() ? '\0' : text_[at_]; }
  /// Takes c when it comes next.
  bool accept(char c);
  /// The next name: everything up to a blank, comma, `=`, bracket or quote; may be empty.
  std::string_view word();
  /// The next name without taking it.
  std::string_view peek_word();
  /// A name followed by `=`; nothing is taken.
  bool at_assignment();
  /// The next value; a false ValueText when there is none. Bare values end at a blank or
  /// comma outside brackets.
  ValueText value();
  /// A bare value may go on over blanks, up to the next `name =` (in `.param`).
  ValueText long_value();
  /// What is left, blanks trimmed; takes it.
  ValueText rest();
  /// A file name: quoted or up to a blank, in its original case.
  std::string file_name();

  std::size_t offset() const { return at_; }
  void go_to(std::size_t offset) { at_ = offset; }
  Location place(std::size_t offset) const { return cards_->place(*card_, offset); }
  /// The place of what comes next.
  Location here() {
    done();
    return place(at_);
  }
  std::string_view text() const { return text_; }
  /// The original spelling of a part of text().
  std::string_view original(std::string_view part) const {
    return card_->text().substr(static_cast<std::size_t>(part.data() - text_.data()),
                                part.size());
  }
  const Card& card() const { return *card_; }

 private:
  ValueText enclosed(char close);
  std::size_t bare_end(std::size_t from) const;

  const Card* card_;
  const Cards* cards_;
  std::string_view text_;
  std::size_t at_ = 0;
};

/// Reports the first bracket or quote of a card that lacks its partner. True when there
/// is none.
bool check_balance(const Card& card, const Cards& cards, Diagnostics& diagnostics);

/// Expressions use brackets inside braces as parentheses: a copy of the same length that
/// has `(` for `{`, so that columns stay true.
std::string with_parentheses(std::string_view text);

}  // namespace arrayspice
