// SPDX-License-Identifier: Apache-2.0
// The page of a model that `arrayspice export` wrote.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "behavior/model_file.hpp"
#include "behavior/readout_file.hpp"
#include "tools/axis.hpp"
#include "tools/report_page.hpp"
#include "tools/report_parts.hpp"
#include "tools/report_record.hpp"
#include "tools/svg_plot.hpp"

namespace arrayspice {

namespace {

class ModelPage {
 public:
  ModelPage(const NpzContents& contents, const Json& meta, const std::string& name)
      : name_(name),
        contents_(contents),
        line_(line_model_of(contents_, name_)),
        meta_(meta),
        page_(
            fmt::format("{}-{} model of a {} × {} array", tier_title(), cost(),
                        meta_.at("M").get<int>(), meta_.at("N").get<int>()),
            fmt::format("{} cells, {}{}; {}. Judged on {} circuit solves that no fit has "
                        "seen.",
                        text_of(meta_.at("cell"), "structure"),
                        text_of(meta_.at("cell"), "model"), pairs(), description(),
                        matrix_member(contents, "test/y", name).rows)) {}

  std::string text() {
    add_figures();
    add_accuracy();
    add_cell();
    add_error_tables(
        page_, meta_.at("accuracy"),
        "Errors of simpler models on the same solves: the ideal product, the "
        "same with one fitted factor, and the closed form with mean rows and "
        "columns (DMR).");
    add_validity(page_, meta_);
    add_provenance(page_, meta_.at("provenance"));
    return page_.text();
  }

 private:
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
  std::string pairs() const {
    const Json kind = meta_.value("pairs", Json::object());
    return kind.empty() ? std::string()
                        : fmt::format(", {} pairs", text_of(kind, "kind"));
  }
  int cost() const { return meta_.at("wire").value("k", line_.sweeps); }

  std::string gradient() const {
    const Json errors = meta_.at("accuracy").value("gradient", Json::object());
    double largest = 0.0;
    for (const auto& [by, error] : errors.items())
      if (error.is_number()) largest = std::max(largest, error.get<double>());
    return largest > 0.0 ? fmt::format("{:.3g}", largest) : std::string("–");
  }

  void add_figures() {
    const Json& accuracy = meta_.at("accuracy");
    page_.add_figures(
        {{"NRMSE", error_text(accuracy, "nrmse"), "rms error over rms output"},
         {"NRMSE, differential", error_text(accuracy, "nrmse_differential"),
          "of the differences of column pairs"},
         {"nonideality factor", error_text(accuracy, "nonideality_factor"), "rms error"},
         {"gradient", gradient(), "largest relative error against the circuit's adjoint"},
         {"largest error", error_text(accuracy, "max"), "over rms output"},
         {"99th percentile", error_text(accuracy, "p99"), "over rms output"},
         {is(Tier::Coral) || is(Tier::Frozen) ? "products" : "sweeps",
          std::to_string(cost()), fmt::format("k of {}-k", tier_title())},
         {"cell table",
          fmt::format("{} × {}", line_.table.v().count, line_.table.g().count),
          "voltages × conductances"}});
  }

  void add_accuracy() {
    page_.add_heading("Accuracy", "The model against the circuit on held-out arrays.");
    const Matrix y = matrix_member(contents_, "test/y", name_);
    double squares = 0.0;
    for (const double v : y.values) squares += v * v;
    const double rms = std::sqrt(squares / static_cast<double>(y.values.size()));
    Series sweeps{"", {}, {}};
    const Json by_sweeps =
        meta_.at("accuracy").value("validation_nrmse_by_sweeps", Json::array());
    for (const Json& e : by_sweeps) {
      sweeps.x.push_back(static_cast<double>(sweeps.x.size() + 1));
      sweeps.y.push_back(std::max(e.get<double>(), kSmallest));
    }
    std::vector<HtmlPage::Plot> plots =
        accuracy_plots(contents_, "A", {rms, "rms output"}, name_);
    plots.push_back(
        {"Error over sweeps",
         svg_of(
             LinePlot{{"sweeps", ""}, {"NRMSE", ""}, {sweeps}, Mark::Line, false, true}),
         "On the validation arrays, on which the number of sweeps was chosen."});
    page_.add_plots(plots);
    page_.add_plots(held_out_maps(contents_, meta_, {rms, "rms output"}, name_));
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

  static constexpr double kSmallest = 1e-16;

  std::string name_;
  const NpzContents& contents_;
  LineModel line_;
  const Json& meta_;
  HtmlPage page_;
};

}  // namespace

std::string line_model_page(const NpzContents& contents, const Json& meta,
                            const std::string& name) {
  return ModelPage(contents, meta, name).text();
}

std::string model_page(const std::filesystem::path& file) {
  const std::string name = file.string();
  const NpzContents contents = read_npz(file);
  const auto text = contents.texts.find(kModelMeta);
  const Json meta = parse_record(text == contents.texts.end() ? "" : text->second,
                                 fmt::format("{}[{}]", name, kModelMeta), kModelSchema);
  return with_sound_record(name, [&] {
    const bool is_readout = meta.at("wire").value("operator", "") == kReadoutTier;
    return is_readout ? readout_page(contents, meta, name)
                      : line_model_page(contents, meta, name);
  });
}

}  // namespace arrayspice
