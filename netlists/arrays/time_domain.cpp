// SPDX-License-Identifier: Apache-2.0
// The time-domain array: the output is when something happens.
//
//   delay-chain  a column is a chain of one inverter per row, each loaded by a resistance
//                that grows with its level when its input is 1, and a capacitance:
//
//                  s_in --[INV]--R--+--w R--+-- s_0 --[INV]-- ... -- out_j
//                                   +-/ x=0/+  C
//
//                t_j = ln 2 R C sum_i (1 + x_i w_ij)
//
//   starved      a chain of MOS inverters. The weight is the voltage at the gate of a
//                transistor below each pull-down, VDD while the input is 0. Only falling
//                edges, those of the even stages, are starved:
//                t_j ~ sum_i even C (VDD/2)/I(v_ij),  I(v) = KP/2 W/L (v - VTO)^2
//   crossing     the bit line is a capacitor; a cell's current flows into it from its
//                input's time on: t_j = (C V_th + sum_i I_ij t_i)/sum_i I_ij over the
//                inputs with t_i < t_j
//   pwm          memory cells see pulses of width T_i; an integrator takes up
//                their charge, then a constant current brings it back to 0 V:
//                t_j = V_read sum_i G_ij T_i/I_ramp; sense "integrated-voltage": the
//                voltage before the ramp, -V_read sum_i G_ij T_i/Cf
//   oscillator   memory cells drive an integrator that a comparator with hysteresis
//                empties again and again, from the threshold to a part e of it:
//
//                  in_i: V_i --[G_ij]--+--[integrator]--+-- out_j
//                                      +--/ osc_j /-----+--[comparator]-- osc_j
//
//                f_j = sum_i G_ij V_i/(Cf (1 - e) V_th); sense "count": how often within
//                a window
#include <algorithm>
#include <array>
#include <cmath>

#include "netlists/arrays/array_type.hpp"
#include "netlists/arrays/clocks.hpp"
#include "netlists/arrays/decision.hpp"
#include "netlists/arrays/reset_line.hpp"
#include "netlists/arrays/time_sums.hpp"
#include "netlists/arrays/wires.hpp"

namespace arrayspice {

namespace {

using namespace time_domain;

constexpr Name kSupply{"vdd"}, kHalf{"half"}, kStart{"s_in"}, kMiddle{"mid"};

/// The output of stage i of chain j.
Name joint(const ArraySpec& spec, std::int64_t i, std::int64_t j) {
  return i + 1 == spec.array.rows ? Name{"out", j} : Name{"s", i, j};
}

/// The hysteresis with which a comparator trips at +-level. A gain of `slope` (of y, its
/// output from -1 to 1, 1/V) makes it trip early: where its loop has a gain of one,
/// h slope (1 - y^2) = 1, which is h |y| - artanh |y|/slope away from the middle.
double hysteresis_for(double level, double slope) {
  double h = level + 2.0 / slope;
  constexpr int kSteps = 60;  // each gains a factor of level times slope
  for (int step = 0; step < kSteps; ++step) {
    const double y = std::sqrt(1.0 - 1.0 / (h * slope));
    h = (level + std::atanh(y) / slope) / y;
  }
  return h;
}

class TimeDomain : public ArrayDescription {
 public:
  using ArrayDescription::ArrayDescription;

  void describe(const Matrix& weights, std::span<const double> inputs) {
    switch_model(spec_, sink_);
    sink_.source({"Vdd"}, kSupply, kGroundName, spec_.supply.voltage);
    if (is_chain(spec_))
      chain_supplies();
    else
      line_supplies();
    for (std::int64_t i = 0; i < spec_.array.rows; ++i)
      wires_.word_line(i, input_signal(inputs[static_cast<std::size_t>(i)]));
    each_cell([&](std::int64_t i, std::int64_t j) { cell(i, j, weights(i, j)); });
    if (!is_chain(spec_)) each_column([&](std::int64_t j) { bit_line(j); });
    wires_.coupling();
  }

 private:
  Signal input_signal(double input) const {
    const double volt = spec_.supply.voltage, edge = spec_.timing.edge;
    if (is_chain(spec_)) return input * volt;
    if (is_pwm(spec_))
      return width_pulse(spec_.supply.read, product_start(spec_), input, edge);
    if (oscillates(spec_)) return step(0.0, input, product_start(spec_), edge);
    return step(0.0, volt, product_start(spec_) + input, edge);
  }

  void cell(std::int64_t i, std::int64_t j, double weight) {
    if (spec_.cell.structure == "delay-chain")
      loaded_stage(i, j, weight);
    else if (spec_.cell.structure == "starved")
      starved_stage(i, j, weight);
    else if (is_pwm(spec_) || oscillates(spec_))
      sink_.cell(i, j, at_.word_line(i, j), at_.bit_line(i, j), weight);
    else
      current_source(i, j, weight);
  }

  // --- chains

  void chain_supplies() {
    const double volt = spec_.supply.voltage;
    if (part_.has_row(0))
      sink_.source({"Vstart"}, kStart, kGroundName,
                   step(0.0, volt, origin(spec_), spec_.timing.edge));
    if (spec_.cell.structure == "starved") return transistor_models();
    sink_.source({"Vhalf"}, kHalf, kGroundName, 0.5 * volt);
    comparator_model(spec_, sink_, "inverter", 0.5 * volt * spec_.cell.inverter_gain,
                     spec_.cell.inverter_delay);
  }

  void transistor_models() {
    const auto& a = spec_.access;
    sink_.model("access", 'm', "nmos",
                {{"vto", a.threshold},
                 {"kp", a.transconductance},
                 {"lambda", a.channel_length_modulation},
                 {"gamma", a.body_effect},
                 {"phi", a.surface_potential},
                 {"is", 1e-30}});
    sink_.model("pull_up", 'm', "pmos",
                {{"vto", -a.threshold},
                 {"kp", a.transconductance * a.pull_up_ratio},
                 {"lambda", a.channel_length_modulation},
                 {"is", 1e-30}});
  }

  Name stage_input(std::int64_t i, std::int64_t j) const {
    return i == 0 ? kStart : stage_output(i - 1, j);
  }
  Name stage_output(std::int64_t i, std::int64_t j) const { return joint(spec_, i, j); }
  /// The load of a stage, and its state before the edge.
  void stage_load(std::int64_t i, std::int64_t j) {
    const Name output = stage_output(i, j);
    sink_.capacitor({"Cstage", i, j}, output, kGroundName, spec_.cell.unit_capacitance);
    sink_.initial(output, i % 2 == 0 ? spec_.supply.voltage : 0.0);
  }

  void loaded_stage(std::int64_t i, std::int64_t j, double level) {
    const Name driven{"d", i, j}, output = stage_output(i, j);
    const Name middle = level > 0.0 ? at_.middle(i, j) : output;
    const double r = spec_.cell.unit_resistance;
    sink_.device({"Ninv", i, j}, {kHalf, stage_input(i, j), driven, kGroundName},
                 "inverter", {});
    sink_.resistor({"Rstage", i, j}, driven, middle, r);
    if (level > 0.0) {
      sink_.resistor({"Rlevel", i, j}, middle, output, level * r);
      sink_.device({"Slevel", i, j}, {middle, output, kSupply, at_.word_line(i, j)},
                   "contact", {});
    }
    stage_load(i, j);
  }

  void starved_stage(std::int64_t i, std::int64_t j, double volt) {
    const Name input = stage_input(i, j), output = stage_output(i, j);
    const Name gate{"vb", i, j}, stored{"q", i, j}, foot{"x", i, j};
    const Name selected = at_.word_line(i, j);
    sink_.source({"Vq", i, j}, stored, kGroundName, volt);
    sink_.device({"Sweight", i, j}, {stored, gate, selected, kGroundName}, "contact", {});
    sink_.device({"Sfull", i, j}, {kSupply, gate, kSupply, selected}, "contact", {});
    const auto& a = spec_.access;
    transistor({"Mp", i, j}, {output, input, kSupply, kSupply}, "pull_up",
               a.width_over_length);
    transistor({"Mn", i, j}, {output, input, foot, kGroundName}, "access",
               a.series_width_over_length);
    transistor({"Ms", i, j}, {foot, gate, kGroundName, kGroundName}, "access",
               a.width_over_length);
    wires_.capacitance({"Cinner", i, j}, foot, kGroundName, spec_.cell.inner_capacitance);
    stage_load(i, j);
  }

  void transistor(const Name& name, NetlistSink::Pins pins, std::string_view model,
                  double width_over_length) {
    sink_.device(name, pins, model,
                 {{"w", width_over_length * kChannelLength}, {"l", kChannelLength}});
  }

  // --- bit lines

  void line_supplies() {
    reset_clock(spec_, sink_);
    if (is_pwm(spec_)) return;
    if (oscillates(spec_)) {
      const double threshold = spec_.sense.threshold;
      sink_.source({"Vmid"}, kMiddle, kGroundName,
                   -0.5 * (1.0 + spec_.sense.empty_level) * threshold);
      emptying_transistor();
      const double level = 0.5 * (1.0 - spec_.sense.empty_level) * threshold;
      return comparator_model(
          spec_, sink_, "trigger", kDecidingGain, spec_.sense.comparator_delay,
          hysteresis_for(level, 2.0 * kDecidingGain / spec_.supply.voltage),
          std::max(1.0, 4.0 * threshold));
    }
    sink_.source({"Vreset"}, {"vr"}, kGroundName, spec_.supply.reset);
    if (spec_.cell.output_conductance > 0.0)
      sink_.model("leaky", 's', "sw",
                  {{"vt", 0.5 * spec_.supply.voltage},
                   {"ron", 1.0 / spec_.cell.output_conductance},
                   {"roff", spec_.contact.off_resistance}});
    if (compares(spec_)) threshold_model(spec_, sink_, kTimingGain);
  }

  /// It is off while its gate is at 0 V and its source above minus the threshold. A
  /// switch that jumps would be as exact as a time step is short.
  void emptying_transistor() {
    const double threshold = kMargin * spec_.sense.threshold;
    sink_.model(
        "emptier", 'm', "nmos",
        {{"vto", threshold},
         {"kp", 1.0 / (spec_.contact.on_resistance * (spec_.supply.voltage - threshold))},
         {"is", 1e-30}});
  }

  /// The input, at the supply's voltage, switches on the current and its conductance.
  void current_source(std::int64_t i, std::int64_t j, double ampere) {
    const Name input = at_.word_line(i, j), line = at_.bit_line(i, j);
    sink_.element({"Gcell", i, j}, {kSupply, line, input, kGroundName},
                  ampere / spec_.supply.voltage);
    if (spec_.cell.output_conductance > 0.0)
      sink_.device({"Scell", i, j}, {kSupply, line, input, kGroundName}, "leaky", {});
  }

  void bit_line(std::int64_t j) {
    wires_.bit_line(j);
    const Name end = at_.sense(j);
    wires_.capacitance({"Cload", j}, end, kGroundName, spec_.sense.load_capacitance);
    if (is_pwm(spec_)) {
      charge_amplifier(spec_, at_, j, sink_);
      return sink_.source(
          {"Iramp", j}, end, kGroundName,
          step(0.0, spec_.sense.ramp_current, origin(spec_), spec_.timing.edge));
    }
    if (oscillates(spec_)) {
      const Name output = at_.output(j), trigger{"osc", j};
      charge_amplifier(spec_, at_, j, sink_);
      sink_.device({"Mosc", j}, {end, trigger, output, output}, "emptier",
                   {{"w", kChannelLength}, {"l", kChannelLength}});
      return sink_.device({"Nosc", j}, {kMiddle, output, trigger, kGroundName}, "trigger",
                          {});
    }
    sink_.device({"Srst", j}, {{"vr"}, end, {"rst"}, kGroundName}, "contact", {});
    if (compares(spec_)) compare(spec_, {.line = end}, j, sink_);
  }
};

/// The longest and the shortest time that matter, from the origin on.
struct Span {
  double longest, shortest;
};
Span span_of(const ArraySpec& spec) {
  const auto rows = static_cast<double>(spec.array.rows);
  const double last_input = spec.input.maximum;
  if (spec.cell.structure == "delay-chain") {
    const double unit = unit_delay(spec);
    return {1.2 * rows *
                (unit * (1.0 + spec.cell.maximum) + 3.0 * spec.cell.inverter_delay +
                 spec.contact.on_resistance * spec.cell.unit_capacitance),
            unit / 5.0};
  }
  if (spec.cell.structure == "starved") {
    const double slowest = starved_delay(spec, spec.cell.minimum);
    const double fastest = starved_delay(spec, spec.supply.voltage);
    return {rows * (slowest + 4.0 * fastest), fastest};
  }
  if (is_pwm(spec)) {
    const double charge =
        std::min(spec.supply.read * rows * spec.cell.maximum * last_input,
                 2.0 * spec.sense.clamp * spec.sense.feedback_capacitance);
    return {1.2 * charge / spec.sense.ramp_current + spec.timing.settle,
            last_input / 5.0};
  }
  if (oscillates(spec)) {
    const double most = rows * spec.cell.maximum * spec.input.maximum;
    return {spec.sense.integration_time, swing_charge(spec) / most / 50.0};
  }
  const double least = std::max(spec.cell.minimum, 0.01 * spec.cell.maximum);
  const double longest = last_input + 1.2 * line_charge(spec) / (rows * least) +
                         10.0 * spec.sense.comparator_delay;
  const double shortest = last_input / 5.0;
  return {longest, compares(spec) ? std::min(shortest, 5.0 * spec.sense.comparator_delay)
                                  : shortest};
}

Experiment experiment(const ArraySpec& spec) {
  const Span span = span_of(spec);
  Reading::Event event{.level = 0.5 * spec.supply.voltage, .since = origin(spec)};
  std::string_view stem = "out";
  if (is_chain(spec)) event.rising = spec.array.rows % 2 == 0;
  if (is_pwm(spec)) event.level = 0.0;
  if (oscillates(spec)) {
    stem = "osc";
    event.cycles = spec.sense.cycles;
    event.counts = counts(spec);
  }
  if (spec.cell.structure == "crossing") {
    if (compares(spec))
      stem = "cmp";
    else
      event.level = spec.sense.threshold;
  }
  if (reads_voltage(spec))
    return {.stop = origin(spec) - 0.5 * spec.timing.edge,
            .max_step = span.shortest / 5.0,
            .start = product_start(spec),
            .unit = "V",
            .reading = [](std::int64_t j) {
              return Reading{{"out", j}};
            }};
  Experiment experiment{.stop = origin(spec) + span.longest,
                        .max_step = span.shortest / 5.0,
                        .start = product_start(spec),
                        .unit = counts(spec)       ? "cycles"
                                : oscillates(spec) ? "Hz"
                                                   : "s",
                        .reading = [=](std::int64_t j) {
                          return Reading{{stem, j}, event};
                        }};
  if (is_chain(spec))
    experiment.joint = [spec](std::int64_t i, std::int64_t j) {
      return joint(spec, i, j);
    };
  return experiment;
}

void set_defaults(ArraySpec& spec) {
  spec.wire.word_line_resistance = spec.wire.bit_line_resistance = 0.0;
  spec.timing.edge = 1e-12;
  spec.timing.phase = 1e-9;
  spec.timing.gap = 1e-9;
  if (spec.cell.structure == "delay-chain") {
    spec.cell.unit_capacitance = 2e-14;
    spec.contact.on_resistance = 100.0;
  } else if (spec.cell.structure == "starved") {
    spec.cell.unit_capacitance = 5e-15;
    spec.cell.inner_capacitance = 2e-16;
    spec.access.threshold = 0.35;
    spec.access.width_over_length = 1.0;
    spec.access.channel_length_modulation = 0.1;
    spec.timing.edge = 2e-11;
  } else if (is_pwm(spec)) {
    spec.timing.edge = 1e-11;
    spec.sense.integration_time = 5e-8;
    spec.sense.feedback_capacitance = 1e-11;
    spec.sense.gain = 1e3;
    spec.sense.bandwidth = 2e9;
    spec.sense.clamp = 0.9;
  } else if (oscillates(spec)) {
    spec.timing.edge = 1e-11;
    spec.contact.on_resistance = 100.0;
    spec.sense.integration_time = 4e-8;
    spec.sense.feedback_capacitance = 1e-14 * static_cast<double>(spec.array.rows);
    spec.sense.gain = 1e3;
    spec.sense.bandwidth = 2e10;
    spec.sense.clamp = 0.9;
  } else {
    spec.wire.bit_line_capacitance = 5e-15;
  }
}

std::string contradiction(const ArraySpec& spec) {
  if (spec.timing.edge > spec.timing.gap || spec.timing.edge > spec.timing.phase)
    return "'timing.edge' is longer than 'timing.gap' or 'timing.phase'";
  if (spec.cell.structure == "delay-chain") return level_contradiction(spec);
  if (spec.cell.structure == "starved" && spec.cell.minimum <= spec.access.threshold)
    return "'cell.minimum' turns a starved stage off: it must be above "
           "'access.threshold'";
  if (is_pwm(spec) && spec.sense.integration_time < spec.input.maximum + spec.timing.edge)
    return "'sense.integration_time' ends before the longest input";
  if (oscillates(spec) && spec.sense.threshold <= 0.01 * spec.supply.voltage)
    return "'sense.threshold' of an oscillator must be above a hundredth of "
           "'supply.voltage'";
  if (oscillates(spec) && spec.supply.voltage <= kMargin * spec.sense.threshold)
    return "an oscillator's 'supply.voltage' must be above 1.2 'sense.threshold'";
  if (spec.cell.structure == "crossing" && line_charge(spec) <= 0.0)
    return "the threshold is not above 'supply.reset', or the bit line has no "
           "capacitance";
  return {};
}

constexpr std::array<std::string_view, 1> kEdge{"edge"};
constexpr std::array<std::string_view, 2> kFrequency{"frequency", "count"};
constexpr std::array<std::string_view, 2> kIntegrator{"integrator", "integrated-voltage"};
constexpr std::array<std::string_view, 2> kCrossing{"threshold", "comparator"};
constexpr auto kKeys = std::to_array<std::string_view>(
    {"cell.model", "supply", "switch", "timing", "access",
     "access.series_width_over_length", "access.pull_up_ratio", "cell.bits",
     "cell.unit_capacitance", "cell.inner_capacitance", "cell.unit_resistance",
     "cell.inverter_gain", "cell.inverter_delay", "cell.output_conductance",
     "sense.load_capacitance", "sense.threshold", "sense.comparator_delay",
     "sense.ramp_current", "sense.cycles"});
constexpr Domain kBit{"level", 0.0, 1.0};
constexpr std::array kStructures{
    CellStructure{"delay-chain",
                  "an inverter whose load resistance grows with its level",
                  {"level", 0.0, 3.0},
                  kBit,
                  kEdge},
    CellStructure{"starved",
                  "an inverter whose pull-down is starved by the stored voltage",
                  {"V", 0.5, 0.75},
                  kBit,
                  kEdge},
    CellStructure{"crossing",
                  "a current that flows from its input's time on",
                  {"A", 1e-7, 1e-6},
                  {"s", 0.0, 2e-9},
                  kCrossing},
    CellStructure{"pwm",
                  "a memory cell that sees a pulse as wide as its input",
                  {"S", 1e-6, 2e-5},
                  {"s", 0.0, 4e-8},
                  kIntegrator},
    CellStructure{"oscillator",
                  "a memory cell whose current sets the frequency of its bit line",
                  {"S", 1e-6, 2e-5},
                  {"V", 0.0, 0.2},
                  kFrequency}};

}  // namespace

extern const ArrayType kTimeDomain{
    "time-domain",
    "delays and crossing times add up what the weights say",
    kStructures,
    kKeys,
    set_defaults,
    contradiction,
    describe_by<TimeDomain>,
    experiment,
    time_domain::ideal,
    time_domain::thermal_noise,
    time_domain::decision_noise};

}  // namespace arrayspice
