// SPDX-License-Identifier: Apache-2.0
#include "netlists/lookup.hpp"

#include <fmt/format.h>

#include <cmath>

namespace arrayspice {

namespace {
/// Comparing a mistyped name with more names than this would take noticeable time.
constexpr std::int64_t kMostSuggested = 10000;
}  // namespace

std::optional<UnknownId> find_node(const Circuit& circuit, std::string_view name) {
  return circuit.find_node(name);
}

std::optional<DeviceId> find_device(const Circuit& circuit, std::string_view name) {
  if (const auto exact = circuit.find_device(name)) return exact;
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot + 1 == name.size()) return std::nullopt;
  return circuit.find_device(fmt::format("{}.{}", name[dot + 1], name));
}

std::vector<std::string_view> device_names(const Circuit& circuit) {
  std::vector<std::string_view> names;
  if (static_cast<std::int64_t>(circuit.devices()) > kMostSuggested) return names;
  for (DeviceId id = 0; id < circuit.devices(); ++id)
    names.push_back(circuit.device_name(id));
  return names;
}

std::vector<std::string> node_names(const Circuit& circuit) {
  std::vector<std::string> names;
  if (circuit.unknowns() > kMostSuggested) return names;
  for (UnknownId u = 0; u < circuit.unknowns(); ++u)
    if (circuit.is_node(u)) names.push_back(circuit.unknown_name(u));
  return names;
}

std::string range_text(const Range& range) {
  const bool has_low = std::isfinite(range.low), has_high = std::isfinite(range.high);
  if (has_low && !has_high && range.low == 0.0)
    return range.low_is_open ? "it must be positive" : "it must not be negative";
  if (has_low && has_high)
    return fmt::format("it must be between {:g} and {:g}", range.low, range.high);
  if (has_low)
    return fmt::format("it must be {} {:g}", range.low_is_open ? ">" : ">=", range.low);
  return fmt::format("it must be <= {:g}", range.high);
}

}  // namespace arrayspice
