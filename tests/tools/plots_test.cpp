// SPDX-License-Identifier: Apache-2.0
// Pictures of the report: ticks are round numbers, colours and pixels are where the
// values are, and nothing in a page points outside it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/axis.hpp"
#include "tools/html_page.hpp"
#include "tools/png.hpp"
#include "tools/svg_plot.hpp"

namespace arrayspice {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<std::string> labels(const Axis& axis) {
  std::vector<std::string> labels;
  for (const auto& tick : axis.ticks()) labels.push_back(tick.label);
  return labels;
}

TEST(Axis, TicksAreRoundAndCoverTheValues) {
  EXPECT_THAT(labels(Axis({0.0, 0.97}, 0, 100, 5, 1.0)),
              testing::ElementsAre("0.0", "0.2", "0.4", "0.6", "0.8", "1.0"));
  EXPECT_THAT(labels(Axis({-1.1e-5, 1.9e-5}, 0, 100, 3, 1e6)),
              testing::ElementsAre("-20", "-10", "0", "10", "20"));
}

TEST(Axis, AConstantIsInTheMiddle) {
  const Axis axis({3.0, 3.0}, 0.0, 100.0, 5, 1.0);
  EXPECT_NEAR(axis.pixel(3.0), 50.0, 25.0);
  EXPECT_LT(axis.range().low, 3.0);
}

TEST(Axis, PrefixKeepsNumbersShort) {
  EXPECT_EQ(prefix_for(2.5e-5, "A").symbol, "µ");
  EXPECT_EQ(prefix_for(0.2, "V").symbol, "m");
  EXPECT_EQ(prefix_for(1.0, "V").symbol, "");
  EXPECT_EQ(prefix_for(1e-3, "%").symbol, "");
  EXPECT_EQ(with_unit(1.6e-4, "A"), "160\u202fµA");
}

TEST(Png, Base64FollowsItsStandard) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

TEST(Png, StartsWithSignatureAndHeader) {
  const std::string png = png_bytes(2, 1, {{255, 0, 0}, {0, 0, 255}});
  EXPECT_EQ(png.substr(1, 3), "PNG");
  EXPECT_EQ(png.substr(12, 4), "IHDR");
  EXPECT_EQ(png[19], 2);  // width
  EXPECT_EQ(png[23], 1);  // height
}

TEST(LinePlot, PutsPointsWhereTheAxesSay) {
  const std::string svg =
      svg_of(LinePlot{{"input", "V"}, {"current", "A"}, {{"a < b", {0, 1}, {0, 1}}}});
  EXPECT_THAT(svg, HasSubstr("points='74.0,310.0 620.0,34.0 '"));
  EXPECT_THAT(svg, HasSubstr("a &lt; b"));
  EXPECT_THAT(svg, HasSubstr("current (A)"));
}

TEST(Histogram, CountsEveryValueOnce) {
  const std::string svg = svg_of(Histogram{{"error", ""}, {0, 0, 0, 1}, 2});
  EXPECT_THAT(svg, HasSubstr("height='276.0'"));  // 3 of 3: the whole height
  EXPECT_THAT(svg, HasSubstr("height='92.0'"));   // 1 of 3
}

TEST(HeatMap, HoldsItsPictureInside) {
  const std::string svg =
      svg_of(HeatMap{{"drop", "V"}, {"column", ""}, {"row", ""}, {2, 2, {0, 1, 2, 3}}});
  EXPECT_THAT(svg, HasSubstr("data:image/png;base64,"));
}

TEST(HtmlPage, LoadsNothing) {
  HtmlPage page("Array <1>", "64 x 64");
  page.add_figures({{"nrmse", "1e-4", ""}});
  page.add_plots({{"a map", svg_of(HeatMap{{"drop", "V"}, {}, {}, {1, 1, {1}}}), ""}});
  page.add_table({"name"}, {{"<script>"}});
  const std::string html = page.text();
  EXPECT_THAT(html, HasSubstr("Array &lt;1&gt;"));
  EXPECT_THAT(html, Not(HasSubstr("http")));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
}

}  // namespace
}  // namespace arrayspice
