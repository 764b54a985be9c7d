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
// Sense: a virtual ground (an ammeter), a transimpedance amplifier, or an integrator.
#include <array>

#include "netlists/arrays/array_type.hpp"
#include "netlists/arrays/wires.hpp"

namespace arrayspice {

namespace {

class CurrentDomain : public ArrayDescription {
 public:
  using ArrayDescription::ArrayDescription;

  void describe(const Matrix& conductances, std::span<const double> inputs) {
    if (spec_.cell.structure == "1T1R") access_model();
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

  void word_line(std::int64_t i, double volt) {
    wires_.word_line(i, volt);
    if (spec_.cell.structure == "1T1R")
      sink_.source({"Vgate", i}, at_.gate(i), kGroundName, spec_.access.gate_voltage);
  }

  void cell(std::int64_t i, std::int64_t j, double siemens) {
    const Name top = at_.word_line(i, j), bottom = at_.bit_line(i, j);
    if (spec_.cell.structure == "1R") return sink_.cell(i, j, top, bottom, siemens);
    sink_.cell(i, j, top, at_.middle(i, j), siemens);
    if (spec_.cell.structure == "1S1R")
      return sink_.selector({"Nsel", i, j}, at_.middle(i, j), bottom);
    sink_.device(
        {"Maccess", i, j}, {at_.middle(i, j), at_.gate(i), bottom, kGroundName}, "access",
        {{"w", spec_.access.width_over_length * kChannelLength}, {"l", kChannelLength}});
  }

  void sense(std::int64_t j) {
    if (spec_.sense.kind == "virtual-ground")
      return sink_.source({"Vsense", j}, at_.sense(j), kGroundName, 0.0);
    const Name input = at_.virtual_ground(j), output = at_.output(j);
    sink_.source({"Vsense", j}, at_.sense(j), input, 0.0);
    if (spec_.sense.kind == "tia")
      sink_.resistor({"Rfeedback", j}, input, output, spec_.sense.feedback_resistance);
    else
      sink_.capacitor({"Cfeedback", j}, input, output, spec_.sense.feedback_capacitance);
    sink_.amplifier({"amp", j}, input, output);
  }
};

Experiment experiment(const ArraySpec& spec) {
  if (spec.sense.kind == "virtual-ground")
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

/// I = sum G V; -Rf I behind an amplifier; -I t/Cf behind an integrator.
Matrix ideal(const ArraySpec& spec, const Matrix& weights, const Matrix& inputs) {
  Matrix outputs = product(inputs, weights);
  const auto& s = spec.sense;
  const double factor = s.kind == "tia" ? -s.feedback_resistance
                        : s.kind == "integrator"
                            ? -s.integration_time / s.feedback_capacitance
                            : 1.0;
  for (double& y : outputs.values) y *= factor;
  return outputs;
}

void set_defaults(ArraySpec&) {}
std::string contradiction(const ArraySpec&) { return {}; }

constexpr std::array<std::string_view, 3> kSenses{"virtual-ground", "tia", "integrator"};
constexpr auto kKeys = std::to_array<std::string_view>(
    {"cell.model", "access.gate_voltage", "access.threshold", "access.transconductance",
     "access.width_over_length", "access.channel_length_modulation", "access.body_effect",
     "access.surface_potential", "selector"});
constexpr Domain kConductance{"S", 1e-6, 1e-4}, kVoltage{"V", -0.2, 0.2};
constexpr std::array kStructures{
    CellStructure{"1R", "the memory cell alone", kConductance, kVoltage, kSenses},
    CellStructure{"1T1R", "in series with an access transistor", kConductance, kVoltage,
                  kSenses},
    CellStructure{"1S1R", "in series with a selector", kConductance, kVoltage, kSenses}};

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
