// SPDX-License-Identifier: Apache-2.0
// Ill-posed circuits found on the graph, before any number: each finding is a circuit
// whose equations have no solution or more than one whatever the values of its elements.
//
//   loop        voltage sources and inductors in a ring: currents are not determined
//   cutset      nodes that only current sources join to the rest
//   no DC path  nodes that only capacitors (or gates) join to the rest
//   island      nodes that nothing joins to ground
//
// Linear in the number of devices (union-find). A circuit without findings may still be
// singular, by its values or through controlled sources: the solver reports that.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "devices/circuit.hpp"

namespace arrayspice {

struct TopologyFinding {
  enum class Kind { NoGround, Island, NoDcPath, CurrentCutset, VoltageLoop };
  Kind kind;
  std::vector<DeviceId> devices;  ///< those that the sentence names first, at most 8
  std::vector<UnknownId> nodes;   ///< at most 8
  std::string sentence;           ///< "node b has no DC path to ground (c1, c2)"
};

struct TopologyOptions {
  /// Nodes held at a voltage while the operating point is found (`.ic`): their charge is
  /// known afterwards.
  std::span<const UnknownId> held = {};
  /// Nodes whose charge is given: where only capacitors join them and their neighbours to
  /// the rest, these keep it.
  std::span<const UnknownId> charged = {};
  /// A transient from given charges, without an operating point (`uic`): capacitors are
  /// paths, and a loop with an inductor is none.
  bool charges_are_given = false;
  std::size_t most = 20;  ///< findings
};

std::vector<TopologyFinding> check_topology(const Circuit& circuit,
                                            const TopologyOptions& options = {});

/// Sets of nodes that are joined in direct current, but to the rest by capacitors only:
/// those with a charged node, or all.
std::vector<std::vector<UnknownId>> floating_nodes(const Circuit& circuit,
                                                   const TopologyOptions& options);
std::vector<std::vector<UnknownId>> all_floating_nodes(const Circuit& circuit);

}  // namespace arrayspice
