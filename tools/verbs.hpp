// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "tools/verb.hpp"

namespace arrayspice {

/// All verbs, in the order of the help page.
std::span<const Verb* const> verbs();

}  // namespace arrayspice
