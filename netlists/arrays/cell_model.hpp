// SPDX-License-Identifier: Apache-2.0
// The memory cells that an array can be made of: words of `cell.model`, each a device of
// the registry whose model parameters are the keys of [cell.parameters].
#pragma once

#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "devices/registry.hpp"
#include "netlists/arrays/spec.hpp"

namespace arrayspice {

/// The device behind a word of `cell.model`.
const Registration& cell_device(std::string_view model);

/// Its model parameters: the keys of [cell.parameters].
std::span<const ParameterInfo> cell_parameters(std::string_view model);

/// The value of a model parameter in this spec: given or default.
double cell_parameter(const ArraySpec& spec, std::string_view name);

/// The device of the selector of 1S1R, and its model parameters in this spec.
std::string_view selector_device(const ArraySpec& spec);
std::vector<std::pair<std::string_view, double>> selector_parameters(
    const ArraySpec& spec);

/// Conductances (S, at 0 V) that the cell model can be programmed to.
struct ConductanceRange {
  double low, high;
};
ConductanceRange programmable(const ArraySpec& spec);

}  // namespace arrayspice
