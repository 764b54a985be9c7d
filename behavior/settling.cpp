// SPDX-License-Identifier: Apache-2.0
#include "behavior/settling.hpp"

#include <cmath>

namespace arrayspice {

namespace {

/// When an error that was `before` at t0 and is `now` at t1 passed the size `tolerance`:
/// between two points of one sign it decays exponentially, else it is a straight line.
double crossing(double t0, double before, double t1, double now, double tolerance) {
  const bool same_sign = before * now > 0.0;
  const double a = std::abs(before), b = std::abs(now);
  const double part =
      same_sign ? std::log(a / tolerance) / std::log(a / b) : (a - tolerance) / (a + b);
  return t0 + part * (t1 - t0);
}

}  // namespace

SettlingWatch::SettlingWatch(std::vector<double> final_values,
                             std::vector<double> tolerance)
    : final_(std::move(final_values)),
      tolerance_(std::move(tolerance)),
      settled_(final_.size(), 0.0),
      error_(final_.size(), 0.0) {}

void SettlingWatch::observe(double t, std::span<const double> y) {
  for (std::size_t j = 0; j < final_.size(); ++j) {
    const double now = y[j] - final_[j];
    if (std::abs(now) > tolerance_[j])
      settled_[j] = t;
    else if (std::abs(error_[j]) > tolerance_[j])
      settled_[j] = crossing(t_, error_[j], t, now, tolerance_[j]);
    error_[j] = now;
  }
  t_ = t;
}

bool SettlingWatch::is_settled() const {
  for (std::size_t j = 0; j < final_.size(); ++j)
    if (std::abs(error_[j]) > tolerance_[j]) return false;
  return true;
}

}  // namespace arrayspice
