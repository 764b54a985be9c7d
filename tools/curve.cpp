// SPDX-License-Identifier: Apache-2.0
#include "tools/curve.hpp"

#include <algorithm>
#include <cmath>

namespace arrayspice {

namespace {

/// The end of the span may be missed by rounding.
double slack(const Curve& c) { return 1e-9 * std::abs(c.t.back() - c.t.front()); }

bool outside(const Curve& c, double t) {
  if (c.t.empty()) return true;
  const auto [low, high] = std::minmax(c.t.front(), c.t.back());
  return !(t >= low - slack(c) && t <= high + slack(c));
}

/// The last segment [k, k + 1] that holds t.
std::size_t segment(const Curve& c, double t) {
  const bool up = c.t.back() >= c.t.front();
  const auto after = up ? std::upper_bound(c.t.begin(), c.t.end(), t)
                        : std::upper_bound(c.t.begin(), c.t.end(), t, std::greater<>());
  const auto k = static_cast<std::size_t>(after - c.t.begin());
  return std::clamp<std::size_t>(k, 1, c.t.size() - 1) - 1;
}

double interpolated(const Curve& c, std::size_t k, double t) {
  const double h = c.t[k + 1] - c.t[k];
  if (h == 0.0) return c.y[k + 1];
  const double s = std::clamp((t - c.t[k]) / h, 0.0, 1.0);
  return c.y[k] + s * (c.y[k + 1] - c.y[k]);
}

double slope(const Curve& c, std::size_t k) {
  const double h = c.t[k + 1] - c.t[k];
  return h == 0.0 ? 0.0 : (c.y[k + 1] - c.y[k]) / h;
}

}  // namespace

std::vector<Crossing> crossings(const Curve& c) {
  std::vector<Crossing> found;
  for (std::size_t k = 1; k < c.t.size(); ++k) {
    const double a = c.y[k - 1], b = c.y[k];
    const bool rising = a < 0.0 && b >= 0.0, falling = a > 0.0 && b <= 0.0;
    if (rising || falling)
      found.push_back({c.t[k - 1] + a / (a - b) * (c.t[k] - c.t[k - 1]), rising});
  }
  return found;
}

std::optional<double> value_at(const Curve& c, double t) {
  if (outside(c, t)) return std::nullopt;
  if (c.t.size() == 1) return c.y.front();
  return interpolated(c, segment(c, t), t);
}

std::optional<double> slope_at(const Curve& c, double t) {
  if (outside(c, t) || c.t.size() < 2) return std::nullopt;
  const std::size_t k = segment(c, t);
  if (t == c.t[k] && k > 0) return 0.5 * (slope(c, k - 1) + slope(c, k));
  return slope(c, k);
}

Curve clipped(const Curve& c, double low, double high) {
  Curve part;
  if (c.t.size() == 1) return c;
  const auto add_end = [&](double end) {
    if (outside(c, end) || (!part.t.empty() && part.t.back() == end)) return;
    part.t.push_back(end);
    part.y.push_back(*value_at(c, end));
  };
  const bool up = c.t.empty() || c.t.back() >= c.t.front();
  add_end(up ? low : high);
  for (std::size_t k = 0; k < c.t.size(); ++k) {
    if (!(c.t[k] > low && c.t[k] < high)) continue;
    part.t.push_back(c.t[k]);
    part.y.push_back(c.y[k]);
  }
  add_end(up ? high : low);
  return part;
}

double integral(const Curve& c) {
  double sum = 0.0;
  for (std::size_t k = 1; k < c.t.size(); ++k)
    sum += 0.5 * (c.y[k] + c.y[k - 1]) * (c.t[k] - c.t[k - 1]);
  return sum;
}

double integral_of_square(const Curve& c) {
  double sum = 0.0;
  for (std::size_t k = 1; k < c.t.size(); ++k) {
    const double a = c.y[k - 1], b = c.y[k];
    sum += (a * a + a * b + b * b) / 3.0 * (c.t[k] - c.t[k - 1]);
  }
  return sum;
}

}  // namespace arrayspice
