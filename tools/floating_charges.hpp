// SPDX-License-Identifier: Apache-2.0
// Nodes of a deck that only capacitors join to the rest. Where `.ic` or `ic=` gives their
// charge, operating points conserve it:
//
//     sum over the nodes of q(x) = the same sum of q at the initial conditions,
//
// these being what `.ic` and `ic=` say and 0 V everywhere else, as in a `uic` transient.
#pragma once

#include <vector>

#include "netlists/netlist.hpp"
#include "solver/analysis.hpp"

namespace arrayspice {

/// `holds`: the operating point holds the nodes of `.ic` (before a transient); then only
/// `ic=` gives charges.
std::vector<UnknownId> charged_nodes(const Netlist& netlist, bool holds);
std::vector<ConservedCharge> conserved_charges(const Netlist& netlist, bool holds);

/// "nodes b and c keep the charge of their initial conditions"
std::string describe_conserved(const Circuit& circuit, const ConservedCharge& charge);

}  // namespace arrayspice
