// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace arrayspice {

/// "0.1.0", as the build system has it: part of the record beside every result.
std::string_view version();

}  // namespace arrayspice
