// SPDX-License-Identifier: Apache-2.0
#include "tools/html_page.hpp"

#include <fmt/format.h>

#include <string_view>

#include "tools/svg_plot.hpp"

namespace arrayspice {

namespace {

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --paper: #fbfbfa; --card: #ffffff; --ink: #1d2430;
  --soft: #5d6675; --line: #dfe3e8; --grid: #e9ecf0; --accent: #2b6cb0; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171c; --card: #1c2027;
  --ink: #e6e9ee; --soft: #9aa4b2; --line: #323944; --grid: #2a303a; --accent: #7db4ea; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 40px 24px 64px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 6px; letter-spacing: -0.01em; }
h2 { font-size: 19px; margin: 40px 0 4px; }
p { margin: 0 0 12px; color: var(--soft); max-width: 75ch; }
.figures { display: grid; gap: 12px; margin: 24px 0 8px;
  grid-template-columns: repeat(auto-fill, minmax(170px, 1fr)); }
.figure { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 12px 14px; }
.figure .name { color: var(--soft); font-size: 13px; }
.figure .value { font-size: 19px; font-weight: 600;
  white-space: nowrap; font-variant-numeric: tabular-nums; }
.figure .note { color: var(--soft); font-size: 12px; }
.plots { display: grid; gap: 16px; margin: 14px 0;
  grid-template-columns: repeat(auto-fit, minmax(min(440px, 100%), 1fr)); }
figure { margin: 0; background: var(--card); border: 1px solid var(--line);
  border-radius: 10px; padding: 14px 14px 10px; }
figure h3 { font-size: 14px; font-weight: 600; margin: 0 0 6px 4px; }
figure svg { display: block; width: 100%; height: auto; }
figcaption { color: var(--soft); font-size: 13px; padding: 6px 4px 2px; }
.plot-axis { stroke: var(--soft); stroke-width: 1; }
.plot-grid { stroke: var(--grid); stroke-width: 1; }
.plot-tick { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
.plot-label { fill: var(--ink); font-size: 13px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: 12px 0; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 5px 18px 5px 0; border-bottom: 1px solid var(--line);
  font-weight: 400; vertical-align: top; }
th { color: var(--soft); font-size: 13px; }
details { margin: 12px 0; } summary { cursor: pointer; color: var(--accent); }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 14px; overflow-x: auto; font-size: 13px; line-height: 1.45; }
)";

std::string cells(const std::vector<std::string>& row, std::string_view tag) {
  std::string html = "<tr>";
  for (const std::string& cell : row)
    html += fmt::format("<{0}>{1}</{0}>", tag, escaped(cell));
  return html + "</tr>";
}

}  // namespace

HtmlPage::HtmlPage(std::string title, std::string subtitle)
    : title_(std::move(title)), subtitle_(std::move(subtitle)) {}

void HtmlPage::add_figures(const std::vector<Figure>& figures) {
  body_ += "<div class='figures'>";
  for (const Figure& f : figures)
    body_ += fmt::format(
        "<div class='figure'><div class='name'>{}</div><div class='value'>{}</div>"
        "<div class='note'>{}</div></div>",
        escaped(f.name), escaped(f.value), escaped(f.note));
  body_ += "</div>\n";
}

void HtmlPage::add_heading(const std::string& text, const std::string& explanation) {
  body_ += fmt::format("<h2>{}</h2>\n", escaped(text));
  if (!explanation.empty()) body_ += fmt::format("<p>{}</p>\n", escaped(explanation));
}

void HtmlPage::add_plots(const std::vector<Plot>& plots) {
  body_ += "<div class='plots'>";
  for (const Plot& plot : plots) {
    body_ += fmt::format("<figure><h3>{}</h3>{}", escaped(plot.title), plot.svg);
    if (!plot.note.empty())
      body_ += fmt::format("<figcaption>{}</figcaption>", escaped(plot.note));
    body_ += "</figure>\n";
  }
  body_ += "</div>\n";
}

void HtmlPage::add_table(const std::vector<std::string>& header, const Rows& rows) {
  body_ += "<div class='scroll'><table>";
  if (!header.empty()) body_ += fmt::format("<thead>{}</thead>", cells(header, "th"));
  for (const auto& row : rows) body_ += cells(row, "td");
  body_ += "</table></div>\n";
}

void HtmlPage::add_text_block(const std::string& summary, const std::string& text) {
  body_ += fmt::format("<details><summary>{}</summary><pre>{}</pre></details>\n",
                       escaped(summary), escaped(text));
}

std::string HtmlPage::text() const {
  return fmt::format(
      "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>\n"
      "<meta name='viewport' content='width=device-width, initial-scale=1'>\n"
      "<title>{0}</title>\n<style>{1}</style></head>\n<body><main>\n"
      "<h1>{0}</h1>\n<p>{2}</p>\n{3}</main></body></html>\n",
      escaped(title_), kStyle, escaped(subtitle_), body_);
}

}  // namespace arrayspice
