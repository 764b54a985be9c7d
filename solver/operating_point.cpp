// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>

#include "solver/continuation.hpp"

namespace arrayspice {
namespace {

constexpr double kReltol = 1e-6;  // at most, for operating points

Accuracy final_accuracy(const OperatingPointOptions& options) {
  const Tolerances& t = options.tolerances;
  return {.reltol = std::min(t.reltol, kReltol),
          .most_iterations = options.is_sweep_point ? t.itl2 : t.itl1,
          .polish = true};
}

/// The real circuit with `gmin` across junctions and nothing else added.
bool solve_as_is(OperatingPointSearch& search, double gmin, std::vector<double>& x) {
  Env env = search.options.env;
  env.gmin = gmin;
  return search.solve({}, env, final_accuracy(search.options), x);
}

/// `.ic` against a grounded source: the source wins, as its row alone determines x_k.
std::vector<NodeValue> without_driven_nodes(System& system, std::vector<NodeValue> held) {
  if (held.empty()) return held;
  const SparsePattern& pattern = system.pattern();
  std::vector<int> entries(pattern.size(), 0);
  for (std::int32_t p = 0; p < pattern.nonzeros(); ++p)
    if (system.conductive()[p]) ++entries[pattern.row_indices()[p]];
  std::erase_if(held, [&](const NodeValue& hold) {
    const std::int32_t k = hold.first;
    for (std::int32_t p = pattern.column_starts()[k]; p < pattern.column_starts()[k + 1];
         ++p) {
      const std::int32_t row = pattern.row_indices()[p];
      if (row != k && entries[row] == 1 && system.conductive()[p]) return true;
    }
    return k == kGround;
  });
  return held;
}

/// Brings x close to the hints: they are held during one solve, then released.
void apply_nodeset(OperatingPointSearch& search, std::vector<double>& x) {
  std::vector<NodeValue> held(search.held.begin(), search.held.end());
  for (const NodeValue& hint :
       without_driven_nodes(search.system, search.options.nodeset))
    held.push_back(hint);
  OperatingPointSearch hinted{search.system, search.newton, search.options, held};
  if (!solve_as_is(hinted, search.options.tolerances.gmin, x) && step_gmin(hinted, x))
    solve_as_is(hinted, search.options.tolerances.gmin, x);
  for (const auto& [k, value] : search.options.nodeset) x[k] = value;
  search.iterations += hinted.iterations;
}

/// Climbs the ladder; leaves the solution in x.
bool climb(OperatingPointSearch& search, Summary& summary, std::vector<double>& x) {
  const Tolerances& t = search.options.tolerances;
  const bool can_climb = search.options.aids && !search.system.linear();
  const std::vector<double> start = x;
  std::vector<double> near;  // where a rung got to although the last solve failed
  for (const Strategy& strategy : kLadder) {
    x = start;
    if (strategy.rung != Rung::Newton) {
      if (!can_climb) break;
      search.system.forget_limits();
    }
    if (!strategy.approach(search, x)) continue;
    if (strategy.rung != Rung::Newton) near = x;
    summary.rung = strategy.rung;
    if (solve_as_is(search, t.gmin, x)) return true;
  }
  for (const double gmin : {1e-15, 1e-14, 1e-13, 1e-12}) {
    if (near.empty() || gmin <= t.gmin) continue;
    x = near;
    if (!solve_as_is(search, gmin, x)) continue;
    summary.added_gmin = gmin;
    summary.message =
        "solved only with " + number_text(gmin) + " S left across every junction";
    return true;
  }
  summary.rung = Rung::None;
  x = start;
  return false;
}

std::string failure_text(const System& system, const NewtonReport& last, bool climbed) {
  const std::string where = describe_unknowns(system, last.worst);
  switch (last.outcome) {
    case Outcome::Singular:
      return "the circuit has no unique operating point: singular matrix at " +
             (where.empty() ? "an unknown" : where);
    case Outcome::NotFinite:
      return "no operating point: the equations give no finite number at " + where;
    default:
      return std::string("no operating point found") +
             (climbed ? " by Newton, gmin stepping, source stepping or pseudo-transient"
                      : " by Newton's method") +
             (where.empty() ? "" : "; last to move: " + where);
  }
}

void find_worst_residual(OperatingPointSearch& search, Summary& summary) {
  const std::vector<double>& f = search.newton.evaluation().f;
  for (UnknownId k = 1; k < search.system.unknowns(); ++k) {
    const bool held = std::any_of(search.held.begin(), search.held.end(),
                                  [&](const NodeValue& h) { return h.first == k; });
    if (search.system.quantity(k) != Quantity::Voltage || held) continue;
    if (std::abs(f[k]) <= summary.worst_residual) continue;
    summary.worst_residual = std::abs(f[k]);
    summary.worst_residual_at = k;
  }
}

}  // namespace

const char* rung_name(Rung rung) {
  constexpr std::array kNames{"none", "Newton", "gmin stepping", "source stepping",
                              "pseudo-transient"};
  return kNames[static_cast<std::size_t>(rung)];
}

Summary operating_point(System& system, DirectSolver& solver,
                        const OperatingPointOptions& options, std::vector<double>& x) {
  x.resize(system.unknowns(), 0.0);
  if (!options.is_sweep_point) system.forget_limits();
  Newton newton(system, solver, options.tolerances);
  const std::vector<NodeValue> held = without_driven_nodes(system, options.forced);
  OperatingPointSearch search{system, newton, options, held};
  if (!options.nodeset.empty()) apply_nodeset(search, x);

  Summary summary;
  if (climb(search, summary, x)) {
    summary.outcome = Outcome::Converged;
    find_worst_residual(search, summary);
  } else {
    summary.outcome = search.last.outcome;
    summary.worst = search.last.worst;
    summary.message = failure_text(system, search.last, options.aids && !system.linear());
  }
  summary.iterations = search.iterations;
  return summary;
}

}  // namespace arrayspice
