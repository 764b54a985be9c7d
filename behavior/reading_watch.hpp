// SPDX-License-Identifier: Apache-2.0
// Reads the outputs of an array off a transient: values at its end, or the times at which
// they pass a level.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "netlists/arrays/experiment.hpp"
#include "solver/system.hpp"

namespace arrayspice {

class ReadingWatch {
 public:
  /// One reading and one unknown per column.
  ReadingWatch(std::span<const Reading> readings, std::span<const UnknownId> unknowns);

  /// Called at every time point.
  void observe(double t, std::span<const double> x);
  /// Every event has occurred, and nothing else is waited for.
  bool is_complete() const { return waiting_ == 0; }
  /// The outputs, x being the state at the end. Throws Failure(Exit::Numeric) for an
  /// event that did not occur; vector: of the batch, for the message.
  void results(std::span<const double> x, std::span<double> y, std::int64_t vector) const;

 private:
  bool is_behind(std::size_t j, double t, double now) const;

  std::span<const Reading> readings_;
  std::span<const UnknownId> unknowns_;
  void count(std::size_t j, double at);

  std::vector<double> before_, event_;  // event_: s; NaN: not yet
  struct Cycles {
    std::int64_t events = 0;
    double first = 0.0, last = 0.0;
  };
  std::vector<Cycles> cycles_;  // of readings that count
  double t_before_ = 0.0;
  std::size_t waiting_;
  bool has_begun_ = false;
};

}  // namespace arrayspice
