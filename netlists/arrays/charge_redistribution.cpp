// SPDX-License-Identifier: Apache-2.0
// The charge-redistribution array: every cell samples on a capacitor of its own, then the
// capacitors of a column are joined and their charge spreads evenly.
//
//   drv_ij --/ph1/--+--/ph2/-- out_j --+--||-- Cp        drv_ij: the input, gated by the
//                  top_ij              |                 stored bit
//                   Cu              /ph1/ V_rst
//                  gnd
//
//   and     drv = w V_i:                 V_j = (sum_i C w_ij V_i + Cp V_rst)/(M C + Cp)
//   xnor    drv = V_i or V_DD - V_i, for inputs 0 and V_DD and weights -1 and +1
//           stored as 0 and 1
//   binary  one column of cells for each bit of the weight; a third phase joins
//           capacitors 2^k Cx that the columns were loaded with (and dummies, so
//           that every column carries 2^B Cx):
//
//     out_j_k --/ph2/-- cmb_j_k (2^k Cx) --/ph3/-- out_j (C_out)
//             --/ph2/-- dum_j_k ((2^B - 2^k) Cx)
//
//           V = Cx sum_k 2^k V_k / ((2^B - 1) Cx + C_out)
//   serial  bits one after another, least significant first; the accumulating capacitor
//           C2 = M C halves what was there before:  V <- (sum C b_k V_i + C2 V)/(M C +
//           C2)
//
// Sense: a buffer, a comparator (V_DD above the threshold, else 0), or a SAR that
// switches the bottom plates of the cells (sar_readout.hpp).
//
// Overlap capacitances couple both clocks into the top plates (feed-through).
#include <array>
#include <cmath>

#include "netlists/arrays/array_type.hpp"
#include "netlists/arrays/clocks.hpp"
#include "netlists/arrays/decision.hpp"
#include "netlists/arrays/sar_readout.hpp"
#include "netlists/arrays/wires.hpp"

namespace arrayspice {

namespace {

constexpr Name kSample{"ph1"}, kShare{"ph2"}, kCombine{"ph3"}, kSupply{"vdd"},
    kReset{"vr"};

double rows_of(const ArraySpec& spec) { return static_cast<double>(spec.array.rows); }
bool is_serial(const ArraySpec& spec) { return spec.cell.structure == "serial"; }
bool is_binary(const ArraySpec& spec) { return spec.cell.structure == "binary"; }

/// All that hangs on a bit line beside its cells, F.
double line_capacitance(const ArraySpec& spec) {
  return spec.sense.load_capacitance + rows_of(spec) * spec.wire.bit_line_capacitance +
         (has_sar(spec) ? sar_half_capacitance(spec) : 0.0);
}

/// Every capacitor that takes part was sampled or reset at its own kT C, so that what
/// they share in the end has kT/(sum C). Serial: the accumulating capacitor C2 keeps kT
/// (1/C2 - 1/C) of each cycle's sharing besides, C = M Cu + C2. Rms, V.
double charge_noise(const ArraySpec& spec) {
  const double cells = rows_of(spec) * spec.cell.unit_capacitance;
  const double line = line_capacitance(spec);
  if (is_binary(spec))
    return thermal_voltage_on(spec,
                              highest_level(spec) * spec.sense.combining_capacitance +
                                  spec.sense.output_capacitance);
  if (!is_serial(spec)) return thermal_voltage_on(spec, cells + line);
  const double kt = std::pow(thermal_voltage_on(spec, 1.0), 2);
  const double kept = cells + line, all = cells + kept;
  double charge2 = 0.0, rms = 0.0;  // charge2: of C2, before a cycle
  for (std::int64_t k = 0; k < spec.cell.bits; ++k) {
    const double volt2 = (kt * cells + charge2) / (all * all);
    rms = std::sqrt(volt2);
    charge2 = kept * kept * (volt2 + kt * (1.0 / kept - 1.0 / all));
  }
  return rms;
}

class ChargeRedistribution : public ArrayDescription {
 public:
  using ArrayDescription::ArrayDescription;

  void describe(const Matrix& weights, std::span<const double> inputs) {
    switch_model(spec_, sink_);
    sink_.source({"Vreset"}, kReset, kGroundName, spec_.supply.reset);
    if (compares(spec_)) threshold_model(spec_, sink_, kDecidingGain);
    if (is_serial(spec_)) return serial(weights, inputs);
    sink_.source({"Vph1"}, kSample, kGroundName, clock(spec_, clock_phase(spec_, 0)));
    sink_.source({"Vph2"}, kShare, kGroundName, clock(spec_, sharing()));
    if (is_binary(spec_))
      sink_.source({"Vph3"}, kCombine, kGroundName, clock(spec_, clock_phase(spec_, 2)));
    if (spec_.cell.structure == "xnor" || has_sar(spec_))
      sink_.source({"Vdd"}, kSupply, kGroundName, spec_.supply.voltage);
    if (has_sar(spec_)) sar_supplies(spec_, sink_);
    for (std::int64_t i = 0; i < spec_.array.rows; ++i)
      wires_.word_line(i, inputs[static_cast<std::size_t>(i)]);
    each_cell([&](std::int64_t i, std::int64_t j) {
      is_binary(spec_) ? bits(i, j, static_cast<std::int64_t>(weights(i, j)))
                       : single(i, j, weights(i, j));
    });
    each_column([&](std::int64_t j) {
      is_binary(spec_) ? combine(j) : bit_line(j);
      decide(j);
    });
    wires_.coupling();
  }

 private:
  void decide(std::int64_t j) {
    const Name line = at_.sense(j);
    const double thermal = charge_noise(spec_);
    if (compares(spec_)) compare(spec_, {.line = line, .thermal = thermal}, j, sink_);
    if (has_sar(spec_)) sar_column(spec_, line, j, thermal, sink_);
  }

  /// A SAR keeps the cells together until its last decision.
  Phase sharing() const {
    Phase phase = clock_phase(spec_, 1);
    if (has_sar(spec_)) phase.until = clock_phase(spec_, sar_phases(spec_) - 1).until;
    return phase;
  }

  void contact(const Name& name, const Name& p, const Name& m, const Name& phase) {
    sink_.device(name, {p, m, phase, kGroundName}, "contact", {});
  }

  /// Sampling switch, capacitor, sharing switch, feed-through of both clocks.
  void capacitor_between(const Name& top, const Name& drive, const Name& line) {
    const auto named = [&](std::string_view stem) {
      return Name{stem, top.i, top.j, top.k};
    };
    contact(named("Ssmp"), drive, top, kSample);
    const Name bottom = has_sar(spec_) ? sar_plate(spec_, top.i, top.j) : kGroundName;
    sink_.capacitor(named("Ccell"), top, bottom, spec_.cell.unit_capacitance);
    contact(named("Sshr"), top, line, kShare);
    const double overlap = spec_.contact.overlap_capacitance;
    wires_.capacitance(named("Cov1"), kSample, top, overlap);
    wires_.capacitance(named("Cov2"), kShare, top, overlap);
  }

  void single(std::int64_t i, std::int64_t j, double level) {
    const Name drive{"drv", i, j}, input = at_.word_line(i, j);
    if (spec_.cell.structure == "xnor" && level == 0.0)
      sink_.element({"Egate", i, j}, {drive, kSupply, kGroundName, input}, 1.0);
    else
      sink_.element({"Egate", i, j}, {drive, kGroundName, input, kGroundName},
                    level / highest_level(spec_));
    capacitor_between({"top", i, j}, drive, at_.bit_line(i, j));
  }

  void bits(std::int64_t i, std::int64_t j, std::int64_t level) {
    for (std::int64_t k = 0; k < spec_.cell.bits; ++k) {
      const Name drive{"drv", i, j, k};
      sink_.element({"Egate", i, j, k},
                    {drive, kGroundName, at_.word_line(i, j), kGroundName},
                    static_cast<double>((level >> k) & 1));
      capacitor_between({"top", i, j, k}, drive, {"out", j, k});
    }
  }

  void bit_line(std::int64_t j) {
    wires_.bit_line(j);
    wires_.capacitance({"Cp", j}, at_.sense(j), kGroundName,
                       spec_.sense.load_capacitance);
    contact({"Srst", j}, at_.sense(j), kReset, kSample);
  }

  /// A capacitor that column `out_j_k` charges in the second phase.
  struct Load {
    std::string_view plate, capacitor, contact, reset;
  };
  void load(const Load& names, std::int64_t j, std::int64_t k, double farad) {
    const Name plate{names.plate, j, k};
    contact({names.contact, j, k}, {"out", j, k}, plate, kShare);
    sink_.capacitor({names.capacitor, j, k}, plate, kGroundName, farad);
    contact({names.reset, j, k}, plate, kReset, kSample);
  }

  /// The columns of the bits of output j, their loads, and the output.
  void combine(std::int64_t j) {
    const double cx = spec_.sense.combining_capacitance;
    const double all = highest_level(spec_) + 1.0;
    const Name output = at_.sense(j);
    for (std::int64_t k = 0; k < spec_.cell.bits; ++k) {
      const double part = static_cast<double>(std::int64_t{1} << k);
      const Name column{"out", j, k};
      wires_.capacitance({"Cp", j, k}, column, kGroundName, spec_.sense.load_capacitance);
      contact({"Srst", j, k}, column, kReset, kSample);
      load({"cmb", "Ccmb", "Sld", "Src"}, j, k, part * cx);
      load({"dum", "Cdum", "Sdm", "Srd"}, j, k, (all - part) * cx);
      contact({"Scmb", j, k}, {"cmb", j, k}, output, kCombine);
    }
    wires_.capacitance({"Cout", j}, output, kGroundName, spec_.sense.output_capacitance);
    contact({"Srout", j}, output, kReset, kSample);
  }

  // --- serial

  /// In cycle k the phases 2 k (sample) and 2 k + 1 (share).
  Signal clock_of_cycles(std::int64_t first) const {
    Signal signal(0.0);
    for (std::int64_t k = 0; k < spec_.cell.bits; ++k) {
      const Signal one = clock(spec_, clock_phase(spec_, 2 * k + first));
      signal.points.insert(signal.points.end(), one.points.begin() + 1, one.points.end());
    }
    return signal;
  }

  /// The input while bit k is set, in cycle k; it changes in the gap before the cycle.
  Signal bit_stream(std::int64_t level, double input) const {
    const auto value = [&](std::int64_t k) { return (level >> k) & 1 ? input : 0.0; };
    Signal signal(value(0));
    for (std::int64_t k = 1; k < spec_.cell.bits; ++k) {
      const double end = clock_phase(spec_, 2 * k).from - 0.5 * spec_.timing.gap;
      signal.points.emplace_back(end - 0.5 * spec_.timing.edge, value(k - 1));
      signal.points.emplace_back(end + 0.5 * spec_.timing.edge, value(k));
    }
    return signal;
  }

  void serial(const Matrix& weights, std::span<const double> inputs) {
    sink_.source({"Vph1"}, kSample, kGroundName, clock_of_cycles(0));
    sink_.source({"Vph2"}, kShare, kGroundName, clock_of_cycles(1));
    each_cell([&](std::int64_t i, std::int64_t j) {
      const Name drive{"drv", i, j}, top{"top", i, j};
      sink_.source({"Vdrv", i, j}, drive, kGroundName,
                   bit_stream(static_cast<std::int64_t>(weights(i, j)),
                              inputs[static_cast<std::size_t>(i)]));
      capacitor_between(top, drive, at_.bit_line(i, j));
      sink_.initial(top, spec_.supply.reset);
    });
    each_column([&](std::int64_t j) {
      wires_.bit_line(j);
      sink_.capacitor(
          {"Cacc", j}, at_.sense(j), kGroundName,
          rows_of(spec_) * spec_.cell.unit_capacitance + spec_.sense.load_capacitance);
      sink_.initial(at_.sense(j), spec_.supply.reset);
      decide(j);
    });
  }
};

Experiment experiment(const ArraySpec& spec) {
  const std::int64_t phases = is_serial(spec)   ? 2 * spec.cell.bits
                              : is_binary(spec) ? 3
                              : has_sar(spec)   ? sar_phases(spec)
                                                : 2;
  return {.stop = clock_phase(spec, phases - 1).until - spec.timing.edge,
          .max_step = 0.1 * spec.timing.phase,
          .start = clock_phase(spec, 0).from,
          .from_rest = is_serial(spec),
          .unit = "V",
          .reading = [stem = compares(spec)  ? "cmp"
                             : has_sar(spec) ? sar_output(0).stem
                                             : "out"](std::int64_t j) {
            return Reading{{stem, j}};
          }};
}

/// Mean over the rows of level/2^B-1 times the input (and, serial, of level/2^B).
Matrix sampled(const ArraySpec& spec, const Matrix& weights, const Matrix& inputs) {
  const double top = is_serial(spec) ? highest_level(spec) + 1.0 : highest_level(spec);
  Matrix outputs{inputs.rows, weights.columns,
                 std::vector<double>(inputs.rows * weights.columns, 0.0)};
  const bool is_xnor = spec.cell.structure == "xnor";
  for (std::int64_t k = 0; k < inputs.rows; ++k)
    for (std::int64_t i = 0; i < weights.rows; ++i)
      for (std::int64_t j = 0; j < weights.columns; ++j)
        outputs(k, j) +=
            (is_xnor && weights(i, j) == 0.0 ? spec.supply.voltage - inputs(k, i)
                                             : weights(i, j) / top * inputs(k, i)) /
            rows_of(spec);
  return outputs;
}

Matrix ideal(const ArraySpec& spec, const Matrix& weights, const Matrix& inputs) {
  Matrix lines = sampled(spec, weights, inputs);
  return has_sar(spec) ? sar_converted(spec, std::move(lines))
                       : compared(spec, std::move(lines));
}

/// Line `j` of an output over the mean of what its cells sampled, both from V_rst on.
double attenuation(const ArraySpec& spec) {
  const double cells = rows_of(spec) * spec.cell.unit_capacitance;
  return cells / (cells + line_capacitance(spec));
}

std::vector<double> reset_noise(const ArraySpec& spec, const Matrix& weights,
                                std::span<const double>) {
  return std::vector<double>(static_cast<std::size_t>(weights.columns),
                             decides(spec) ? 0.0 : charge_noise(spec));
}

/// A comparator decides on what is left of the samples, a SAR on the samples.
std::vector<double> decision_noise(const ArraySpec& spec, const Matrix& weights,
                                   std::span<const double> inputs) {
  std::vector<double> rms(static_cast<std::size_t>(weights.columns), 0.0);
  if (!decides(spec)) return rms;
  const double sigma = decision_sigma(spec, charge_noise(spec)), gain = attenuation(spec);
  const double start = spec.supply.reset;
  const Matrix samples = sampled(spec, weights, one_product(inputs));
  for (std::size_t j = 0; j < rms.size(); ++j) {
    const double line = samples.values[j];
    rms[j] = has_sar(spec)
                 ? sar_deviation(spec, line, sigma / gain)
                 : compared_deviation(spec, start + gain * (line - start), sigma);
  }
  return rms;
}

void set_defaults(ArraySpec& spec) {
  spec.wire.word_line_resistance = spec.wire.bit_line_resistance = 0.0;
  spec.cell.unit_capacitance = 1e-15;
  const bool has_levels = is_serial(spec) || is_binary(spec);
  spec.cell.bits = has_levels ? 4 : 1;
  spec.sense.load_capacitance = is_serial(spec) ? 0.0 : 2e-15;
  constexpr std::int64_t kUsualBits = 8;
  spec.sense.bits = std::min(kUsualBits, most_sar_bits(spec.array.rows));
  spec.timing.phase = is_serial(spec) ? 6.8e-10 : 2e-9;
  spec.timing.gap = is_serial(spec) ? 3.2e-10 : 5e-10;
}

std::string contradiction(const ArraySpec& spec) {
  if (has_sar(spec) && spec.sense.bits > most_sar_bits(spec.array.rows))
    return "'sense.bits' of a SAR needs 2^bits - 1 rows, whose capacitors make its "
           "levels";
  return level_contradiction(spec);
}

constexpr std::array<std::string_view, 2> kSenses{"buffer", "comparator"};
constexpr std::array<std::string_view, 3> kSensesOfUnits{"buffer", "comparator", "sar"};
constexpr auto kKeys = std::to_array<std::string_view>(
    {"sense.threshold", "sense.comparator_delay", "sense.bits", "supply", "switch",
     "timing.phase", "timing.gap", "timing.edge", "cell.bits", "cell.unit_capacitance",
     "sense.load_capacitance", "sense.combining_capacitance",
     "sense.output_capacitance"});
constexpr Domain kBit{"level", 0.0, 1.0}, kLevels{"level", 0.0, 15.0},
    kVoltage{"V", 0.0, 0.8};
constexpr std::array kStructures{
    CellStructure{"and", "samples the input where the stored bit is 1", kBit, kVoltage,
                  kSensesOfUnits},
    CellStructure{"xnor", "samples the input or its complement", kBit, kVoltage,
                  kSensesOfUnits},
    CellStructure{"binary", "one column per bit, combined with binary weights", kLevels,
                  kVoltage, kSenses},
    CellStructure{"serial", "bit by bit, halving what was there before", kLevels,
                  kVoltage, kSenses}};

}  // namespace

extern const ArrayType kChargeRedistribution{
    "charge-redistribution",
    "cells sample charges, which then spread over the column's capacitors",
    kStructures,
    kKeys,
    set_defaults,
    contradiction,
    describe_by<ChargeRedistribution>,
    experiment,
    ideal,
    reset_noise,
    decision_noise};

}  // namespace arrayspice
