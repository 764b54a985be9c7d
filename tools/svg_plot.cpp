// SPDX-License-Identifier: Apache-2.0
#include "tools/svg_plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "tools/axis.hpp"

namespace arrayspice {

namespace {

constexpr double kWidth = 640, kHeight = 360;
constexpr double kLeft = 74, kRight = 620, kTop = 34, kBottom = 310;
/// Readable on white and on near-black.
constexpr std::array<std::string_view, 6> kColours{"#3f8ed0", "#e07b39", "#2fa377",
                                                   "#b65fa6", "#a58a2a", "#7a86a8"};

std::string_view colour(std::size_t series) { return kColours[series % kColours.size()]; }

std::string label_text(const AxisLabel& label, const Prefix& prefix) {
  if (label.unit.empty()) return escaped(label.name);
  return fmt::format("{} ({}{})", escaped(label.name), prefix.symbol,
                     escaped(label.unit));
}

/// Grid lines, tick labels and axis labels of a plot.
std::string frame(const Axis& x, const Axis& y, const std::string& x_label,
                  const std::string& y_label) {
  std::string svg;
  for (const auto& tick : y.ticks())
    svg += fmt::format(
        "<line class='plot-grid' x1='{}' x2='{}' y1='{:.1f}' y2='{:.1f}'/>"
        "<text class='plot-tick' text-anchor='end' x='{}' y='{:.1f}'>{}</text>",
        kLeft, kRight, tick.pixel, tick.pixel, kLeft - 8, tick.pixel + 4, tick.label);
  for (const auto& tick : x.ticks())
    svg += fmt::format(
        "<line class='plot-axis' x1='{:.1f}' x2='{:.1f}' y1='{}' y2='{}'/>"
        "<text class='plot-tick' text-anchor='middle' x='{:.1f}' y='{}'>{}</text>",
        tick.pixel, tick.pixel, kBottom, kBottom + 5, tick.pixel, kBottom + 19,
        tick.label);
  svg += fmt::format("<line class='plot-axis' x1='{}' x2='{}' y1='{}' y2='{}'/>", kLeft,
                     kRight, kBottom, kBottom);
  svg += fmt::format(
      "<text class='plot-label' text-anchor='middle' x='{}' y='{}'>{}</text>"
      "<text class='plot-label' text-anchor='middle' transform='translate(16 {}) "
      "rotate(-90)'>{}</text>",
      (kLeft + kRight) / 2, kBottom + 42, x_label, (kTop + kBottom) / 2, y_label);
  return svg;
}

std::string legend(const std::vector<Series>& series) {
  std::string svg;
  double x = kLeft;
  for (std::size_t k = 0; k < series.size(); ++k) {
    if (series[k].name.empty()) continue;
    svg += fmt::format(
        "<rect x='{:.0f}' y='11' width='14' height='4' rx='2' fill='{}'/>"
        "<text class='plot-tick' x='{:.0f}' y='17'>{}</text>",
        x, colour(k), x + 20, escaped(series[k].name));
    x += 40 + 7.0 * static_cast<double>(series[k].name.size());
  }
  return svg;
}

std::string polyline(const Series& series, const Axis& x, const Axis& y, bool steps,
                     std::string_view stroke) {
  std::string points;
  for (std::size_t k = 0; k < series.x.size(); ++k) {
    if (steps && k > 0)
      points +=
          fmt::format("{:.1f},{:.1f} ", x.pixel(series.x[k]), y.pixel(series.y[k - 1]));
    points += fmt::format("{:.1f},{:.1f} ", x.pixel(series.x[k]), y.pixel(series.y[k]));
  }
  return fmt::format(
      "<polyline fill='none' stroke='{}' stroke-width='2' stroke-linejoin='round' "
      "points='{}'/>",
      stroke, points);
}

std::string dots(const Series& series, const Axis& x, const Axis& y,
                 std::string_view fill) {
  std::string svg;
  for (std::size_t k = 0; k < series.x.size(); ++k)
    svg += fmt::format("<circle cx='{:.1f}' cy='{:.1f}' r='2.6'/>", x.pixel(series.x[k]),
                       y.pixel(series.y[k]));
  return fmt::format("<g fill='{}' fill-opacity='0.8'>{}</g>", fill, svg);
}

std::string wrapped(const std::string& body, const std::string& description) {
  return fmt::format("<svg viewBox='0 0 {} {}' role='img' aria-label='{}'>{}</svg>",
                     kWidth, kHeight, description, body);
}

/// The same plot of the decimal logarithms.
LinePlot logarithmic(LinePlot plot) {
  for (Series& s : plot.series)
    for (double& y : s.y) y = std::log10(y);
  plot.log_y = false;
  plot.y = {"log10 " + plot.y.name, ""};
  return plot;
}

double largest(const Interval& range) {
  return std::max(std::abs(range.low), std::abs(range.high));
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  return out;
}

std::string svg_of(const LinePlot& plot) {
  if (plot.log_y) return svg_of(logarithmic(plot));
  std::vector<double> all_x, all_y;
  for (const Series& s : plot.series) {
    all_x.insert(all_x.end(), s.x.begin(), s.x.end());
    all_y.insert(all_y.end(), s.y.begin(), s.y.end());
  }
  if (plot.y_from_zero) all_y.push_back(0.0);
  const Interval x_range = range_of(all_x), y_range = range_of(all_y);
  const Prefix x_prefix = prefix_for(largest(x_range), plot.x.unit);
  const Prefix y_prefix = prefix_for(largest(y_range), plot.y.unit);
  const Axis x(x_range, kLeft, kRight, 7, x_prefix.factor);
  const Axis y(y_range, kBottom, kTop, 5, y_prefix.factor);
  const std::string x_label = label_text(plot.x, x_prefix);
  const std::string y_label = label_text(plot.y, y_prefix);
  std::string body = frame(x, y, x_label, y_label) + legend(plot.series);
  for (std::size_t k = 0; k < plot.series.size(); ++k)
    body += plot.mark == Mark::Points
                ? dots(plot.series[k], x, y, colour(k))
                : polyline(plot.series[k], x, y, plot.mark == Mark::Steps, colour(k));
  return wrapped(body, fmt::format("{} over {}", y_label, x_label));
}

std::string svg_of(const Histogram& plot) {
  const Interval range = range_of(plot.values);
  const Prefix prefix = prefix_for(largest(range), plot.x.unit);
  const Axis x(range, kLeft, kRight, 7, prefix.factor);
  const double low = x.range().low, width = (x.range().high - low) / plot.bins;
  std::vector<double> count(static_cast<std::size_t>(plot.bins), 0.0);
  for (const double v : plot.values)
    ++count[static_cast<std::size_t>(
        std::clamp(static_cast<int>((v - low) / width), 0, plot.bins - 1))];
  Interval counts = range_of(count);
  counts.low = 0.0;
  const Axis y(counts, kBottom, kTop, 5, 1.0);
  std::string body = frame(x, y, label_text(plot.x, prefix), "count");
  for (int bin = 0; bin < plot.bins; ++bin) {
    const double from = x.pixel(low + bin * width), to = x.pixel(low + (bin + 1) * width);
    const double top = y.pixel(count[static_cast<std::size_t>(bin)]);
    body += fmt::format(
        "<rect x='{:.1f}' y='{:.1f}' width='{:.1f}' height='{:.1f}' fill='{}'/>",
        from + 0.5, top, to - from - 1.0, kBottom - top, colour(0));
  }
  return wrapped(body, fmt::format("histogram of {}", escaped(plot.x.name)));
}

}  // namespace arrayspice
