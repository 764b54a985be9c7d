// SPDX-License-Identifier: Apache-2.0
// From the text of a value to its number or expression.
#pragma once

#include <optional>

#include "netlists/cursor.hpp"
#include "netlists/expression.hpp"

namespace arrayspice {

/// The value of a number, parameter name or expression in `scope`; nullopt after an
/// error.
std::optional<double> evaluate(const ValueText& value, const Cursor& cursor,
                               const NameScope& scope, Diagnostics& diagnostics);

/// Parses a value as an expression.
std::optional<Expression> parse_expression(const ValueText& value, const Cursor& cursor,
                                           Diagnostics& diagnostics);

/// The same for a value that may not be a number: `1e400` and `nan` are errors.
std::optional<Expression> parse_value(const ValueText& value, const Cursor& cursor,
                                      Diagnostics& diagnostics);

/// " is 'x' meant?" with the nearest candidate, or nothing.
std::string suggestion(std::string_view name, const std::vector<std::string_view>& among);

}  // namespace arrayspice
