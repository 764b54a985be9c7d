// SPDX-License-Identifier: Apache-2.0
// Reads the commands that a deck keeps as text (`.print`, `.measure`, control lines) from
// left to right, in lower case, with the place of everything.
#pragma once

#include <string>
#include <string_view>

#include "netlists/diagnostic.hpp"

namespace arrayspice {

class TextScanner {
 public:
  TextScanner(std::string_view text, Location where);

  /// True when only blanks and commas are left.
  bool done();
  /// Where the next thing begins.
  Location here();
  /// The next letters, digits and signs up to a blank, comma, `=`, bracket or quote.
  std::string word();
  std::string peek_word();
  /// Takes c when it comes next.
  bool accept(char c);

  struct Part {
    std::string text;
    Location where;
  };
  /// The next expression: in quotes, in braces, as `par('...')`, or bare, which ends at a
  /// blank outside brackets (with up_to_equal also before a single `=`).
  Part expression(bool up_to_equal = false);
  /// Everything that is left, without outer blanks.
  Part rest();
  /// The original text from here on.
  std::string_view original_rest();

 private:
  Location place(std::size_t offset) const;
  std::size_t end_of_word() const;
  std::size_t end_of_bare(bool up_to_equal) const;
  Part take(std::size_t end, std::size_t skip_after);

  std::string original_, text_;
  Location where_;
  std::size_t at_ = 0;
};

}  // namespace arrayspice
