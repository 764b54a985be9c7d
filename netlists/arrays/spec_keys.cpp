// SPDX-License-Identifier: Apache-2.0
#include "netlists/arrays/spec_keys.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "netlists/arrays/array_type.hpp"
#include "netlists/arrays/chip.hpp"

namespace arrayspice {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::string range_text(std::string_view what, const Range& range) {
  std::string text(what);
  if (range.low > -kInfinity && range.high < kInfinity)
    return text + fmt::format(" from {} to {}", range.low, range.high);
  if (range.low > -kInfinity && range.low_is_open)
    return text + fmt::format(" greater than {}", range.low);
  if (range.low > -kInfinity) return text + fmt::format(" of {} or more", range.low);
  return text;
}

}  // namespace

std::string SpecKey::full_name() const { return fmt::format("{}.{}", section, name); }

bool SpecKey::is_required() const {
  return section == "array" && (name == "type" || name == "rows" || name == "columns");
}

std::string SpecKey::allowed() const {
  if (std::holds_alternative<Integer>(member)) return range_text("a whole number", range);
  if (std::holds_alternative<Number>(member)) return range_text("a number", range);
  return fmt::format("\"{}\"", fmt::join(words, "\" or \""));
}

const SpecKey* find_spec_key(std::string_view section, std::string_view name) {
  const auto keys = spec_keys();
  const auto at = std::find_if(keys.begin(), keys.end(), [&](const SpecKey& key) {
    return key.section == section && key.name == name;
  });
  return at == keys.end() ? nullptr : &*at;
}

namespace {

bool is_used(const ArrayType& type, const SpecKey& key) {
  const std::string name = key.full_name();
  return std::any_of(type.keys.begin(), type.keys.end(), [&](std::string_view used) {
    return used == name || used == key.section;
  });
}

/// The types that name a key; of the keys that all types share, none.
std::vector<std::string> types_that_use(const SpecKey& key) {
  std::vector<std::string> types;
  for (const ArrayType* type : array_types())
    if (is_used(*type, key)) types.push_back(fmt::format("\"{}\"", type->name));
  return types;
}

std::string condition_of_selector(std::string_view name, const ArraySpec& spec) {
  if (spec.cell.structure != "1S1R") return "cell.structure = \"1S1R\"";
  if (name == "model") return {};
  const bool of_exponential = name == "current_scale" || name == "voltage_scale";
  if (of_exponential == (spec.selector.model == "exponential")) return {};
  return of_exponential ? "selector.model = \"exponential\""
                        : "selector.model = \"threshold\"";
}

std::string condition_of_access(const ArraySpec& spec) {
  const std::string& structure = spec.cell.structure;
  if (spec.array.type == "resistive-division" && structure != "pull")
    return "cell.structure = \"pull\"";
  if (spec.array.type == "current-domain" && structure != "1T1R" &&
      structure != "gate-input" && spec.sense.kind != "regulated-cascode")
    return "cell.structure = \"1T1R\" or \"gate-input\"";
  return {};
}

std::string condition_of_sense(const SpecKey& key, const ArraySpec& spec) {
  const std::string& kind = spec.sense.kind;
  const bool amplifies = uses_amplifier(spec);
  constexpr std::array<std::string_view, 5> kAmplifier{"gain", "bandwidth", "clamp",
                                                       "offset", "pole"};
  if (std::find(kAmplifier.begin(), kAmplifier.end(), key.name) != kAmplifier.end() &&
      !amplifies)
    return "an amplifier (sense.kind = \"tia\", \"integrator\" ...)";
  if (key.name == "supply_power" && !amplifies && kind != "comparator" && kind != "sar")
    return "an amplifier or a comparator (sense.kind = \"tia\", \"comparator\" ...)";
  if (key.name == "empty_level" && kind != "frequency" && kind != "count")
    return "cell.structure = \"oscillator\"";
  if (key.name == "bits" && kind != "sar") return "sense.kind = \"sar\"";
  const bool of_resistor =
      kind == "tia" || (spec.array.type == "current-domain" && kind == "crossing-time");
  if (key.name == "feedback_resistance" && !of_resistor) return "sense.kind = \"tia\"";
  if (key.name == "feedback_capacitance" && (of_resistor || !amplifies))
    return "a capacitor around an amplifier (sense.kind = \"integrator\" ...)";
  if (key.name == "integration_time" && kind != "integrator" && kind != "frequency" &&
      kind != "count" && kind != "integrated-voltage")
    return "sense.kind = \"integrator\"";
  return {};
}

/// What a key of [variation] needs to vary: of elements that are missing, their name.
std::string condition_of_variation(std::string_view name, const ArraySpec& spec) {
  struct Need {
    std::string_view key;
    Draw draw;
    std::string_view what;
  };
  static constexpr std::array kNeeds{
      Need{"capacitor_sigma", Draw::Capacitor, "capacitors"},
      Need{"resistor_sigma", Draw::Resistor, "resistors in cells or around amplifiers"},
      Need{"threshold_coefficient", Draw::Threshold, "transistors"},
      Need{"gain_coefficient", Draw::Threshold, "transistors"},
      Need{"channel_length", Draw::Threshold, "transistors"},
      Need{"wire_resistance_sigma", Draw::WireResistance, "wires that have resistance"},
      Need{"wire_capacitance_sigma", Draw::WireCapacitance,
           "wires that have capacitance"},
      Need{"driver_resistance_sigma", Draw::DriverResistance,
           "drivers that have resistance"},
      Need{"amplifier_offset_sigma", Draw::AmplifierOffset, "amplifiers"},
      Need{"comparator_offset_sigma", Draw::ComparatorOffset, "comparators"},
      Need{"supply_sigma", Draw::Supply, "a supply"},
      Need{"jitter", Draw::Jitter, "inputs or clocks that have edges"},
      Need{"read_noise", Draw::ReadNoise, "memory cells"}};
  for (const Need& need : kNeeds)
    if (need.key == name && !draws_of(spec).contains(need.draw))
      return fmt::format("{} in the array", need.what);
  const std::string_view unit = cell_structure(spec).weight.unit;
  constexpr std::array<std::string_view, 3> kOfAllCells{"chip", "stuck_off", "stuck_on"};
  const bool is_of_cells =
      std::none_of(kNeeds.begin(), kNeeds.end(),
                   [&](const Need& need) { return need.key == name; }) &&
      std::find(kOfAllCells.begin(), kOfAllCells.end(), name) == kOfAllCells.end();
  if (is_of_cells && unit != "S" && unit != "A")
    return "cells that are programmed to a conductance or current";
  if (name == "read_duration" && spec.variation.statistics != "pcm")
    return "variation.statistics = \"pcm\"";
  return {};
}

std::string condition_of_noise(std::string_view name, const ArraySpec& spec) {
  if (name == "thermal" && spec.sense.kind == "count")
    return "a sense that does not count";
  if (name == "thermal" && !array_type(spec).reset_noise)
    return "switches that leave charges (array.type = \"charge-domain\" ...)";
  if (name == "bandwidth" && spec.sense.kind != "virtual-ground")
    return "sense.kind = \"virtual-ground\"";
  constexpr std::array<std::string_view, 3> kDeciding{"comparator", "sar", "frequency"};
  if (name == "comparator" &&
      std::find(kDeciding.begin(), kDeciding.end(), spec.sense.kind) == kDeciding.end())
    return "a comparator (sense.kind = \"comparator\", \"sar\" ...)";
  return {};
}

std::string condition_of_converter(std::string_view name, const ArraySpec& spec) {
  const auto& c = spec.converter;
  struct Need {
    std::string_view key, adcs;
  };
  static constexpr std::array kNeeds{Need{"adc_bits", "ideal sar ramp tdc"},
                                     Need{"range", "ideal sar ramp"},
                                     Need{"minimum", "ideal sar ramp"},
                                     Need{"maximum", "ideal sar ramp"},
                                     Need{"capacitor_sigma", "sar"},
                                     Need{"comparator_offset", "sar ramp"},
                                     Need{"comparator_noise", "sar ramp"},
                                     Need{"slope_error", "ramp"},
                                     Need{"slope_error_sigma", "ramp"},
                                     Need{"comparator_delay", "ramp"},
                                     Need{"time_step", "tdc"},
                                     Need{"time_step_sigma", "tdc"}};
  for (const Need& need : kNeeds)
    if (need.key == name && need.adcs.find(c.adc) == std::string_view::npos)
      return fmt::format("converter.adc among {}", need.adcs);
  if ((name == "minimum" || name == "maximum") && c.range != "fixed")
    return "converter.range = \"fixed\"";
  if (name == "dac_unit_sigma" && c.dac_bits == 0) return "converter.dac_bits";
  return {};
}

}  // namespace

std::string missing_condition(const SpecKey& key, const ArraySpec& spec) {
  const ArrayType& type = array_type(spec);
  const std::vector<std::string> types = types_that_use(key);
  if (!types.empty() && !is_used(type, key))
    return fmt::format("array.type = {}", fmt::join(types, " or "));
  if (key.section == "variation") return condition_of_variation(key.name, spec);
  if (key.section == "noise") return condition_of_noise(key.name, spec);
  if (key.section == "converter") return condition_of_converter(key.name, spec);
  if (key.section == "selector") return condition_of_selector(key.name, spec);
  if (key.section == "access") return condition_of_access(spec);
  if (key.section == "sense") return condition_of_sense(key, spec);
  return {};
}

std::string spec_value(const SpecKey& key, ArraySpec& spec) {
  if (const auto* text = std::get_if<SpecKey::Text>(&key.member))
    return fmt::format("\"{}\"", (*text)(spec));
  if (const auto* integer = std::get_if<SpecKey::Integer>(&key.member))
    return fmt::format("{}", (*integer)(spec));
  return fmt::format("{}", std::get<SpecKey::Number>(key.member)(spec));
}

}  // namespace arrayspice
