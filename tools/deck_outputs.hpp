// SPDX-License-Identifier: Apache-2.0
// What the dot commands of a deck ask to see after an analysis: `.print`, `.measure`, and
// all voltages and source currents of an operating point that nobody prints.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tools/measurement.hpp"
#include "tools/output_expression.hpp"
#include "tools/plot.hpp"

namespace arrayspice {

/// Prints `name = value` of a measure, or `name = failed` and on stderr why.
bool report_measure(const Measurement& measurement, const Plot& plot,
                    std::map<std::string, double>& results);

class DeckOutputs {
 public:
  /// Reads all commands of the deck before anything runs; nullopt after an error.
  /// has_file: waveforms go to a file, so that an operating point is not listed as well.
  static std::optional<DeckOutputs> read(const Netlist& netlist, ProbeTable& probes,
                                         bool has_file, Diagnostics& diagnostics);

  /// Is anything shown of this kind of analysis?
  bool shows(std::string_view analysis) const;
  void report(const Plot& plot);
  /// The measures alone.
  void measure(const Plot& plot);
  /// Warns of every `.print` and `.measure` whose kind of analysis is not in the list.
  void warn_of_missing(const std::set<std::string>& printed,
                       const std::set<std::string>& measured,
                       Diagnostics& diagnostics) const;
  std::size_t failed_measures() const { return failed_; }
  /// Of all measures.
  void add_events(std::vector<RowFunction>& functions) const {
    for (const Measurement& m : measures_) m.add_events(functions);
  }

 private:
  void read_prints(const Netlist& netlist, ProbeTable& probes, Diagnostics& diagnostics);
  void read_measures(const Netlist& netlist, ProbeTable& probes,
                     Diagnostics& diagnostics);

  std::vector<OutputCommand> prints_;
  std::vector<Measurement> measures_;
  std::map<std::string, double> results_;
  std::size_t failed_ = 0;
};

}  // namespace arrayspice
