// SPDX-License-Identifier: Apache-2.0
// What is done with an array to get its outputs: an operating point or a transient, and
// what is read off it.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "netlists/arrays/sink.hpp"

namespace arrayspice {

/// One output.
struct Reading {
  /// A node, or a voltage source whose current is read (its stem begins with V).
  Name what;
  /// Given: the output is not the value at the end but when it passes this level.
  struct Event {
    double level;
    bool rising = true;
    double since = 0.0;  ///< s: earlier events do not count, and time is measured from it
    /// Given: the output is the frequency, Hz, over so many cycles from the first event
    /// on, or over as many as there are; 0 when there is none.
    std::int64_t cycles = 0;
    /// The output is how many events there are until the end, whatever `cycles` says.
    bool counts = false;
  };
  std::optional<Event> event = {};

  bool is_current() const { return what.stem.front() == 'V'; }
};

struct Experiment {
  double stop = 0.0;        ///< s; 0: an operating point
  double max_step = 0.0;    ///< s
  double start = 0.0;       ///< s: what was before has prepared the array; inputs come
  bool from_rest = false;   ///< no operating point first: `uic`
  std::string_view unit{};  ///< of the outputs
  std::function<Reading(std::int64_t column)> reading{};
  /// Given where the cells of a column follow one another: cell (i, j) reads joint(i - 1,
  /// j) without loading it, drives joint(i, j), and touches nothing else of its column.
  /// The sources of rows after the first are constant.
  std::function<Name(std::int64_t row, std::int64_t column)> joint{};

  bool is_transient() const { return stop > 0.0; }
};

}  // namespace arrayspice
