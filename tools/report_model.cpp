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
        page_(fmt::format("{}-{} model of a {} × {} array", tier_title(), cost(),
                          line_.rows(), line_.columns()),
              fmt::format("{} cells, {}; {}. Judged on {} circuit solves that no fit has "
                          "seen.",
                          text_of(meta_.at("cell"), "structure"),
                          text_of(meta_.at("cell"), "model"), description(),
                          truth().rows)) {}

  std::string text() {
    add_figures();
    add_accuracy();
    add_cell();
    add_distributions();
    add_baselines();
    add_validity();
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

  bool is(Tier tier) const {
    return text_of(meta_.at("wire"), "operator") == tier_name(tier);
  }
  std::string_view tier_title() const {
    if (is(Tier::Frozen)) return "FROZEN";
    if (is(Tier::Coral)) return "CORAL";
    return is(Tier::Anchored) ? "AWL" : "LINE";
  }
  std::string description() const {
    if (is(Tier::Frozen)) return "the effective matrix of given weights";
    if (is(Tier::Coral)) return fmt::format("{} matrix products", cost());
    return fmt::format("{} sweeps over word lines and bit lines{}", cost(),
                       is(Tier::Anchored) ? " from an anchored start" : "");
  }
  int cost() const { return meta_.at("wire").value("k", line_.sweeps); }

  Matrix outputs(const char* member) const {
    const auto found = contents_.arrays.find(member);
    if (found == contents_.arrays.end() || found->second.shape.size() != 2)
      throw Failure(Exit::Input, fmt::format("{}: no member {}", name_, member));
    const NpyArray& array = found->second;
    return {array.shape[0], array.shape[1], array.values};
  }
  Matrix truth() const { return outputs("test/y"); }

  std::string gradient() const {
    const Json errors = meta_.at("accuracy").value("gradient", Json::object());
    double largest = 0.0;
    for (const auto& [by, error] : errors.items())
      if (error.is_number()) largest = std::max(largest, error.get<double>());
    return largest > 0.0 ? fmt::format("{:.3g}", largest) : std::string("–");
  }

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
         {"nonideality factor", number("nonideality_factor"), "rms error"},
         {"gradient", gradient(), "largest relative error against the circuit's adjoint"},
         {"largest error", number("max"), "over rms output"},
         {"99th percentile", number("p99"), "over rms output"},
         {is(Tier::Coral) || is(Tier::Frozen) ? "products" : "sweeps",
          std::to_string(cost()), fmt::format("k of {}-k", tier_title())},
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

  static std::vector<std::string> error_row(const std::string& name, const Json& errors) {
    std::vector<std::string> row{name};
    for (const char* key : {"nrmse", "nrmse_differential", "max", "p99"})
      row.push_back(errors.contains(key) && errors.at(key).is_number()
                        ? fmt::format("{:.3g}", errors.at(key).get<double>())
                        : "–");
    return row;
  }

  void add_error_table(const char* key, const char* what) {
    HtmlPage::Rows rows;
    const Json kinds = meta_.at("accuracy").value(key, Json::object());
    for (const auto& [name, errors] : kinds.items())
      rows.push_back(error_row(name, errors));
    page_.add_table({what, "NRMSE", "differential", "largest", "99 %"}, rows);
  }

  void add_distributions() {
    page_.add_heading("By kind of data");
    add_error_table("by_distribution", "data");
  }

  void add_baselines() {
    page_.add_heading(
        "Without the model",
        "Errors of simpler models on the same solves: the ideal product, the "
        "same with one fitted factor, and the closed form with mean rows and "
        "columns (DMR).");
    add_error_table("baselines", "model");
  }

  void add_validity() {
    page_.add_heading("Validity", "What the model was validated for.");
    HtmlPage::Rows rows;
    const Json box = meta_.value("validity", Json::object());
    for (const auto& [quantity, range] : box.items())
      rows.push_back({quantity, range.dump()});
    page_.add_table({"quantity", "range"}, rows);
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
