// SPDX-License-Identifier: Apache-2.0
#include "behavior/settling.hpp"

#include <cmath>
#include <limits>

namespace arrayspice {

namespace {

/// An error becomes smaller more slowly from step to step when it decays, but not when it
/// follows a ramp to its end.
constexpr double kSlower = 0.9;

}  // namespace

double HalfStep::of(double change) const {
  return given > 0.0 ? given : std::abs(change) * std::exp2(-bits - 1);
}

SettlingWatch::SettlingWatch(std::vector<double> final_values,
                             std::vector<double> tolerance)
    : final_(std::move(final_values)),
      tolerance_(std::move(tolerance)),
      settled_(final_.size(), 0.0),
      error_(final_.size(), 0.0),
      slope_(final_.size(), std::numeric_limits<double>::infinity()) {}

/// When the error that is `now` at t passed the tolerance: what decays does so
/// exponentially since the last point, all else is a straight line.
double SettlingWatch::crossing(std::size_t j, double t, double now, double slope) const {
  const double a = std::abs(error_[j]), b = std::abs(now);
  const bool decays =
      error_[j] * now > 0.0 && std::abs(slope) < kSlower * std::abs(slope_[j]);
  const double part = decays ? std::log(a / tolerance_[j]) / std::log(a / b)
                             : (a - tolerance_[j]) / std::abs(error_[j] - now);
  return t_ + part * (t - t_);
}

void SettlingWatch::observe(double t, std::span<const double> y) {
  for (std::size_t j = 0; j < final_.size(); ++j) {
    const double now = y[j] - final_[j];
    const double slope = t > t_ ? (now - error_[j]) / (t - t_) : slope_[j];
    if (std::abs(now) > tolerance_[j])
      settled_[j] = t;
    else if (std::abs(error_[j]) > tolerance_[j])
      settled_[j] = crossing(j, t, now, slope);
    error_[j] = now;
    slope_[j] = slope;
  }
  t_ = t;
}

bool SettlingWatch::is_settled() const {
  for (std::size_t j = 0; j < final_.size(); ++j)
    if (std::abs(error_[j]) > tolerance_[j]) return false;
  return true;
}

}  // namespace arrayspice
