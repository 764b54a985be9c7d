// SPDX-License-Identifier: Apache-2.0
// What the solver knows of a circuit: n unknowns x and the differential-algebraic
// equations
//
//     f(x, t) + d q(x, t)/dt = 0,        G = df/dx,   C = dq/dx
//
// Row k is Kirchhoff's current law of node k (f in ampere, q in coulomb, a current *into*
// a device pin counts positive) or the equation that belongs to an internal unknown.
// Unknown 0 is ground: its row reads x[0] = 0, so no algorithm treats it specially.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "solver/sparse_pattern.hpp"

namespace arrayspice {

using UnknownId = std::int32_t;
inline constexpr UnknownId kGround = 0;
inline constexpr UnknownId kNoUnknown = -1;

/// What an unknown measures; selects its absolute tolerance (vntol, abstol, 1e-6).
enum class Quantity : std::uint8_t { Voltage, Current, State };

/// All that a device may know besides the values at its pins.
struct Env {
  double time = 0.0;       ///< s
  bool transient = false;  ///< sources follow their waveforms
  /// States change in time; else, as in an operating point (that before a transient too),
  /// they rest where they were programmed.
  bool moving = false;
  double temperature = 300.15;  ///< K
  double gmin = 0.0;            ///< S, across every junction
  double source_scale = 1.0;    ///< 0..1, factor on every independent source
};

/// One evaluation of the equations at a point. Buffers are kept between calls. All have
/// one element more than they need (the last), a bucket for entries of row or column 0.
struct Evaluation {
  std::vector<double> f;  ///< n + 1
  std::vector<double> q;  ///< n + 1
  std::vector<double> g;  ///< nonzeros + 1, in the order of System::pattern()
  std::vector<double> c;  ///< nonzeros + 1; empty where nothing has a capacitance
  /// A device was linearised at another point than x (junction limiting): f, q are the
  /// tangents extended to x, and the iterate must not count as converged.
  bool limited = false;

  double capacitance(std::size_t slot) const { return c.empty() ? 0.0 : c[slot]; }
  void add_capacitance(std::int32_t slot, double value) {
    if (value == 0.0) return;
    if (c.empty()) c.assign(g.size(), 0.0);
    c[slot] += value;
  }
};

enum class Want { Residual, ResidualAndJacobian };

class System {
 public:
  virtual ~System() = default;

  virtual std::int32_t unknowns() const = 0;
  virtual Quantity quantity(UnknownId unknown) const = 0;
  /// Node name, or `device#pin` for an internal unknown (`v1#branch`).
  virtual std::string unknown_name(UnknownId unknown) const = 0;
  /// Names of the devices that touch an unknown, for messages; at most `most`.
  virtual std::vector<std::string> devices_at(UnknownId unknown,
                                              std::size_t most) const = 0;

  virtual const SparsePattern& pattern() const = 0;
  /// Per slot of pattern(): is it ever non-zero in G? Slots that only C uses vanish in
  /// DC.
  virtual std::span<const std::uint8_t> conductive() const = 0;
  /// f is affine and q linear in x, with a Jacobian that does not depend on time.
  virtual bool linear() const = 0;

  /// f, q (and g, c) at x. x has unknowns() elements. Must not throw on any finite x.
  virtual void evaluate(std::span<const double> x, const Env& env, Want want,
                        Evaluation& out) = 0;
  /// Forgets the points at which junctions were last linearised (a new operating point).
  virtual void forget_limits() = 0;
  /// The solution x at env was accepted: discrete device states (switches) move on.
  virtual void accept(std::span<const double> x, const Env& env) = 0;

  /// q at the start of a `uic` transient: q(x) with every `ic=` of a device in force.
  virtual void initial_charges(std::span<const double> x, const Env& env,
                               std::span<double> q) = 0;
  /// The first corner of any source strictly after t, or +infinity.
  virtual double next_breakpoint(double t) const = 0;
};

}  // namespace arrayspice
