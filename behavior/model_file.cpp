// SPDX-License-Identifier: Apache-2.0
#include "behavior/model_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "behavior/baselines.hpp"
#include "behavior/coral_model.hpp"
#include "behavior/model_meta.hpp"
#include "devices/constants.hpp"
#include "netlists/arrays/array_type.hpp"
#include "netlists/arrays/pairs.hpp"
#include "netlists/failure.hpp"

namespace arrayspice {

namespace {

NpyArray matrix_array(const Matrix& m) { return {{m.rows, m.columns}, m.values}; }

void add_anchored(const AnchoredSettings& settings, NpzContents& out) {
  auto& arrays = out.arrays;
  arrays["awl/k"] = npy_scalar(settings.sweeps);
  arrays["awl/adjoint_sweeps"] = npy_scalar(settings.adjoint_sweeps);
  arrays["awl/anchor_sweeps"] = npy_scalar(settings.anchor_sweeps);
  arrays["awl/anchors"] = matrix_array(settings.anchors);
  arrays["awl/modes"] = matrix_array(settings.modes);
  arrays["awl/levels"] = npy_vector(settings.levels);
  arrays["awl/start_levels"] = npy_vector(settings.start_levels);
}

void add_arrays(const ExportedModel& model, const ArraySpec& spec, NpzContents& out) {
  const LineModel& line = model.line;
  const ChordTable& table = line.table;
  auto& arrays = out.arrays;
  arrays["cell/x"] = npy_vector(table.v().points());
  arrays["cell/w"] = npy_vector(table.g().points());
  arrays["cell/ratio"] = {{static_cast<std::int64_t>(table.v().count),
                           static_cast<std::int64_t>(table.g().count)},
                          table.values()};
  arrays["wire/Rw_row"] = npy_scalar(line.word.segment);
  arrays["wire/Rw_col"] = npy_scalar(line.bit.segment);
  arrays["wire/Rs"] = npy_vector(line.word.near_end);
  arrays["wire/Rt"] = npy_vector(line.bit.near_end);
  if (!line.word.far_end.empty()) arrays["wire/Rs_far"] = npy_vector(line.word.far_end);
  if (!line.bit.far_end.empty()) arrays["wire/Rt_far"] = npy_vector(line.bit.far_end);
  arrays["wire/k"] = npy_scalar(line.sweeps);
  if (line.is_gated()) arrays["cell/read"] = npy_scalar(line.read_voltage);
  if (line.sense_voltage != 0.0) arrays["sense/v"] = npy_scalar(line.sense_voltage);
  if (model.anchored) add_anchored(*model.anchored, out);
  if (model.tier == Tier::Coral) arrays["coral/products"] = npy_scalar(model.products);
  if (model.tier == Tier::Frozen) {
    arrays["frozen/w"] = matrix_array(model.frozen_weights);
    arrays["frozen/G"] = matrix_array(model.frozen);
  }
  const std::vector<double> range{spec.cell.minimum, spec.cell.maximum};
  arrays["weight/w"] = npy_vector(range);
  if (const double sigma = spec.variation.conductance_sigma; sigma > 0.0)
    arrays["weight/sigma"] = npy_vector({sigma * range[0], sigma * range[1]});
  add_test_members(model.test, spec, out);
}

Json describe_arrays(const NpzContents& contents, const ArraySpec& spec) {
  const std::string_view x = input_domain(spec).unit;
  const MemberDescription all[] = {
      {"cell/x", "V", {"cell/x"}},
      {"cell/w", "S", {"cell/w"}},
      {"cell/ratio", "1", {"cell/x", "cell/w"}},
      {"wire/Rw_row", "ohm", {}},
      {"wire/Rw_col", "ohm", {}},
      {"wire/Rs", "ohm", {"row"}},
      {"wire/Rs_far", "ohm", {"row"}},
      {"wire/Rt", "ohm", {"column"}},
      {"wire/Rt_far", "ohm", {"column"}},
      {"wire/k", "1", {}},
      {"cell/read", "V", {}},
      {"sense/v", "V", {}},
      {"awl/k", "1", {}},
      {"awl/adjoint_sweeps", "1", {}},
      {"awl/anchor_sweeps", "1", {}},
      {"awl/anchors", "V", {"anchor", "row"}},
      {"awl/modes", "1", {"mode", "row"}},
      {"awl/levels", "V", {"level"}},
      {"awl/start_levels", "V", {"level"}},
      {"coral/products", "1", {}},
      {"frozen/w", "S", {"row", "column"}},
      {"frozen/G", "S", {"row", "column"}},
      {"weight/w", "S", {"minimum, maximum"}},
      {"weight/sigma", "S", {"weight/w"}},
      {"test/w", "S", {"test", "row", "column"}},
      {"test/x", x, {"test", "row"}},
      {"test/y", "A", {"test", "column"}},
      {"test/model", "A", {"test", "column"}},
  };
  return members_json(contents, all);
}

Json accuracy_of_model(const ExportedModel& model) {
  Json json = accuracy_json(model.accuracy);
  json["nonideality_factor"] = model.nonideality;
  json["gradient"] = {{"by_conductance", number_or_null(model.gradient_by_conductance)},
                      {"by_input", number_or_null(model.gradient_by_input)}};
  json["relative_to"] =
      "root mean square of test/y (nrmse_differential: of y[2n] - y[2n+1])";
  json["solves"] = model.test.count;
  json["by_distribution"] = accuracy_by_distribution(model.test);
  for (const Baseline& baseline : model.baselines) {
    json["baselines"][baseline.name] = accuracy_json(baseline.accuracy);
    json["baselines"][baseline.name]["nonideality_factor"] = baseline.nonideality;
  }
  json["validation_nrmse_by_sweeps"] = model.convergence;
  json["cell_table_error"] = model.table_error;
  return json;
}

std::string meta_text(const ExportedModel& model, const ArraySpec& spec,
                      const ModelRecord& record, const NpzContents& contents) {
  const ChordTable& table = model.line.table;
  const Domain x = input_domain(spec), w = weight_domain(spec);
  const double least = model.has_both_signs() ? x.minimum : 0.0;
  const std::array cells{table.g().first, table.g().last()};
  Json json;
  json["schema"] = kModelSchema;
  json["aimc_type"] = spec.array.type;
  json["M"] = spec.array.rows;
  json["N"] = spec.array.columns;
  json["arrays"] = describe_arrays(contents, spec);
  json["interpolation"] = "catmull-rom";
  json["cell"] = {{"structure", spec.cell.structure}, {"model", spec.cell.model}};
  json["wire"] = {{"operator", tier_name(model.tier)}, {"k", model.cost()}};
  json["conditions"] = {
      {"temperature_kelvin", kRoomTemperature},
      {"programming", "test/w are the conductances the cells have: no variation"}};
  json["validity"] = {{"x", {least, x.maximum}},
                      {"v", {table.v().first, table.v().last()}},
                      {"w", cells}};
  if (has_pairs(spec)) {
    json["pairs"] = {{"kind", spec.array.pairs}, {"offset", spec.cell.minimum}};
    json["validity"]["w"] = {w.minimum, w.maximum};
    json["validity"]["cells"] = cells;
  }
  if (x.unit == "level") json["validity"]["levels"] = {{"x", true}, {"w", false}};
  if (model.tier == Tier::Anchored || model.tier == Tier::Coral)
    json["validity"]["activity"] = model.activity;
  json["accuracy"] = accuracy_of_model(model);
  json["provenance"] = provenance_json(spec, record, model.circuit_solves);
  return json.dump(1) + "\n";
}

class ModelReader {
 public:
  ModelReader(const NpzContents& contents, const std::string& name)
      : contents_(contents), name_(name) {}

  LineModel read() const {
    const std::vector<double>&x = values("cell/x"), &w = values("cell/w");
    const auto& ratio = values("cell/ratio");
    if (ratio.size() != x.size() * w.size())
      refuse("cell/ratio must have the shape (cell/x, cell/w)");
    LineModel model{ChordTable(grid("cell/x"), grid("cell/w"), ratio),
                    {scalar("wire/Rw_row"), values("wire/Rs"), optional("wire/Rs_far")},
                    {scalar("wire/Rw_col"), values("wire/Rt"), optional("wire/Rt_far")},
                    static_cast<int>(scalar("wire/k"))};
    check_wires(model.word, "wire/Rs");
    check_wires(model.bit, "wire/Rt");
    if (model.sweeps < 1) refuse("wire/k must be at least 1");
    if (contents_.arrays.contains("cell/read")) model.read_voltage = scalar("cell/read");
    if (contents_.arrays.contains("sense/v")) model.sense_voltage = scalar("sense/v");
    return model;
  }

  std::optional<AnchoredSettings> anchored() const {
    if (!contents_.arrays.contains("awl/k")) return {};
    return AnchoredSettings{
        .sweeps = static_cast<int>(scalar("awl/k")),
        .adjoint_sweeps = static_cast<int>(scalar("awl/adjoint_sweeps")),
        .anchor_sweeps = static_cast<int>(scalar("awl/anchor_sweeps")),
        .anchors = matrix("awl/anchors", "wire/Rs"),
        .modes = matrix("awl/modes", "wire/Rs"),
        .levels = values("awl/levels"),
        .start_levels = values("awl/start_levels")};
  }

  int products() const {
    return contents_.arrays.contains("coral/products")
               ? static_cast<int>(scalar("coral/products"))
               : 0;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw Failure(Exit::Input, fmt::format("{}: {}", name_, why));
  }
  const std::vector<double>& values(std::string_view member) const {
    const auto found = contents_.arrays.find(member);
    if (found == contents_.arrays.end() || found->second.values.empty())
      refuse(fmt::format("no member {}: not a {} model", member, kModelSchema));
    return found->second.values;
  }
  std::vector<double> optional(std::string_view member) const {
    const auto found = contents_.arrays.find(member);
    return found == contents_.arrays.end() ? std::vector<double>{} : found->second.values;
  }
  /// A table with a column for every element of the other member.
  Matrix matrix(std::string_view member, std::string_view columns) const {
    const std::vector<double>& all = values(member);
    const auto width = static_cast<std::int64_t>(values(columns).size());
    const auto count = static_cast<std::int64_t>(all.size());
    if (count % width != 0) refuse(fmt::format("{} must fit {}", member, columns));
    return {count / width, width, all};
  }
  double scalar(std::string_view member) const { return values(member).front(); }
  UniformGrid grid(std::string_view member) const {
    try {
      return uniform_grid(values(member));
    } catch (const std::invalid_argument& wrong) {
      refuse(fmt::format("{}: {}", member, wrong.what()));
    }
  }
  void check_wires(const Wires& wires, std::string_view near_end) const {
    const auto negative = [](double r) { return r < 0.0; };
    if (wires.segment < 0.0 || std::ranges::any_of(wires.near_end, negative) ||
        std::ranges::any_of(wires.far_end, negative))
      refuse("a resistance is negative");
    if (!wires.far_end.empty() && wires.far_end.size() != wires.near_end.size())
      refuse(fmt::format("{0}_far must have the shape of {0}", near_end));
  }

  const NpzContents& contents_;
  const std::string& name_;
};

}  // namespace

NpzContents model_contents(const ExportedModel& model, const ArraySpec& spec,
                           const ModelRecord& record) {
  NpzContents contents;
  add_arrays(model, spec, contents);
  contents.texts[std::string(kModelMeta)] = meta_text(model, spec, record, contents);
  return contents;
}

LineModel line_model_of(const NpzContents& contents, const std::string& name) {
  return ModelReader(contents, name).read();
}

std::optional<AnchoredSettings> anchored_settings_of(const NpzContents& contents,
                                                     const std::string& name) {
  return ModelReader(contents, name).anchored();
}

int coral_products_of(const NpzContents& contents, const std::string& name) {
  return ModelReader(contents, name).products();
}

std::string_view tier_name(Tier tier) {
  constexpr std::array<std::string_view, 4> kNames{"frozen", "coral", "awl", "line"};
  return kNames[static_cast<std::size_t>(tier)];
}

int ExportedModel::cost() const {
  switch (tier) {
    case Tier::Frozen:
      return 1;
    case Tier::Coral:
      return products;
    case Tier::Anchored:
      return anchored->sweeps;
    default:
      return line.sweeps;
  }
}

Matrix model_outputs(const ExportedModel& model, const Matrix& conductances,
                     const Matrix& inputs) {
  const Matrix seen{inputs.rows, inputs.columns, model.line.seen(inputs.values)};
  switch (model.tier) {
    case Tier::Frozen:
      return ideal_outputs(model.frozen, seen);
    case Tier::Coral:
      return coral_outputs(model.line, *model.anchored, model.products, conductances,
                           seen);
    case Tier::Anchored:
      return anchored_outputs(model.line, *model.anchored, conductances, seen);
    default:
      return line_outputs(model.line, conductances, seen);
  }
}

}  // namespace arrayspice
