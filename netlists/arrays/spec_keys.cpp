// SPDX-License-Identifier: Apache-2.0
#include "netlists/arrays/spec_keys.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace arrayspice {

namespace {

using Spec = ArraySpec;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr Range kCount{1.0, kInfinity};
constexpr Range kFraction{0.0, 1.0};

constexpr std::array<std::string_view, 1> kTypes{"current-domain"};
constexpr std::array<std::string_view, 3> kStructures{"1R", "1T1R", "1S1R"};
constexpr std::array<std::string_view, 4> kModels{"ohmic", "sinh", "cubic",
                                                  "stanford-rram"};
constexpr std::array<std::string_view, 2> kSelectors{"exponential", "threshold"};
constexpr std::array<std::string_view, 2> kDriverSides{"left", "both"};
constexpr std::array<std::string_view, 2> kSenseSides{"bottom", "both"};
constexpr std::array<std::string_view, 3> kSenseKinds{"virtual-ground", "tia",
                                                      "integrator"};

SpecKey text(std::string_view section, std::string_view name, SpecKey::Text member,
             std::span<const std::string_view> words, std::string_view doc) {
  return {section, name, member, "", {}, words, doc};
}
SpecKey integer(std::string_view section, std::string_view name, SpecKey::Integer member,
                Range range, std::string_view doc) {
  return {section, name, member, "", range, {}, doc};
}
SpecKey number(std::string_view section, std::string_view name, SpecKey::Number member,
               std::string_view unit, Range range, std::string_view doc) {
  return {section, name, member, unit, range, {}, doc};
}

std::vector<SpecKey> array_and_cell_keys() {
  return {
      text(
          "array", "type", [](Spec & s) -> auto& { return s.array.type; }, kTypes,
          "how the array computes"),
      integer(
          "array", "rows", [](Spec & s) -> auto& { return s.array.rows; }, kCount,
          "word lines, the inputs"),
      integer(
          "array", "columns", [](Spec & s) -> auto& { return s.array.columns; }, kCount,
          "bit lines, the outputs"),
      integer(
          "array", "seed", [](Spec & s) -> auto& { return s.array.seed; }, kNotNegative,
          "of weights and variation that are drawn"),
      text(
          "cell", "structure", [](Spec & s) -> auto& { return s.cell.structure; },
          kStructures,
          "memory cell alone, or in series with an access transistor (1T1R) or a "
          "selector "
          "(1S1R)"),
      text(
          "cell", "model", [](Spec & s) -> auto& { return s.cell.model; }, kModels,
          "current-voltage relation of the memory cell"),
      number(
          "cell", "minimum", [](Spec & s) -> auto& { return s.cell.minimum; }, "S",
          kNotNegative, "smallest conductance"),
      number(
          "cell", "maximum", [](Spec & s) -> auto& { return s.cell.maximum; }, "S",
          kPositive, "largest conductance"),
  };
}

std::vector<SpecKey> wire_and_driver_keys() {
  return {
      number(
          "wire", "word_line_resistance",
          [](Spec & s) -> auto& { return s.wire.word_line_resistance; }, "ohm",
          kNotNegative, "per segment; 0: all nodes of a word line are one"),
      number(
          "wire", "bit_line_resistance",
          [](Spec & s) -> auto& { return s.wire.bit_line_resistance; }, "ohm",
          kNotNegative, "per segment; 0: all nodes of a bit line are one"),
      number(
          "wire", "word_line_capacitance",
          [](Spec & s) -> auto& { return s.wire.word_line_capacitance; }, "F",
          kNotNegative, "per segment, to ground, at the cell's node"),
      number(
          "wire", "bit_line_capacitance",
          [](Spec & s) -> auto& { return s.wire.bit_line_capacitance; }, "F",
          kNotNegative, "per segment, to ground, at the cell's node"),
      number(
          "wire", "coupling_capacitance",
          [](Spec & s) -> auto& { return s.wire.coupling_capacitance; }, "F",
          kNotNegative, "per segment, to the neighbouring line of the same kind"),
      number(
          "driver", "resistance", [](Spec & s) -> auto& { return s.driver.resistance; },
          "ohm", kNotNegative, "between the source and its word line"),
      text(
          "driver", "sides", [](Spec & s) -> auto& { return s.driver.sides; },
          kDriverSides,
          "ends of the word line that are driven; both: one source, a driver resistance "
          "and one more wire segment at the right end"),
  };
}

std::vector<SpecKey> sense_keys() {
  return {
      text(
          "sense", "kind", [](Spec & s) -> auto& { return s.sense.kind; }, kSenseKinds,
          "output: current into 0 V, voltage of a transimpedance amplifier, voltage of "
          "an integrator after the integration time"),
      number(
          "sense", "resistance", [](Spec & s) -> auto& { return s.sense.resistance; },
          "ohm", kNotNegative, "between the bit line's end and the sense node"),
      text(
          "sense", "sides", [](Spec & s) -> auto& { return s.sense.sides; }, kSenseSides,
          "ends of the bit line that are sensed; both: one more wire segment and sense "
          "resistance at the top, the output is the sum of both currents"),
      number(
          "sense", "gain", [](Spec & s) -> auto& { return s.sense.gain; }, "V/V",
          kPositive, "open-loop gain of the amplifier (tia, integrator)"),
      number(
          "sense", "bandwidth", [](Spec & s) -> auto& { return s.sense.bandwidth; }, "Hz",
          kPositive, "gain-bandwidth product (tia, integrator)"),
      number(
          "sense", "clamp", [](Spec & s) -> auto& { return s.sense.clamp; }, "V",
          kPositive, "the output is clamp tanh(x / clamp) (tia, integrator)"),
      number(
          "sense", "offset", [](Spec & s) -> auto& { return s.sense.offset; }, "V", kAny,
          "input-referred, at the non-inverting input (tia, integrator)"),
      number(
          "sense", "feedback_resistance",
          [](Spec & s) -> auto& { return s.sense.feedback_resistance; }, "ohm", kPositive,
          "tia"),
      number(
          "sense", "feedback_capacitance",
          [](Spec & s) -> auto& { return s.sense.feedback_capacitance; }, "F", kPositive,
          "integrator; empty when the integration starts"),
      number(
          "sense", "integration_time",
          [](Spec & s) -> auto& { return s.sense.integration_time; }, "s", kPositive,
          "integrator; the inputs are applied at its start"),
  };
}

std::vector<SpecKey> access_input_and_variation_keys() {
  return {
      number(
          "access", "gate_voltage",
          [](Spec & s) -> auto& { return s.access.gate_voltage; }, "V", kAny,
          "of every gate line (1T1R)"),
      number(
          "access", "threshold", [](Spec & s) -> auto& { return s.access.threshold; },
          "V", kAny, "VTO of the level-1 transistor"),
      number(
          "access", "transconductance",
          [](Spec & s) -> auto& { return s.access.transconductance; }, "A/V^2", kPositive,
          "KP"),
      number(
          "access", "width_over_length",
          [](Spec & s) -> auto& { return s.access.width_over_length; }, "", kPositive,
          "W/L"),
      number(
          "access", "channel_length_modulation",
          [](Spec & s) -> auto& { return s.access.channel_length_modulation; }, "1/V",
          kNotNegative, "LAMBDA"),
      number(
          "access", "body_effect", [](Spec & s) -> auto& { return s.access.body_effect; },
          "V^0.5", kNotNegative, "GAMMA; the bulk is at 0 V"),
      number(
          "access", "surface_potential",
          [](Spec & s) -> auto& { return s.access.surface_potential; }, "V", kPositive,
          "PHI"),
      number(
          "input", "maximum", [](Spec & s) -> auto& { return s.input.maximum; }, "V",
          kPositive, "inputs lie between -maximum and +maximum"),
      number(
          "variation", "conductance_sigma",
          [](Spec & s) -> auto& { return s.variation.conductance_sigma; }, "",
          kNotNegative,
          "standard deviation of a cell's conductance over its mean, lognormal; the "
          "mean is the programmed value"),
      number(
          "variation", "stuck_off",
          [](Spec & s) -> auto& { return s.variation.stuck_off; }, "", kFraction,
          "fraction of cells that stay at cell.minimum"),
      number(
          "variation", "stuck_on", [](Spec & s) -> auto& { return s.variation.stuck_on; },
          "", kFraction, "fraction of cells that stay at cell.maximum"),
  };
}

std::vector<SpecKey> selector_keys() {
  return {
      text(
          "selector", "model", [](Spec & s) -> auto& { return s.selector.model; },
          kSelectors,
          "between memory cell and bit line (1S1R): i = current_scale "
          "sinh(v/voltage_scale), or a threshold switch with hysteresis"),
      number(
          "selector", "current_scale",
          [](Spec & s) -> auto& { return s.selector.exponential.i0; }, "A", kPositive,
          "exponential"),
      number(
          "selector", "voltage_scale",
          [](Spec & s) -> auto& { return s.selector.exponential.v0; }, "V", kPositive,
          "exponential"),
      number(
          "selector", "threshold_voltage",
          [](Spec & s) -> auto& { return s.selector.threshold.vth; }, "V", kPositive,
          "threshold: conducts from this voltage on"),
      number(
          "selector", "holding_current",
          [](Spec & s) -> auto& { return s.selector.threshold.ihold; }, "A", kPositive,
          "threshold: conducts down to this current"),
      number(
          "selector", "on_resistance",
          [](Spec & s) -> auto& { return s.selector.threshold.ron; }, "ohm", kPositive,
          "threshold, when it conducts"),
      number(
          "selector", "leakage_current_scale",
          [](Spec & s) -> auto& { return s.selector.threshold.i0; }, "A", kPositive,
          "threshold, when it does not: i = leakage_current_scale "
          "sinh(v/leakage_voltage_scale)"),
      number(
          "selector", "leakage_voltage_scale",
          [](Spec & s) -> auto& { return s.selector.threshold.v0; }, "V", kPositive,
          "threshold"),
      number(
          "selector", "switching_time",
          [](Spec & s) -> auto& { return s.selector.threshold.tau; }, "s", kPositive,
          "threshold: time constant"),
  };
}

std::vector<SpecKey> make_keys() {
  std::vector<SpecKey> all;
  for (const auto& part : {array_and_cell_keys(), wire_and_driver_keys(), sense_keys(),
                           access_input_and_variation_keys(), selector_keys()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

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

std::span<const SpecKey> spec_keys() {
  static const std::vector<SpecKey> all = make_keys();
  return all;
}

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

std::string_view missing_condition_of_selector(std::string_view name,
                                               const ArraySpec& spec) {
  if (spec.cell.structure != "1S1R") return "cell.structure = \"1S1R\"";
  if (name == "model") return {};
  const bool of_exponential = name == "current_scale" || name == "voltage_scale";
  if (of_exponential == (spec.selector.model == "exponential")) return {};
  return of_exponential ? "selector.model = \"exponential\""
                        : "selector.model = \"threshold\"";
}

}  // namespace

std::string_view missing_condition(const SpecKey& key, const ArraySpec& spec) {
  if (key.section == "selector") return missing_condition_of_selector(key.name, spec);
  if (key.section == "access" && spec.cell.structure != "1T1R")
    return "cell.structure = \"1T1R\"";
  if (key.section != "sense") return {};
  constexpr std::array<std::string_view, 4> kAmplifier{"gain", "bandwidth", "clamp",
                                                       "offset"};
  const std::string& kind = spec.sense.kind;
  if (std::find(kAmplifier.begin(), kAmplifier.end(), key.name) != kAmplifier.end() &&
      kind == "virtual-ground")
    return "sense.kind = \"tia\" or \"integrator\"";
  if (key.name == "feedback_resistance" && kind != "tia") return "sense.kind = \"tia\"";
  if ((key.name == "feedback_capacitance" || key.name == "integration_time") &&
      kind != "integrator")
    return "sense.kind = \"integrator\"";
  return {};
}

std::string spec_value(const SpecKey& key, ArraySpec& spec) {
  if (const auto* text = std::get_if<SpecKey::Text>(&key.member))
    return fmt::format("\"{}\"", (*text)(spec));
  if (const auto* integer = std::get_if<SpecKey::Integer>(&key.member))
    return fmt::format("{}", (*integer)(spec));
  return fmt::format("{}", std::get<SpecKey::Number>(key.member)(spec));
}

std::span<const std::string_view> array_types() { return kTypes; }
std::span<const std::string_view> cell_structures() { return kStructures; }
std::span<const std::string_view> cell_models() { return kModels; }

}  // namespace arrayspice
