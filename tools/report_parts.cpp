// SPDX-License-Identifier: Apache-2.0
#include "tools/report_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "netlists/failure.hpp"
#include "tools/svg_plot.hpp"

namespace arrayspice {

namespace {

constexpr std::size_t kMostPoints = 2000;

void add_error_table(HtmlPage& page, const Json& accuracy, const char* key,
                     const char* what) {
  HtmlPage::Rows rows;
  const Json kinds = accuracy.value(key, Json::object());
  for (const auto& [name, errors] : kinds.items()) {
    std::vector<std::string> row{name};
    for (const char* error : {"nrmse", "nrmse_differential", "max", "p99"})
      row.push_back(error_text(errors, error));
    rows.push_back(std::move(row));
  }
  page.add_table({what, "NRMSE", "differential", "largest", "99 %"}, rows);
}

}  // namespace

Matrix matrix_member(const NpzContents& contents, std::string_view member,
                     const std::string& name) {
  const auto found = contents.arrays.find(member);
  if (found == contents.arrays.end() || found->second.shape.size() != 2)
    throw Failure(Exit::Input, fmt::format("{}: no member {}", name, member));
  const NpyArray& array = found->second;
  return {array.shape[0], array.shape[1], array.values};
}

std::string error_text(const Json& errors, const char* key) {
  return errors.contains(key) && errors.at(key).is_number()
             ? fmt::format("{:.3g}", errors.at(key).get<double>())
             : std::string("–");
}

std::vector<HtmlPage::Plot> accuracy_plots(const NpzContents& contents,
                                           const std::string& unit,
                                           const ErrorScale& scale,
                                           const std::string& name) {
  const Matrix y = matrix_member(contents, "test/y", name);
  const Matrix model = matrix_member(contents, "test/model", name);
  if (model.values.size() != y.values.size())
    throw Failure(Exit::Input, fmt::format("{}: test/model and test/y differ", name));
  Series points{"", {}, {}};
  std::vector<double> errors;
  const std::size_t stride = std::max<std::size_t>(1, y.values.size() / kMostPoints);
  for (std::size_t k = 0; k < y.values.size(); ++k) {
    errors.push_back(1e6 * (model.values[k] - y.values[k]) / scale.value);
    if (k % stride != 0) continue;
    points.x.push_back(y.values[k]);
    points.y.push_back(model.values[k]);
  }
  return {
      {"Model over circuit",
       svg_of(LinePlot{{"circuit", unit}, {"model", unit}, {points}, Mark::Points}), ""},
      {"Errors",
       svg_of(Histogram{{fmt::format("error / {} × 10⁶", scale.name), ""}, errors}), ""}};
}

std::vector<HtmlPage::Plot> held_out_maps(const NpzContents& contents, const Json& meta,
                                          const ErrorScale& scale,
                                          const std::string& name) {
  const Matrix y = matrix_member(contents, "test/y", name);
  HeatMap errors{{fmt::format("|error| / {} × 10⁶", scale.name), ""},
                 {"column", ""},
                 {"held-out solve", ""},
                 matrix_member(contents, "test/model", name)};
  for (std::size_t k = 0; k < y.values.size(); ++k) {
    double& value = errors.values.values[k];
    value = 1e6 * std::abs(value - y.values[k]) / scale.value;
  }
  std::vector<HtmlPage::Plot> plots{
      {"Errors over solves and columns", svg_of(errors), ""}};
  const auto weights = contents.arrays.find("test/w");
  if (weights == contents.arrays.end() || weights->second.shape.size() != 3 ||
      weights->second.shape[0] == 0)
    return plots;
  const NpyArray& all = weights->second;
  const auto cells = static_cast<std::ptrdiff_t>(all.shape[1] * all.shape[2]);
  const std::string unit = meta.at("arrays").at("test/w").value("unit", "");
  HeatMap map;
  map.value = {"weight", unit == "level" ? "" : unit};
  map.values = {
      all.shape[1], all.shape[2], {all.values.begin(), all.values.begin() + cells}};
  plots.push_back({"Weights of the first held-out array", svg_of(map), ""});
  return plots;
}

void add_error_tables(HtmlPage& page, const Json& accuracy,
                      const std::string& baselines) {
  page.add_heading("By kind of data");
  add_error_table(page, accuracy, "by_distribution", "data");
  page.add_heading("Without the model", baselines);
  add_error_table(page, accuracy, "baselines", "model");
}

void add_validity(HtmlPage& page, const Json& meta) {
  page.add_heading("Validity", "What the model was validated for.");
  HtmlPage::Rows rows;
  const Json box = meta.value("validity", Json::object());
  for (const auto& [quantity, range] : box.items())
    rows.push_back({quantity, range.dump()});
  page.add_table({"quantity", "range"}, rows);
}

}  // namespace arrayspice
