// SPDX-License-Identifier: Apache-2.0
#include "behavior/readout_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "behavior/model_meta.hpp"
#include "devices/constants.hpp"
#include "netlists/arrays/array_type.hpp"
#include "netlists/failure.hpp"

namespace arrayspice {

namespace {

NpyArray table_array(const BilinearTable& table) {
  return {{static_cast<std::int64_t>(table.a.count),
           static_cast<std::int64_t>(table.b.count)},
          table.values};
}

void add_model(const ReadoutModel& model, NpzContents& out) {
  auto& arrays = out.arrays;
  arrays["cell/x"] = npy_vector(model.cell.a.points());
  arrays["cell/w"] = npy_vector(model.cell.b.points());
  arrays["cell/f"] = table_array(model.cell);
  if (model.load) arrays["cell/load"] = table_array(*model.load);
  if (!model.share.empty()) arrays["row/share"] = npy_vector(model.share);
  if (const auto& term = model.neighbours) {
    const auto shapes = static_cast<std::int64_t>(term->shapes);
    const auto rows = static_cast<std::int64_t>(term->own.size()) / shapes;
    arrays["neighbour/own"] = {{rows, shapes}, term->own};
    arrays["neighbour/both"] = {
        {static_cast<std::int64_t>(term->distance), shapes, shapes}, term->both};
  }
  if (model.division)
    arrays["readout/division"] =
        npy_vector({model.division->begin(), model.division->end()});
  if (model.coupling > 0.0) arrays["column/coupling"] = npy_scalar(model.coupling);
  arrays["readout/u"] = npy_vector(model.readout.a.points());
  arrays["readout/v"] = npy_vector(model.readout.b.points());
  arrays["readout/y"] = table_array(model.readout);
}

void add_effects(const ReadoutExport& model, NpzContents& out) {
  auto& arrays = out.arrays;
  if (!model.noise.empty()) arrays["noise/sigma"] = npy_vector(model.noise);
  if (const auto& settling = model.settling) {
    arrays["settle/t"] = npy_vector(settling->time);
    arrays["settle/err"] = npy_vector(settling->error);
    arrays["settle/offset"] = npy_vector(settling->offset);
    arrays["settle/residual"] = npy_vector(settling->residual);
  }
  if (const auto& adc = model.converter) {
    arrays["adc/threshold"] = {{adc->thresholds.rows, adc->thresholds.columns},
                               adc->thresholds.values};
    arrays["adc/value"] = npy_vector(adc->values);
  }
}

void add_arrays(const ReadoutExport& model, const ArraySpec& spec, NpzContents& out) {
  add_model(model.model, out);
  out.arrays["weight/w"] = npy_vector({spec.cell.minimum, spec.cell.maximum});
  if (model.spread) {
    out.arrays["column/gain_sigma"] = npy_scalar(model.spread->gain);
    out.arrays["column/offset_sigma"] = npy_scalar(model.spread->offset);
    out.arrays["column/residual_sigma"] = npy_scalar(model.spread->residual);
  }
  add_effects(model, out);
  add_test_members(model.test, spec, out);
}

Json describe(const NpzContents& contents, const ReadoutExport& model,
              const ArraySpec& spec) {
  const std::string_view x = input_domain(spec).unit, w = weight_domain(spec).unit;
  const std::string_view y = array_type(spec).experiment(spec).unit;
  const std::string product = fmt::format("{} {}", x, w);
  const bool divides = model.model.division.has_value();
  // A cell's share is a part of the output, or a product that division turns into one.
  const bool resistive = model.model.load.has_value();
  const std::string_view f = resistive ? "A" : divides ? std::string_view(product) : y;
  const MemberDescription all[] = {
      {"cell/x", x, {"cell/x"}},
      {"cell/w", w, {"cell/w"}},
      {"cell/f", f, {"cell/x", "cell/w"}},
      {"cell/load", "S", {"cell/x", "cell/w"}},
      {"row/share", "1", {"row"}},
      {"neighbour/own", f, {"row", "shape"}},
      {"neighbour/both", f, {"row mod distance", "shape", "shape of the row before"}},
      {"readout/division", "y (L + p3) = p0 s + p1 + p2 L", {"p0 .. p3"}},
      {"readout/u", divides ? y : f, {"readout/u"}},
      {"readout/v", "of readout.second", {"readout/v"}},
      {"readout/y", y, {"readout/u", "readout/v"}},
      {"weight/w", w, {"minimum, maximum"}},
      {"column/coupling", "1", {}},
      {"column/gain_sigma", "1", {}},
      {"column/offset_sigma", y, {}},
      {"column/residual_sigma", y, {}},
      {"noise/sigma", y, {"column"}},
      {"settle/t", "s", {"settle/t"}},
      {"settle/err", "1", {"settle/t"}},
      {"settle/offset", y, {"settle/t"}},
      {"settle/residual", y, {"settle/t"}},
      {"adc/threshold", y, {"column", "code - 1"}},
      {"adc/value", y, {"code"}},
      {"test/w", w, {"test", "row", "column"}},
      {"test/x", x, {"test", "row"}},
      {"test/y", y, {"test", "column"}},
      {"test/model", y, {"test", "column"}},
  };
  return members_json(contents, all);
}

Json accuracy_of_model(const ReadoutExport& model) {
  Json json = accuracy_json(model.accuracy);
  json["relative_to"] = "full scale: the range of test/y";
  json["full_scale"] = model.full_scale;
  json["solves"] = model.test.count;
  json["by_distribution"] = accuracy_by_distribution(model.test, model.full_scale);
  for (const ReadoutExport::Rival& rival : model.rivals)
    json["baselines"][rival.name] = {{"nrmse", rival.nrmse}};
  json["validation_nrmse"] = model.validation;
  return json;
}

std::string meta_text(const ReadoutExport& model, const ArraySpec& spec,
                      const ModelRecord& record, const NpzContents& contents) {
  const Domain x = input_domain(spec), w = weight_domain(spec);
  const ReadoutModel& m = model.model;
  Json json;
  json["schema"] = kModelSchema;
  json["aimc_type"] = spec.array.type;
  json["M"] = spec.array.rows;
  json["N"] = spec.array.columns;
  json["arrays"] = describe(contents, model, spec);
  json["interpolation"] = "bilinear, beyond a table along its outermost points";
  json["cell"] = {{"structure", spec.cell.structure}, {"model", spec.cell.model}};
  json["sense"] = spec.sense.kind;
  json["wire"] = {{"operator", kReadoutTier}};
  json["readout"] = {{"second", readout_feature_name(m.second)},
                     {"divides", m.division.has_value()},
                     {"output_unit", array_type(spec).experiment(spec).unit}};
  json["conditions"] = {
      {"temperature_kelvin", kRoomTemperature},
      {"programming", "test/w are the weights the cells have: no variation"}};
  json["validity"] = {{"x", {x.minimum, x.maximum}},
                      {"w", {w.minimum, w.maximum}},
                      {"u", {m.readout.a.first, m.readout.a.last()}},
                      {"levels", {{"x", x.unit == "level"}, {"w", w.unit == "level"}}}};
  if (m.readout.b.count > 1)
    json["validity"]["v"] = {m.readout.b.first, m.readout.b.last()};
  json["accuracy"] = accuracy_of_model(model);
  json["provenance"] = provenance_json(spec, record, model.circuit_solves);
  return json.dump(1) + "\n";
}

class ReadoutReader {
 public:
  ReadoutReader(const NpzContents& contents, const std::string& name)
      : contents_(contents), name_(name) {}

  ReadoutModel read(const std::string& second) const {
    ReadoutModel model;
    model.cell = table("cell/x", "cell/w", "cell/f");
    model.readout = table("readout/u", "readout/v", "readout/y");
    if (has("column/coupling")) model.coupling = values("column/coupling").front();
    if (model.coupling < 0.0) refuse("column/coupling is negative");
    if (has("cell/load")) model.load = table("cell/x", "cell/w", "cell/load");
    if (has("row/share")) model.share = values("row/share");
    if (has("neighbour/both")) model.neighbours = neighbours();
    if (has("readout/division")) model.division = division();
    const auto found = std::ranges::find(kReadoutFeatures, second, readout_feature_name);
    if (found == kReadoutFeatures.end())
      refuse(fmt::format("readout.second is '{}'", second));
    model.second = *found;
    return model;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw Failure(Exit::Input, fmt::format("{}: {}", name_, why));
  }
  bool has(std::string_view member) const { return contents_.arrays.contains(member); }
  const std::vector<double>& values(std::string_view member) const {
    const auto found = contents_.arrays.find(member);
    if (found == contents_.arrays.end() || found->second.values.empty())
      refuse(fmt::format("no member {}: not a readout table", member));
    return found->second.values;
  }
  UniformGrid grid(std::string_view member) const {
    const auto& points = values(member);
    const double span = points.back() - points.front();
    if (points.size() == 1) return {points.front(), 1.0, 1};
    if (!(span > 0.0)) refuse(fmt::format("{} must ascend", member));
    return {points.front(), span / static_cast<double>(points.size() - 1), points.size()};
  }
  BilinearTable table(std::string_view a, std::string_view b,
                      std::string_view of_both) const {
    BilinearTable table{grid(a), grid(b), values(of_both)};
    if (table.values.size() != table.a.count * table.b.count)
      refuse(fmt::format("{} must have the shape ({}, {})", of_both, a, b));
    return table;
  }
  NeighbourTerm neighbours() const {
    const std::vector<std::int64_t>& shape = contents_.arrays.at("neighbour/both").shape;
    const auto& own = values("neighbour/own");
    if (shape.size() != 3 || shape[0] < 1 || shape[1] < 1 || shape[1] != shape[2] ||
        std::ssize(own) % shape[1] != 0)
      refuse(
          "neighbour/both must have the shape (distance, shapes, shapes), "
          "neighbour/own (rows, shapes)");
    return {static_cast<std::size_t>(shape[0]), static_cast<std::size_t>(shape[1]), own,
            values("neighbour/both")};
  }
  std::array<double, 4> division() const {
    const auto& p = values("readout/division");
    if (p.size() != 4) refuse("readout/division must have four numbers");
    return {p[0], p[1], p[2], p[3]};
  }

  const NpzContents& contents_;
  const std::string& name_;
};

}  // namespace

NpzContents readout_contents(const ReadoutExport& model, const ArraySpec& spec,
                             const ModelRecord& record) {
  NpzContents contents;
  add_arrays(model, spec, contents);
  contents.texts[std::string(kModelMeta)] = meta_text(model, spec, record, contents);
  return contents;
}

ReadoutModel readout_model_of(const NpzContents& contents, const std::string& second,
                              const std::string& name) {
  return ReadoutReader(contents, name).read(second);
}

}  // namespace arrayspice
