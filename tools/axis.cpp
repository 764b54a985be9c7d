// SPDX-License-Identifier: Apache-2.0
#include "tools/axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace arrayspice {

namespace {

/// 1, 2 or 5 times a power of ten: the largest such step that gives `ticks` or more.
double round_step(double span, int ticks) {
  const double raw = span / ticks;
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  const double lead = raw / power;
  return power * (lead < 1.5 ? 1.0 : lead < 3.5 ? 2.0 : lead < 7.5 ? 5.0 : 10.0);
}

bool takes_prefix(std::string_view unit) {
  return !unit.empty() && unit != "%" && unit != "LSB";
}

}  // namespace

Interval range_of(const std::vector<double>& values) {
  Interval range{std::numeric_limits<double>::infinity(),
                 -std::numeric_limits<double>::infinity()};
  for (const double v : values) {
    if (!std::isfinite(v)) continue;
    range.low = std::min(range.low, v);
    range.high = std::max(range.high, v);
  }
  return range.low > range.high ? Interval{} : range;
}

Prefix prefix_for(double largest, std::string_view unit) {
  static constexpr std::array<std::string_view, 9> kSymbols{"f", "p", "n", "µ", "m",
                                                            "",  "k", "M", "G"};
  constexpr int kLowest = -5, kHighest = 3;  // powers of 1000
  const double size = std::abs(largest);
  if (!takes_prefix(unit) || !(size > 0.0) || !std::isfinite(size)) return {};
  // A little below the next thousand still counts as it: 0.9999999 -> 1.
  const double power = std::floor(std::log10(size * (1.0 + 1e-9)) / 3.0);
  const int thousands = std::clamp(static_cast<int>(power), kLowest, kHighest);
  return {std::pow(10.0, -3 * thousands), kSymbols[thousands - kLowest]};
}

std::string with_unit(double value, std::string_view unit, int digits) {
  const Prefix prefix = prefix_for(value, unit);
  const std::string number = fmt::format("{:.{}g}", value * prefix.factor, digits);
  if (unit.empty()) return number;
  return fmt::format("{}\u202f{}{}", number, prefix.symbol, unit);  // narrow space
}

Axis::Axis(Interval values, double from, double to, int ticks, double scale)
    : range_(values), from_(from), to_(to), scale_(scale) {
  // A constant gets room around it, so that its line is in the middle of the plot.
  const double size = std::max(std::abs(values.low), std::abs(values.high));
  if (!(values.high - values.low > 1e-9 * size)) {
    const double room = size > 0.0 ? 0.05 * size : 1.0;
    range_ = {values.low - room, values.high + room};
  }
  step_ = round_step(range_.high - range_.low, ticks);
  range_.low = std::floor(range_.low / step_ + 1e-6) * step_;
  range_.high = std::ceil(range_.high / step_ - 1e-6) * step_;
}

double Axis::pixel(double value) const {
  return from_ + (value - range_.low) / (range_.high - range_.low) * (to_ - from_);
}

std::vector<Axis::Tick> Axis::ticks() const {
  const double shown_step = step_ * scale_;
  const int decimals =
      std::max(0, static_cast<int>(-std::floor(std::log10(shown_step) + 1e-9)));
  const double largest = std::max(std::abs(range_.low), std::abs(range_.high)) * scale_;
  const bool plain = decimals <= 5 && largest < 1e6;
  std::vector<Tick> ticks;
  const auto count = std::lround((range_.high - range_.low) / step_);
  for (long k = 0; k <= count; ++k) {
    const double value = range_.low + step_ * static_cast<double>(k);
    double shown = value * scale_;
    if (std::abs(shown) < 1e-9 * shown_step) shown = 0.0;
    ticks.push_back({pixel(value), plain ? fmt::format("{:.{}f}", shown, decimals)
                                         : fmt::format("{:.3g}", shown)});
  }
  return ticks;
}

}  // namespace arrayspice
