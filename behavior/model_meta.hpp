// SPDX-License-Identifier: Apache-2.0
// What meta.json says of every exported model, whatever its kind. Not for
// users of the library: it brings the JSON library with it.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "behavior/accuracy.hpp"
#include "behavior/model_record.hpp"
#include "behavior/test_set.hpp"
#include "netlists/arrays/spec.hpp"

namespace arrayspice {

using Json = nlohmann::ordered_json;

/// A member's axes, and the SI unit of its values.
struct MemberDescription {
  std::string_view name, unit;
  std::vector<std::string_view> axes;
};
/// Of those members that are there.
Json members_json(const NpzContents& contents, std::span<const MemberDescription> all);

/// null when there is no number.
Json number_or_null(std::optional<double> number);
Json accuracy_json(const Accuracy& accuracy);
/// test/model against test/y for every kind of test vectors by itself, relative to the
/// given full scale or to each kind's own rms.
Json accuracy_by_distribution(const TestSet& set, std::optional<double> full_scale = {});

Json provenance_json(const ArraySpec& spec, const ModelRecord& record,
                     std::int64_t circuit_solves);

}  // namespace arrayspice
