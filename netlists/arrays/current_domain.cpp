// SPDX-License-Identifier: Apache-2.0
// The current-domain array: every cell adds its current to its bit line, whose end is
// held at (nearly) 0 V.
//
//   in_i --[driver]-- word line i --+----------------+---
//                                 [cell i0]        [cell i1]
//                                   |                |
//                                bit line 0       bit line 1
//                                   |                |
//                             [sense 0] 0 V    [sense 1] 0 V      I_j = sum_i G_ij V_i
//
// Sense: a virtual ground (an ammeter), a transimpedance amplifier, the time that its
// output takes to a threshold once the inputs have stepped from 0, an integrator, or a
// regulated cascode: an amplifier holds the bit line by the gate of a PMOS, whose drain
// passes the current on. It conducts one way only, so a bias current goes through it too:
//
//   I_b --+-- bit line j -- sns_j --+-- source [cascode] drain --+-- Vsense_j -- vss
//                                   |            |gate           |
//                                 [amp]-- out_j -+              I_b to gnd
//
// In a gate-input cell the input is a bit at the gate of its transistor; the current
// comes from a source line:
//
//   sl (V_read) --[transistor ij, gate in_i]--[cell ij]-- bit line j
//
//   I_j = V_read sum_i G_ij x_i
#include <array>
#include <cmath>
#include <numbers>

#include "netlists/arrays/array_type.hpp"
#include "netlists/arrays/crossing_time.hpp"
#include "netlists/arrays/reset_line.hpp"
#include "netlists/arrays/wires.hpp"

namespace arrayspice {

namespace {

constexpr Name kSourceLine{"sl"}, kNegativeSupply{"vss"};

bool is_gated(const ArraySpec& spec) { return spec.cell.structure == "gate-input"; }
/// The output is when an amplifier passes the threshold.
bool times(const ArraySpec& spec) { return spec.sense.kind == "crossing-time"; }
bool has_feedback_resistor(const ArraySpec& spec) {
  return spec.sense.kind == "tia" || times(spec);
}

class CurrentDomain : public ArrayDescription {
 public:
  using ArrayDescription::ArrayDescription;

  void describe(const Matrix& conductances, std::span<const double> inputs) {
    if (has_transistors()) access_model();
    if (is_gated(spec_))
      sink_.source({"Vread"}, kSourceLine, kGroundName, spec_.supply.read);
    if (spec_.sense.kind == "regulated-cascode") cascode_model();
    for (std::int64_t i = 0; i < spec_.array.rows; ++i) word_line(i, inputs[i]);
    each_cell([&](std::int64_t i, std::int64_t j) {
      if (conductances(i, j) > 0.0) cell(i, j, conductances(i, j));
    });
    each_column([&](std::int64_t j) { wires_.bit_line(j); });
    each_column([&](std::int64_t j) { sense(j); });
    wires_.coupling();
  }

 private:
  /// The bulk junctions are made negligible: the access device is an ideal channel.
  void access_model() {
    const auto& a = spec_.access;
    sink_.model("access", 'm', "nmos",
                {{"vto", a.threshold},
                 {"kp", a.transconductance},
                 {"lambda", a.channel_length_modulation},
                 {"gamma", a.body_effect},
                 {"phi", a.surface_potential},
                 {"is", 1e-30}});
  }

  bool has_transistors() const {
    return spec_.cell.structure == "1T1R" || is_gated(spec_);
  }

  void word_line(std::int64_t i, double input) {
    const double volt = is_gated(spec_) ? input * spec_.access.gate_voltage : input;
    wires_.word_line(i, times(spec_)
                            ? step(0.0, volt, product_start(spec_), spec_.timing.edge)
                            : Signal(volt));
    if (spec_.cell.structure == "1T1R")
      sink_.source({"Vgate", i}, at_.gate(i), kGroundName, spec_.access.gate_voltage);
  }

  void cell(std::int64_t i, std::int64_t j, double siemens) {
    const Name top = at_.word_line(i, j), bottom = at_.bit_line(i, j);
    if (is_gated(spec_)) {
      const Name middle = at_.middle(i, j);
      access({"Maccess", i, j}, {kSourceLine, top, middle, kGroundName});
      return sink_.cell(i, j, middle, bottom, siemens);
    }
    if (spec_.cell.structure == "1R") return sink_.cell(i, j, top, bottom, siemens);
    sink_.cell(i, j, top, at_.middle(i, j), siemens);
    if (spec_.cell.structure == "1S1R")
      return sink_.selector({"Nsel", i, j}, at_.middle(i, j), bottom);
    access({"Maccess", i, j}, {at_.middle(i, j), at_.gate(i), bottom, kGroundName});
  }

  void access(const Name& name, NetlistSink::Pins pins) {
    sink_.device(
        name, pins, "access",
        {{"w", spec_.access.width_over_length * kChannelLength}, {"l", kChannelLength}});
  }

  void sense(std::int64_t j) {
    if (spec_.sense.kind == "virtual-ground")
      return sink_.source({"Vsense", j}, at_.sense(j), kGroundName, 0.0);
    if (spec_.sense.kind == "regulated-cascode") return cascode(j);
    const Name input = at_.virtual_ground(j), output = at_.output(j);
    sink_.source({"Vsense", j}, at_.sense(j), input, 0.0);
    if (has_feedback_resistor(spec_))
      sink_.resistor({"Rfeedback", j}, input, output, spec_.sense.feedback_resistance);
    else
      sink_.capacitor({"Cfeedback", j}, input, output, spec_.sense.feedback_capacitance);
    sink_.amplifier({"amp", j}, input, output);
  }

  void cascode_model() {
    sink_.model("cascode", 'm', "pmos",
                {{"vto", -spec_.access.threshold},
                 {"kp", spec_.sense.cascode_transconductance},
                 {"lambda", spec_.access.channel_length_modulation},
                 {"is", 1e-30}});
    sink_.source({"Vss"}, kNegativeSupply, kGroundName, -spec_.supply.voltage);
  }

  void cascode(std::int64_t j) {
    const Name line = at_.sense(j), gate = at_.output(j), drain{"cas", j};
    sink_.source({"Ibias", j}, kGroundName, line, spec_.sense.bias_current);
    sink_.device({"Mcascode", j}, {drain, gate, line, line}, "cascode",
                 {{"w", kChannelLength}, {"l", kChannelLength}});
    sink_.amplifier({"amp", j}, line, gate);
    sink_.source({"Ioff", j}, drain, kGroundName, spec_.sense.bias_current);
    sink_.source({"Vsense", j}, drain, kNegativeSupply, 0.0);
  }
};

/// Of the closed loop of an amplifier around conductances of `total`, s.
double settling_time_constant(const ArraySpec& spec, double total) {
  return (1.0 + spec.sense.feedback_resistance * total) /
         (2.0 * std::numbers::pi * spec.sense.bandwidth);
}

Experiment crossing_times(const ArraySpec& spec) {
  constexpr double kTimeConstants = 12.0, kSteps = 100.0;
  const double slowest = settling_time_constant(
      spec, static_cast<double>(spec.array.rows) * spec.cell.maximum);
  return {.stop = product_start(spec) + kTimeConstants * slowest,
          .max_step = slowest / kSteps,
          .start = product_start(spec),
          .unit = "s",
          .reading = [level = spec.sense.threshold,
                      from = product_start(spec)](std::int64_t j) {
            return Reading{{"out", j}, Reading::Event{level, level > 0.0, from}};
          }};
}

Experiment experiment(const ArraySpec& spec) {
  if (times(spec)) return crossing_times(spec);
  if (spec.sense.kind == "virtual-ground" || spec.sense.kind == "regulated-cascode")
    return {.unit = "A", .reading = [](std::int64_t j) {
              return Reading{{"Vsense", j}};
            }};
  Experiment voltages{.unit = "V", .reading = [](std::int64_t j) {
                        return Reading{{"out", j}};
                      }};
  if (spec.sense.kind == "integrator") {
    voltages.stop = spec.sense.integration_time;
    voltages.max_step = voltages.stop / 200;
    voltages.from_rest = true;
  }
  return voltages;
}

/// From the step of the inputs to the threshold, of outputs that end at `ends`.
Matrix to_threshold(const ArraySpec& spec, const Matrix& weights, Matrix ends) {
  for (std::int64_t j = 0; j < ends.columns; ++j) {
    double total = 0.0;
    for (std::int64_t i = 0; i < weights.rows; ++i) total += weights(i, j);
    const double tau = settling_time_constant(spec, total);
    for (std::int64_t k = 0; k < ends.rows; ++k)
      ends(k, j) = settling_crossing(tau, spec.sense.threshold, ends(k, j));
  }
  return ends;
}

/// I = sum G V; -Rf I behind an amplifier; -I t/Cf behind an integrator.
Matrix ideal(const ArraySpec& spec, const Matrix& weights, const Matrix& inputs) {
  Matrix outputs = product(inputs, weights);
  const auto& s = spec.sense;
  const double read = is_gated(spec) ? spec.supply.read : 1.0;
  const double factor = has_feedback_resistor(spec) ? -s.feedback_resistance
                        : s.kind == "integrator"
                            ? -s.integration_time / s.feedback_capacitance
                            : 1.0;
  for (double& y : outputs.values) y *= read * factor;
  if (times(spec)) return to_threshold(spec, weights, std::move(outputs));
  return outputs;
}

/// A cascode that takes every input at its maximum, both ways, at 0.3 V of overdrive.
void set_defaults(ArraySpec& spec) {
  const double most = static_cast<double>(spec.array.rows) * spec.cell.maximum *
                      (is_gated(spec) ? spec.supply.read : spec.input.maximum);
  spec.sense.bias_current = 1.25 * most;
  spec.sense.cascode_transconductance = 2.0 * 2.25 * most / (0.3 * 0.3);
  // Almost all outputs pass this part of the largest one; those of bits are larger.
  const double passed = is_gated(spec) ? 1.0 / 16.0 : 1.0 / 32.0;
  spec.sense.threshold = -passed * spec.sense.feedback_resistance * most;
}

std::string contradiction(const ArraySpec& spec) {
  if (spec.array.pairs == "interleaved" && is_gated(spec))
    return "interleaved pairs need inputs of both signs, and those at gates have none";
  if (spec.sense.kind == "regulated-cascode" && spec.sense.sides == "both")
    return "a cascode holds one end of a bit line, not both";
  if (times(spec) && spec.array.pairs == "separate")
    return "separate pairs are differences, and those of times say nothing";
  if (times(spec) && spec.sense.threshold == 0.0)
    return "outputs start at 0: 'sense.threshold' must be below or above it";
  return {};
}

constexpr std::array<std::string_view, 5> kSenses{
    "virtual-ground", "tia", "crossing-time", "integrator", "regulated-cascode"};
/// Selectors keep outputs too small for a threshold that they all pass.
constexpr std::array<std::string_view, 4> kSensesOfSelectors{
    "virtual-ground", "tia", "integrator", "regulated-cascode"};
constexpr auto kKeys = std::to_array<std::string_view>(
    {"array.pairs", "cell.model", "supply.voltage", "supply.read", "sense.bias_current",
     "sense.cascode_transconductance", "sense.threshold", "timing.phase", "timing.gap",
     "timing.edge", "access.gate_voltage", "access.threshold", "access.transconductance",
     "access.width_over_length", "access.channel_length_modulation", "access.body_effect",
     "access.surface_potential", "selector"});
constexpr Domain kConductance{"S", 1e-6, 1e-4}, kVoltage{"V", -0.2, 0.2};
constexpr std::array kStructures{
    CellStructure{"1R", "the memory cell alone", kConductance, kVoltage, kSenses},
    CellStructure{"1T1R", "in series with an access transistor", kConductance, kVoltage,
                  kSenses},
    CellStructure{"1S1R", "in series with a selector", kConductance, kVoltage,
                  kSensesOfSelectors},
    CellStructure{"gate-input",
                  "in series with a transistor whose gate is the input, a bit",
                  kConductance,
                  {"level", 0.0, 1.0},
                  kSenses}};

}  // namespace

extern const ArrayType kCurrentDomain{
    "current-domain",
    "currents of the cells add on bit lines that are held at 0 V",
    kStructures,
    kKeys,
    set_defaults,
    contradiction,
    describe_by<CurrentDomain>,
    experiment,
    ideal};

}  // namespace arrayspice
