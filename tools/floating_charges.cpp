// SPDX-License-Identifier: Apache-2.0
#include "tools/floating_charges.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "devices/capacitor.hpp"
#include "devices/topology.hpp"

namespace arrayspice {

namespace {

std::vector<UnknownId> nodes_of_initial_conditions(const Netlist& netlist) {
  std::vector<UnknownId> nodes;
  for (const NodeValue& v : netlist.initial_conditions) nodes.push_back(v.first);
  return nodes;
}

}  // namespace

std::vector<UnknownId> charged_nodes(const Netlist& netlist, bool holds) {
  std::vector<UnknownId> nodes;
  if (!holds) nodes = nodes_of_initial_conditions(netlist);
  const Circuit& circuit = *netlist.circuit;
  for (BlockId b = 0; b < circuit.blocks(); ++b) {
    const DeviceBlock& block = circuit.block(b);
    if (block.type().name != Capacitor::kName) continue;
    const auto ic = block.type().instance_parameter("ic");
    for (InstanceId k = 0; k < block.size(); ++k)
      if (given(block.instance_value(k, *ic)))
        nodes.insert(nodes.end(), block.pins(k).begin(), block.pins(k).end());
  }
  return nodes;
}

std::vector<ConservedCharge> conserved_charges(const Netlist& netlist, bool holds) {
  std::vector<ConservedCharge> conserved;
  const std::vector<UnknownId> charged = charged_nodes(netlist, holds);
  if (charged.empty()) return conserved;
  const std::vector<UnknownId> held =
      holds ? nodes_of_initial_conditions(netlist) : std::vector<UnknownId>{};
  Circuit& circuit = *netlist.circuit;
  std::vector<double> x(static_cast<std::size_t>(circuit.unknowns()), 0.0);
  std::vector<double> q(x.size() + 1, 0.0);
  for (const auto& [node, volt] : netlist.initial_conditions) x[node] = volt;
  Env env;
  env.transient = true;
  circuit.initial_charges(x, env, q);
  TopologyOptions options;
  options.held = held;
  options.charged = charged;
  for (auto& nodes : floating_nodes(circuit, options)) {
    double charge = 0.0;
    for (const UnknownId u : nodes) charge += q[u];
    conserved.push_back({std::move(nodes), charge});
  }
  return conserved;
}

std::string describe_conserved(const Circuit& circuit, const ConservedCharge& charge) {
  constexpr std::size_t kMost = 4;
  std::string text = charge.nodes.size() == 1 ? "node " : "nodes ";
  for (std::size_t k = 0; k < std::min(charge.nodes.size(), kMost); ++k)
    text += (k > 0 ? ", " : "") + circuit.unknown_name(charge.nodes[k]);
  if (charge.nodes.size() > kMost)
    text += fmt::format(" and {} more", charge.nodes.size() - kMost);
  return text + fmt::format(" {} the charge of the initial conditions, {:.4g} C",
                            charge.nodes.size() == 1 ? "keeps" : "keep", charge.charge);
}

}  // namespace arrayspice
