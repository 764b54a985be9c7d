// SPDX-License-Identifier: Apache-2.0
#include "netlists/arrays/cell_model.hpp"

#include <array>

namespace arrayspice {

std::span<const CellParameter> cell_parameters(std::string_view model) {
  static const std::array<CellParameter, 1> sinh{
      CellParameter{"v0", "V", kPositive, "0.25", "i = G v0 sinh(v / v0)"}};
  if (model == "sinh") return sinh;
  return {};
}

}  // namespace arrayspice
