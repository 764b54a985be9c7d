// SPDX-License-Identifier: Apache-2.0
// Checks that bytes are well-formed UTF-8.
#pragma once

#include <string_view>

namespace arrayspice {

/// Offset of the first byte that does not belong to well-formed UTF-8, or npos.
std::size_t find_invalid_utf8(std::string_view text);

}  // namespace arrayspice
