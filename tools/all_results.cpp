// SPDX-License-Identifier: Apache-2.0
#include "tools/all_results.hpp"

#include <string_view>

namespace arrayspice {

AllResults::AllResults(const Circuit& circuit) : circuit_(circuit) {
  unknowns_.reserve(circuit.unknowns());
  unknowns_.assign(circuit.nodes().begin(), circuit.nodes().end());
  for (DeviceId d = 0; d < circuit.devices(); ++d)
    if (const UnknownId u = circuit.branch_current(d); u != kNoUnknown) {
      unknowns_.push_back(u);
      devices_.push_back(d);
    }
}

Column AllResults::column(std::size_t k) const {
  const std::size_t nodes = unknowns_.size() - devices_.size();
  const auto of = [](const char* what, std::string_view name) {
    std::string text(what);  // fmt takes several times as long, for half a million names
    return text.append(name) += ')';
  };
  if (k < nodes) return {of("v(", circuit_.unknown_name(unknowns_[k])), "voltage"};
  return {of("i(", circuit_.device_name(devices_[k - nodes])), "current"};
}

void AllResults::read(std::span<const double> x, std::span<double> out) const {
  for (std::size_t k = 0; k < unknowns_.size(); ++k) out[k] = x[unknowns_[k]];
}

}  // namespace arrayspice
