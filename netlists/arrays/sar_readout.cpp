// SPDX-License-Identifier: Apache-2.0
#include "netlists/arrays/sar_readout.hpp"

#include <algorithm>
#include <cmath>

#include "netlists/arrays/clocks.hpp"
#include "netlists/arrays/decision.hpp"

namespace arrayspice {

namespace {

constexpr Name kSupply{"vdd"}, kReset{"vr"}, kHalf{"half"}, kShift{"shf"}, kDecide{"dec"},
    kSample{"ph1"};
/// Of nodes that hold a bit, F. It is driven by ideal decisions: any value will do that
/// the switches charge within a phase.
constexpr double kHold = 1e-14;

std::int64_t codes(const ArraySpec& spec) { return std::int64_t{1} << spec.sense.bits; }

/// Two phases for a bit: it is tried, it is decided.
Phase trial_phase(const ArraySpec& spec, std::int64_t trial) {
  return clock_phase(spec, 2 + 2 * trial);
}
Phase decision_phase(const ArraySpec& spec, std::int64_t trial) {
  return clock_phase(spec, 3 + 2 * trial);
}
/// The clock of trial 0, 1 ...; the last one only takes over the last decision.
Name trial_clock(std::int64_t trial) { return {"try", trial}; }

Signal decision_clock(const ArraySpec& spec) {
  Signal signal(0.0);
  for (std::int64_t n = 0; n < spec.sense.bits; ++n) {
    const Signal one = clock(spec, decision_phase(spec, n));
    signal.points.insert(signal.points.end(), one.points.begin() + 1, one.points.end());
  }
  return signal;
}

}  // namespace

std::int64_t sar_unit(const ArraySpec& spec) {
  const std::int64_t rows = spec.array.rows, all = codes(spec);
  const std::int64_t reaching = (rows + all - 1) / all;
  if (reaching * (all - 1) <= rows) return reaching;
  return std::max<std::int64_t>(1, rows / (all - 1));
}

double sar_step(const ArraySpec& spec) {
  return spec.supply.voltage * static_cast<double>(sar_unit(spec)) /
         static_cast<double>(spec.array.rows);
}

std::int64_t most_sar_bits(std::int64_t rows) {
  std::int64_t bits = 1;
  while (((std::int64_t{2} << bits) - 1) <= rows) ++bits;
  return bits;
}

std::int64_t sar_phases(const ArraySpec& spec) { return 3 + 2 * spec.sense.bits; }

/// The most significant group begins at row 0.
Name sar_plate(const ArraySpec& spec, std::int64_t i, std::int64_t j) {
  std::int64_t first = 0;
  for (std::int64_t k = spec.sense.bits - 1; k >= 0; --k) {
    first += sar_unit(spec) << k;
    if (i < first) return {"bot", j, k};
  }
  return kGroundName;
}

void sar_supplies(const ArraySpec& spec, NetlistSink& sink) {
  const double volt = spec.supply.voltage;
  switch_model(spec, sink, "logic");
  comparator_model(spec, sink, "comparator", kDecidingGain, spec.sense.comparator_delay);
  comparator_model(spec, sink, "regenerator", kDecidingGain, spec.sense.comparator_delay);
  sink.source({"Vhalf"}, kHalf, kGroundName, 0.5 * volt);
  sink.source({"Vshift"}, kShift, kGroundName,
              step(0.0, volt, trial_phase(spec, 0).from, spec.timing.edge));
  sink.source({"Vdec"}, kDecide, kGroundName, decision_clock(spec));
  for (std::int64_t n = 0; n <= spec.sense.bits; ++n)
    sink.source({"Vtry", n}, trial_clock(n), kGroundName,
                clock(spec, trial_phase(spec, n)));
}

double sar_half_capacitance(const ArraySpec& spec) {
  return 0.5 * static_cast<double>(sar_unit(spec)) * spec.cell.unit_capacitance;
}

void sar_column(const ArraySpec& spec, const Name& line, std::int64_t j, double thermal,
                NetlistSink& sink) {
  const Name compared{"cmp", j}, held{"hld", j}, decided{"dcd", j};
  const auto contact = [&](const Name& name, const Name& p, const Name& m,
                           const Name& clock) {
    sink.device(name, {p, m, clock, kGroundName}, "logic", {});
  };
  const std::int64_t bits = spec.sense.bits;
  std::vector<double> trials;
  for (std::int64_t n = 0; n < bits; ++n) trials.push_back(trial_phase(spec, n).from);
  sink.capacitor({"Chalf", j}, line, kShift, sar_half_capacitance(spec));
  compare(spec, {line, kReset, thermal, trials}, j, sink);
  contact({"Sdec", j}, compared, held, kDecide);
  sink.capacitor({"Chold", j}, held, kGroundName, kHold);
  sink.device({"Nreg", j}, {held, kHalf, decided, kGroundName}, "regenerator", {});
  Name sum = kReset;  // V_rst and the steps of the bits so far
  for (std::int64_t k = 0; k < bits; ++k) {
    const Name latch{"lat", j, k};
    const std::int64_t trial = bits - 1 - k;
    contact({"Sclr", j, k}, latch, kGroundName, kSample);
    contact({"Sset", j, k}, kSupply, latch, trial_clock(trial));
    contact({"Stak", j, k}, decided, latch, trial_clock(trial + 1));
    sink.capacitor({"Clatch", j, k}, latch, kGroundName, kHold);
    sink.element({"Ebot", j, k}, {{"bot", j, k}, kGroundName, kSupply, latch}, 1.0);
    const Name next = k + 1 < bits ? Name{"sum", j, k} : sar_output(j);
    sink.element({"Esum", j, k}, {next, sum, latch, kGroundName},
                 std::ldexp(sar_step(spec) / spec.supply.voltage, static_cast<int>(k)));
    sum = next;
  }
}

Matrix sar_converted(const ArraySpec& spec, Matrix lines) {
  const double step = sar_step(spec), last = static_cast<double>(codes(spec) - 1);
  for (double& y : lines.values) {
    const double code = std::floor((y - spec.supply.reset) / step + 0.5);
    y = spec.supply.reset + step * std::clamp(code, 0.0, last);
  }
  return lines;
}

/// With p_k the probability of code k or more, the mean code is sum p_k and its mean
/// square sum (2 k - 1) p_k.
double sar_deviation(const ArraySpec& spec, double line, double sigma) {
  if (sigma <= 0.0) return 0.0;
  const double step = sar_step(spec);
  double mean = 0.0, square = 0.0;
  for (std::int64_t k = 1; k < codes(spec); ++k) {
    const double level = spec.supply.reset + (static_cast<double>(k) - 0.5) * step;
    const double p = normal_probability((line - level) / sigma);
    mean += p;
    square += (2.0 * static_cast<double>(k) - 1.0) * p;
  }
  return step * std::sqrt(std::max(0.0, square - mean * mean));
}

}  // namespace arrayspice
