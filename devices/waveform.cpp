// SPDX-License-Identifier: Apache-2.0
// Formulas: ngspice manual, "Independent Sources for Voltage or Current".
//
// Corners are computed once, as absolute times, by the same expressions in value() and
// next_breakpoint(): then value() at a corner that next_breakpoint() returned is the
// limit from the left bit for bit, however large t is.
#include "devices/waveform.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "devices/constants.hpp"

namespace arrayspice {

namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

/// Corners this near to each other are one: rounding must not make a step of one ulp.
bool coincide(double a, double b) {
  constexpr double kUlps = 8.0 * std::numeric_limits<double>::epsilon();
  return std::abs(b - a) <= kUlps * std::max(std::abs(a), std::abs(b));
}

/// first + k span; the span may be infinite when there is but one period.
double start_of(double k, double first, double span) {
  return k == 0.0 ? first : first + k * span;
}

/// The index k of the period with start(k) < t <= start(k+1), for start(k) = first + k
/// span; with `right`, of the one with start(k) <= t < start(k+1). -1: before the first.
double period_of(double t, double first, double span, bool right) {
  const auto begun = [&](double k) {
    const double start = start_of(k, first, span);
    return right ? start <= t : start < t;
  };
  if (!begun(0.0)) return -1.0;
  if (!std::isfinite(span) || span <= 0.0) return 0.0;
  double k = std::max(0.0, std::floor((t - first) / span));
  while (k > 0.0 && !begun(k)) k -= 1.0;
  while (begun(k + 1.0) && start_of(k + 1.0, first, span) > start_of(k, first, span))
    k += 1.0;
  return k;
}

/// The first of the ascending corners that lies after t and is not one with its
/// predecessor.
double first_after(double t, std::span<const double> corners) {
  double previous = -kNever;
  for (const double corner : corners) {
    const bool distinct = !std::isfinite(previous) || !coincide(previous, corner);
    if (corner > t && distinct) return corner;
    if (distinct) previous = corner;
  }
  return kNever;
}

double interpolate(double t, double t0, double y0, double t1, double y1) {
  return y0 + (y1 - y0) * ((t - t0) / (t1 - t0));
}

// --- PULSE

bool periodic(const Waveform::Pulse& p) {
  return std::isfinite(p.period) && p.period > 0.0;
}

/// Start of pulse k, end of its rise, start of its fall, end of its fall.
std::array<double, 4> corners_of(const Waveform::Pulse& p, double k) {
  const double start = start_of(k, p.delay, p.period);
  return {start, start + p.rise, start + p.rise + p.width,
          start + p.rise + p.width + p.fall};
}

bool exists(const Waveform::Pulse& p, double k) {
  return k >= 0.0 && (p.count <= 0 || k < static_cast<double>(p.count));
}

double value_at(const Waveform::Pulse& p, double t) {
  const double k = period_of(t, p.delay, p.period, false);
  if (!exists(p, k)) return p.initial;
  const auto [start, risen, falling, fallen] = corners_of(p, k);
  if (t < risen) return interpolate(t, start, p.initial, risen, p.pulsed);
  if (t <= falling) return p.pulsed;
  if (t < fallen) return interpolate(t, falling, p.pulsed, fallen, p.initial);
  return p.initial;
}

double corner_after(const Waveform::Pulse& p, double t) {
  const double k = period_of(t, p.delay, p.period, true);
  if (k < 0.0) return p.delay;
  const double next =
      periodic(p) && exists(p, k + 1.0) ? corners_of(p, k + 1.0)[0] : kNever;
  double corner = kNever;
  if (exists(p, k)) corner = first_after(t, corners_of(p, k));
  if (corner < next && !(std::isfinite(next) && coincide(corner, next))) return corner;
  return next;
}

// --- SIN, EXP, SFFM, AM

double value_at(const Waveform::Sine& s, double t) {
  const double phase = s.phase * kPi / 180.0;
  const double u = t - s.delay;
  if (u <= 0.0) return s.offset + s.amplitude * std::sin(phase);
  return s.offset + s.amplitude * std::exp(-u * s.damping) *
                        std::sin(2.0 * kPi * s.frequency * u + phase);
}
double corner_after(const Waveform::Sine& s, double t) {
  return s.delay > t ? s.delay : kNever;
}

/// 1 - exp(-u/tau), a step when tau is 0.
double approach(double u, double tau) {
  if (u <= 0.0) return 0.0;
  return tau > 0.0 ? -std::expm1(-u / tau) : 1.0;
}
double value_at(const Waveform::Exponential& e, double t) {
  const double swing = e.pulsed - e.initial;
  return e.initial + swing * (approach(t - e.rise_delay, e.rise_tau) -
                              approach(t - e.fall_delay, e.fall_tau));
}
double corner_after(const Waveform::Exponential& e, double t) {
  std::array corners{e.rise_delay, e.fall_delay};
  std::sort(corners.begin(), corners.end());
  return first_after(t, corners);
}

double value_at(const Waveform::FrequencyModulated& m, double t) {
  return m.offset + m.amplitude * std::sin(2.0 * kPi * m.carrier * t +
                                           m.index * std::sin(2.0 * kPi * m.signal * t));
}
double corner_after(const Waveform::FrequencyModulated&, double) { return kNever; }

double value_at(const Waveform::AmplitudeModulated& m, double t) {
  const double u = t - m.delay;
  if (u <= 0.0) return 0.0;
  return m.amplitude * (m.offset + std::sin(2.0 * kPi * m.modulation * u)) *
         std::sin(2.0 * kPi * m.carrier * u);
}
double corner_after(const Waveform::AmplitudeModulated& m, double t) {
  return m.delay > t ? m.delay : kNever;
}

// --- PWL

/// The part [repeat_from, last] of a PWL is seen again every `span`; k counts the
/// repetitions.
class Repetition {
 public:
  Repetition(const Waveform::PieceWiseLinear& p, double t, bool right)
      : points_(p.points) {
    const double last = points_.back().first;
    const bool repeats = p.repeat_from >= 0.0 && p.repeat_from < last;
    const double span = repeats ? last - p.repeat_from : kNever;
    const double first = p.delay + std::max(p.repeat_from, 0.0);
    const double k = repeats ? std::max(0.0, period_of(t, first, span, right)) : 0.0;
    shift_ = start_of(k, p.delay, span);
    start_ = start_of(k, first, span);
    end_ = repeats ? start_of(k + 1.0, first, span) : last + p.delay;
    if (k > 0.0)
      begin_ = static_cast<std::size_t>(
          std::upper_bound(points_.begin(), points_.end(), p.repeat_from,
                           [](double u, const auto& q) { return u < q.first; }) -
          points_.begin());
  }

  /// Points from begin() on lie in this repetition; the last is its end, bit for bit.
  std::size_t begin() const { return begin_; }
  std::size_t size() const { return points_.size(); }
  double start() const { return start_; }
  double time(std::size_t k) const {
    return points_[k].first == points_.back().first ? end_ : points_[k].first + shift_;
  }
  double value(std::size_t k) const { return points_[k].second; }

  /// The first point at or after t (with `right`, after t).
  std::size_t find(double t, bool right) const {
    std::size_t low = begin_, high = size();
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      const bool before = right ? time(middle) <= t : time(middle) < t;
      (before ? low : high) = before ? middle + 1 : middle;
    }
    return low;
  }

 private:
  const std::vector<std::pair<double, double>>& points_;
  double shift_, start_, end_;
  std::size_t begin_ = 0;
};

double value_at(const Waveform::PieceWiseLinear& p, double t) {
  if (p.points.empty()) return 0.0;
  const Repetition r(p, t, false);
  const std::size_t k = r.find(t, false);
  if (k == r.size()) return r.value(k - 1);
  if (k == 0) return r.value(0);
  // Across the seam of two repetitions the line starts at the point repeated from.
  const double from = k == r.begin() ? std::min(r.start(), t) : r.time(k - 1);
  return interpolate(t, from, r.value(k - 1), r.time(k), r.value(k));
}

double corner_after(const Waveform::PieceWiseLinear& p, double t) {
  if (p.points.empty()) return kNever;
  const Repetition r(p, t, true);
  std::size_t k = r.find(t, true);
  const auto before = [&](std::size_t i) {
    return i == r.begin() ? r.start() : r.time(i - 1);
  };
  while (k < r.size() && (k > 0 || r.begin() > 0) && coincide(before(k), r.time(k))) ++k;
  return k < r.size() ? r.time(k) : kNever;
}

// --- samples

double value_at(const Waveform::Sampled& s, double t) {
  const auto& all = s.samples;
  if (all.empty()) return 0.0;
  const auto after = std::upper_bound(all.begin(), all.end(), t,
                                      [](double u, const auto& k) { return u < k.t; });
  if (after == all.begin()) return all.front().value;
  if (after == all.end()) return all.back().value;
  const auto& a = *(after - 1);
  const auto& b = *after;
  const double h = b.t - a.t, u = (t - a.t) / h;
  const double rise = b.value - a.value;
  return a.value + u * (h * a.slope + u * (3.0 * rise - h * (2.0 * a.slope + b.slope) +
                                           u * (h * (a.slope + b.slope) - 2.0 * rise)));
}

double corner_after(const Waveform::Sampled&, double) { return kNever; }

}  // namespace

Waveform::Sampled Waveform::Sampled::through(
    std::span<const std::pair<double, double>> points) {
  Sampled curve;
  for (const auto& [t, value] : points) curve.samples.push_back({t, value});
  auto& s = curve.samples;
  for (std::size_t k = 1; k + 1 < s.size(); ++k) {
    const double h0 = s[k].t - s[k - 1].t, h1 = s[k + 1].t - s[k].t;
    const double before = (s[k].value - s[k - 1].value) / h0;
    const double after = (s[k + 1].value - s[k].value) / h1;
    s[k].slope = (h1 * before + h0 * after) / (h0 + h1);
  }
  return curve;
}

double Waveform::value(double t) const {
  return std::visit([t](const auto& shape) { return value_at(shape, t); }, shape_);
}

double Waveform::next_breakpoint(double t) const {
  return std::visit([t](const auto& shape) { return corner_after(shape, t); }, shape_);
}

}  // namespace arrayspice
