// SPDX-License-Identifier: Apache-2.0
#include "netlists/version.hpp"

namespace arrayspice {

std::string_view version() { return ARRAYSPICE_VERSION; }

}  // namespace arrayspice
