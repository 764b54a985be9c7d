// SPDX-License-Identifier: Apache-2.0
// Classes of characters in a deck, by one table look-up: the lexer's inner loops touch
// every byte of a deck.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace arrayspice {

namespace detail {

enum : std::uint8_t {
  kBlank = 1,
  kComment = 2,
  kEndsWord = 4,
  kBracket = 8,
  kDigit = 16
};

constexpr std::array<std::uint8_t, 256> character_classes() {
  std::array<std::uint8_t, 256> table{};
  const auto mark = [&table](std::string_view characters, std::uint8_t bits) {
    for (const char c : characters)
      table[static_cast<unsigned char>(c)] =
          static_cast<std::uint8_t>(table[static_cast<unsigned char>(c)] | bits);
  };
  mark(" \t\r\f\v", kBlank | kEndsWord);
  mark(";$/\"", kComment);
  mark(",=(){}'\"", kEndsWord);
  mark("(){}'\"", kBracket);
  mark("0123456789", kDigit);
  return table;
}
inline constexpr auto kClasses = character_classes();

constexpr bool has_class(char c, std::uint8_t bits) {
  return (kClasses[static_cast<unsigned char>(c)] & bits) != 0;
}

}  // namespace detail

constexpr bool is_blank(char c) { return detail::has_class(c, detail::kBlank); }
constexpr bool starts_comment(char c) { return detail::has_class(c, detail::kComment); }
constexpr bool ends_word(char c) { return detail::has_class(c, detail::kEndsWord); }
constexpr bool is_bracket(char c) { return detail::has_class(c, detail::kBracket); }
constexpr bool is_digit(char c) { return detail::has_class(c, detail::kDigit); }

/// What parameter names are made of; a character of a longer name, not of an operator.
constexpr bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
         c == '.' || c == ':';
}

/// ASCII only: bytes of UTF-8 names stay as they are.
constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
inline std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = to_lower(c);
  return lower;
}

}  // namespace arrayspice
