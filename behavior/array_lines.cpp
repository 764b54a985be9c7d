// SPDX-License-Identifier: Apache-2.0
#include "behavior/array_lines.hpp"

#include <fmt/format.h>

#include <utility>

#include "netlists/arrays/cell_model.hpp"

namespace arrayspice {

namespace {

lines::Family family(std::int64_t count, double segment, double end, bool at_first,
                     bool at_last) {
  const auto all = [&](double g) {
    return std::vector<double>(static_cast<std::size_t>(count), g);
  };
  const double wire = segment > 0.0 ? 1.0 / segment : lines::kPerfectWire;
  const double to_terminal =
      segment + end > 0.0 ? 1.0 / (segment + end) : lines::kPerfectEnd;
  return {all(wire), all(at_first ? to_terminal : 0.0), all(at_last ? to_terminal : 0.0)};
}

bool is_open(const ArraySpec& spec) {
  return spec.array.type == "resistive-division" && spec.cell.structure == "open";
}

/// From the last cell of an open bit line to its sense node.
double to_sense_node(const ArraySpec& spec) {
  return spec.wire.bit_line_resistance + spec.sense.resistance;
}

lines::Family bit_lines(const ArraySpec& spec) {
  const std::int64_t count = spec.array.columns;
  const double segment = spec.wire.bit_line_resistance;
  if (!is_open(spec))
    return family(count, segment, spec.sense.resistance, spec.sense.sides == "both",
                  true);
  const double load = spec.sense.load_conductance;
  const double end = load > 0.0 ? spec.sense.resistance + 1.0 / load : 0.0;
  return family(count, segment, end, false, load > 0.0);
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
  if (spec.sense.kind == "integrator") return "outputs are those of a transient";
  if (spec.cell.structure == "1S1R" && spec.selector.model == "threshold")
    return "threshold selectors have two states";
  if (spec.sense.kind == "tia" && to_sense_node(spec) == 0.0)
    return "amplifiers without resistance to the cells";
  return {};
}

lines::Grid grid_of(const ArraySpec& spec) {
  return {spec.array.rows, spec.array.columns,
          family(spec.array.rows, spec.wire.word_line_resistance, spec.driver.resistance,
                 true, spec.driver.sides == "both"),
          bit_lines(spec)};
}

std::unique_ptr<DeviceCellLaw> cell_law_of(const ArraySpec& spec,
                                           const Matrix& conductances,
                                           const lines::LineSolver& solver) {
  if (is_linear(spec)) return nullptr;
  lines::Buffer g(solver.size());
  for (std::int64_t i = 0; i < conductances.rows; ++i)
    for (std::int64_t j = 0; j < conductances.columns; ++j)
      g[solver.index(i, j)] = conductances(i, j);
  const Env env;
  return make_cell_law(describe_cells(spec, env), g, solver.panel_size() / lines::kWidth,
                       env);
}

std::optional<AmplifierEnds> amplifiers_of(const ArraySpec& spec) {
  const auto& s = spec.sense;
  if (s.kind != "tia") return {};
  return AmplifierEnds(
      {.gain = s.gain, .gbw = s.bandwidth, .clamp = s.clamp, .offset = s.offset},
      (s.sides == "both" ? 2.0 : 1.0) / to_sense_node(spec), s.feedback_resistance);
}

lines::Reading reading_of(const ArraySpec& spec) {
  return is_open(spec) ? lines::Reading::Voltage : lines::Reading::Current;
}

double output_over_reading(const ArraySpec& spec) {
  return is_open(spec) ? 1.0 / (1.0 + to_sense_node(spec) * spec.sense.load_conductance)
                       : 1.0;
}

}  // namespace arrayspice
