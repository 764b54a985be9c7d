// SPDX-License-Identifier: Apache-2.0
// The charge-domain array: cells take charge from (or bring it to) a capacitor, for as
// long as their input says.
//
//   V_rst --[rst]--+-- out_j (bit line, C_BL) --[smp]--+-- smp_j
//                  |                                   C_s        sense "sample" only
//   in_i --+-------|--------------
//          |     [cell ij]           pulse of width T_i and height access.gate_voltage
//
//   1T         an NMOS as wide as its level, I0 the current of level 1 in saturation:
//              V_j = V_rst - (I0/C_BL) sum_i w_ij T_i,   I0 = KP/2 W/L (V_gate - VTO)^2
//   stack      two NMOS in series: the upper's gate is the word line, that of the lower
//              the stored bit, VDD or 0; the node between them has a capacitance
//   capacitor  the weight is a capacitance between word line and the virtual ground of a
//              charge amplifier (reset_line.hpp), inputs are steps of V_i:
//              V_j = -sum_i C_ij V_i/Cf; sense "crossing-time": how long the output
//              takes to a threshold, by tau = (Cf + Cp + sum_i C_ij)/(2 pi GBW Cf)
#include <array>
#include <cmath>

#include "netlists/arrays/array_type.hpp"
#include "netlists/arrays/clocks.hpp"
#include "netlists/arrays/crossing_time.hpp"
#include "netlists/arrays/reset_line.hpp"
#include "netlists/arrays/wires.hpp"

namespace arrayspice {

namespace {

bool has_bit_line_sense(const ArraySpec& spec) {
  return spec.cell.structure != "capacitor";
}
bool samples(const ArraySpec& spec) { return spec.sense.kind == "sample"; }

constexpr double kTwoPi = 6.283185307179586;
bool times(const ArraySpec& spec) { return spec.sense.kind == "crossing-time"; }

/// All pulses have ended and the lines have settled.
double product_end(const ArraySpec& spec) {
  const double longest = has_bit_line_sense(spec) ? spec.input.maximum : 0.0;
  return product_start(spec) + longest + spec.timing.settle;
}

double line_capacitance(const ArraySpec& spec) {
  return spec.sense.load_capacitance +
         static_cast<double>(spec.array.rows) * spec.wire.bit_line_capacitance;
}

class ChargeDomain : public ArrayDescription {
 public:
  using ArrayDescription::ArrayDescription;

  void describe(const Matrix& weights, std::span<const double> inputs) {
    switch_model(spec_, sink_);
    reset_clock(spec_, sink_);
    if (has_bit_line_sense(spec_)) supplies();
    for (std::int64_t i = 0; i < spec_.array.rows; ++i)
      wires_.word_line(i, word_signal(inputs[static_cast<std::size_t>(i)]));
    each_cell([&](std::int64_t i, std::int64_t j) {
      if (weights(i, j) > 0.0 || spec_.cell.structure == "stack")
        cell(i, j, weights(i, j));
    });
    each_column([&](std::int64_t j) { bit_line(j); });
    wires_.coupling();
  }

 private:
  void supplies() {
    const auto& a = spec_.access;
    sink_.model("access", 'm', "nmos",
                {{"vto", a.threshold},
                 {"kp", a.transconductance},
                 {"lambda", a.channel_length_modulation},
                 {"gamma", a.body_effect},
                 {"phi", a.surface_potential},
                 {"is", 1e-30}});
    sink_.source({"Vreset"}, {"vr"}, kGroundName, spec_.supply.reset);
    sink_.source({"Vdd"}, {"vdd"}, kGroundName, spec_.supply.voltage);
    if (samples(spec_))
      sink_.source(
          {"Vsmp"}, {"smp"}, kGroundName,
          step(0.0, spec_.supply.voltage, product_end(spec_), spec_.timing.edge));
  }

  Signal word_signal(double input) const {
    const double start = product_start(spec_), edge = spec_.timing.edge;
    if (has_bit_line_sense(spec_))
      return width_pulse(spec_.access.gate_voltage, start, input, edge);
    return step(0.0, input, start, edge);
  }

  void cell(std::int64_t i, std::int64_t j, double weight) {
    const Name line = at_.bit_line(i, j), input = at_.word_line(i, j);
    if (spec_.cell.structure == "1T")
      transistor({"Mcell", i, j}, line, input, kGroundName,
                 weight * spec_.access.width_over_length);
    else if (spec_.cell.structure == "stack")
      stack(i, j, line, input, weight > 0.0 ? Name{"vdd"} : kGroundName);
    else
      sink_.capacitor({"Ccell", i, j}, input, line, weight);
  }

  void stack(std::int64_t i, std::int64_t j, const Name& line, const Name& input,
             const Name& stored) {
    const Name middle = at_.middle(i, j);
    transistor({"Mupper", i, j}, line, input, middle, spec_.access.width_over_length);
    transistor({"Mlower", i, j}, middle, stored, kGroundName,
               spec_.access.series_width_over_length);
    sink_.capacitor({"Cinner", i, j}, middle, kGroundName, spec_.cell.inner_capacitance);
    sink_.initial(middle, 0.0);
  }

  void transistor(const Name& name, const Name& drain, const Name& gate,
                  const Name& source, double width_over_length) {
    sink_.device(name, {drain, gate, source, kGroundName}, "access",
                 {{"w", width_over_length * kChannelLength}, {"l", kChannelLength}});
  }

  void bit_line(std::int64_t j) {
    wires_.bit_line(j);
    const Name end = at_.sense(j);
    wires_.capacitance({"Cload", j}, end, kGroundName, spec_.sense.load_capacitance);
    if (!has_bit_line_sense(spec_)) return charge_amplifier(spec_, at_, j, sink_);
    sink_.device({"Srst", j}, {{"vr"}, end, {"rst"}, kGroundName}, "contact", {});
    if (!samples(spec_)) return;
    const Name sample{"smp", j};
    sink_.device({"Ssmp", j}, {end, sample, {"smp"}, kGroundName}, "contact", {});
    sink_.capacitor({"Csmp", j}, sample, kGroundName, spec_.sense.sample_capacitance);
    sink_.initial(sample, 0.0);
  }
};

Experiment experiment(const ArraySpec& spec) {
  const double stop = product_end(spec) + (samples(spec) ? spec.timing.settle : 0.0);
  const std::string_view stem = samples(spec) ? "smp" : "out";
  if (times(spec)) {
    const Reading::Event event{spec.sense.threshold, false, product_start(spec)};
    return {
        .stop = stop,
        .max_step = std::min(stop / 100.0, 1.0 / (kTwoPi * spec.sense.bandwidth) / 200.0),
        .start = product_start(spec),
        .unit = "s",
        .reading = [=](std::int64_t j) {
          return Reading{{stem, j}, event};
        }};
  }
  return {.stop = stop,
          .max_step = stop / 100.0,
          .start = product_start(spec),
          .unit = "V",
          .reading = [=](std::int64_t j) {
            return Reading{{stem, j}};
          }};
}

/// Of a 1T cell of level 1, or a stack that stores 1, at a bit line high enough for
/// saturation, without channel length modulation and body effect.
double unit_current(const ArraySpec& spec) {
  const auto& a = spec.access;
  const double drive = std::max(a.gate_voltage - a.threshold, 0.0);
  const double upper = a.transconductance * a.width_over_length;
  if (spec.cell.structure == "1T") return 0.5 * upper * drive * drive;
  // The voltage n between the two: upper/2 (drive - n)^2 = lower (stored n - n^2/2).
  const double stored = std::max(spec.supply.voltage - a.threshold, 0.0);
  const double lower = a.transconductance * a.series_width_over_length;
  const double b = upper * drive + lower * stored, s = upper + lower;
  const double n = (b - std::sqrt(b * b - s * upper * drive * drive)) / s;
  return 0.5 * upper * (drive - n) * (drive - n);
}

/// Of the closed loop of column j, s.
double settling_time_constant(const ArraySpec& spec, const Matrix& weights,
                              std::int64_t j) {
  const auto& s = spec.sense;
  double load = s.feedback_capacitance + s.load_capacitance;
  for (std::int64_t i = 0; i < weights.rows; ++i) load += weights(i, j);
  return load / (kTwoPi * s.bandwidth * s.feedback_capacitance);
}

/// From where outputs rest to when they pass the threshold.
void to_times(const ArraySpec& spec, const Matrix& weights, Matrix& outputs) {
  for (std::int64_t j = 0; j < outputs.columns; ++j) {
    const double tau = settling_time_constant(spec, weights, j);
    for (std::int64_t k = 0; k < outputs.rows; ++k)
      outputs(k, j) = settling_crossing(tau, spec.sense.threshold, outputs(k, j));
  }
}

Matrix ideal(const ArraySpec& spec, const Matrix& weights, const Matrix& inputs) {
  Matrix outputs = product(inputs, weights);
  const bool discharges = has_bit_line_sense(spec);
  const double capacitance =
      discharges ? line_capacitance(spec) : spec.sense.feedback_capacitance;
  const double factor = (discharges ? unit_current(spec) : 1.0) / capacitance;
  const double start = discharges ? spec.supply.reset : 0.0;
  for (double& y : outputs.values) y = start - factor * y;
  if (times(spec)) to_times(spec, weights, outputs);
  return outputs;
}

/// The reset leaves kT C on the bit line, which a sampling capacitor then shares, or on
/// the feedback capacitor of an amplifier without noise of its own. A time moves by this
/// over the slope at the threshold: (V - V_th)/tau of an output that ends at V.
std::vector<double> reset_noise(const ArraySpec& spec, const Matrix& weights,
                                std::span<const double> inputs) {
  const double line = line_capacitance(spec);
  double rms = has_bit_line_sense(spec)
                   ? thermal_voltage_on(spec, line)
                   : thermal_voltage_on(spec, spec.sense.feedback_capacitance);
  if (samples(spec)) rms *= line / (line + spec.sense.sample_capacitance);
  std::vector<double> of_columns(static_cast<std::size_t>(weights.columns), rms);
  if (!times(spec)) return of_columns;
  const Matrix ends = product(one_product(inputs), weights);
  for (std::int64_t j = 0; j < weights.columns; ++j)
    of_columns[static_cast<std::size_t>(j)] *=
        settling_time_constant(spec, weights, j) /
        std::abs(-ends(0, j) / spec.sense.feedback_capacitance - spec.sense.threshold);
  return of_columns;
}

void set_defaults(ArraySpec& spec) {
  spec.wire.word_line_resistance = spec.wire.bit_line_resistance = 0.0;
  spec.timing.edge = 1e-11;
  spec.sense.load_capacitance = 2e-14;
  spec.timing.settle = 1e-9;
  if (has_bit_line_sense(spec)) {
    spec.supply.reset = 0.8;
    spec.wire.bit_line_capacitance = 6e-16;
    spec.access.gate_voltage = 0.5;
    spec.access.width_over_length = 1.0;
    spec.access.channel_length_modulation = 0.1;
    spec.cell.inner_capacitance = 1e-16;
  } else {
    spec.timing.settle = 1e-8;
    spec.sense.feedback_capacitance = 2e-13;
    spec.sense.gain = 1e3;
    spec.sense.bandwidth = 1e9;
    spec.sense.clamp = 0.9;
    spec.sense.threshold = -0.006;
  }
}

std::string contradiction(const ArraySpec& spec) {
  if (spec.timing.edge > spec.timing.gap || spec.timing.edge > spec.timing.phase)
    return "'timing.edge' is longer than 'timing.gap' or 'timing.phase'";
  if (!has_bit_line_sense(spec)) return {};
  if (const std::string why = level_contradiction(spec); !why.empty()) return why;
  if (spec.cell.structure == "stack" && spec.cell.maximum > 1.0)
    return "'cell.maximum' is more than the one bit of a stack";
  if (spec.cell.structure == "stack" && spec.cell.inner_capacitance == 0.0)
    return "a stack needs 'cell.inner_capacitance' at the node between its transistors";
  if (spec.sense.load_capacitance + spec.wire.bit_line_capacitance == 0.0)
    return "a bit line without 'sense.load_capacitance' and "
           "'wire.bit_line_capacitance' holds no charge";
  return {};
}

constexpr std::array<std::string_view, 2> kBitLine{"bit-line", "sample"};
constexpr std::array<std::string_view, 2> kAmplifier{"charge-amplifier", "crossing-time"};
constexpr std::array<std::string_view, 10> kKeys{"sense.threshold",
                                                 "supply",
                                                 "switch",
                                                 "timing",
                                                 "access",
                                                 "cell.bits",
                                                 "cell.inner_capacitance",
                                                 "access.series_width_over_length",
                                                 "sense.load_capacitance",
                                                 "sense.sample_capacitance"};
constexpr std::array kStructures{
    CellStructure{"1T",
                  "a transistor that is as wide as its level",
                  {"level", 0.0, 3.0},
                  {"s", 0.0, 1e-10},
                  kBitLine},
    CellStructure{"stack",
                  "two transistors in series: input and stored bit",
                  {"level", 0.0, 1.0},
                  {"s", 0.0, 4e-10},
                  kBitLine},
    CellStructure{"capacitor",
                  "a capacitor whose capacitance is the weight",
                  {"F", 1e-15, 1e-14},
                  {"V", 0.0, 0.2},
                  kAmplifier}};

}  // namespace

extern const ArrayType kChargeDomain{
    "charge-domain",
    "cells charge or discharge a capacitor for a time or by a step",
    kStructures,
    kKeys,
    set_defaults,
    contradiction,
    describe_by<ChargeDomain>,
    experiment,
    ideal,
    reset_noise};

}  // namespace arrayspice
