// SPDX-License-Identifier: Apache-2.0
// The page of a folder that `arrayspice extract` wrote.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "behavior/extract.hpp"
#include "behavior/nonlinearity.hpp"
#include "netlists/atomic_file.hpp"
#include "netlists/failure.hpp"
#include "tools/axis.hpp"
#include "tools/report_page.hpp"
#include "tools/report_record.hpp"
#include "tools/svg_plot.hpp"

namespace arrayspice {

namespace fs = std::filesystem;

namespace {

class ExtractionPage {
 public:
  explicit ExtractionPage(const fs::path& folder)
      : folder_(folder), summary_(read_summary()), page_(title(), subtitle()) {}

  std::string text() {
    add_figures();
    add_maps();
    add_linearity();
    add_products();
    add_dynamics();
    add_spread();
    add_provenance(page_, summary_.at("provenance"));
    return page_.text();
  }

 private:
  using Plots = std::vector<HtmlPage::Plot>;

  Json read_summary() const {
    const fs::path path = folder_ / kExtractionRecord;
    if (!fs::exists(path))
      throw Failure(Exit::Resource,
                    fmt::format("{} is no folder that extract has written: {} is missing",
                                folder_.string(), kExtractionRecord));
    return parse_record(read_file(path), path.string(), "arrayspice-extract/1");
  }

  std::string title() const {
    const Json& array = summary_.at("array");
    return fmt::format("{} × {} {} array", array.at("rows").dump(),
                       array.at("columns").dump(), array.at("type").get<std::string>());
  }

  std::string subtitle() const {
    const Json& array = summary_.at("array");
    return fmt::format(
        "{} cells, {}. Measured on the circuit by ArraySpice {} ({} solves).",
        array.at("structure").get<std::string>(), array.at("model").get<std::string>(),
        summary_.at("provenance").at("version").get<std::string>(),
        summary_.at("provenance").at("circuit_solves").dump());
  }

  std::optional<Table> table(const char* file) const {
    const fs::path path = folder_ / file;
    if (!fs::exists(path)) return std::nullopt;
    return parse_csv(read_file(path), path.string());
  }
  Matrix map(const char* file) const { return read_matrix(folder_ / file); }

  void add_figures() {
    std::vector<HtmlPage::Figure> figures;
    for (const auto& [name, figure] : summary_.at("figures").items()) {
      std::string shown = name;
      std::replace(shown.begin(), shown.end(), '_', ' ');
      const std::string unit = figure.at("unit").get<std::string>();
      const double value = figure.at("value").get<double>();
      figures.push_back(
          {shown, unit.empty() ? with_unit(100.0 * value, "%") : with_unit(value, unit),
           figure.at("meaning").get<std::string>()});
    }
    page_.add_figures(figures);
  }

  /// First, middle and last row of a map over the columns.
  static LinePlot rows_of(const Matrix& m, const AxisLabel& label) {
    LinePlot plot{{"column", ""}, label, {}};
    std::vector<std::int64_t> rows{0, m.rows / 2, m.rows - 1};
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    for (const std::int64_t i : rows) {
      Series s{fmt::format("row {}", i), index_column(m.columns), {}};
      for (std::int64_t j = 0; j < m.columns; ++j) s.y.push_back(m(i, j));
      plot.series.push_back(std::move(s));
    }
    return plot;
  }

  HtmlPage::Plot heat_map(const char* title, const char* file, const AxisLabel& what,
                          const char* note = "") const {
    return {title, svg_of(HeatMap{what, {"column", ""}, {"row", ""}, map(file)}), note};
  }

  void add_maps() {
    if (fs::exists(folder_ / "ir_drop.npy")) {
      page_.add_heading(
          "IR drop",
          "With every input at its maximum: the voltage that is left across "
          "each cell, over the voltage applied to its word line.");
      page_.add_plots(
          {heat_map("Cell voltage over input voltage", "ir_drop.npy",
                    {"cell / input", ""},
                    "Row 0 is farthest from the sense end, column 0 nearest to the "
                    "driver."),
           {"Along three word lines",
            svg_of(rows_of(map("ir_drop.npy"), {"cell / input", ""})), ""}});
    }
    const AxisLabel weight{
        "weight",
        summary_.at("files").at("conductances.npy").at("unit").get<std::string>()};
    Plots plots{heat_map("Programmed", "conductances.npy", weight)};
    const bool has_effect = fs::exists(folder_ / "effective_conductance.npy");
    if (has_effect)
      plots.push_back(heat_map("Effective", "effective_conductance.npy",
                               {"d output / d input", "S"}));
    page_.add_heading(
        "Weights", has_effect ? "What the cells hold, and what the array does: d output "
                                "/ d input at half of full scale, by adjoint solves."
                              : "What the cells hold.");
    page_.add_plots(plots);
  }

  /// Outputs of random products over those of the array without non-idealities.
  void add_products() {
    const auto t = table("products.csv");
    if (!t) return;
    const AxisLabel ideal{"ideal output", output_unit()}, real{"output", output_unit()};
    page_.add_heading("Products",
                      "Random inputs: what the circuit gives over what the array would "
                      "compute without non-idealities.");
    page_.add_plots(
        {{"Output over ideal output",
          svg_of(LinePlot{
              ideal, real, {{"", t->columns[0], t->columns[1]}}, Mark::Points, false}),
          ""}});
  }

  /// Columns of a table, all over its first one; at most the first, middle and last.
  static LinePlot curves(const Table& t, const AxisLabel& x, const AxisLabel& y) {
    LinePlot plot{x, y, {}};
    std::vector<std::size_t> shown{1, (t.columns.size()) / 2, t.columns.size() - 1};
    shown.erase(std::unique(shown.begin(), shown.end()), shown.end());
    for (const std::size_t c : shown)
      plot.series.push_back({t.names[c], t.columns[0], t.columns[c]});
    return plot;
  }

  static LinePlot per_column(const Table& t, std::size_t c, const AxisLabel& y) {
    return {{"column", ""}, y, {{"", t.columns[0], t.columns[c]}}, Mark::Points, true};
  }

  /// "i at 2.5e-05 S (A)" -> "25 µS".
  static std::string curve_name(const std::string& column) {
    constexpr std::string_view kBefore = "i at ";
    if (!column.starts_with(kBefore)) return column;
    return with_unit(std::strtod(column.c_str() + kBefore.size(), nullptr), "S");
  }

  void add_linearity() {
    page_.add_heading("Cells and linearity",
                      "All inputs scaled together from 0 to full scale; nonlinearity is "
                      "the distance from the straight line through the end points.");
    Plots plots;
    if (const auto t = table("cell_iv.csv")) {
      LinePlot iv{{"cell voltage", "V"}, {"current", "A"}, {}};
      for (std::size_t c = 1; c < t->columns.size(); ++c)
        iv.series.push_back({curve_name(t->names[c]), t->columns[0], t->columns[c]});
      plots.push_back({"Cell I–V", svg_of(iv), "Measured at five conductances."});
    }
    const std::string unit = output_unit();
    if (auto t = table("transfer.csv")) {
      plots.push_back({"Output over input scale",
                       svg_of(curves(*t, {"input scale", ""}, {"output", unit})), ""});
      for (std::size_t c = 1; c < t->columns.size(); ++c) {
        t->columns[c] = end_point_error(t->columns[c]);
        for (double& e : t->columns[c]) e *= 100.0;
      }
      plots.push_back({"Distance from the end-point line",
                       svg_of(curves(*t, {"input scale", ""}, {"of full scale", "%"})),
                       ""});
    }
    if (auto t = table("inl.csv")) {
      for (double& e : t->columns[2]) e *= 100.0;
      plots.push_back({"Integral nonlinearity",
                       svg_of(per_column(*t, 2, {"of full scale", "%"})), ""});
    }
    page_.add_plots(plots);
  }

  void add_dynamics() {
    const auto step = table("step_response.csv");
    const auto settling = table("settling.csv");
    if (!step || !settling) return;
    page_.add_heading("Settling", "All inputs step from 0 to full scale at t = 0.");
    page_.add_plots(
        {{"Step response",
          svg_of(curves(*step, {"time", "s"}, {"output", output_unit()})), ""},
         {"Settling time", svg_of(per_column(*settling, 1, {"settling time", "s"})),
          ""}});
  }

  void add_spread() {
    Plots plots;
    if (const auto t = table("noise.csv"))
      plots.push_back({"Thermal noise at the output",
                       svg_of(per_column(*t, 1, {"noise density", "A/√Hz"})),
                       "Zero input, 27 °C."});
    if (auto t = table("variation.csv")) {
      for (double& e : t->columns[3]) e *= 100.0;
      plots.push_back({"Spread of the full-scale output over arrays",
                       svg_of(per_column(*t, 3, {"sigma / mean", "%"})), ""});
    }
    if (plots.empty()) return;
    page_.add_heading("Noise and variation");
    page_.add_plots(plots);
  }

  std::string output_unit() const {
    return summary_.at("figures").at("full_scale_mean").at("unit").get<std::string>();
  }

  fs::path folder_;
  Json summary_;
  HtmlPage page_;
};

}  // namespace

std::string extraction_page(const fs::path& folder) {
  return with_sound_record(folder.string(),
                           [&] { return ExtractionPage(folder).text(); });
}

}  // namespace arrayspice
