// SPDX-License-Identifier: Apache-2.0
// `.options` and `.temp`: tables of what can be set, of what is accepted with a warning
// because other programs need it and this one does not, and of what is refused.
#pragma once

#include <string>

#include "netlists/cursor.hpp"
#include "netlists/expression.hpp"
#include "netlists/netlist.hpp"

namespace arrayspice {

/// Reads `name=value ...` and flags up to the end of the card.
void read_options(Cursor& cursor, const NameScope& scope, DeckOptions& options,
                  Diagnostics& diagnostics);

/// All options of the tables, as a Markdown page.
std::string describe_options();

/// After all cards: xmu damps the trapezoidal formula of other programs.
void check_damping(const DeckOptions& options, Diagnostics& diagnostics);

/// Reads the one temperature of a `.temp` card.
void read_temperature(Cursor& cursor, const NameScope& scope, DeckOptions& options,
                      Diagnostics& diagnostics);

}  // namespace arrayspice
