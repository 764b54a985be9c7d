// SPDX-License-Identifier: Apache-2.0
// `.measure` on the points of an analysis. Between two points everything is the straight
// line through them: crossings, values at an instant, integrals.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "netlists/measure.hpp"
#include "tools/output_expression.hpp"
#include "tools/plot.hpp"

namespace arrayspice {

/// A quantity of a row of probe values.
using RowFunction = std::function<double(std::span<const double> row)>;

struct Measurement {
  Measure measure{};
  std::optional<Program> expression{}, signal{}, level{}, target_signal{}, target_level{};
  std::vector<std::string> results{};  ///< inputs of a Parameter's expression

  /// What passes zero at the events of the measure, signal minus level, is added.
  void add_events(std::vector<RowFunction>& functions) const;

  /// The result, or nullopt when what is measured does not occur; `why` then says so.
  std::optional<double> evaluate(const Plot& plot,
                                 const std::map<std::string, double>& known,
                                 std::string& why) const;
};

/// Compiles a measure. `names`: results that are known when it is evaluated.
std::optional<Measurement> compile_measure(const TextCommand& command,
                                           const NameScope& scope, ProbeTable& probes,
                                           const std::vector<std::string>& names,
                                           Diagnostics& diagnostics);

}  // namespace arrayspice
