// SPDX-License-Identifier: Apache-2.0
#include "netlists/number.hpp"

#include <fast_float/fast_float.h>

#include <cmath>

#include "netlists/expression.hpp"

namespace arrayspice {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Letters of a unit: ASCII letters and any byte of a UTF-8 sequence (a micro sign, ohm).
bool is_unit(char c) {
  const char lower = static_cast<char>(c | 0x20);
  return (lower >= 'a' && lower <= 'z') || (static_cast<unsigned char>(c) & 0x80);
}

bool starts_with(std::string_view text, std::string_view lower_case) {
  if (text.size() < lower_case.size()) return false;
  for (std::size_t k = 0; k < lower_case.size(); ++k)
    if (static_cast<char>(text[k] | 0x20) != lower_case[k]) return false;
  return true;
}

/// Small scales divide by an exact power of ten, so that 1.1u is the double next
/// to 1.1e-6.
double scaled(double x, std::string_view suffix) {
  if (suffix.starts_with("\u00b5") || suffix.starts_with("\u03bc")) return x / 1e6;
  switch (suffix.front() | 0x20) {
    case 't':
      return x * 1e12;
    case 'g':
      return x * 1e9;
    case 'k':
      return x * 1e3;
    case 'u':
      return x / 1e6;
    case 'n':
      return x / 1e9;
    case 'p':
      return x / 1e12;
    case 'f':
      return x / 1e15;
    case 'a':
      return x / 1e18;
    case 'm':
      if (starts_with(suffix, "meg")) return x * 1e6;
      if (starts_with(suffix, "mil")) return x * 25.4 / 1e6;
      return x / 1e3;
    default:
      return x;
  }
}

}  // namespace

std::optional<ScannedNumber> scan_number(std::string_view text) {
  const bool begins =
      !text.empty() &&
      (is_digit(text[0]) || (text[0] == '.' && text.size() > 1 && is_digit(text[1])));
  if (!begins) return std::nullopt;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  double value = 0.0;
  const auto digits = fast_float::from_chars(begin, end, value);
  const char* at = digits.ptr;
  while (at != end && is_unit(*at)) ++at;
  if (at != digits.ptr)
    value = scaled(value, {digits.ptr, static_cast<std::size_t>(at - digits.ptr)});
  return ScannedNumber{value, static_cast<std::size_t>(at - begin)};
}

std::optional<double> parse_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const auto number = scan_number(text);
  if (!number || number->length != text.size() || !std::isfinite(number->value))
    return std::nullopt;
  return negative ? -number->value : number->value;
}

}  // namespace arrayspice
