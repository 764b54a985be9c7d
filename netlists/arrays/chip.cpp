// SPDX-License-Identifier: Apache-2.0
#include "netlists/arrays/chip.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "netlists/arrays/array_type.hpp"
#include "netlists/arrays/cell_statistics.hpp"
#include "netlists/arrays/decision.hpp"

namespace arrayspice {

namespace {

/// Resistors and capacitors that vary in another way than others of their kind, or not.
struct Rule {
  std::string_view stem;
  std::optional<Draw> draw = {};
  std::string_view family = {};  ///< of lines
  bool by_second_index = false;  ///< of the line
};
constexpr std::array kRules{Rule{"Rwl", Draw::WireResistance, kWordLines},
                            Rule{"Rbl", Draw::WireResistance, kBitLines, true},
                            Rule{"Rblt", Draw::WireResistance, kBitLines},
                            Rule{"Cwl", Draw::WireCapacitance, kWordLines},
                            Rule{"Cbl", Draw::WireCapacitance, kBitLines, true},
                            Rule{"Ccwl", Draw::WireCapacitance, kBetweenWordLines},
                            Rule{"Ccbl", Draw::WireCapacitance, kBetweenBitLines, true},
                            Rule{"Rdrv", Draw::DriverResistance},
                            Rule{"Rdrvr", Draw::DriverResistance},
                            // parasitics and ends of lines
                            Rule{"Rsense"}, Rule{"Rsenset"}, Rule{"Rload"}, Rule{"Cp"},
                            Rule{"Cload"}, Rule{"Cinner"}, Rule{"Cpar"}, Rule{"Cov1"},
                            Rule{"Cov2"}, Rule{"Chold"}, Rule{"Clatch"}};

Rule rule_of(std::string_view stem) {
  for (const Rule& rule : kRules)
    if (rule.stem == stem) return rule;
  if (stem.front() == 'R') return {stem, Draw::Resistor};
  if (stem.front() == 'C') return {stem, Draw::Capacitor};
  return {stem};
}

double capacitor_factor(const ArraySpec& spec, const Name& name, double farad) {
  const double sigma = spec.variation.capacitor_sigma;
  if (sigma == 0.0 || farad <= 0.0) return 1.0;
  const double units = farad / spec.cell.unit_capacitance;
  const double z =
      normal(chip_of(spec), {Draw::Capacitor, name.stem}, name.i, name.j, name.k);
  return std::max(0.0, 1.0 + sigma / std::sqrt(units) * z);
}

double resistor_factor(const ArraySpec& spec, const Name& name) {
  const double sigma = spec.variation.resistor_sigma;
  if (sigma == 0.0) return 1.0;
  return lognormal_factor(
      sigma, normal(chip_of(spec), {Draw::Resistor, name.stem}, name.i, name.j, name.k));
}

double factor_of(const ArraySpec& spec, const Name& name, double value) {
  const Rule rule = rule_of(name.stem);
  if (!rule.draw) return 1.0;
  const std::int64_t line = rule.by_second_index ? name.j : name.i;
  switch (*rule.draw) {
    case Draw::WireResistance:
      return wire_resistance_factor(spec, rule.family, line);
    case Draw::WireCapacitance:
      return wire_capacitance_factor(spec, rule.family, line);
    case Draw::DriverResistance:
      return driver_factor(spec, name.stem, name.i);
    case Draw::Resistor:
      return resistor_factor(spec, name);
    default:
      return capacitor_factor(spec, name, value);
  }
}

double line_factor(const ArraySpec& spec, double sigma, Draw draw,
                   std::string_view family, std::int64_t line) {
  if (sigma == 0.0) return 1.0;
  return lognormal_factor(sigma, normal(chip_of(spec), {draw, family}, line, 0));
}

/// Of a transistor of the W/L of its card; lengths are those of [variation].
Mismatch mismatch_of(const ArraySpec& spec, const Name& name, double width_over_length) {
  const auto& v = spec.variation;
  const double root_area = v.channel_length * std::sqrt(width_over_length);
  const auto z = [&](Draw draw) {
    return normal(chip_of(spec), {draw, name.stem}, name.i, name.j, name.k);
  };
  Mismatch m;
  if (v.threshold_coefficient > 0.0)
    m.threshold = v.threshold_coefficient / root_area * z(Draw::Threshold);
  constexpr double kLeastGain = 1e-3;
  if (v.gain_coefficient > 0.0)
    m.gain = std::max(kLeastGain, 1.0 + v.gain_coefficient / root_area * z(Draw::Gain));
  return m;
}

/// Moves every edge: points between which the value changes move together, and never
/// past their neighbours.
Signal jittered(const ArraySpec& spec, const Name& name, const Signal& signal,
                std::int64_t product) {
  constexpr std::int64_t kEdges = 1 << 16;
  Signal moved = signal;
  auto& p = moved.points;
  const auto& original = signal.points;
  std::int64_t edge = 0;
  for (std::size_t first = 0; first + 1 < p.size();) {
    std::size_t last = first;
    while (last + 1 < p.size() && original[last + 1].second != original[last].second)
      ++last;
    if (last > first) {
      const double z = normal(chip_of(spec), {Draw::Jitter, name.stem}, name.i, name.j,
                              product * kEdges + edge++);
      const double before = first > 0 ? p[first - 1].first : 0.0;
      const double after = last + 1 < p.size() ? original[last + 1].first : INFINITY;
      const double shift =
          std::clamp(spec.variation.jitter * z, 0.5 * (before - original[first].first),
                     0.5 * (after - original[last].first));
      for (std::size_t k = first; k <= last; ++k) p[k].first += shift;
    }
    first = std::max(last, first + 1);
  }
  return moved;
}

/// Of a source of noise, whose values are rms: a draw for each of its stretches.
Signal drawn(const ArraySpec& spec, const Name& name, Signal signal,
             std::int64_t product) {
  for (std::size_t p = 0; p < signal.points.size(); ++p) {
    const auto stretch = static_cast<std::int64_t>((p + 1) / 2);
    signal.points[p].second *=
        normal(chip_of(spec), {Draw::CircuitNoise, name.stem}, name.i, stretch, product);
  }
  return signal;
}

/// What a sink hears of a spec that says what the chip is.
class ChipSink final : public NetlistSink {
 public:
  ChipSink(const ArraySpec& spec, std::int64_t product, NetlistSink& sink)
      : spec_(spec), product_(product), sink_(sink) {}

  ArrayPart part() const override { return sink_.part(); }

  void element(const Name& name, Pins pins, double value) override {
    sink_.element(name, pins, value * factor_of(spec_, name, value));
  }
  void source(const Name& name, const Name& p, const Name& m,
              const Signal& signal) override {
    if (is_noise(name.stem))
      return sink_.source(name, p, m, drawn(spec_, name, signal, product_));
    if (spec_.variation.jitter == 0.0 || signal.is_constant())
      return sink_.source(name, p, m, signal);
    sink_.source(name, p, m, jittered(spec_, name, signal, product_));
  }
  void model(std::string_view name, char letter, std::string_view type,
             Values values) override {
    if (type == "comparator") comparators_.insert(std::string(name));
    sink_.model(name, letter, type, values);
  }
  void device(const Name& name, Pins pins, std::string_view model,
              Values values) override {
    if (name.stem.front() == 'M' && transistors_differ(spec_))
      return transistor(name, pins, model, values);
    const double sigma = spec_.variation.comparator_offset_sigma;
    if (sigma > 0.0 && comparators_.contains(model))
      return sink_.device(
          name, pins, model,
          {{"offset", sigma * normal(chip_of(spec_), {Draw::ComparatorOffset, name.stem},
                                     name.i, name.j)}});
    sink_.device(name, pins, model, values);
  }
  void cell(std::int64_t i, std::int64_t j, const Name& p, const Name& m,
            double siemens) override {
    sink_.cell(i, j, p, m, read_conductance(spec_, siemens, i, j, product_));
  }
  void selector(const Name& name, const Name& p, const Name& m) override {
    sink_.selector(name, p, m);
  }
  void amplifier(const Name& name, const Name& inverting, const Name& output,
                 double offset) override {
    sink_.amplifier(name, inverting, output, offset + amplifier_offset(spec_, name.i));
  }
  void initial(const Name& node, double volt) override { sink_.initial(node, volt); }

 private:
  void transistor(const Name& name, Pins pins, std::string_view model, Values values) {
    double width = 1.0, length = 1.0;
    for (const auto& [key, value] : values)
      if (key == "w")
        width = value;
      else if (key == "l")
        length = value;
    const Mismatch m = mismatch_of(spec_, name, width / length);
    sink_.device(name, pins, model,
                 {{"w", width * m.gain}, {"l", length}, {"delvto", m.threshold}});
  }

  const ArraySpec& spec_;
  std::int64_t product_;
  NetlistSink& sink_;
  std::set<std::string, std::less<>> comparators_;
};

/// The spec as this chip obeys it.
ArraySpec chip_spec(const ArraySpec& spec) {
  constexpr double kLeast = 0.1;
  ArraySpec actual = spec;
  if (const double sigma = spec.variation.supply_sigma; sigma > 0.0)
    actual.supply.voltage *=
        std::max(kLeast, 1.0 + sigma * normal(chip_of(spec), Draw::Supply, 0, 0));
  return actual;
}

/// Notes which draws an array would need.
class DrawRecorder final : public NetlistSink {
 public:
  std::set<Draw> draws;

  void element(const Name& name, Pins, double value) override {
    if (const auto draw = rule_of(name.stem).draw; draw && value > 0.0)
      draws.insert(*draw);
  }
  void source(const Name& name, const Name&, const Name&, const Signal& signal) override {
    if (!signal.is_constant()) draws.insert(Draw::Jitter);
    if (name.stem == "Vdd" || name.stem == "Vrst") draws.insert(Draw::Supply);
  }
  void model(std::string_view, char, std::string_view type, Values) override {
    if (type == "comparator") draws.insert(Draw::ComparatorOffset);
    if (type == "sw" || type == "injecting_switch") draws.insert(Draw::Supply);
  }
  void device(const Name& name, Pins, std::string_view, Values) override {
    if (name.stem.front() == 'M') draws.insert(Draw::Threshold);
  }
  void cell(std::int64_t, std::int64_t, const Name&, const Name&, double) override {
    draws.insert(Draw::ReadNoise);
  }
  void selector(const Name&, const Name&, const Name&) override {}
  void amplifier(const Name&, const Name&, const Name&, double) override {
    draws.insert(Draw::AmplifierOffset);
  }
  void initial(const Name&, double) override {}
};

}  // namespace

double lognormal_factor(double sigma, double z) {
  const double s2 = std::log1p(sigma * sigma);
  return std::exp(std::sqrt(s2) * z - 0.5 * s2);
}

double wire_resistance_factor(const ArraySpec& spec, std::string_view family,
                              std::int64_t line) {
  return line_factor(spec, spec.variation.wire_resistance_sigma, Draw::WireResistance,
                     family, line);
}

double wire_capacitance_factor(const ArraySpec& spec, std::string_view family,
                               std::int64_t line) {
  return line_factor(spec, spec.variation.wire_capacitance_sigma, Draw::WireCapacitance,
                     family, line);
}

double driver_factor(const ArraySpec& spec, std::string_view stem, std::int64_t row) {
  return line_factor(spec, spec.variation.driver_resistance_sigma, Draw::DriverResistance,
                     stem, row);
}

double feedback_factor(const ArraySpec& spec, std::int64_t column) {
  return resistor_factor(spec, {"Rfeedback", column});
}

double integrating_capacitance(const ArraySpec& spec, std::int64_t column) {
  const double farad = spec.sense.feedback_capacitance;
  return farad * capacitor_factor(spec, {"Cfeedback", column}, farad);
}

double amplifier_offset(const ArraySpec& spec, std::int64_t column) {
  const double sigma = spec.variation.amplifier_offset_sigma;
  if (sigma == 0.0) return 0.0;
  return sigma * normal(chip_of(spec), Draw::AmplifierOffset, column, 0);
}

bool transistors_differ(const ArraySpec& spec) {
  return spec.variation.threshold_coefficient > 0.0 ||
         spec.variation.gain_coefficient > 0.0;
}

Mismatch access_mismatch(const ArraySpec& spec, std::int64_t row, std::int64_t column) {
  return mismatch_of(spec, {"Maccess", row, column}, spec.access.width_over_length);
}

void describe_chip(const ArraySpec& spec, const Matrix& weights,
                   std::span<const double> inputs, std::int64_t product,
                   NetlistSink& sink) {
  const ArraySpec actual = chip_spec(spec);
  ChipSink chip(actual, product, sink);
  array_type(spec).describe(actual, weights, inputs, chip);
}

Experiment chip_experiment(const ArraySpec& spec) {
  return array_type(spec).experiment(chip_spec(spec));
}

std::set<Draw> draws_of(const ArraySpec& spec) {
  ArraySpec small = spec;
  small.array.rows = std::min<std::int64_t>(2, spec.array.rows);
  small.array.columns = std::min<std::int64_t>(2, spec.array.columns);
  const auto cells = static_cast<std::size_t>(small.array.rows * small.array.columns);
  const Matrix weights{small.array.rows, small.array.columns,
                       std::vector<double>(cells, spec.cell.maximum)};
  const std::vector<double> inputs(static_cast<std::size_t>(small.array.rows),
                                   spec.input.maximum);
  DrawRecorder recorder;
  array_type(spec).describe(small, weights, inputs, recorder);
  return recorder.draws;
}

}  // namespace arrayspice
