// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace arrayspice {

/// What `--version` prints: version, compiler, build type, options, libraries.
std::string build_facts();

}  // namespace arrayspice
