// SPDX-License-Identifier: Apache-2.0
#include "netlists/values.hpp"

#include <fmt/format.h>

#include "netlists/characters.hpp"
#include "netlists/messages.hpp"

namespace arrayspice {

namespace {

/// Looks like a number but is none: `1e400`, `1..2`, `nan`.
bool is_failed_number(std::string_view text) {
  if (text == "nan" || text == "inf" || text == "infinity") return true;
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (text == "nan" || text == "inf" || text == "infinity") return true;
  if (text.starts_with('.')) text.remove_prefix(1);
  return !text.empty() && is_digit(text.front()) &&
         text.find_first_of("*/^()?:<>&|!") == std::string_view::npos &&
         text.find_first_of("+-", 1) == std::string_view::npos;
}

}  // namespace

std::optional<Expression> parse_expression(const ValueText& value, const Cursor& cursor,
                                           Diagnostics& diagnostics) {
  return Expression::parse(with_parentheses(value.text), cursor.place(value.offset),
                           diagnostics);
}

std::optional<Expression> parse_value(const ValueText& value, const Cursor& cursor,
                                      Diagnostics& diagnostics) {
  if (!is_failed_number(value.text)) return parse_expression(value, cursor, diagnostics);
  diagnostics.error(message::kBadNumber, cursor.place(value.offset),
                    fmt::format("'{}' is not a finite number", value.text));
  return std::nullopt;
}

std::optional<double> evaluate(const ValueText& value, const Cursor& cursor,
                               const NameScope& scope, Diagnostics& diagnostics) {
  if (const auto number = parse_number(value.text)) return number;
  const auto expression = parse_value(value, cursor, diagnostics);
  if (!expression) return std::nullopt;
  return expression->evaluate(scope, diagnostics);
}

std::string suggestion(std::string_view name,
                       const std::vector<std::string_view>& among) {
  const std::string_view best = nearest(name, among);
  return best.empty() ? std::string() : fmt::format("; is '{}' meant?", best);
}

}  // namespace arrayspice
