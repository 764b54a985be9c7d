// SPDX-License-Identifier: Apache-2.0
// Every key of a spec: one row and one member of ArraySpec each.
#include <algorithm>
#include <array>

#include "netlists/arrays/array_type.hpp"
#include "netlists/arrays/spec_rows.hpp"

namespace arrayspice {

namespace {

using Spec = ArraySpec;

constexpr std::array<std::string_view, 4> kModels{"ohmic", "sinh", "cubic",
                                                  "stanford-rram"};
constexpr std::array<std::string_view, 2> kSelectors{"exponential", "threshold"};
constexpr std::array<std::string_view, 3> kPairs{"none", "separate", "interleaved"};
constexpr std::array<std::string_view, 2> kPoles{"after-clamp", "before-clamp"};
constexpr std::array<std::string_view, 2> kDriverSides{"left", "both"};
constexpr std::array<std::string_view, 2> kSenseSides{"bottom", "both"};
/// The different words that `of` collects from the types, in their order.
std::vector<std::string_view> words_of_types(void (*of)(const ArrayType&,
                                                        std::vector<std::string_view>&)) {
  std::vector<std::string_view> all, different;
  for (const ArrayType* type : array_types()) of(*type, all);
  for (const std::string_view word : all)
    if (std::find(different.begin(), different.end(), word) == different.end())
      different.push_back(word);
  return different;
}

std::span<const std::string_view> type_words() {
  static const auto words =
      words_of_types([](const ArrayType& type, auto& all) { all.push_back(type.name); });
  return words;
}

std::span<const std::string_view> structure_words() {
  static const auto words = words_of_types([](const ArrayType& type, auto& all) {
    for (const CellStructure& s : type.structures) all.push_back(s.name);
  });
  return words;
}

std::span<const std::string_view> sense_words() {
  static const auto words = words_of_types([](const ArrayType& type, auto& all) {
    for (const CellStructure& s : type.structures)
      all.insert(all.end(), s.senses.begin(), s.senses.end());
  });
  return words;
}

std::vector<SpecKey> array_and_cell_keys() {
  return {
      text(
          "array", "type", [](Spec & s) -> auto& { return s.array.type; }, type_words(),
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
          "array", "pairs", [](Spec & s) -> auto& { return s.array.pairs; }, kPairs,
          "signed weights on pairs of cells: separate columns for G+ and G-, or rows of "
          "both signs interleaved on one column"),
      text(
          "cell", "structure", [](Spec & s) -> auto& { return s.cell.structure; },
          structure_words(),
          "what a cell is made of; each type has its own, the first is the default"),
      text(
          "cell", "model", [](Spec & s) -> auto& { return s.cell.model; }, kModels,
          "current-voltage relation of the memory cell"),
      number(
          "cell", "minimum", [](Spec & s) -> auto& { return s.cell.minimum; }, "",
          kNotNegative, "smallest weight, in the structure's unit (S, F or level)"),
      number(
          "cell", "maximum", [](Spec & s) -> auto& { return s.cell.maximum; }, "",
          kPositive, "largest weight"),
      integer(
          "cell", "bits", [](Spec & s) -> auto& { return s.cell.bits; }, Range{1.0, 16.0},
          "of a weight that is stored as a level"),
      number(
          "cell", "unit_capacitance",
          [](Spec & s) -> auto& { return s.cell.unit_capacitance; }, "F", kPositive,
          "of a cell's capacitor, or of its least significant bit"),
      number(
          "cell", "inner_capacitance",
          [](Spec & s) -> auto& { return s.cell.inner_capacitance; }, "F", kNotNegative,
          "parasitic, to ground, of every node inside a cell"),
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
          "sense", "kind", [](Spec & s) -> auto& { return s.sense.kind; }, sense_words(),
          "the circuit at a bit line's end; each cell structure has its own, the first "
          "is "
          "the default"),
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
      text(
          "sense", "pole", [](Spec & s) -> auto& { return s.sense.pole; }, kPoles,
          "where the amplifier's pole is; before the clamp its state winds up"),
      number(
          "sense", "bias_current", [](Spec & s) -> auto& { return s.sense.bias_current; },
          "A", kPositive,
          "through the cascode beside that of its bit line, taken off again behind it "
          "(regulated-cascode)"),
      number(
          "sense", "cascode_transconductance",
          [](Spec & s) -> auto& { return s.sense.cascode_transconductance; }, "A/V^2",
          kPositive, "KP W/L of the cascode transistor (regulated-cascode)"),
      integer(
          "sense", "cycles", [](Spec & s) -> auto& { return s.sense.cycles; }, kCount,
          "over which a frequency is measured (oscillator, sense.kind = frequency)"),
      integer(
          "sense", "bits", [](Spec & s) -> auto& { return s.sense.bits; },
          Range{1.0, 12.0},
          "of a SAR that switches the capacitors of its column (sar); they take "
          "2^bits - 1 rows"),
      number(
          "sense", "supply_power", [](Spec & s) -> auto& { return s.sense.supply_power; },
          "W", kNotNegative,
          "of each amplifier and each comparator, while a product takes place; only the "
          "energy that extract reports depends on it"),
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
          "integrator; the inputs are applied at its start; oscillator: the longest "
          "measurement"),
      number(
          "sense", "load_conductance",
          [](Spec & s) -> auto& { return s.sense.load_conductance; }, "S", kNotNegative,
          "of the sense circuit's input, to ground"),
      number(
          "sense", "load_capacitance",
          [](Spec & s) -> auto& { return s.sense.load_capacitance; }, "F", kNotNegative,
          "of the sense circuit's input and the line's end, to ground"),
      number(
          "sense", "threshold", [](Spec & s) -> auto& { return s.sense.threshold; }, "V",
          kAny, "of the comparator"),
      number(
          "sense", "combining_capacitance",
          [](Spec & s) -> auto& { return s.sense.combining_capacitance; }, "F", kPositive,
          "that combines the bits of an output, of the least significant one"),
      number(
          "sense", "output_capacitance",
          [](Spec & s) -> auto& { return s.sense.output_capacitance; }, "F", kNotNegative,
          "at the node where the bits of an output are combined"),
  };
}

std::vector<SpecKey> supply_switch_and_timing_keys() {
  return {
      number(
          "supply", "voltage", [](Spec & s) -> auto& { return s.supply.voltage; }, "V",
          kPositive, "of drivers, clocks and cells"),
      number(
          "supply", "reset", [](Spec & s) -> auto& { return s.supply.reset; }, "V", kAny,
          "of the lines before the product"),
      number(
          "switch", "on_resistance",
          [](Spec & s) -> auto& { return s.contact.on_resistance; }, "ohm", kPositive,
          "closed"),
      number(
          "switch", "off_resistance",
          [](Spec & s) -> auto& { return s.contact.off_resistance; }, "ohm", kPositive,
          "open"),
      number(
          "switch", "overlap_capacitance",
          [](Spec & s) -> auto& { return s.contact.overlap_capacitance; }, "F",
          kNotNegative, "from the clock to the plate that keeps the charge"),
      number(
          "switch", "channel_capacitance",
          [](Spec & s) -> auto& { return s.contact.channel_capacitance; }, "F",
          kNotNegative,
          "of a switch's channel, whose charge leaves half by half when it opens"),
      number(
          "switch", "channel_threshold",
          [](Spec & s) -> auto& { return s.contact.channel_threshold; }, "V", kAny,
          "the channel's charge is its capacitance times what its clock is above this"),
      number(
          "timing", "phase", [](Spec & s) -> auto& { return s.timing.phase; }, "s",
          kPositive, "length of a clock phase"),
      number(
          "timing", "gap", [](Spec & s) -> auto& { return s.timing.gap; }, "s", kPositive,
          "between two clock phases"),
      number(
          "timing", "edge", [](Spec & s) -> auto& { return s.timing.edge; }, "s",
          kPositive, "rise and fall time of clocks and inputs"),
      number(
          "timing", "settle", [](Spec & s) -> auto& { return s.timing.settle; }, "s",
          kPositive, "from the last event to the reading of the outputs"),
  };
}

std::vector<SpecKey> charge_and_time_keys() {
  return {
      number(
          "cell", "unit_resistance",
          [](Spec & s) -> auto& { return s.cell.unit_resistance; }, "ohm", kPositive,
          "load of a delay stage, and what each level adds to it"),
      number(
          "cell", "inverter_gain", [](Spec & s) -> auto& { return s.cell.inverter_gain; },
          "1/V", kPositive,
          "K of the inverter VDD/2 (1 - tanh(K (v - VDD/2))) of a delay chain"),
      number(
          "cell", "inverter_delay",
          [](Spec & s) -> auto& { return s.cell.inverter_delay; }, "s", kPositive,
          "time constant of that inverter"),
      number(
          "cell", "output_conductance",
          [](Spec & s) -> auto& { return s.cell.output_conductance; }, "S", kNotNegative,
          "of a switched current source, to the supply"),
      number(
          "sense", "sample_capacitance",
          [](Spec & s) -> auto& { return s.sense.sample_capacitance; }, "F", kPositive,
          "that the bit line shares its charge with (sample)"),
      number(
          "sense", "comparator_delay",
          [](Spec & s) -> auto& { return s.sense.comparator_delay; }, "s", kPositive,
          "time constant of the comparator (comparator)"),
      number(
          "sense", "empty_level", [](Spec & s) -> auto& { return s.sense.empty_level; },
          "", Range{1e-9, 0.9}, "part of its threshold that an oscillator is emptied to"),
      number(
          "sense", "ramp_current", [](Spec & s) -> auto& { return s.sense.ramp_current; },
          "A", kPositive, "that empties the integrator again (pwm)"),
      number(
          "supply", "read", [](Spec & s) -> auto& { return s.supply.read; }, "V",
          kPositive, "height of the pulses whose width is the input (pwm)"),
      number(
          "access", "series_width_over_length",
          [](Spec & s) -> auto& { return s.access.series_width_over_length; }, "",
          kPositive,
          "W/L of the other transistor in series (stack: the stored bit; starved: the "
          "inverter's pull-down)"),
      number(
          "access", "pull_up_ratio",
          [](Spec & s) -> auto& { return s.access.pull_up_ratio; }, "", kPositive,
          "KP W/L of the inverter's PMOS over that of access (starved)"),
  };
}

std::vector<SpecKey> access_and_input_keys() {
  return {
      number(
          "access", "gate_voltage",
          [](Spec & s) -> auto& { return s.access.gate_voltage; }, "V", kAny,
          "of every gate line (1T1R), of every pulse on a word line (1T, stack)"),
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
          "input", "maximum", [](Spec & s) -> auto& { return s.input.maximum; }, "",
          kPositive,
          "largest input, in the structure's unit (V or s); the least is minus that for "
          "voltages of both signs, else 0"),
  };
}

std::vector<SpecKey> divider_keys() {
  return {
      number(
          "divider", "up_transconductance",
          [](Spec & s) -> auto& { return s.divider.up_transconductance; }, "A/V^2",
          kPositive, "KP of the transistor that pulls up; [access] is that for down"),
      number(
          "divider", "up_width_over_length",
          [](Spec & s) -> auto& { return s.divider.up_width_over_length; }, "", kPositive,
          "W/L of the transistor that pulls up"),
      number(
          "divider", "up_resistance",
          [](Spec & s) -> auto& { return s.divider.up_resistance; }, "ohm", kNotNegative,
          "of a cell that pulls up, in series with its switch"),
      number(
          "divider", "down_resistance",
          [](Spec & s) -> auto& { return s.divider.down_resistance; }, "ohm",
          kNotNegative, "of a cell that pulls down"),
      number(
          "divider", "low_resistance",
          [](Spec & s) -> auto& { return s.divider.low_resistance; }, "ohm", kNotNegative,
          "of a cell in series whose bit equals the input (R_P of an MTJ)"),
      number(
          "divider", "high_resistance",
          [](Spec & s) -> auto& { return s.divider.high_resistance; }, "ohm",
          kNotNegative, "of one whose bit differs from it (R_AP)"),
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

/// Sections in the order in which they are first named, each in one piece.
std::vector<SpecKey> make_keys() {
  std::vector<SpecKey> all;
  std::vector<std::string_view> sections;
  for (const auto& part :
       {array_and_cell_keys(), wire_and_driver_keys(), sense_keys(),
        supply_switch_and_timing_keys(), charge_and_time_keys(), access_and_input_keys(),
        selector_keys(), divider_keys(), chip_keys()})
    for (const SpecKey& key : part) {
      all.push_back(key);
      if (std::find(sections.begin(), sections.end(), key.section) == sections.end())
        sections.push_back(key.section);
    }
  const auto place = [&](const SpecKey& key) {
    return std::find(sections.begin(), sections.end(), key.section) - sections.begin();
  };
  std::stable_sort(all.begin(), all.end(), [&](const SpecKey& a, const SpecKey& b) {
    return place(a) < place(b);
  });
  return all;
}

}  // namespace

std::span<const SpecKey> spec_keys() {
  static const std::vector<SpecKey> all = make_keys();
  return all;
}

std::span<const std::string_view> cell_models() { return kModels; }

}  // namespace arrayspice
