// SPDX-License-Identifier: Apache-2.0
// The dot commands: which are kept for later, and what to say about the others.
#pragma once

#include <string>
#include <string_view>

#include "netlists/diagnostic.hpp"

namespace arrayspice {

/// Commands that refer to the finished circuit, such as `.tran` and `.print`.
bool is_kept_command(std::string_view name);

/// Reports a command that is neither kept nor shapes the reading of the deck.
void report_command(std::string_view name, Location where, Diagnostics& diagnostics);

}  // namespace arrayspice
