// SPDX-License-Identifier: Apache-2.0
// Keys of a spec that say how chips differ, what is noise, and how outputs become codes.
#include <array>

#include "netlists/arrays/spec_rows.hpp"

namespace arrayspice {

namespace {

using Spec = ArraySpec;
constexpr Range kSwitch{0.0, 1.0}, kDacBits{0.0, 12.0}, kAdcBits{1.0, 16.0};
constexpr Range kSlopeError{-0.9, 10.0};
constexpr std::array<std::string_view, 2> kStatistics{"generic", "pcm"};
constexpr std::array<std::string_view, 5> kAdcs{"none", "ideal", "sar", "ramp", "tdc"};
constexpr std::array<std::string_view, 2> kRanges{"full-scale", "fixed"};

std::vector<SpecKey> cell_variation_keys() {
  return {
      number(
          "environment", "temperature",
          [](Spec & s) -> auto& { return s.environment.temperature; }, "K", kPositive,
          "of all devices that know it, and of thermal noise"),
      integer(
          "variation", "chip", [](Spec & s) -> auto& { return s.variation.chip; },
          kNotNegative,
          "which of the chips that a seed makes; weights that are drawn are those of all "
          "of them"),
      number(
          "variation", "conductance_sigma",
          [](Spec & s) -> auto& { return s.variation.conductance_sigma; }, "",
          kNotNegative,
          "standard deviation of a cell's conductance (or current) over its mean, "
          "lognormal; the mean is the programmed value"),
      number(
          "variation", "stuck_off",
          [](Spec & s) -> auto& { return s.variation.stuck_off; }, "", kFraction,
          "fraction of cells that stay at cell.minimum"),
      number(
          "variation", "stuck_on", [](Spec & s) -> auto& { return s.variation.stuck_on; },
          "", kFraction, "fraction of cells that stay at cell.maximum"),
      text(
          "variation", "statistics",
          [](Spec & s) -> auto& { return s.variation.statistics; }, kStatistics,
          "generic: what the keys here say; pcm: programming, drift and reading noise of "
          "phase-change memory besides, at the scale of cell.maximum"),
      number(
          "variation", "programming_constant",
          [](Spec & s) -> auto& { return s.variation.programming_constant; }, "", kAny,
          "c0 of the standard deviation c0 + c1 u + ... + c4 u^4 of what programming "
          "adds to a conductance, over cell.maximum; u: the target over cell.maximum"),
      number(
          "variation", "programming_linear",
          [](Spec & s) -> auto& { return s.variation.programming_linear; }, "", kAny,
          "c1"),
      number(
          "variation", "programming_quadratic",
          [](Spec & s) -> auto& { return s.variation.programming_quadratic; }, "", kAny,
          "c2"),
      number(
          "variation", "programming_cubic",
          [](Spec & s) -> auto& { return s.variation.programming_cubic; }, "", kAny,
          "c3"),
      number(
          "variation", "programming_quartic",
          [](Spec & s) -> auto& { return s.variation.programming_quartic; }, "", kAny,
          "c4"),
      number(
          "variation", "read_noise",
          [](Spec & s) -> auto& { return s.variation.read_noise; }, "", kNotNegative,
          "standard deviation of a reading over the conductance, drawn for every cell "
          "and product"),
      number(
          "variation", "read_duration",
          [](Spec & s) -> auto& { return s.variation.read_duration; }, "s", kPositive,
          "of a reading (statistics = pcm)"),
      number(
          "variation", "time", [](Spec & s) -> auto& { return s.variation.time; }, "s",
          kNotNegative,
          "since drift_start: conductances have fallen by ((time + "
          "drift_start)/drift_start)^-nu"),
      number(
          "variation", "drift_start",
          [](Spec & s) -> auto& { return s.variation.drift_start; }, "s", kPositive,
          "from programming to the time of the programmed value"),
      number(
          "variation", "drift_exponent",
          [](Spec & s) -> auto& { return s.variation.drift_exponent; }, "", kAny,
          "mean of nu"),
      number(
          "variation", "drift_exponent_sigma",
          [](Spec & s) -> auto& { return s.variation.drift_exponent_sigma; }, "",
          kNotNegative, "standard deviation of nu"),
  };
}

std::vector<SpecKey> circuit_variation_keys() {
  return {
      number(
          "variation", "capacitor_sigma",
          [](Spec & s) -> auto& { return s.variation.capacitor_sigma; }, "", kNotNegative,
          "standard deviation of a capacitor of cell.unit_capacitance over its mean; n "
          "units: over sqrt(n)"),
      number(
          "variation", "resistor_sigma",
          [](Spec & s) -> auto& { return s.variation.resistor_sigma; }, "", kNotNegative,
          "the same of resistors in cells (delay-chain) and of feedback resistors (tia), "
          "lognormal"),
      number(
          "variation", "threshold_coefficient",
          [](Spec & s) -> auto& { return s.variation.threshold_coefficient; }, "V m",
          kNotNegative, "A_VT: the threshold of a transistor differs by A_VT/sqrt(W L)"),
      number(
          "variation", "gain_coefficient",
          [](Spec & s) -> auto& { return s.variation.gain_coefficient; }, "m",
          kNotNegative, "A_beta: its gain factor by A_beta/sqrt(W L), relative"),
      number(
          "variation", "channel_length",
          [](Spec & s) -> auto& { return s.variation.channel_length; }, "m", kPositive,
          "L of these; W follows from the W/L of the transistor"),
      number(
          "variation", "wire_resistance_sigma",
          [](Spec & s) -> auto& { return s.variation.wire_resistance_sigma; }, "",
          kNotNegative, "of all segments of a line together, lognormal"),
      number(
          "variation", "wire_capacitance_sigma",
          [](Spec & s) -> auto& { return s.variation.wire_capacitance_sigma; }, "",
          kNotNegative,
          "of the capacitance of a line to ground or to the next line, lognormal"),
      number(
          "variation", "driver_resistance_sigma",
          [](Spec & s) -> auto& { return s.variation.driver_resistance_sigma; }, "",
          kNotNegative, "of each driver, lognormal"),
      number(
          "variation", "amplifier_offset_sigma",
          [](Spec & s) -> auto& { return s.variation.amplifier_offset_sigma; }, "V",
          kNotNegative, "of the offset of each sense amplifier, beside sense.offset"),
      number(
          "variation", "comparator_offset_sigma",
          [](Spec & s) -> auto& { return s.variation.comparator_offset_sigma; }, "V",
          kNotNegative,
          "of the offset of each comparator, and of the inverters of a delay chain"),
      number(
          "variation", "supply_sigma",
          [](Spec & s) -> auto& { return s.variation.supply_sigma; }, "", kNotNegative,
          "of supply.voltage, one draw for the chip"),
      number(
          "variation", "jitter", [](Spec & s) -> auto& { return s.variation.jitter; },
          "s", kNotNegative,
          "standard deviation of the time of every edge of inputs and clocks, drawn for "
          "every product"),
      integer(
          "noise", "thermal", [](Spec & s) -> auto& { return s.noise.thermal; }, kSwitch,
          "1: kT/C of the charge that opening switches leave, drawn for every product"),
      number(
          "noise", "bandwidth", [](Spec & s) -> auto& { return s.noise.bandwidth; }, "Hz",
          kNotNegative,
          "in which thermal currents are sensed (virtual-ground), drawn for every "
          "product"),
      number(
          "noise", "sense", [](Spec & s) -> auto& { return s.noise.sense; }, "",
          kNotNegative,
          "of the sense circuit itself, rms in the output's unit, drawn for every "
          "product"),
      number(
          "noise", "comparator", [](Spec & s) -> auto& { return s.noise.comparator; },
          "V", kNotNegative,
          "rms of what a comparator adds to its input, drawn for every decision "
          "(comparator, sar, frequency, count)"),
  };
}

std::vector<SpecKey> converter_keys() {
  return {
      integer(
          "converter", "dac_bits", [](Spec & s) -> auto& { return s.converter.dac_bits; },
          kDacBits,
          "inputs are the nearest of 2^dac_bits levels from the least to the largest "
          "input; 0: as they are"),
      number(
          "converter", "dac_unit_sigma",
          [](Spec & s) -> auto& { return s.converter.dac_unit_sigma; }, "", kNotNegative,
          "relative, of the 2^dac_bits - 1 elements of each row's converter whose sum is "
          "the level"),
      text(
          "converter", "adc", [](Spec & s) -> auto& { return s.converter.adc; }, kAdcs,
          "of the outputs: ideal quantiser, SAR with binary-weighted capacitors, "
          "single-slope ramp, or a delay line for times"),
      integer(
          "converter", "adc_bits", [](Spec & s) -> auto& { return s.converter.adc_bits; },
          kAdcBits, "codes 0 to 2^adc_bits - 1"),
      text(
          "converter", "range", [](Spec & s) -> auto& { return s.converter.range; },
          kRanges,
          "full-scale: of what array, ranges of weights and inputs allow without "
          "non-idealities; fixed: minimum to maximum"),
      number(
          "converter", "minimum", [](Spec & s) -> auto& { return s.converter.minimum; },
          "", kAny, "output of code 0 (range = fixed)"),
      number(
          "converter", "maximum", [](Spec & s) -> auto& { return s.converter.maximum; },
          "", kAny, "output of the last code"),
      number(
          "converter", "capacitor_sigma",
          [](Spec & s) -> auto& { return s.converter.capacitor_sigma; }, "", kNotNegative,
          "relative, of a unit capacitor (sar); n units: over sqrt(n)"),
      number(
          "converter", "comparator_offset",
          [](Spec & s) -> auto& { return s.converter.comparator_offset; }, "",
          kNotNegative, "standard deviation of the comparator's offset, LSB (sar, ramp)"),
      number(
          "converter", "comparator_noise",
          [](Spec & s) -> auto& { return s.converter.comparator_noise; }, "",
          kNotNegative, "rms of every decision, LSB (sar, ramp)"),
      number(
          "converter", "slope_error",
          [](Spec & s) -> auto& { return s.converter.slope_error; }, "", kSlopeError,
          "the ramp is so much steeper than it should be, relative"),
      number(
          "converter", "slope_error_sigma",
          [](Spec & s) -> auto& { return s.converter.slope_error_sigma; }, "",
          kNotNegative, "standard deviation of that, one draw for the chip"),
      number(
          "converter", "comparator_delay",
          [](Spec & s) -> auto& { return s.converter.comparator_delay; }, "",
          kNotNegative, "clock periods by which the ramp's comparator is late"),
      number(
          "converter", "time_step",
          [](Spec & s) -> auto& { return s.converter.time_step; }, "s", kPositive,
          "of an element of the delay line (tdc); the range begins at 0"),
      number(
          "converter", "time_step_sigma",
          [](Spec & s) -> auto& { return s.converter.time_step_sigma; }, "", kNotNegative,
          "relative, of each element of each column"),
  };
}

}  // namespace

std::vector<SpecKey> chip_keys() {
  std::vector<SpecKey> all = cell_variation_keys();
  for (const auto& part : {circuit_variation_keys(), converter_keys()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace arrayspice
