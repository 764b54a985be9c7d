// SPDX-License-Identifier: Apache-2.0
// The array spec: what `arrayspice generate`, `mvm`, `extract` and `export` build from.
// Keys, defaults, ranges and their documentation are one table in spec_table.cpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "devices/selector.hpp"
#include "devices/threshold_selector.hpp"
#include "netlists/diagnostic.hpp"

namespace arrayspice {

/// SI units throughout. Rows are word lines (inputs), columns are bit lines (outputs).
struct ArraySpec {
  struct Array {
    std::string type;  ///< a name of array_types()
    std::int64_t rows = 0, columns = 0;
    std::int64_t seed = 1;
    std::string pairs = "none";  ///< none | separate | interleaved
  } array;
  struct Cell {
    std::string structure = "1R";              ///< one that array.type offers
    std::string model = "ohmic";               ///< ohmic | sinh | cubic | stanford-rram
    double minimum = 1e-6, maximum = 1e-4;     ///< in the structure's unit of a weight
    std::int64_t bits = 4;                     ///< of a stored level
    double unit_capacitance = 2e-15;           ///< F
    double inner_capacitance = 0.0;            ///< F, at nodes inside a cell
    double unit_resistance = 5e3;              ///< ohm
    double output_conductance = 0.0;           ///< S
    double inverter_gain = 400.0;              ///< 1/V
    double inverter_delay = 1e-12;             ///< s
    std::map<std::string, double> parameters;  ///< [cell.parameters]
  } cell;
  struct Wire {
    double word_line_resistance = 1.0, bit_line_resistance = 1.0;    ///< ohm per segment
    double word_line_capacitance = 0.0, bit_line_capacitance = 0.0;  ///< F per segment
    double coupling_capacitance = 0.0;                               ///< F per segment
  } wire;
  struct Driver {
    double resistance = 0.0;     ///< ohm
    std::string sides = "left";  ///< left | both
  } driver;
  struct Sense {
    std::string kind = "virtual-ground";  ///< one that cell.structure allows
    double resistance = 0.0;              ///< ohm
    std::string sides = "bottom";         ///< bottom | both
    // tia, integrator: single-pole op-amp macro
    double gain = 1e5;                      ///< V/V, open loop
    double bandwidth = 1e8;                 ///< Hz, gain-bandwidth product
    double clamp = 1.0;                     ///< V, output saturates softly at +-clamp
    double offset = 0.0;                    ///< V, input-referred
    double feedback_resistance = 1e4;       ///< ohm (tia)
    double feedback_capacitance = 1e-12;    ///< F (integrator)
    double integration_time = 1e-8;         ///< s (integrator)
    double load_conductance = 0.0;          ///< S, to ground
    double load_capacitance = 0.0;          ///< F, to ground
    double threshold = 0.4;                 ///< V
    double combining_capacitance = 1e-15;   ///< F, of the least significant bit
    double output_capacitance = 1e-15;      ///< F, of the combined output
    double sample_capacitance = 2e-15;      ///< F
    double comparator_delay = 2e-11;        ///< s
    double empty_level = 0.05;              ///< of the threshold (oscillator)
    double ramp_current = 2e-5;             ///< A
    std::string pole = "after-clamp";       ///< after-clamp | before-clamp
    double bias_current = 3e-3;             ///< A (regulated-cascode)
    double cascode_transconductance = 0.1;  ///< A/V^2, KP W/L (regulated-cascode)
    std::int64_t cycles = 4;                ///< (oscillator)
    std::int64_t bits = 4;                  ///< (sar)
    double supply_power = 0.0;              ///< W, of an amplifier or comparator
  } sense;
  struct Supply {
    double voltage = 0.8;  ///< V
    double reset = 0.0;    ///< V, of lines before the product
    double read = 0.2;     ///< V, of pulses on memory cells
  } supply;
  struct Switch {
    double on_resistance = 1e3, off_resistance = 1e13;  ///< ohm
    double overlap_capacitance = 0.0;                   ///< F, clock to the kept plate
    double channel_capacitance = 0.0;  ///< F, whose charge leaves when it opens
    double channel_threshold = 0.3;    ///< V, of that charge
  } contact;
  struct Divider {                      ///< of cells that pull a line or are in series
    double up_transconductance = 1e-4;  ///< A/V^2, KP of the PMOS
    double up_width_over_length = 2.0;
    double up_resistance = 3e4, down_resistance = 2e4;   ///< ohm
    double low_resistance = 3e3, high_resistance = 7e3;  ///< ohm
  } divider;
  struct Timing {
    double phase = 2e-9;   ///< s, of a clock phase
    double gap = 5e-10;    ///< s, between phases
    double edge = 2e-11;   ///< s, rise and fall of clocks and inputs
    double settle = 1e-8;  ///< s, from the last event to the reading
  } timing;
  struct Access {                    ///< the transistor of 1T1R, level 1
    double gate_voltage = 1.8;       ///< V, on every row
    double threshold = 0.4;          ///< V (VTO)
    double transconductance = 3e-4;  ///< A/V^2 (KP)
    double width_over_length = 10.0;
    double series_width_over_length = 2.0;   ///< of another transistor in series with it
    double pull_up_ratio = 4.0;              ///< KP W/L of a PMOS over that of `access`
    double channel_length_modulation = 0.0;  ///< 1/V (LAMBDA)
    double body_effect = 0.0;                ///< sqrt(V) (GAMMA)
    double surface_potential = 0.6;          ///< V (PHI)
  } access;
  struct SelectorChoice {               ///< the selector of 1S1R
    std::string model = "exponential";  ///< exponential | threshold
    Selector::Model exponential;
    ThresholdSelector::Model threshold;
  } selector;
  struct Input {
    double maximum = 0.2;  ///< in the structure's unit of an input
  } input;
  struct Environment {
    double temperature = 300.15;  ///< K
  } environment;
  struct Variation {
    std::int64_t chip = 0;           ///< which one of those of a seed
    double conductance_sigma = 0.0;  ///< relative, lognormal
    double stuck_off = 0.0;          ///< fraction of cells at cell.minimum
    double stuck_on = 0.0;           ///< fraction of cells at cell.maximum
    double capacitor_sigma = 0.0;    ///< relative, of a unit capacitor
    double resistor_sigma = 0.0;     ///< relative, lognormal
    // cells: programming, drift, reading
    std::string statistics = "generic";  ///< generic | pcm
    double programming_constant = 0.0;   ///< sigma/cell.maximum over g/cell.maximum
    double programming_linear = 0.0, programming_quadratic = 0.0;
    double programming_cubic = 0.0, programming_quartic = 0.0;
    double read_noise = 0.0;            ///< relative, of every product
    double read_duration = 2.5e-7;      ///< s (pcm)
    double time = 0.0;                  ///< s, since drift_start
    double drift_start = 20.0;          ///< s, after programming
    double drift_exponent = 0.0;        ///< mean
    double drift_exponent_sigma = 0.0;  ///< absolute
    // transistors (Pelgrom)
    double threshold_coefficient = 0.0;  ///< V m
    double gain_coefficient = 0.0;       ///< m
    double channel_length = 6e-8;        ///< m
    // circuit
    double wire_resistance_sigma = 0.0;   ///< relative, lognormal, of a line
    double wire_capacitance_sigma = 0.0;  ///< relative, lognormal, of a line
    double driver_resistance_sigma = 0.0;
    double amplifier_offset_sigma = 0.0;   ///< V
    double comparator_offset_sigma = 0.0;  ///< V
    double supply_sigma = 0.0;             ///< relative
    double jitter = 0.0;                   ///< s, of every edge of every product
  } variation;
  struct Noise {
    std::int64_t thermal = 0;  ///< 1: kT/C of the charges that switches leave
    double bandwidth = 0.0;    ///< Hz, of thermal currents
    double sense = 0.0;        ///< rms, in the output's unit
    double comparator = 0.0;   ///< V rms, of every decision
  } noise;
  struct Converter {
    std::int64_t dac_bits = 0;    ///< 0: inputs as they are
    double dac_unit_sigma = 0.0;  ///< relative, of a unit element
    std::string adc = "none";     ///< none | ideal | sar | ramp | tdc
    std::int64_t adc_bits = 8;
    std::string range = "full-scale";  ///< full-scale | fixed
    double minimum = 0.0, maximum = 0.0;
    double capacitor_sigma = 0.0;    ///< relative, of a unit capacitor (sar)
    double comparator_offset = 0.0;  ///< sigma, LSB
    double comparator_noise = 0.0;   ///< rms, LSB
    double slope_error = 0.0;        ///< relative (ramp)
    double slope_error_sigma = 0.0;  ///< relative (ramp)
    double comparator_delay = 0.0;   ///< clock periods (ramp)
    double time_step = 1e-11;        ///< s (tdc)
    double time_step_sigma = 0.0;    ///< relative, of an element (tdc)
  } converter;
};

/// Reads a spec and applies `--set section.key=value` overrides, in order. Nullopt when
/// there was an error. Throws Failure(Exit::Resource) when the file cannot be read.
std::optional<ArraySpec> read_spec(const std::filesystem::path& path,
                                   const std::vector<std::string>& overrides,
                                   Sources& sources, Diagnostics& diagnostics);
std::optional<ArraySpec> read_spec_text(std::string text, const std::string& name,
                                        const std::vector<std::string>& overrides,
                                        Sources& sources, Diagnostics& diagnostics);

/// The spec as canonical TOML with every key, also the defaults: the record kept beside
/// every output. Reading it back gives the same spec.
std::string write_spec(const ArraySpec& spec);

/// Does the sense circuit hold an amplifier, with its virtual ground and output?
bool uses_amplifier(const ArraySpec& spec);

/// Every key with unit, default, what is allowed and what it means, as a Markdown table.
std::string describe_spec_keys();

}  // namespace arrayspice
