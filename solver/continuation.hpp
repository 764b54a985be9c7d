// SPDX-License-Identifier: Apache-2.0
// Ways to a starting point from which Newton's method finds the operating point. Each
// solves a chain of easier circuits that ends close to the real one; none decides: the
// operating point is whatever the last solve, of the real circuit, gives.
#pragma once

#include <array>
#include <vector>

#include "solver/newton.hpp"

namespace arrayspice {

/// What the rungs of the ladder work on.
struct OperatingPointSearch {
  System& system;
  Newton& newton;
  const OperatingPointOptions& options;
  std::span<const NodeValue> held;
  NewtonReport last{};  ///< of the last solve, whether or not it succeeded
  int iterations = 0;   ///< in all solves so far

  /// One Newton solve; on failure x is left as it was.
  bool solve(const Equation& equation, const Env& env, const Accuracy& accuracy,
             std::vector<double>& x);
};

/// Nothing: Newton from where we are.
bool start_directly(OperatingPointSearch& search, std::vector<double>& x);
/// A conductance from every node to ground and across junctions, 10 mS down to 1e-13 S.
bool step_gmin(OperatingPointSearch& search, std::vector<double>& x);
/// All sources together from 0 to their values.
bool step_sources(OperatingPointSearch& search, std::vector<double>& x);
/// Backward Euler in time on the real charges and 1 pF at every node, steps growing until
/// nothing moves.
bool follow_pseudo_transient(OperatingPointSearch& search, std::vector<double>& x);

struct Strategy {
  Rung rung;
  bool (*approach)(OperatingPointSearch&, std::vector<double>&);
};

inline constexpr std::array kLadder{
    Strategy{Rung::Newton, start_directly},
    Strategy{Rung::GminStepping, step_gmin},
    Strategy{Rung::SourceStepping, step_sources},
    Strategy{Rung::PseudoTransient, follow_pseudo_transient},
};

}  // namespace arrayspice
