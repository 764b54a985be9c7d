// SPDX-License-Identifier: Apache-2.0
#include "tools/deck_outputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iterator>

#include "netlists/messages.hpp"
#include "tools/print.hpp"

namespace arrayspice {

bool report_measure(const Measurement& measurement, const Plot& plot,
                    std::map<std::string, double>& results) {
  const Measure& measure = measurement.measure;
  std::string why;
  std::optional<double> value;
  if (plot.kind != analysis_name(measure.analysis))
    why = fmt::format("the last analysis was not a {}", analysis_name(measure.analysis));
  else
    value = measurement.evaluate(plot, results, why);
  if (value) {
    print_value(measure.name, *value);
    results[measure.name] = *value;
    return true;
  }
  fmt::print("{} = failed\n", measure.name);
  std::fflush(stdout);
  fmt::print(stderr, "error: measure '{}' failed: {}\n", measure.name, why);
  return false;
}

std::optional<DeckOutputs> DeckOutputs::read(const Netlist& netlist, ProbeTable& probes,
                                             bool has_file, Diagnostics& diagnostics) {
  DeckOutputs outputs;
  outputs.read_prints(netlist, probes, diagnostics);
  outputs.read_measures(netlist, probes, diagnostics);
  const bool has_op =
      std::any_of(netlist.analyses.begin(), netlist.analyses.end(),
                  [](const AnalysisCommand& command) {
                    return std::holds_alternative<OpCommand>(command.what);
                  });
  if (has_op && !has_file && !outputs.shows("op")) {
    OutputCommand all{.analysis = "op"};
    for (const TextCommand& save : netlist.saves)
      if (auto read = read_output_command(save, netlist, probes, diagnostics))
        std::move(read->outputs.begin(), read->outputs.end(),
                  std::back_inserter(all.outputs));
    if (netlist.saves.empty()) all.outputs = all_outputs(*netlist.circuit, probes);
    outputs.prints_.push_back(std::move(all));
  }
  if (diagnostics.has_errors()) return std::nullopt;
  return outputs;
}

void DeckOutputs::read_prints(const Netlist& netlist, ProbeTable& probes,
                              Diagnostics& diagnostics) {
  for (const TextCommand& print : netlist.prints)
    if (auto read = read_output_command(print, netlist, probes, diagnostics))
      prints_.push_back(std::move(*read));
}

void DeckOutputs::read_measures(const Netlist& netlist, ProbeTable& probes,
                                Diagnostics& diagnostics) {
  std::vector<std::string> names;
  for (const TextCommand& command : netlist.measures) {
    auto measure =
        compile_measure(command, *netlist.parameters, probes, names, diagnostics);
    if (!measure) continue;
    names.push_back(measure->measure.name);
    measures_.push_back(std::move(*measure));
  }
}

bool DeckOutputs::shows(std::string_view analysis) const {
  return std::any_of(prints_.begin(), prints_.end(),
                     [&](const auto& p) {
                       return p.analysis.empty() || p.analysis == analysis;
                     }) ||
         std::any_of(measures_.begin(), measures_.end(), [&](const auto& m) {
           return analysis_name(m.measure.analysis) == analysis;
         });
}

void DeckOutputs::report(const Plot& plot) {
  for (const OutputCommand& print : prints_)
    if (print.analysis.empty() || print.analysis == plot.kind)
      print_outputs(plot, print.outputs);
  measure(plot);
}

void DeckOutputs::measure(const Plot& plot) {
  for (const Measurement& measure : measures_)
    if (analysis_name(measure.measure.analysis) == plot.kind &&
        !report_measure(measure, plot, results_))
      ++failed_;
}

void DeckOutputs::warn_of_missing(const std::set<std::string>& printed,
                                  const std::set<std::string>& measured,
                                  Diagnostics& diagnostics) const {
  const auto warn = [&](Location where, std::string_view what, std::string_view kind) {
    diagnostics.warning(
        message::kIgnored, where,
        fmt::format("{} has no effect: no {} analysis is run for it", what, kind));
  };
  for (const OutputCommand& print : prints_)
    if (print.where.file != 0 && !print.analysis.empty() &&
        !printed.contains(print.analysis))
      warn(print.where, ".print", print.analysis);
  for (const Measurement& m : measures_) {
    const std::string kind = analysis_name(m.measure.analysis);
    if (!measured.contains(kind)) warn(m.measure.where, ".measure", kind);
  }
}

}  // namespace arrayspice
