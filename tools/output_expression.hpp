// SPDX-License-Identifier: Apache-2.0
// What `.print`, `.save` and `.measure` ask for: expressions of circuit quantities, with
// the name they are printed under.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "devices/program.hpp"
#include "netlists/expression.hpp"
#include "netlists/netlist.hpp"
#include "netlists/text_scanner.hpp"
#include "tools/probe_table.hpp"

namespace arrayspice {

struct OutputExpression {
  std::string label;
  const char* type = "notype";
  Program program;  ///< of the values of a ProbeTable

  /// row: the values of all probes, or more.
  double value(std::span<const double> row) const {
    return program.evaluate(row.first(static_cast<std::size_t>(program.inputs())));
  }
};

using ResolveReference =
    std::function<std::optional<std::int32_t>(const Reference&, Location, Diagnostics&)>;

/// Compiles an expression whose references `resolve` turns into inputs; reports what is
/// not there, once.
std::optional<Program> compile_output(const Expression& expression,
                                      const NameScope& scope,
                                      const ResolveReference& resolve,
                                      Diagnostics& diagnostics);

/// The same with the probes of a table, from text.
std::optional<OutputExpression> compile_output(const TextScanner::Part& part,
                                               const NameScope& scope, ProbeTable& probes,
                                               Diagnostics& diagnostics);

/// Every node voltage and branch current as an output of its own.
std::vector<OutputExpression> all_outputs(const Circuit& circuit, ProbeTable& probes);

/// "op", "dc", "tran" after `.print`, with what follows; any analysis when none is named.
struct OutputCommand {
  Location where{};
  std::string analysis{};
  std::vector<OutputExpression> outputs{};
};

/// Reads `.print tran v(a) v(b)` or `.save v(a)`; nullopt after an error.
std::optional<OutputCommand> read_output_command(const TextCommand& command,
                                                 const Netlist& netlist,
                                                 ProbeTable& probes,
                                                 Diagnostics& diagnostics);

}  // namespace arrayspice
