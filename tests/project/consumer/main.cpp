// SPDX-License-Identifier: Apache-2.0
// Reads a deck through the installed library and counts its elements.
#include <iostream>

#include "netlists/netlist.hpp"

int main() {
  arrayspice::Sources sources;
  arrayspice::Diagnostics diagnostics;
  const auto netlist = arrayspice::read_netlist_text(
      "divider\nV1 in 0 3\nR1 in out 1k\nR2 out 0 2k\n.op\n.end\n", "divider.cir", ".",
      {}, sources, diagnostics);
  if (!netlist) return 1;
  std::cout << netlist->elements << '\n';
  return netlist->elements == 3 ? 0 : 1;
}
