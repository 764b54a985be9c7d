// SPDX-License-Identifier: Apache-2.0
// The memory cells that an array can be made of, and the parameters of each: the keys of
// [cell.parameters].
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "devices/device.hpp"

namespace arrayspice {

struct CellParameter {
  std::string_view name;
  std::string_view unit;
  Range range;
  std::string default_text;
  std::string_view doc;
};

/// Parameters of a word of `cell.model`; empty for a cell without any.
std::span<const CellParameter> cell_parameters(std::string_view model);

}  // namespace arrayspice
