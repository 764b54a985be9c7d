// SPDX-License-Identifier: Apache-2.0
// The heat map of svg_plot.hpp: the cells as one embedded PNG, axes and colour bar as
// SVG.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "tools/axis.hpp"
#include "tools/png.hpp"
#include "tools/svg_plot.hpp"

namespace arrayspice {

namespace {

constexpr double kWidth = 640, kHeight = 470;
constexpr double kLeft = 74, kTop = 14, kSide = 400, kBarWidth = 18, kBarGap = 26;
constexpr std::int64_t kMostPixels = 512;

/// Dark blue to yellow, lightness rising evenly so that it also reads in grey.
Colour palette(double t) {
  static constexpr std::array<std::array<double, 3>, 6> kStops{{{38, 24, 84},
                                                                {50, 81, 142},
                                                                {33, 129, 142},
                                                                {58, 173, 112},
                                                                {163, 211, 62},
                                                                {252, 231, 60}}};
  const double s = std::clamp(t, 0.0, 1.0) * (kStops.size() - 1);
  const auto k = std::min(static_cast<std::size_t>(s), kStops.size() - 2);
  const double f = s - static_cast<double>(k);
  Colour c{};
  for (std::size_t channel = 0; channel < 3; ++channel)
    c[channel] = static_cast<std::uint8_t>(
        std::lround((1.0 - f) * kStops[k][channel] + f * kStops[k + 1][channel]));
  return c;
}

/// Averages blocks of cells until no side has more than kMostPixels.
Matrix reduced(const Matrix& full) {
  const std::int64_t block =
      (std::max(full.rows, full.columns) + kMostPixels - 1) / kMostPixels;
  if (block == 1) return full;
  Matrix small{(full.rows + block - 1) / block, (full.columns + block - 1) / block, {}};
  small.values.assign(static_cast<std::size_t>(small.rows * small.columns), 0.0);
  Matrix cells = small;
  for (std::int64_t i = 0; i < full.rows; ++i)
    for (std::int64_t j = 0; j < full.columns; ++j) {
      small(i / block, j / block) += full(i, j);
      cells(i / block, j / block) += 1.0;
    }
  for (std::size_t k = 0; k < small.values.size(); ++k)
    small.values[k] /= cells.values[k];
  return small;
}

std::string picture(const Matrix& values, Interval range, double width, double height) {
  std::vector<Colour> pixels;
  const double span = std::max(range.high - range.low, 1e-300);
  for (const double v : values.values) pixels.push_back(palette((v - range.low) / span));
  const std::string png = png_bytes(static_cast<std::uint32_t>(values.columns),
                                    static_cast<std::uint32_t>(values.rows), pixels);
  return fmt::format(
      "<image x='{}' y='{}' width='{:.1f}' height='{:.1f}' preserveAspectRatio='none' "
      "style='image-rendering:pixelated' href='data:image/png;base64,{}'/>",
      kLeft, kTop, width, height, base64(png));
}

std::string colour_bar(Interval range, double left, double height,
                       const AxisLabel& label) {
  const Prefix prefix =
      prefix_for(std::max(std::abs(range.low), std::abs(range.high)), label.unit);
  std::string svg;
  constexpr int kSteps = 60;
  for (int k = 0; k < kSteps; ++k) {
    const Colour c = palette((k + 0.5) / kSteps);
    const double y = kTop + height * (1.0 - (k + 1.0) / kSteps);
    svg += fmt::format(
        "<rect x='{:.1f}' y='{:.1f}' width='{}' height='{:.2f}' "
        "fill='rgb({},{},{})'/>",
        left, y, kBarWidth, height / kSteps + 0.5, c[0], c[1], c[2]);
  }
  const Axis axis(range, kTop + height, kTop, 5, prefix.factor);
  const double per_value = height / (range.high - range.low);
  for (const auto& tick : axis.ticks()) {
    // The bar ends at the data, the axis at round numbers: show the ticks inside the bar.
    const Interval round = axis.range();
    const double value =
        round.low + (kTop + height - tick.pixel) / height * (round.high - round.low);
    const double y = kTop + height - (value - range.low) * per_value;
    if (y < kTop - 1.0 || y > kTop + height + 1.0) continue;
    svg += fmt::format("<text class='plot-tick' x='{:.1f}' y='{:.1f}'>{}</text>",
                       left + kBarWidth + 7, y + 4, tick.label);
  }
  const std::string unit =
      label.unit.empty() ? "" : fmt::format(" ({}{})", prefix.symbol, label.unit);
  svg += fmt::format(
      "<text class='plot-label' text-anchor='middle' transform='translate({:.1f} {:.1f}) "
      "rotate(-90)'>{}{}</text>",
      left + kBarWidth + 74, kTop + height / 2, escaped(label.name), escaped(unit));
  return svg;
}

/// Where the labels of an axis of whole numbers go, and the pixels that it spans.
struct IndexAxis {
  std::int64_t count;
  double length;
};

std::int64_t index_step(std::int64_t count) {
  return std::max<std::int64_t>(1, (count + 7) / 8);
}

double index_pixel(const IndexAxis& axis, std::int64_t k) {
  return (static_cast<double>(k) + 0.5) * axis.length / static_cast<double>(axis.count);
}

std::string row_ticks(const IndexAxis& axis) {
  std::string svg;
  for (std::int64_t k = 0; k < axis.count; k += index_step(axis.count))
    svg += fmt::format(
        "<text class='plot-tick' text-anchor='end' x='{}' y='{:.1f}'>{}</text>",
        kLeft - 8, kTop + index_pixel(axis, k) + 4, k);
  return svg;
}

std::string column_ticks(const IndexAxis& axis, double y) {
  std::string svg;
  for (std::int64_t k = 0; k < axis.count; k += index_step(axis.count))
    svg += fmt::format(
        "<text class='plot-tick' text-anchor='middle' x='{:.1f}' y='{:.1f}'>{}</text>",
        kLeft + index_pixel(axis, k), y, k);
  return svg;
}

}  // namespace

std::string svg_of(const HeatMap& plot) {
  const auto rows = static_cast<double>(plot.values.rows);
  const auto columns = static_cast<double>(plot.values.columns);
  const double cell = kSide / std::max(rows, columns);
  // Very flat or tall arrays keep a quarter of the square, to be seen at all.
  const double width = std::max(cell * columns, kSide / 4);
  const double height = std::max(cell * rows, kSide / 4);
  Interval range = range_of(plot.values.values);
  if (!(range.high > range.low)) range = Axis(range, 0, 1, 2, 1.0).range();
  std::string body = picture(reduced(plot.values), range, width, height);
  body += colour_bar(range, kLeft + width + kBarGap, height, plot.value);
  body += row_ticks({plot.values.rows, height});
  body += column_ticks({plot.values.columns, width}, kTop + height + 18);
  body += fmt::format(
      "<text class='plot-label' text-anchor='middle' x='{:.1f}' y='{:.1f}'>{}</text>"
      "<text class='plot-label' text-anchor='middle' transform='translate(16 {:.1f}) "
      "rotate(-90)'>{}</text>",
      kLeft + width / 2, kTop + height + 40, escaped(plot.x.name), kTop + height / 2,
      escaped(plot.y.name));
  return fmt::format("<svg viewBox='0 0 {} {:.0f}' role='img' aria-label='{}'>{}</svg>",
                     kWidth, std::min(kHeight, kTop + height + 56),
                     escaped(plot.value.name), body);
}

}  // namespace arrayspice
