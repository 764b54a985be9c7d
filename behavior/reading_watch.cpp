// SPDX-License-Identifier: Apache-2.0
#include "behavior/reading_watch.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "netlists/failure.hpp"

namespace arrayspice {

ReadingWatch::ReadingWatch(std::span<const Reading> readings,
                           std::span<const UnknownId> unknowns)
    : readings_(readings),
      unknowns_(unknowns),
      before_(readings.size()),
      event_(readings.size(), std::numeric_limits<double>::quiet_NaN()),
      cycles_(readings.size()),
      waiting_(readings.size()) {}

/// At `since` the level lies behind already: the event was then.
bool ReadingWatch::is_behind(std::size_t j, double t, double now) const {
  const Reading::Event& event = *readings_[j].event;
  if (t_before_ > event.since) return false;
  const double part = (event.since - t_before_) / (t - t_before_);
  const double then = before_[j] + part * (now - before_[j]);
  return event.rising ? then >= event.level : then <= event.level;
}

void ReadingWatch::observe(double t, std::span<const double> x) {
  for (std::size_t j = 0; j < readings_.size(); ++j) {
    const double now = x[unknowns_[j]];
    const auto& event = readings_[j].event;
    if (event && std::isnan(event_[j]) && has_begun_ && t > event->since) {
      const double sign = event->rising ? 1.0 : -1.0;
      const double a = sign * (before_[j] - event->level);
      const double b = sign * (now - event->level);
      const double at = t_before_ + (a < b ? -a / (b - a) : 0.0) * (t - t_before_);
      const bool is_passed = a < 0.0 && b >= 0.0 && at >= event->since;
      if (event->cycles > 0 || event->counts) {
        if (is_passed) count(j, at);
      } else if (is_passed || is_behind(j, t, now)) {
        event_[j] = is_passed ? at - event->since : 0.0;
        --waiting_;
      }
    }
    before_[j] = now;
  }
  t_before_ = t;
  has_begun_ = true;
}

void ReadingWatch::count(std::size_t j, double at) {
  Cycles& seen = cycles_[j];
  if (seen.events++ == 0) seen.first = at;
  seen.last = at;
  if (readings_[j].event->counts || seen.events <= readings_[j].event->cycles) return;
  event_[j] = at - readings_[j].event->since;
  --waiting_;
}

void ReadingWatch::results(std::span<const double> x, std::span<double> y,
                           std::int64_t vector) const {
  for (std::size_t j = 0; j < readings_.size(); ++j) {
    y[j] = readings_[j].event ? event_[j] : x[unknowns_[j]];
    if (readings_[j].event && readings_[j].event->counts) {
      y[j] = static_cast<double>(cycles_[j].events);
    } else if (readings_[j].event && readings_[j].event->cycles > 0) {
      const Cycles& seen = cycles_[j];
      y[j] = seen.events > 1
                 ? static_cast<double>(seen.events - 1) / (seen.last - seen.first)
                 : 0.0;
    }
    if (!std::isnan(y[j])) continue;
    std::string node;
    append_name(node, readings_[j].what);
    throw Failure(Exit::Numeric,
                  fmt::format("input {}: node {} does not pass {} V within {:.3g} s",
                              vector, node, readings_[j].event->level, t_before_));
  }
}

}  // namespace arrayspice
