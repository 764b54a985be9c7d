// SPDX-License-Identifier: Apache-2.0
// Every message about input, each code once: the list behind docs/messages.md. A test
// checks that codes are unique. E01xx text, E02xx expressions, E03xx elements and models,
// E04xx analyses and options, E05xx files, E06xx array specs, E07xx array files.
#pragma once

#include "netlists/diagnostic.hpp"

namespace arrayspice::message {

inline constexpr Message kSyntax{"E0101", "a line does not have the form its command needs"};
inline constexpr Message kEncoding{"E0102", "bytes that are not UTF-8 outside a comment"};
inline constexpr Message kBadNumber{"E0103", "a number that is malformed or overflows"};
inline constexpr Message kExpression{"E0201", "an expression that cannot be parsed"};
inline constexpr Message kUndefinedName{"E0202", "a parameter or function without a value"};
inline constexpr Message kNotFinite{"E0203", "an expression whose value is not finite"};
inline constexpr Message kUndefinedProbe{
    "E0204", "an expression that refers to a voltage or current that is not there"};

inline constexpr Message kSpecSyntax{"E0601", "an array spec that is not TOML"};
inline constexpr Message kSpecUnknown{"E0602", "a section or key that no array spec has"};
inline constexpr Message kSpecType{"E0603", "a value of another type than its key needs"};
inline constexpr Message kSpecRange{"E0604", "a value outside what its key allows"};
inline constexpr Message kSpecMissing{"E0605", "a key without a default that is missing"};
inline constexpr Message kSpecContradiction{"E0606", "values that contradict each other"};

}  // namespace arrayspice::message
