// SPDX-License-Identifier: Apache-2.0
// The resistive-division array: conductances divide voltages on a bit line that nothing
// but a buffer senses.
//
//   open      the crossbar of the current domain with its bit lines open:
//
//       in_i --[driver]-- word line i --+---          V_j = sum_i G_ij V_i /
//                                    [cell ij]              (sum_i G_ij + G_load)
//                                       |
//                                   bit line j -- out_j --[G_load]-- gnd
//
//   open-time the same, its inputs steps: how long a bit line takes to a threshold,
//             t = C/sum G ln(V/(V - V_th)), V as above
//   pull      every cell pulls its bit line up or down, as the stored bit equals
//             the input or not (g_ij is in_i or its complement inb_i):
//
//       vdd --[PMOS, gate g]--+-- out_j --+--[NMOS, gate g]-- gnd     V = V_DD n_up/M
//
//   pull-resistor   the same with resistances in series with ideal contacts
//   series    the cells of a column are in series; each offers its low resistance where
//             bit and input are equal, else the high one. A capacitor discharges through
//             them from V_DD to a threshold:
//
//       out_j --+--[cell 0j]--[cell 1j]-- ... --/rd/-- gnd     t = C ln(V_DD/V_th) sum R
//             C |   cell: +--/g /-- R_low --+
//              gnd        +--/!g/-- R_high -+
#include <array>
#include <cmath>

#include "netlists/arrays/array_type.hpp"
#include "netlists/arrays/clocks.hpp"
#include "netlists/arrays/wires.hpp"

namespace arrayspice {

namespace {

constexpr Name kSupply{"vdd"}, kPrecharge{"pre"}, kRead{"rd"};

bool is_open(const ArraySpec& spec) {
  return spec.cell.structure == "open" || spec.cell.structure == "open-time";
}
bool takes_time(const ArraySpec& spec) {
  return spec.cell.structure == "open-time" || spec.cell.structure == "series";
}

/// The precharge ends and the discharge begins, s.
double release(const ArraySpec& spec) { return spec.timing.phase; }

double series_contact(const ArraySpec& spec, double ohm) {
  return ohm + spec.contact.on_resistance;
}

class ResistiveDivision : public ArrayDescription {
 public:
  using ArrayDescription::ArrayDescription;

  void describe(const Matrix& weights, std::span<const double> inputs) {
    const std::string& structure = spec_.cell.structure;
    if (is_open(spec_)) return open(weights, inputs);
    sink_.source({"Vdd"}, kSupply, kGroundName, spec_.supply.voltage);
    if (structure == "pull") transistors();
    if (structure == "pull-resistor") resistors();
    if (structure == "series") clocks();
    for (std::int64_t i = 0; i < spec_.array.rows; ++i)
      digital_word_line(i, inputs[static_cast<std::size_t>(i)]);
    each_cell([&](std::int64_t i, std::int64_t j) {
      structure == "series" ? series_cell(i, j, weights(i, j))
                            : pull_cell(i, j, weights(i, j));
    });
    each_column([&](std::int64_t j) {
      structure == "series" ? discharge(j) : wires_.bit_line(j);
    });
  }

 private:
  void open(const Matrix& conductances, std::span<const double> inputs) {
    for (std::int64_t i = 0; i < spec_.array.rows; ++i)
      wires_.word_line(i, analog_signal(inputs[static_cast<std::size_t>(i)]));
    each_cell([&](std::int64_t i, std::int64_t j) {
      if (conductances(i, j) > 0.0)
        sink_.cell(i, j, at_.word_line(i, j), at_.bit_line(i, j), conductances(i, j));
    });
    each_column([&](std::int64_t j) {
      wires_.bit_line(j);
      const auto& s = spec_.sense;
      if (s.load_conductance > 0.0)
        sink_.resistor({"Rload", j}, at_.sense(j), kGroundName, 1.0 / s.load_conductance);
      wires_.capacitance({"Cload", j}, at_.sense(j), kGroundName, s.load_capacitance);
    });
    wires_.coupling();
  }

  Signal analog_signal(double volt) const {
    if (!takes_time(spec_)) return volt;
    return step(0.0, volt, release(spec_), spec_.timing.edge);
  }

  // --- one bit times one bit

  /// The input, 0 or V_DD, and its complement.
  void digital_word_line(std::int64_t i, double level) {
    const double volt = spec_.supply.voltage;
    sink_.source({"Vin", i}, {"in", i}, kGroundName, level * volt);
    sink_.source({"Vinb", i}, {"inb", i}, kGroundName, (1.0 - level) * volt);
  }
  /// High where bit and input are equal.
  static Name equal(std::int64_t i, double bit) { return {bit > 0.0 ? "in" : "inb", i}; }
  static Name unequal(std::int64_t i, double bit) { return equal(i, 1.0 - bit); }

  void transistors() {
    const auto& a = spec_.access;
    const auto& d = spec_.divider;
    sink_.model("down", 'm', "nmos",
                {{"vto", a.threshold},
                 {"kp", a.transconductance},
                 {"lambda", a.channel_length_modulation},
                 {"is", 1e-18}});
    sink_.model("up", 'm', "pmos",
                {{"vto", -a.threshold},
                 {"kp", d.up_transconductance},
                 {"lambda", a.channel_length_modulation},
                 {"is", 1e-18}});
  }

  void resistors() {
    switch_model(spec_, sink_, "up", spec_.divider.up_resistance);
    switch_model(spec_, sink_, "down", spec_.divider.down_resistance);
  }

  void pull_cell(std::int64_t i, std::int64_t j, double bit) {
    const Name line = at_.bit_line(i, j), low_if_equal = unequal(i, bit);
    if (spec_.cell.structure == "pull") {
      sink_.device({"Mp", i, j}, {line, low_if_equal, kSupply, kSupply}, "up",
                   {{"w", spec_.divider.up_width_over_length * kChannelLength},
                    {"l", kChannelLength}});
      sink_.device({"Mn", i, j}, {line, low_if_equal, kGroundName, kGroundName}, "down",
                   {{"w", spec_.access.width_over_length * kChannelLength},
                    {"l", kChannelLength}});
    } else {
      sink_.device({"Sup", i, j}, {kSupply, line, equal(i, bit), kGroundName}, "up", {});
      sink_.device({"Sdn", i, j}, {line, kGroundName, low_if_equal, kGroundName}, "down",
                   {});
    }
  }

  // --- in series

  void clocks() {
    switch_model(spec_, sink_);
    switch_model(spec_, sink_, "low", spec_.divider.low_resistance);
    switch_model(spec_, sink_, "high", spec_.divider.high_resistance);
    const double volt = spec_.supply.voltage, edge = spec_.timing.edge;
    sink_.source({"Vpre"}, kPrecharge, kGroundName,
                 step(volt, 0.0, release(spec_), edge));
    sink_.source({"Vrd"}, kRead, kGroundName, step(0.0, volt, release(spec_), edge));
  }

  /// Above cell i of a column.
  Name joint(std::int64_t i, std::int64_t j) const {
    return i == 0 ? Name{"out", j} : Name{"s", i, j};
  }

  void series_cell(std::int64_t i, std::int64_t j, double bit) {
    const Name above = joint(i, j), below = joint(i + 1, j);
    sink_.device({"Slow", i, j}, {above, below, equal(i, bit), kGroundName}, "low", {});
    sink_.device({"Shigh", i, j}, {above, below, unequal(i, bit), kGroundName}, "high",
                 {});
    wires_.capacitance({"Cinner", i, j}, below, kGroundName,
                       spec_.cell.inner_capacitance);
  }

  void discharge(std::int64_t j) {
    sink_.device({"Spre", j}, {kSupply, {"out", j}, kPrecharge, kGroundName}, "contact",
                 {});
    sink_.capacitor({"Cout", j}, {"out", j}, kGroundName, spec_.sense.load_capacitance);
    sink_.device({"Sfoot", j},
                 {joint(spec_.array.rows, j), kGroundName, kRead, kGroundName}, "contact",
                 {});
  }
};

/// ln(V_DD/V_th)
double time_constants(const ArraySpec& spec) {
  return std::log(spec.supply.voltage / spec.sense.threshold);
}

double line_capacitance(const ArraySpec& spec) {
  return spec.sense.load_capacitance +
         static_cast<double>(spec.array.rows) * spec.wire.bit_line_capacitance;
}

Experiment experiment(const ArraySpec& spec) {
  if (!takes_time(spec))
    return {.unit = "V", .reading = [](std::int64_t j) { return Reading{{"out", j}}; }};
  const auto rows = static_cast<double>(spec.array.rows);
  if (is_open(spec)) {
    constexpr double kTimeConstants = 12.0;
    const double fastest = line_capacitance(spec) / (rows * spec.cell.maximum);
    const double slowest = kTimeConstants * line_capacitance(spec) /
                           (rows * std::max(spec.cell.minimum, 0.01 * spec.cell.maximum));
    return {
        .stop = release(spec) + slowest,
        .max_step = std::min(slowest / 400.0, fastest / 20.0),
        .start = release(spec),
        .unit = "s",
        .reading = [level = spec.sense.threshold, from = release(spec)](std::int64_t j) {
          return Reading{{"out", j}, Reading::Event{level, true, from}};
        }};
  }
  const auto& d = spec.divider;
  const double most = std::max(d.low_resistance, d.high_resistance);
  const double longest =
      time_constants(spec) *
      ((rows * series_contact(spec, most) + spec.contact.on_resistance) *
       (spec.sense.load_capacitance + rows * spec.cell.inner_capacitance));
  constexpr double kMargin = 1.2;
  return {
      .stop = release(spec) + kMargin * longest,
      .max_step = longest / 400.0,
      .start = release(spec),
      .unit = "s",
      .reading = [level = spec.sense.threshold, from = release(spec)](std::int64_t j) {
        return Reading{{"out", j}, Reading::Event{level, false, from}};
      }};
}

/// Matches of bit and input in a column: with weights and inputs 0 or 1,
/// M - sum x - sum w + 2 sum x w.
Matrix matches(const Matrix& weights, const Matrix& inputs) {
  Matrix count = product(inputs, weights);
  for (std::int64_t k = 0; k < count.rows; ++k) {
    for (std::int64_t j = 0; j < count.columns; ++j) {
      count(k, j) = 2.0 * count(k, j) + static_cast<double>(weights.rows);
      for (std::int64_t i = 0; i < weights.rows; ++i)
        count(k, j) -= inputs(k, i) + weights(i, j);
    }
  }
  return count;
}

Matrix ideal(const ArraySpec& spec, const Matrix& weights, const Matrix& inputs) {
  const auto rows = static_cast<double>(weights.rows);
  if (is_open(spec)) {
    Matrix outputs = product(inputs, weights);
    for (std::int64_t j = 0; j < outputs.columns; ++j) {
      double total = 0.0;
      for (std::int64_t i = 0; i < weights.rows; ++i) total += weights(i, j);
      for (std::int64_t k = 0; k < outputs.rows; ++k) {
        const double rest = outputs(k, j) / total;
        outputs(k, j) = !takes_time(spec) ? rest
                                          : -line_capacitance(spec) / total *
                                                std::log1p(-spec.sense.threshold / rest);
      }
    }
    return outputs;
  }
  Matrix outputs = matches(weights, inputs);
  const auto& d = spec.divider;
  const double rc = spec.sense.load_capacitance * time_constants(spec);
  for (double& y : outputs.values)
    y = spec.cell.structure == "series"
            ? rc * (y * d.low_resistance + (rows - y) * d.high_resistance)
            : spec.supply.voltage * y / rows;
  return outputs;
}

void set_defaults(ArraySpec& spec) {
  const bool opens = is_open(spec);
  if (!opens) spec.wire.word_line_resistance = spec.wire.bit_line_resistance = 0.0;
  spec.cell.bits = 1;
  spec.access.width_over_length = 1.0;
  spec.access.channel_length_modulation = opens ? 0.0 : 0.05;
  spec.contact.on_resistance = spec.cell.structure == "series" ? 500.0 : 1e-3;
  if (takes_time(spec)) spec.sense.load_capacitance = 1e-13;
  if (spec.cell.structure == "open-time") spec.sense.threshold = 0.02;
  spec.timing.phase = 1e-9;
  spec.timing.edge = 1e-12;
}

std::string contradiction(const ArraySpec& spec) {
  if (!is_open(spec) && spec.cell.bits != 1)
    return "'cell.bits' is 1 for cells that compare a bit with an input";
  if (spec.cell.structure == "open-time" &&
      (spec.sense.threshold <= 0.0 || line_capacitance(spec) == 0.0))
    return "the time to a threshold needs 'sense.threshold' above 0 and a capacitance, "
           "'sense.load_capacitance' or 'wire.bit_line_capacitance'";
  if (spec.cell.structure == "series" &&
      !(spec.sense.threshold > 0.0 && spec.sense.threshold < spec.supply.voltage))
    return "'sense.threshold' must lie between 0 and 'supply.voltage'";
  return {};
}

constexpr std::array<std::string_view, 1> kBuffer{"buffer"}, kDischarge{"discharge-time"},
    kRise{"rise-time"};
constexpr auto kKeys = std::to_array<std::string_view>(
    {"supply.voltage", "switch.on_resistance", "switch.off_resistance", "timing.phase",
     "timing.edge", "divider", "cell.inner_capacitance", "sense.load_capacitance",
     "sense.load_conductance", "sense.threshold", "cell.bits", "cell.model",
     "access.threshold", "access.transconductance", "access.width_over_length",
     "access.channel_length_modulation"});
constexpr Domain kConductance{"S", 1e-6, 1e-4}, kVoltage{"V", -0.2, 0.2},
    kBit{"level", 0.0, 1.0};
constexpr std::array kStructures{
    CellStructure{"open", "a crossbar whose bit lines are open", kConductance, kVoltage,
                  kBuffer},
    CellStructure{"open-time",
                  "the same, read by the time to a threshold after a step",
                  kConductance,
                  {"V", 0.0, 0.2},
                  kRise},
    CellStructure{"pull", "transistors that pull up or down", kBit, kBit, kBuffer},
    CellStructure{"pull-resistor", "resistances that pull up or down", kBit, kBit,
                  kBuffer},
    CellStructure{"series", "resistances in series, read by their RC time", kBit, kBit,
                  kDischarge}};

}  // namespace

extern const ArrayType kResistiveDivision{
    "resistive-division",
    "conductances divide voltages on bit lines that carry no current",
    kStructures,
    kKeys,
    set_defaults,
    contradiction,
    describe_by<ResistiveDivision>,
    experiment,
    ideal};

}  // namespace arrayspice
