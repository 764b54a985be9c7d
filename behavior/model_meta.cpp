// SPDX-License-Identifier: Apache-2.0
#include "behavior/model_meta.hpp"

#include <set>

#include "netlists/version.hpp"

namespace arrayspice {

namespace {

/// The rows of a matrix whose solve is of the given kind.
Matrix rows_of_kind(const Matrix& all, const std::vector<std::string>& kinds,
                    const std::string& kind) {
  Matrix rows{0, all.columns, {}};
  for (std::int64_t k = 0; k < all.rows; ++k) {
    if (kinds[static_cast<std::size_t>(k)] != kind) continue;
    ++rows.rows;
    for (std::int64_t j = 0; j < all.columns; ++j) rows.values.push_back(all(k, j));
  }
  return rows;
}

}  // namespace

Json members_json(const NpzContents& contents, std::span<const MemberDescription> all) {
  Json json = Json::object();
  for (const MemberDescription& d : all)
    if (contents.arrays.contains(d.name))
      json[std::string(d.name)] = {{"axes", d.axes}, {"unit", d.unit}};
  return json;
}

Json number_or_null(std::optional<double> number) {
  return number ? Json(*number) : Json();
}

Json accuracy_json(const Accuracy& a) {
  Json json = {{"nrmse", a.nrmse}};
  json["nrmse_differential"] = number_or_null(a.nrmse_differential);
  json["max"] = a.max;
  json["p99"] = a.p99;
  return json;
}

Json accuracy_by_distribution(const TestSet& set, std::optional<double> full_scale) {
  Json json;
  for (const std::string& kind : std::set(set.kinds.begin(), set.kinds.end())) {
    const Matrix model = rows_of_kind(set.model, set.kinds, kind);
    const Matrix truth = rows_of_kind(set.y, set.kinds, kind);
    json[kind] = accuracy_json(full_scale ? accuracy_of(model, truth, *full_scale)
                                          : accuracy_of(model, truth));
  }
  return json;
}

Json provenance_json(const ArraySpec& spec, const ModelRecord& record,
                     std::int64_t circuit_solves) {
  return {{"tool", "ArraySpice"},
          {"version", version()},
          {"spec_file", record.spec_file},
          {"spec", write_spec(spec)},
          {"seed", spec.array.seed},
          {"options",
           {{"command", record.command},
            {"weights", record.weights_file},
            {"max_error", record.max_error}}},
          {"circuit_solves", circuit_solves}};
}

}  // namespace arrayspice
