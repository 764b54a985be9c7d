// SPDX-License-Identifier: Apache-2.0
// How many devices a deck will have, counted on the definitions before anything is
// expanded: ten levels of ten instances are 1e10 devices in 100 lines. Finds definitions
// that contain themselves on the way.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "netlists/deck.hpp"

namespace arrayspice {

class ExpansionSize {
 public:
  ExpansionSize(const Deck& deck, Diagnostics& diagnostics)
      : deck_(deck), diagnostics_(diagnostics) {}

  /// Throws Failure (Exit::Resource) when the expanded deck would need more than
  /// `max_memory` bytes; 0: what the machine has.
  void check(std::size_t max_memory);
  /// Devices in one instance; a double, as 300 levels exceed any integer type.
  double devices(const Subcircuit& subcircuit);
  /// Contains itself; reported already.
  bool is_recursive(const Subcircuit& subcircuit) const {
    return recursive_.contains(&subcircuit);
  }

 private:
  double devices(const Body& body, const Subcircuit& subcircuit);
  bool enter(const Subcircuit& called, const Card& card);

  const Deck& deck_;
  Diagnostics& diagnostics_;
  std::map<const Subcircuit*, double> known_;
  std::vector<const Subcircuit*> open_;
  std::set<const Subcircuit*> recursive_;
  std::string buffer_;
};

/// The name of the subcircuit that an X card calls: its last word before `name=value`.
std::string_view called_subcircuit(class Cursor& cursor);

}  // namespace arrayspice
