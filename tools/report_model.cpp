// SPDX-License-Identifier: Apache-2.0
// The page of a model that `arrayspice export` wrote.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "behavior/model_file.hpp"
#include "netlists/failure.hpp"
#include "tools/axis.hpp"
#include "tools/report_page.hpp"
#include "tools/report_record.hpp"
#include "tools/svg_plot.hpp"

namespace arrayspice {

namespace {

class ModelPage {
 public:
  explicit ModelPage(const std::filesystem::path& file)
      : name_(file.string()),
        contents_(read_npz(file)),
        line_(line_model_of(contents_, name_)),
        meta_(read_meta()),
        page_(fmt::format("LINE-{} model of a {} × {} array", line_.sweeps, line_.rows(),
                          line_.columns()),
              fmt::format(
                  "{} cells, {}; {} sweeps over word lines and bit lines. Judged on "
                  "{} circuit solves that no fit has seen.",
                  text_of(meta_.at("cell"), "structure"),
                  text_of(meta_.at("cell"), "model"), line_.sweeps, truth().rows)) {}

  std::string text() {
    add_figures();
    add_accuracy();
    add_cell();
    add_distributions();
    add_provenance(page_, meta_.at("provenance"));
    return page_.text();
  }

 private:
  Json read_meta() const {
    const auto found = contents_.texts.find(kModelMeta);
    return parse_record(found == contents_.texts.end() ? "" : found->second,
                        fmt::format("{}[{}]", name_, kModelMeta), kModelSchema);
  }

  static std::string text_of(const Json& json, const char* key) {
    return json.value(key, "?");
  }

  Matrix outputs(const char* member) const {
    const auto found = contents_.arrays.find(member);
    if (found == contents_.arrays.end() || found->second.shape.size() != 2)
      throw Failure(Exit::Input, fmt::format("{}: no member {}", name_, member));
    const NpyArray& array = found->second;
    return {array.shape[0], array.shape[1], array.values};
  }
  Matrix truth() const { return outputs("test/y"); }

  void add_figures() {
    const Json& accuracy = meta_.at("accuracy");
    const auto number = [&](const char* key) {
      return accuracy.contains(key) && accuracy.at(key).is_number()
                 ? fmt::format("{:.3g}", accuracy.at(key).get<double>())
                 : std::string("–");
    };
    page_.add_figures(
        {{"NRMSE", number("nrmse"), "rms error over rms output"},
         {"NRMSE, differential", number("nrmse_differential"),
          "of the differences of column pairs"},
         {"largest error", number("max"), "over rms output"},
         {"99th percentile", number("p99"), "over rms output"},
         {"sweeps", std::to_string(line_.sweeps), "k of LINE-k"},
         {"cell table",
          fmt::format("{} × {}", line_.table.v().count, line_.table.g().count),
          "voltages × conductances"}});
  }

  void add_accuracy() {
    page_.add_heading("Accuracy", "The model against the circuit on held-out arrays.");
    const Matrix y = truth(), model = outputs("test/model");
    if (model.values.size() != y.values.size())
      throw Failure(Exit::Input, fmt::format("{}: test/model and test/y differ", name_));
    Series points{"", {}, {}};
    std::vector<double> errors;
    double squares = 0.0;
    for (const double v : y.values) squares += v * v;
    const double rms = std::sqrt(squares / static_cast<double>(y.values.size()));
    const std::size_t stride = std::max<std::size_t>(1, y.values.size() / kMostPoints);
    for (std::size_t k = 0; k < y.values.size(); ++k) {
      errors.push_back((model.values[k] - y.values[k]) / rms);
      if (k % stride != 0) continue;
      points.x.push_back(y.values[k]);
      points.y.push_back(model.values[k]);
    }
    Series sweeps{"", {}, {}};
    const Json by_sweeps =
        meta_.at("accuracy").value("validation_nrmse_by_sweeps", Json::array());
    for (const Json& e : by_sweeps) {
      sweeps.x.push_back(static_cast<double>(sweeps.x.size() + 1));
      sweeps.y.push_back(std::max(e.get<double>(), kSmallest));
    }
    page_.add_plots(
        {{"Model over circuit",
          svg_of(LinePlot{{"circuit", "A"}, {"model", "A"}, {points}, Mark::Points}), ""},
         {"Errors",
          svg_of(Histogram{{"error / rms output × 10⁶", ""}, scaled(errors, 1e6)}), ""},
         {"Error over sweeps",
          svg_of(
              LinePlot{{"sweeps", ""}, {"NRMSE", ""}, {sweeps}, Mark::Line, false, true}),
          "On the validation arrays, on which the number of sweeps was chosen."}});
  }

  static std::vector<double> scaled(std::vector<double> v, double factor) {
    for (double& x : v) x *= factor;
    return v;
  }

  void add_cell() {
    page_.add_heading("Cell",
                      "Current over conductance times voltage, as measured on the "
                      "circuit and stored in the table.");
    LinePlot ratio{{"cell voltage", "V"}, {"i / (g v)", ""}, {}};
    const ChordTable& table = line_.table;
    for (const std::size_t k :
         {std::size_t{0}, table.g().count / 2, table.g().count - 1}) {
      Series s{with_unit(table.g()[k], "S"), table.v().points(), {}};
      for (const double v : s.x) s.y.push_back(table.ratio(v, table.g()[k]));
      ratio.series.push_back(std::move(s));
    }
    LinePlot iv{{"cell voltage", "V"}, {"current", "A"}, {}};
    for (const Series& s : ratio.series) {
      Series curve{s.name, s.x, {}};
      const auto cell = table.cell(table.g()[iv.series.size() * (table.g().count / 2)]);
      for (const double v : s.x) curve.y.push_back(table.at(cell, v).i);
      iv.series.push_back(std::move(curve));
    }
    page_.add_plots({{"Chord ratio", svg_of(ratio), ""}, {"Current", svg_of(iv), ""}});
  }

  void add_distributions() {
    page_.add_heading("By kind of data");
    HtmlPage::Rows rows;
    const Json kinds = meta_.at("accuracy").value("by_distribution", Json::object());
    for (const auto& [kind, a] : kinds.items())
      rows.push_back({kind, a.at("nrmse").dump(), a.at("nrmse_differential").dump(),
                      a.at("max").dump(), a.at("p99").dump()});
    for (auto& row : rows)
      for (std::size_t c = 1; c < row.size(); ++c)
        if (row[c] != "null") row[c] = fmt::format("{:.3g}", std::stod(row[c]));
    page_.add_table({"data", "NRMSE", "differential", "largest", "99 %"}, rows);
  }

  static constexpr std::size_t kMostPoints = 2000;
  static constexpr double kSmallest = 1e-16;

  std::string name_;
  NpzContents contents_;
  LineModel line_;
  Json meta_;
  HtmlPage page_;
};

}  // namespace

std::string model_page(const std::filesystem::path& file) {
  return with_sound_record(file.string(), [&] { return ModelPage(file).text(); });
}

}  // namespace arrayspice
