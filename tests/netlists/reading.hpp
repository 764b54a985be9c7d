// SPDX-License-Identifier: Apache-2.0
// Reads a deck from text, as the tests of the netlist reader need it.
#pragma once

#include <string>

#include "netlists/lookup.hpp"
#include "netlists/netlist.hpp"

namespace arrayspice::testing {

struct Reading {
  Sources sources;
  Diagnostics diagnostics;
  std::optional<Netlist> netlist;

  explicit Reading(std::string text, const ReadOptions& options = {}) {
    netlist = read_netlist_text(std::move(text), "deck.cir", ".", options, sources,
                                diagnostics);
  }
  const Circuit& circuit() const { return *netlist->circuit; }
  /// A device parameter by name; fails loudly when either is missing.
  double value(std::string_view device, std::string_view parameter) const {
    const DeviceId id = find_device(circuit(), device).value();
    return circuit().parameter(
        id, circuit().device_type(id).instance_parameter(parameter).value());
  }
  /// The first message, "3:8 E0303", or "" when there is none.
  std::string first() const {
    if (diagnostics.all().empty()) return {};
    const Diagnostic& d = diagnostics.all().front();
    return std::to_string(d.where.line) + ":" + std::to_string(d.where.column) + " " +
           std::string(d.code);
  }
  std::string all() const {
    std::string text;
    for (const Diagnostic& d : diagnostics.all()) text += render(d, sources) + "\n";
    return text;
  }
};

}  // namespace arrayspice::testing
