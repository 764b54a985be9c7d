// SPDX-License-Identifier: Apache-2.0
#include "netlists/arrays/cell_model.hpp"

#include <array>
#include <cassert>
#include <cmath>
#include <limits>

namespace arrayspice {

namespace {

struct Word {
  std::string_view model;
  std::string_view card;  ///< type of the `.model` card
};
constexpr std::array kWords{Word{"ohmic", "ohmic_cell"}, Word{"sinh", "sinh_cell"},
                            Word{"cubic", "cubic_cell"},
                            Word{"stanford-rram", "stanford_rram"}};

}  // namespace

const Registration& cell_device(std::string_view model) {
  for (const Word& word : kWords)
    if (word.model == model) {
      const Registration* device = find_registration('n', word.card, 1);
      assert(device);
      return *device;
    }
  assert(false && "a cell model that the spec does not allow");
  return *find_registration('n', kWords[0].card, 1);
}

std::span<const ParameterInfo> cell_parameters(std::string_view model) {
  return cell_device(model).type().model_parameters;
}

double cell_parameter(const ArraySpec& spec, std::string_view name) {
  if (const auto given = spec.cell.parameters.find(std::string(name));
      given != spec.cell.parameters.end())
    return given->second;
  const DeviceType& type = cell_device(spec.cell.model).type();
  return type.model_parameters[*type.model_parameter(name)].default_value;
}

std::string_view selector_device(const ArraySpec& spec) {
  return spec.selector.model == "exponential" ? "selector" : "threshold_selector";
}

std::vector<std::pair<std::string_view, double>> selector_parameters(
    const ArraySpec& spec) {
  std::vector<std::pair<std::string_view, double>> values;
  const auto list = [&](const auto& table, const auto& model) {
    for (const auto& p : table) values.emplace_back(p.name, model.*p.member);
  };
  if (spec.selector.model == "exponential")
    list(Selector::kModelParameters, spec.selector.exponential);
  else
    list(ThresholdSelector::kModelParameters, spec.selector.threshold);
  return values;
}

ConductanceRange programmable(const ArraySpec& spec) {
  if (spec.cell.model != "stanford-rram")
    return {0.0, std::numeric_limits<double>::infinity()};
  // i = I0 exp(-gap/g0) sinh(v/V0): the conductance at 0 V falls with the gap.
  const auto at_gap = [&](std::string_view gap) {
    return cell_parameter(spec, "i0") / cell_parameter(spec, "v0") *
           std::exp(-cell_parameter(spec, gap) / cell_parameter(spec, "g0"));
  };
  return {at_gap("gapmax"), at_gap("gapmin")};
}

}  // namespace arrayspice
