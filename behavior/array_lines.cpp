// SPDX-License-Identifier: Apache-2.0
#include "behavior/array_lines.hpp"

#include <fmt/format.h>

#include <functional>
#include <utility>

#include "netlists/arrays/array_type.hpp"
#include "netlists/arrays/cell_model.hpp"
#include "netlists/arrays/chip.hpp"

namespace arrayspice {

namespace {

/// Of each line: ohm of a segment, and of what is beyond its first and last one;
/// negative: the line ends there.
struct LineResistances {
  double segment, first, last;
};
constexpr double kOpen = -1.0;

lines::Family family(std::int64_t count,
                     const std::function<LineResistances(std::int64_t line)>& of) {
  lines::Family family;
  for (std::int64_t k = 0; k < count; ++k) {
    const LineResistances r = of(k);
    const auto end = [&](double ohm) {
      if (ohm == kOpen) return 0.0;
      return r.segment + ohm > 0.0 ? 1.0 / (r.segment + ohm) : lines::kPerfectEnd;
    };
    family.segment.push_back(r.segment > 0.0 ? 1.0 / r.segment : lines::kPerfectWire);
    family.first_end.push_back(end(r.first));
    family.last_end.push_back(end(r.last));
  }
  return family;
}

bool is_open(const ArraySpec& spec) {
  return spec.array.type == "resistive-division" && spec.cell.structure == "open";
}

LineResistances word_line(const ArraySpec& spec, std::int64_t i) {
  const double driver = spec.driver.resistance;
  return {spec.wire.word_line_resistance * wire_resistance_factor(spec, kWordLines, i),
          driver * driver_factor(spec, "Rdrv", i),
          spec.driver.sides == "both" ? driver * driver_factor(spec, "Rdrvr", i) : kOpen};
}

double bit_segment(const ArraySpec& spec, std::int64_t j) {
  return spec.wire.bit_line_resistance * wire_resistance_factor(spec, kBitLines, j);
}

/// From the last cell of a bit line to its sense node.
double to_sense_node(const ArraySpec& spec, std::int64_t j) {
  return bit_segment(spec, j) + spec.sense.resistance;
}

/// Are bit lines the inputs of amplifiers, without resistance between?
bool meets_amplifiers(const ArraySpec& spec) {
  return spec.sense.kind == "tia" &&
         spec.wire.bit_line_resistance + spec.sense.resistance == 0.0;
}
constexpr double kAnyResistance = 1.0;  // ohm

LineResistances bit_line(const ArraySpec& spec, std::int64_t j) {
  const double segment = bit_segment(spec, j);
  // An amplifier takes the place of what ends the line; perfect ends would hold it.
  const double sense = meets_amplifiers(spec) ? kAnyResistance : spec.sense.resistance;
  if (!is_open(spec)) return {segment, spec.sense.sides == "both" ? sense : kOpen, sense};
  const double load = spec.sense.load_conductance;
  return {segment, kOpen, load > 0.0 ? sense + 1.0 / load : kOpen};
}

/// The same card as in netlists/arrays/circuit_sink.cpp.
AccessTransistor access_of(const ArraySpec& spec, const Env& env) {
  const auto& a = spec.access;
  AccessTransistor access;
  access.model.vto = a.threshold;
  access.model.kp = a.transconductance * a.width_over_length;
  access.model.lambda = a.channel_length_modulation;
  access.model.gamma = a.body_effect;
  access.model.phi = a.surface_potential;
  access.model.is = 1e-30;
  Mosfet1::prepare(access.model, env.temperature);
  Mosfet1::prepare(std::as_const(access.model), access.instance, env.temperature);
  access.gate.assign(static_cast<std::size_t>(spec.array.rows), a.gate_voltage);
  return access;
}

/// The transistors of this chip.
void differ(const ArraySpec& spec, const lines::LineSolver& solver,
            AccessTransistor& access) {
  access.complete(solver.size());
  for (std::int64_t i = 0; i < spec.array.rows; ++i) {
    for (std::int64_t j = 0; j < spec.array.columns; ++j) {
      const auto at = static_cast<std::size_t>(solver.index(i, j));
      const Mismatch m = access_mismatch(spec, i, j);
      access.shift[at] += m.threshold;
      access.beta[at] *= m.gain;
    }
  }
}

/// A Stanford cell whose gap rests reads like a sinh cell of the same conductance.
CellDescription describe_cells(const ArraySpec& spec, const Env& env) {
  CellDescription cells;
  if (spec.cell.model == "cubic")
    cells.cell = CubicCell::Model{.v_max = cell_parameter(spec, "vmax")};
  else if (spec.cell.model != "ohmic")
    cells.cell = SinhCell::Model{.v0 = cell_parameter(spec, "v0")};
  if (spec.cell.structure == "1T1R") cells.access = access_of(spec, env);
  if (spec.cell.structure == "1S1R")
    cells.access = SeriesSelector{spec.selector.exponential};
  return cells;
}

}  // namespace

bool is_linear(const ArraySpec& spec) {
  if (spec.cell.model != "ohmic") return false;
  return is_open(spec) ||
         (spec.array.type == "current-domain" && spec.cell.structure == "1R" &&
          spec.sense.kind == "virtual-ground");
}

std::string why_not_lines(const ArraySpec& spec) {
  if (is_open(spec)) {
    if (spec.sense.sides == "both") return "both ends of a bit line are one node";
    return {};
  }
  if (spec.array.type != "current-domain")
    return fmt::format("a {} array", spec.array.type);
  if (spec.cell.structure == "gate-input") return "currents come from a source line";
  if (spec.sense.kind == "regulated-cascode") return "bit lines end in cascodes";
  if (array_type(spec).experiment(spec).is_transient())
    return "outputs are those of a transient";
  if (spec.cell.structure == "1S1R" && spec.selector.model == "threshold")
    return "threshold selectors have two states";
  if (meets_amplifiers(spec) && spec.sense.sides == "both")
    return "both ends of a bit line are the input of one amplifier";
  return {};
}

std::string why_not_line_products(const ArraySpec& spec) {
  if (spec.array.type != "current-domain" || spec.sense.kind != "integrator")
    return why_not_lines(spec);
  ArraySpec at_rest = spec;
  at_rest.sense.kind = "tia";
  if (std::string why_not = why_not_lines(at_rest); !why_not.empty()) return why_not;
  if (spec.wire.word_line_resistance == 0.0 || spec.wire.bit_line_resistance == 0.0)
    return "integrators of wires without resistance";
  if (spec.sense.sides == "both") return "both ends of a bit line share an integrator";
  if (spec.cell.model == "stanford-rram") return "cells that move";
  if (spec.sense.pole == "before-clamp")
    return "amplifiers whose pole is before their clamp";
  return {};
}

lines::NodeCapacitance node_capacitance_of(const ArraySpec& spec) {
  const auto& wire = spec.wire;
  const std::int64_t rows = spec.array.rows, columns = spec.array.columns;
  lines::NodeCapacitance at;
  for (std::int64_t i = 0; i < rows; ++i)
    at.word.push_back(wire.word_line_capacitance *
                      wire_capacitance_factor(spec, kWordLines, i));
  for (std::int64_t j = 0; j < columns; ++j)
    at.bit.push_back(wire.bit_line_capacitance *
                     wire_capacitance_factor(spec, kBitLines, j));
  if (wire.coupling_capacitance == 0.0) return at;
  for (std::int64_t i = 0; i + 1 < rows; ++i)
    at.word_coupling.push_back(wire.coupling_capacitance *
                               wire_capacitance_factor(spec, kBetweenWordLines, i));
  for (std::int64_t j = 0; j + 1 < columns; ++j)
    at.bit_coupling.push_back(wire.coupling_capacitance *
                              wire_capacitance_factor(spec, kBetweenBitLines, j));
  return at;
}

lines::Grid grid_of(const ArraySpec& spec) {
  return {spec.array.rows, spec.array.columns,
          family(spec.array.rows, [&](std::int64_t i) { return word_line(spec, i); }),
          family(spec.array.columns, [&](std::int64_t j) { return bit_line(spec, j); })};
}

std::unique_ptr<DeviceCellLaw> cell_law_of(const ArraySpec& spec,
                                           const Matrix& conductances,
                                           const lines::LineSolver& solver) {
  if (is_linear(spec)) return nullptr;
  lines::Buffer g(solver.size());
  for (std::int64_t i = 0; i < conductances.rows; ++i)
    for (std::int64_t j = 0; j < conductances.columns; ++j)
      g[solver.index(i, j)] = conductances(i, j);
  Env env;
  env.temperature = spec.environment.temperature;
  CellDescription cells = describe_cells(spec, env);
  if (auto* access = std::get_if<AccessTransistor>(&cells.access);
      access && transistors_differ(spec))
    differ(spec, solver, *access);
  return make_cell_law(cells, g, solver.panel_size() / lines::kWidth, env);
}

std::optional<AmplifierEnds> amplifiers_of(const ArraySpec& spec) {
  const auto& s = spec.sense;
  if (s.kind != "tia" && s.kind != "integrator") return {};
  const double ends = s.sides == "both" ? 0.5 : 1.0;
  std::vector<AmplifierEnds::Column> columns;
  for (std::int64_t j = 0; j < spec.array.columns; ++j)
    columns.push_back({ends * to_sense_node(spec, j),
                       s.offset + amplifier_offset(spec, j),
                       s.feedback_resistance * feedback_factor(spec, j),
                       s.kind == "integrator" ? integrating_capacitance(spec, j) : 0.0});
  return AmplifierEnds({.gain = s.gain, .gbw = s.bandwidth, .clamp = s.clamp},
                       std::move(columns));
}

lines::Reading reading_of(const ArraySpec& spec) {
  return is_open(spec) ? lines::Reading::Voltage : lines::Reading::Current;
}

std::vector<double> output_over_reading(const ArraySpec& spec) {
  std::vector<double> ratio;
  for (std::int64_t j = 0; j < spec.array.columns; ++j)
    ratio.push_back(
        is_open(spec) ? 1.0 / (1.0 + to_sense_node(spec, j) * spec.sense.load_conductance)
                      : 1.0);
  return ratio;
}

}  // namespace arrayspice
