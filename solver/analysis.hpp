// SPDX-License-Identifier: Apache-2.0
// The analyses: plain options in, a Summary out, results to an observer. A DC sweep is a
// loop of operating_point() that keeps x.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "solver/linear_solver.hpp"
#include "solver/system.hpp"

namespace arrayspice {

/// SPICE tolerances. Defaults are those of Berkeley SPICE3 except where said.
struct Tolerances {
  double reltol =
      1e-3;  ///< relative, in transient; operating points use min(reltol, 1e-6)
  double abstol = 1e-12;  ///< A
  double vntol = 1e-6;    ///< V
  double chgtol = 1e-14;  ///< C
  double trtol = 7.0;     ///< over-estimate factor of the truncation error
  double gmin = 0.0;      ///< S kept across junctions at the end; SPICE3 has 1e-12
  int itl1 = 100;         ///< Newton iterations, operating point
  int itl2 = 50;          ///< Newton iterations, point of a sweep
  int itl4 = 20;          ///< Newton iterations, time step (SPICE3 has 10)
};

enum class Outcome {
  Converged,
  NotConverged,
  Singular,
  NotFinite,
  StepTooSmall,
  Stopped
};

/// The rung of the ladder that found an operating point.
enum class Rung { None, Newton, GminStepping, SourceStepping, PseudoTransient };
const char* rung_name(Rung rung);

/// Why an analysis ended, and what it took.
struct Summary {
  Outcome outcome = Outcome::NotConverged;
  Rung rung = Rung::None;
  std::string message;  ///< one sentence for the user when outcome != Converged
  /// Unknowns that moved most in the last iteration, worst first (at most 5).
  std::vector<UnknownId> worst;
  int iterations = 0;
  double added_gmin = 0.0;      ///< S left across junctions in the final solution
  double worst_residual = 0.0;  ///< A, largest Kirchhoff residual |f| of a node (DC)
  UnknownId worst_residual_at = kGround;
  std::int64_t steps = 0;
  std::int64_t rejected_error = 0;        ///< steps rejected by the truncation error
  std::int64_t rejected_convergence = 0;  ///< steps rejected because Newton failed

  bool ok() const { return outcome == Outcome::Converged; }
};

using NodeValue = std::pair<UnknownId, double>;

/// Nodes that only capacitors join to the rest keep the sum of their charges. Of the
/// first node's row the pattern must have a slot in every column where any of them has.
struct ConservedCharge {
  std::vector<UnknownId> nodes;
  double charge;  ///< C
};

struct OperatingPointOptions {
  Tolerances tolerances;
  Env env;
  std::vector<NodeValue> nodeset;  ///< starting hints, released before the last solve
  std::vector<NodeValue>
      forced;  ///< `.ic`: held at the value (a 0-ohm source) throughout
  /// Their solver must not leave out slots of charges (DirectSolver's `active`).
  std::vector<ConservedCharge> conserved = {};
  bool is_sweep_point = false;  ///< itl2 instead of itl1, starts from x, keeps limits
  bool aids = true;             ///< continue to gmin, source stepping, pseudo-transient
};

/// Solves f(x) = 0. x is the starting point and receives the solution.
/// Ladder: Newton, gmin stepping, source stepping, pseudo-transient (accepted only when
/// steady); then a last solve without added gmin.
Summary operating_point(System& system, DirectSolver& solver,
                        const OperatingPointOptions& options, std::vector<double>& x);

enum class Method { TrBdf2, Trapezoidal, Gear2, BackwardEuler };

/// A quantity whose sign changes are events. It must not depend on the past.
using EventFunction = std::function<double(double t, std::span<const double> x)>;

struct TransientOptions {
  Tolerances tolerances;
  Env env;                ///< time is set by the analysis
  double step = 0.0;      ///< s, the printing step; sets the first and the largest step
  double stop = 0.0;      ///< s
  double start = 0.0;     ///< s, results before it are not reported
  double max_step = 0.0;  ///< s; 0: min(step, (stop - start)/50) as ngspice chooses
  bool use_initial_conditions = false;
  Method method = Method::TrBdf2;
  /// The circuit is nearly linear: factors serve many steps.
  bool keep_factors = false;
  bool fixed_step = false;  ///< every step = max_step (for convergence-order tests)
  /// Where one of these changes its sign a step ends, to 1e-4 of its size.
  std::vector<EventFunction> events = {};
};

/// Called at every accepted time point, t ascending, first at t = start; return false to
/// stop. x has unknowns() elements.
using TransientObserver = std::function<bool(double t, std::span<const double> x)>;

/// Integrates f + dq/dt = 0 from 0 to stop. x: the operating point at t = 0, or with
/// use_initial_conditions the initial node voltages; receives the final state.
Summary transient(System& system, DirectSolver& solver, const TransientOptions& options,
                  std::vector<double>& x, const TransientObserver& observe);

}  // namespace arrayspice
