// SPDX-License-Identifier: Apache-2.0
// The page of a readout table that `arrayspice export` wrote.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "behavior/readout_file.hpp"
#include "tools/axis.hpp"
#include "tools/report_parts.hpp"
#include "tools/svg_plot.hpp"

namespace arrayspice {

namespace {

class ReadoutPage {
 public:
  ReadoutPage(const NpzContents& contents, const Json& meta, const std::string& name)
      : name_(name),
        contents_(contents),
        meta_(meta),
        model_(readout_model_of(contents, text_of("readout", "second"), name)),
        page_(
            fmt::format("Readout table of a {} × {} {} array", meta.at("M").get<int>(),
                        meta.at("N").get<int>(), meta.at("aimc_type").get<std::string>()),
            fmt::format("{} cells; {}. Judged on {} circuit solves that no fit has seen.",
                        text_of("cell", "structure"), description(),
                        meta.at("accuracy").at("solves").get<int>())) {}

  std::string text() {
    add_figures();
    add_accuracy();
    add_model();
    add_reading();
    add_error_tables(page_, meta_.at("accuracy"),
                     "The closed form of the type, and the same with the best gain and "
                     "offset.");
    add_validity(page_, meta_);
    add_provenance(page_, meta_.at("provenance"));
    return page_.text();
  }

 private:
  std::string text_of(const char* part, const char* key) const {
    return meta_.at(part).at(key).get<std::string>();
  }
  std::string unit_of(const char* member) const {
    return meta_.at("arrays").at(member).at("unit").get<std::string>();
  }
  std::string description() const {
    std::string text =
        model_.division ? "the sum of its cells over their load" : "the sum of its cells";
    if (model_.readout.b.count > 1)
      text += fmt::format(" and the sum \"{}\"", readout_feature_name(model_.second));
    text += ", read by a table";
    if (model_.coupling > 0.0)
      text +=
          fmt::format("; neighbouring columns are coupled by {:.3g}", model_.coupling);
    return text;
  }

  void add_figures() {
    const Json& accuracy = meta_.at("accuracy");
    page_.add_figures(
        {{"NRMSE", error_text(accuracy, "nrmse"), "rms error over full scale"},
         {"NRMSE, differential", error_text(accuracy, "nrmse_differential"),
          "of the differences of column pairs"},
         {"largest error", error_text(accuracy, "max"), "over full scale"},
         {"99th percentile", error_text(accuracy, "p99"), "over full scale"},
         {"full scale",
          with_unit(accuracy.at("full_scale").get<double>(), unit_of("test/y")),
          "range of the held-out outputs"},
         {"table", fmt::format("{} × {}", model_.readout.a.count, model_.readout.b.count),
          "u × second sum"}});
  }

  void add_accuracy() {
    page_.add_heading("Accuracy", "The model against the circuit on held-out arrays.");
    const double full_scale = meta_.at("accuracy").at("full_scale").get<double>();
    page_.add_plots(
        accuracy_plots(contents_, unit_of("test/y"), {full_scale, "full scale"}, name_));
    page_.add_plots(held_out_maps(contents_, meta_, {full_scale, "full scale"}, name_));
  }

  void add_model() {
    page_.add_heading(
        "Model", "What a cell adds to its column's sum, and what is read of the sum.");
    std::vector<HtmlPage::Plot> plots = cell_plots();
    std::ranges::move(readout_plots(), std::back_inserter(plots));
    page_.add_plots(plots);
  }

  bool has(const char* member) const { return contents_.arrays.contains(member); }
  const std::vector<double>& member(const char* name) const {
    return contents_.arrays.at(name).values;
  }

  /// Settling, noise and converters, where the file has them.
  void add_reading() {
    std::vector<HtmlPage::Plot> plots;
    if (has("settle/t")) plots.push_back(settling_plot());
    if (has("noise/sigma"))
      plots.push_back({"Noise",
                       svg_of(LinePlot{{"column", ""},
                                       {"rms noise", unit_of("noise/sigma")},
                                       {{"", column_numbers(), member("noise/sigma")}},
                                       Mark::Points,
                                       true}),
                       ""});
    if (has("adc/threshold")) plots.push_back(converter_plot());
    if (plots.empty()) return;
    page_.add_heading("Reading", "What stands between these outputs and their codes.");
    page_.add_plots(plots);
  }

  std::vector<double> column_numbers() const {
    std::vector<double> numbers;
    for (int j = 0; j < meta_.at("N").get<int>(); ++j) numbers.push_back(j);
    return numbers;
  }

  HtmlPage::Plot settling_plot() const {
    return {"Error of a reading over its time",
            svg_of(LinePlot{{"reading time", "s"},
                            {"error", ""},
                            {{"", member("settle/t"), member("settle/err")}}}),
            "Of the output, against that of the spec's own reading time."};
  }

  HtmlPage::Plot converter_plot() const {
    const std::vector<double>& values = member("adc/value");
    const std::vector<double>& thresholds = member("adc/threshold");
    const double lsb = values[1] - values[0];
    LinePlot plot{{"code", ""}, {"threshold − ideal", "LSB"}, {}};
    for (const std::size_t j : ends_and_middle(thresholds.size() / (values.size() - 1))) {
      Series curve{fmt::format("column {}", j), {}, {}};
      for (std::size_t code = 1; code < values.size(); ++code) {
        curve.x.push_back(static_cast<double>(code));
        curve.y.push_back(
            (thresholds[j * (values.size() - 1) + code - 1] - values[code]) / lsb + 0.5);
      }
      plot.series.push_back(std::move(curve));
    }
    return {"Converters", svg_of(plot), "Where each code begins, from equal steps."};
  }

  std::vector<HtmlPage::Plot> readout_plots() const {
    const BilinearTable& table = model_.readout;
    LinePlot plot{{"u", unit_of("readout/u")}, {"output", unit_of("readout/y")}, {}};
    for (const std::size_t l : ends_and_middle(table.b.count)) {
      Series curve{table.b.count < 2 ? "" : fmt::format("v = {:.3g}", table.b[l]),
                   table.a.points(),
                   {}};
      for (std::size_t k = 0; k < table.a.count; ++k) curve.y.push_back(table(k, l));
      plot.series.push_back(std::move(curve));
    }
    std::vector<HtmlPage::Plot> plots{{"Output over u", svg_of(plot), ""}};
    if (table.b.count > 1) {
      HeatMap map{{"output", unit_of("readout/y")}, {"second sum", ""}, {"u", ""}, {}};
      map.values = {static_cast<std::int64_t>(table.a.count),
                    static_cast<std::int64_t>(table.b.count), table.values};
      plots.push_back({"Output over u and the second sum", svg_of(map), ""});
    }
    return plots;
  }

  std::vector<HtmlPage::Plot> cell_plots() const {
    const BilinearTable& cell = model_.cell;
    LinePlot plot{
        {"input", plain(unit_of("cell/x"))}, {"f", plain(unit_of("cell/f"))}, {}};
    for (const std::size_t l : ends_and_middle(cell.b.count)) {
      Series curve{fmt::format("weight {:.4g}", cell.b[l]), cell.a.points(), {}};
      for (std::size_t k = 0; k < cell.a.count; ++k) curve.y.push_back(cell(k, l));
      plot.series.push_back(std::move(curve));
    }
    std::vector<HtmlPage::Plot> plots{{"Cell", svg_of(plot), ""}};
    if (model_.neighbours) plots.push_back(neighbour_plot());
    if (!model_.share.empty()) {
      Series shares{"", {}, model_.share};
      for (std::size_t i = 0; i < model_.share.size(); ++i)
        shares.x.push_back(static_cast<double>(i));
      plots.push_back(
          {"Share of each row",
           svg_of(LinePlot{{"row", ""}, {"share", ""}, {shares}, Mark::Points}), ""});
    }
    return plots;
  }

  /// What row q adds at full input over both weights, beside what it adds alone.
  HtmlPage::Plot neighbour_plot() const {
    const NeighbourTerm& term = *model_.neighbours;
    const BilinearTable& cell = model_.cell;
    const auto points = static_cast<std::int64_t>(cell.b.count);
    const Matrix weights{1, points, cell.b.points()};
    const std::vector<Matrix> phi =
        response_shapes(cell, weights, {1, 1, {cell.a.last()}}, term.shapes);
    HeatMap map{
        {"n", plain(unit_of("cell/f"))}, {"weight before", ""}, {"weight", ""}, {}};
    map.values = {points, points, {}};
    for (std::int64_t k = 0; k < points; ++k)
      for (std::int64_t l = 0; l < points; ++l) {
        double sum = 0.0;
        for (std::size_t a = 0; a < term.shapes; ++a)
          for (std::size_t b = 0; b < term.shapes; ++b)
            sum += term.both[a * term.shapes + b] * phi[a](0, k) * phi[b](0, l);
        map.values.values.push_back(sum);
      }
    return {fmt::format("What row {} adds after row 0", term.distance), svg_of(map),
            "Over the weights of both, from the least to the largest, both inputs at "
            "their maximum."};
  }

  /// Levels have no unit that takes a prefix, nor have products of two units.
  static std::string plain(const std::string& unit) {
    return unit == "level" || unit.find(' ') != std::string::npos ? "" : unit;
  }

  static std::vector<std::size_t> ends_and_middle(std::size_t count) {
    if (count < 3)
      return count < 2 ? std::vector<std::size_t>{0} : std::vector<std::size_t>{0, 1};
    return {0, count / 2, count - 1};
  }

  std::string name_;
  const NpzContents& contents_;
  const Json& meta_;
  ReadoutModel model_;
  HtmlPage page_;
};

}  // namespace

std::string readout_page(const NpzContents& contents, const Json& meta,
                         const std::string& name) {
  return ReadoutPage(contents, meta, name).text();
}

}  // namespace arrayspice
