// SPDX-License-Identifier: Apache-2.0
#include "tools/statistics.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>

namespace arrayspice {

namespace {

std::string milliseconds(double seconds) {
  return fmt::format("{:.3f} ms", 1e3 * seconds);
}

std::string solver_text(const LinearStats& s) {
  const double fill = static_cast<double>(s.factor_nonzeros) /
                      static_cast<double>(std::max<std::int64_t>(1, s.matrix_nonzeros));
  const std::string decided =
      s.ordering.empty()
          ? "needed none: substitution solves it"
          : fmt::format("{}, ordering {} ({})", s.backend, s.ordering, s.reason);
  return fmt::format(
      "solver       {}\n"
      "matrix       {} unknowns, {} peeled, {} nonzeros, {} in the factors (fill "
      "{:.2f})\n"
      "linear work  {} analyses {}, {} factorisations {}, {} solves {}{}\n",
      decided, s.unknowns, s.peeled, s.matrix_nonzeros, s.factor_nonzeros, fill,
      s.analyses, milliseconds(s.order_seconds), s.factorisations,
      milliseconds(s.factor_seconds), s.solves, milliseconds(s.solve_seconds),
      s.array_iterations > 0
          ? fmt::format(" with {} iterations on wires", s.array_iterations)
          : "");
}

std::string residual_text(const Summary& s, const Circuit& circuit) {
  if (s.worst_residual == 0.0) return "0 A at every node";
  return fmt::format("{:.3e} A at {}", s.worst_residual,
                     circuit.unknown_name(s.worst_residual_at));
}

std::string gmin_text(const Summary& s, double requested) {
  if (s.added_gmin > requested)
    return fmt::format(
        "{:g} S left across every junction: without it no solution was found",
        s.added_gmin);
  if (requested > 0.0)
    return fmt::format("{:g} S across every junction, as .options gmin= asks", requested);
  return "0";
}

std::string power_text(const AnalysisReport& report) {
  const double scale =
      std::max({std::abs(report.delivered), std::abs(report.dissipated)});
  const double error = scale > 0.0 ? (report.delivered - report.dissipated) / scale : 0.0;
  return fmt::format(
      "power        sources deliver {:.12e} W, the rest takes up {:.12e} W "
      "(relative difference {:.1e})\n",
      report.delivered, report.dissipated, std::abs(error));
}

}  // namespace

std::string analysis_statistics(const Netlist& netlist, const AnalysisReport& report) {
  const Summary& s = report.summary;
  std::string text = fmt::format("analysis     {}: {} points, {} iterations",
                                 report.title, report.points, s.iterations);
  if (s.rung != Rung::None)
    text += fmt::format(", operating point by {}", rung_name(s.rung));
  text += '\n';
  if (s.steps > 0)
    text += fmt::format(
        "steps        {} taken, {} rejected by the error, {} by convergence\n", s.steps,
        s.rejected_error, s.rejected_convergence);
  if (s.rung != Rung::None)
    text += fmt::format("Kirchhoff    worst residual {}\nadded gmin   {}\n",
                        residual_text(s, *netlist.circuit),
                        gmin_text(s, netlist.options.tolerances.gmin));
  if (report.has_power) text += power_text(report);
  return text;
}

double peak_memory() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return 1024.0 * static_cast<double>(usage.ru_maxrss);
}

std::string statistics(const Netlist& netlist, const Session& session,
                       double total_seconds) {
  const Circuit& circuit = *netlist.circuit;
  std::string text = fmt::format(
      "circuit      {} elements, {} unknowns, {}\n"
      "front end    parse {}, elaborate {}\n",
      netlist.elements, circuit.unknowns() - 1, circuit.linear() ? "linear" : "nonlinear",
      milliseconds(netlist.parse_seconds), milliseconds(netlist.elaborate_seconds));
  for (const LinearStats& s : session.solver_stats()) text += solver_text(s);
  text += fmt::format("devices      {} evaluations {}\n", session.system().evaluations(),
                      milliseconds(session.system().evaluation_seconds()));
  for (const AnalysisReport& report : session.reports())
    text += analysis_statistics(netlist, report);
  return text + fmt::format("total        {}, peak memory {:.1f} MB\n",
                            milliseconds(total_seconds), peak_memory() / 1e6);
}

}  // namespace arrayspice
