// SPDX-License-Identifier: Apache-2.0
// Nodes and devices by the names that users write, for `.print`, `.measure`, `.dc` and
// controlled sources.
//
// In instance x1 of a subcircuit node n is `x1.n` and device r1 is `r.x1.r1`, as in
// ngspice; `x1.r1` finds it as well.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "devices/circuit.hpp"

namespace arrayspice {

/// A node by its lower-case name.
std::optional<UnknownId> find_node(const Circuit& circuit, std::string_view name);
/// A device by its lower-case name, `r.x1.r1` or `x1.r1`.
std::optional<DeviceId> find_device(const Circuit& circuit, std::string_view name);

/// All names, to suggest the nearest; few enough for that only in small circuits, so none
/// in circuits of more than 10000.
std::vector<std::string_view> device_names(const Circuit& circuit);
std::vector<std::string> node_names(const Circuit& circuit);

/// "it must be positive", "it must be between 0 and 1".
std::string range_text(const Range& range);

}  // namespace arrayspice
