// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "netlists/netlist.hpp"
#include "tools/session.hpp"

namespace arrayspice {

/// The page that `--stats` prints: what was decided, what it cost, how good the result
/// is.
std::string statistics(const Netlist& netlist, const Session& session,
                       double total_seconds);

/// The part of it about one analysis, in one or a few lines.
std::string analysis_statistics(const Netlist& netlist, const AnalysisReport& report);

/// Largest resident size of this process so far, in bytes.
double peak_memory();

}  // namespace arrayspice
