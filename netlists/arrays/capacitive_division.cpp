// SPDX-License-Identifier: Apache-2.0
// The capacitive-division array: one plate of every cell's capacitor stays on the
// floating bit line, the other is driven. The charge that the reset left on the bit line
// divides.
//
//   in_i --[driver]-- word line i --+-----------------+---
//                                [cell i0]         [cell i1]
//                                   |                 |
//                                 out_0 --||-- Cp   out_1 --||-- Cp
//                                   |                 |
//                                 [rst] V_rst       [rst] V_rst
//
//   gated         plate = w V_i, w a level 0 ... 2^B - 1 in parts of the highest:
//                 V_j = V_rst + sum_i C w_ij V_i/(2^B - 1) / (sum C + Cp)
//   programmable  the capacitance is the weight: it stands in the denominator too
//                 V_j = V_rst + sum_i C_ij V_i / (sum_i C_ij + Cp)
//   c2c           per cell a ladder of C and 2C, whose end is the bit line, with
//                 the input on the plates of its set bits and a termination C at the
//                 other end:
//
//               V b_0     V b_1            V b_(B-1)
//                 |C        |C               |C
//         gnd-C- n_0 -2C-  n_1 -2C- ... -2C- bit line   V sum_k b_k 2^k/2^B behind 2C
//
// Sense: a high-impedance buffer, a comparator (V_DD above the threshold, else 0), or a
// charge amplifier, whose virtual ground makes it a sum without a denominator:
// -sum C V/Cf.
#include <array>

#include "netlists/arrays/array_type.hpp"
#include "netlists/arrays/clocks.hpp"
#include "netlists/arrays/decision.hpp"
#include "netlists/arrays/reset_line.hpp"
#include "netlists/arrays/wires.hpp"

namespace arrayspice {

namespace {

/// What a cell couples into its bit line per volt of input, and all it hangs there, F.
struct Coupled {
  double drive, load;
};
Coupled coupled(const ArraySpec& spec, double weight) {
  const double c = spec.cell.unit_capacitance;
  if (spec.cell.structure == "programmable") return {weight, weight};
  if (spec.cell.structure == "gated") return {c * weight / highest_level(spec), c};
  return {2.0 * c * weight / (highest_level(spec) + 1.0), 2.0 * c};
}

/// All that hangs on bit line j, F.
double line_capacitance(const ArraySpec& spec, const Matrix& weights, std::int64_t j) {
  double farad = spec.sense.load_capacitance +
                 static_cast<double>(weights.rows) * spec.wire.bit_line_capacitance;
  for (std::int64_t i = 0; i < weights.rows; ++i)
    farad += coupled(spec, weights(i, j)).load;
  return farad;
}

class CapacitiveDivision : public ArrayDescription {
 public:
  using ArrayDescription::ArrayDescription;

  void describe(const Matrix& weights, std::span<const double> inputs) {
    switch_model(spec_, sink_);
    reset_clock(spec_, sink_);
    sink_.source({"Vreset"}, {"vr"}, kGroundName, spec_.supply.reset);
    if (compares(spec_)) threshold_model(spec_, sink_, kDecidingGain);
    for (std::int64_t i = 0; i < spec_.array.rows; ++i)
      wires_.word_line(i, step(0.0, inputs[static_cast<std::size_t>(i)],
                               product_start(spec_), spec_.timing.edge));
    each_cell([&](std::int64_t i, std::int64_t j) { cell(i, j, weights(i, j)); });
    each_column(
        [&](std::int64_t j) { bit_line(j, line_capacitance(spec_, weights, j)); });
    wires_.coupling();
  }

 private:
  void cell(std::int64_t i, std::int64_t j, double weight) {
    const Name plate = at_.word_line(i, j), line = at_.bit_line(i, j);
    if (spec_.cell.structure == "programmable")
      wires_.capacitance({"Ccell", i, j}, plate, line, weight);
    else if (spec_.cell.structure == "gated")
      gated(i, j, plate, line, weight);
    else
      ladder(i, j, plate, line, static_cast<std::int64_t>(weight));
  }

  void gated(std::int64_t i, std::int64_t j, const Name& input, const Name& line,
             double level) {
    const Name plate{"pl", i, j};
    sink_.element({"Egate", i, j}, {plate, kGroundName, input, kGroundName},
                  level / highest_level(spec_));
    sink_.capacitor({"Ccell", i, j}, plate, line, spec_.cell.unit_capacitance);
  }

  void ladder(std::int64_t i, std::int64_t j, const Name& input, const Name& line,
              std::int64_t level) {
    const double c = spec_.cell.unit_capacitance;
    const std::int64_t last = spec_.cell.bits - 1;
    const auto node = [&](std::int64_t k) {
      return k < last ? Name{"n", i, j, k} : line;
    };
    sink_.capacitor({"Cterm", i, j}, node(0), kGroundName, c);
    for (std::int64_t k = 0; k <= last; ++k) {
      sink_.capacitor({"Cbit", i, j, k}, (level >> k) & 1 ? input : kGroundName, node(k),
                      c);
      if (k == last) break;
      sink_.capacitor({"Cser", i, j, k}, node(k), node(k + 1), 2.0 * c);
      wires_.capacitance({"Cpar", i, j, k}, node(k), kGroundName,
                         spec_.cell.inner_capacitance);
      sink_.initial(node(k), 0.0);
    }
  }

  /// farad: all that hangs on it.
  void bit_line(std::int64_t j, double farad) {
    wires_.bit_line(j);
    const Name end = at_.sense(j);
    wires_.capacitance({"Cp", j}, end, kGroundName, spec_.sense.load_capacitance);
    wires_.wire(
        {"Rload", j}, end, kGroundName,
        spec_.sense.load_conductance > 0.0 ? 1.0 / spec_.sense.load_conductance : 0.0);
    if (uses_amplifier(spec_)) return charge_amplifier(spec_, at_, j, sink_);
    if (compares(spec_))
      compare(spec_, {.line = end, .thermal = thermal_voltage_on(spec_, farad)}, j,
              sink_);
    sink_.device({"Srst", j}, {end, {"vr"}, {"rst"}, kGroundName}, "contact", {});
  }
};

Experiment experiment(const ArraySpec& spec) {
  return {.stop = product_start(spec) + spec.timing.settle,
          .max_step = spec.timing.settle / 20.0,
          .start = product_start(spec),
          .unit = "V",
          .reading = [stem = compares(spec) ? "cmp" : "out"](std::int64_t j) {
            return Reading{{stem, j}};
          }};
}

Matrix ideal(const ArraySpec& spec, const Matrix& weights, const Matrix& inputs) {
  Matrix drive = weights;
  std::vector<double> load(static_cast<std::size_t>(weights.columns), 0.0);
  for (std::int64_t i = 0; i < weights.rows; ++i) {
    for (std::int64_t j = 0; j < weights.columns; ++j) {
      const Coupled cell = coupled(spec, weights(i, j));
      drive(i, j) = cell.drive;
      load[static_cast<std::size_t>(j)] += cell.load;
    }
  }
  Matrix outputs = product(inputs, drive);
  const bool amplified = uses_amplifier(spec);
  for (std::int64_t k = 0; k < outputs.rows; ++k)
    for (std::int64_t j = 0; j < outputs.columns; ++j)
      outputs(k, j) = amplified ? -outputs(k, j) / spec.sense.feedback_capacitance
                                : spec.supply.reset +
                                      outputs(k, j) / load[static_cast<std::size_t>(j)];
  return compared(spec, std::move(outputs));
}

/// The reset leaves kT C on the floating line, or on the feedback capacitor of an
/// amplifier without noise of its own.
std::vector<double> reset_noise(const ArraySpec& spec, const Matrix& weights,
                                std::span<const double>) {
  std::vector<double> rms(static_cast<std::size_t>(weights.columns), 0.0);
  if (decides(spec)) return rms;
  for (std::int64_t j = 0; j < weights.columns; ++j)
    rms[static_cast<std::size_t>(j)] = thermal_voltage_on(
        spec, uses_amplifier(spec) ? spec.sense.feedback_capacitance
                                   : line_capacitance(spec, weights, j));
  return rms;
}

std::vector<double> decision_noise(const ArraySpec& spec, const Matrix& weights,
                                   std::span<const double> inputs) {
  std::vector<double> rms(static_cast<std::size_t>(weights.columns), 0.0);
  if (!decides(spec)) return rms;
  for (std::int64_t j = 0; j < weights.columns; ++j) {
    const double farad = line_capacitance(spec, weights, j);
    double line = spec.supply.reset;
    for (std::int64_t i = 0; i < weights.rows; ++i)
      line += coupled(spec, weights(i, j)).drive * inputs[static_cast<std::size_t>(i)] /
              farad;
    rms[static_cast<std::size_t>(j)] = compared_deviation(
        spec, line, decision_sigma(spec, thermal_voltage_on(spec, farad)));
  }
  return rms;
}

void set_defaults(ArraySpec& spec) {
  spec.wire.word_line_resistance = spec.wire.bit_line_resistance = 0.0;
  spec.timing.gap = 1e-9;
  spec.timing.settle = 1e-8;
  spec.sense.load_capacitance = 2e-14;
  spec.sense.feedback_capacitance = 5e-15 * static_cast<double>(spec.array.rows);
  spec.sense.gain = 1e3;
  spec.sense.bandwidth = 1e9;
  spec.sense.clamp = 0.9;
}

std::string contradiction(const ArraySpec& spec) {
  return spec.cell.structure == "programmable" ? std::string()
                                               : level_contradiction(spec);
}

constexpr std::array<std::string_view, 3> kSenses{"buffer", "charge-amplifier",
                                                  "comparator"};
constexpr auto kKeys = std::to_array<std::string_view>(
    {"sense.threshold", "sense.comparator_delay", "supply", "switch", "timing",
     "cell.bits", "cell.unit_capacitance", "cell.inner_capacitance",
     "sense.load_conductance", "sense.load_capacitance"});
constexpr Domain kLevels{"level", 0.0, 15.0}, kVoltage{"V", 0.0, 0.8};
constexpr std::array kStructures{
    CellStructure{"gated", "a capacitor whose plate follows the input times the level",
                  kLevels, kVoltage, kSenses},
    CellStructure{"programmable",
                  "a capacitor whose capacitance is the weight",
                  {"F", 1e-15, 1e-14},
                  kVoltage,
                  kSenses},
    CellStructure{"c2c", "a C-2C ladder of one step per bit", kLevels, kVoltage,
                  kSenses}};

}  // namespace

extern const ArrayType kCapacitiveDivision{
    "capacitive-division",
    "driven capacitors divide the charge of a floating bit line",
    kStructures,
    kKeys,
    set_defaults,
    contradiction,
    describe_by<CapacitiveDivision>,
    experiment,
    ideal,
    reset_noise,
    decision_noise};

}  // namespace arrayspice
