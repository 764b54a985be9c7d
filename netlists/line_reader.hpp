// SPDX-License-Identifier: Apache-2.0
// Cuts a text into cards: physical lines, comments (`*` lines, `;`, `//`, `$ `),
// continuations (`+`, also after comments and blank lines).
#pragma once

#include <optional>

#include "netlists/card.hpp"

namespace arrayspice {

class LineReader {
 public:
  LineReader(const Sources& sources, std::uint16_t file, Cards& cards,
             Diagnostics& diagnostics);

  /// The rest of the current physical line as it is, blanks trimmed (the title).
  std::string_view take_raw_line();
  /// The next card, or nullopt at the end of the text.
  std::optional<Card> next();
  /// Inside `.control`, `$` begins a variable, not a comment.
  void set_dollar_comments(bool on) { dollar_comments_ = on; }

 private:
  bool read_line(std::string_view& line);
  std::string_view strip_comment(std::string_view line) const;
  void check_bytes(std::string_view text);
  std::uint16_t column(std::string_view text) const;

  std::string_view text_;
  struct Position {
    std::size_t at = 0;  // start of the next line
    const char* line_begin = nullptr;
    std::uint32_t line = 0;
  };
  Position position_;
  std::uint16_t file_;
  Cards& cards_;
  Diagnostics& diagnostics_;
  bool dollar_comments_ = true;
  bool all_utf8_;
};

}  // namespace arrayspice
