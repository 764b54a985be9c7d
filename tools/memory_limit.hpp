// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace arrayspice {

/// "500M", "2G", "1000000": bytes; throws Failure (Exit::Input) when it is no size.
std::size_t parse_bytes(const std::string& text);

/// Makes every allocation beyond `bytes` of data fail (std::bad_alloc), as a last resort
/// behind the checks that are made before something is built.
void limit_memory(std::size_t bytes);

}  // namespace arrayspice
