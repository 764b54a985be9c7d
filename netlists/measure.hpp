// SPDX-License-Identifier: Apache-2.0
// `.measure`: parsed and checked before anything runs; evaluated on the points of an
// analysis by the program that runs the deck.
#pragma once

#include <limits>
#include <optional>
#include <string>

#include "netlists/expression.hpp"
#include "netlists/netlist.hpp"

namespace arrayspice {

struct Measure {
  enum class Analysis { Op, Dc, Tran };
  enum class Kind {
    Interval,  ///< trig ... targ ...
    Find,      ///< find x at= | find x when ...
    When,
    Count,       ///< count x=level: how often, from the n-th time on
    Derivative,  ///< deriv x at= | deriv x when ...
    Average,
    Rms,
    Minimum,
    Maximum,
    PeakToPeak,
    Integral,
    MinimumAt,
    MaximumAt,
    Parameter  ///< param='expression of other measures'
  };
  /// The n-th time that `signal` crosses `level`, or a fixed instant.
  struct Event {
    enum class Edge { Any, Rise, Fall };
    static constexpr int kLast = 0;
    std::optional<Expression> signal, level;
    Edge edge = Edge::Any;
    int count = 1;  ///< from 1; kLast: the last one
    double delay = -std::numeric_limits<double>::infinity();  ///< none before this
    std::optional<double> at;
  };

  Location where;
  std::string name;
  Analysis analysis = Analysis::Tran;
  Kind kind = Kind::Find;
  std::optional<Expression> expression;
  Event event;  ///< of `when` and `at=`; the trigger of an Interval
  Event target;
  double from = -std::numeric_limits<double>::infinity();
  double to = std::numeric_limits<double>::infinity();
};

/// "op", "dc", "tran".
const char* analysis_name(Measure::Analysis analysis);

/// Reads `.measure tran name ...` or `meas tran name ...`; numbers may be expressions of
/// `scope`. Nullopt after an error.
std::optional<Measure> parse_measure(const TextCommand& command, const NameScope& scope,
                                     Diagnostics& diagnostics);

}  // namespace arrayspice
