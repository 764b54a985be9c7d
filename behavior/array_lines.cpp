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
  return {all(1.0 / segment), all(at_first ? 1.0 / (segment + end) : 0.0),
          all(at_last ? 1.0 / (segment + end) : 0.0)};
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
  return spec.array.type == "current-domain" && spec.cell.structure == "1R" &&
         spec.cell.model == "ohmic" && spec.sense.kind == "virtual-ground";
}

std::string why_not_lines(const ArraySpec& spec) {
  if (spec.array.type != "current-domain")
    return fmt::format("a {} array", spec.array.type);
  if (spec.cell.structure == "gate-input") return "currents come from a source line";
  if (spec.sense.kind == "regulated-cascode") return "bit lines end in cascodes";
  if (spec.sense.kind == "integrator") return "outputs are those of a transient";
  if (spec.sense.kind == "tia" && spec.sense.sides == "both")
    return "both ends of a bit line share an amplifier";
  if (spec.cell.structure == "1S1R" && spec.selector.model == "threshold")
    return "threshold selectors have two states";
  if (spec.wire.word_line_resistance == 0.0 || spec.wire.bit_line_resistance == 0.0)
    return "wires without resistance";
  return {};
}

lines::Grid grid_of(const ArraySpec& spec) {
  return {spec.array.rows, spec.array.columns,
          family(spec.array.rows, spec.wire.word_line_resistance, spec.driver.resistance,
                 true, spec.driver.sides == "both"),
          family(spec.array.columns, spec.wire.bit_line_resistance, spec.sense.resistance,
                 spec.sense.sides == "both", true)};
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
  if (s.kind == "virtual-ground") return {};
  return AmplifierEnds(
      {.gain = s.gain, .gbw = s.bandwidth, .clamp = s.clamp, .offset = s.offset},
      1.0 / (spec.wire.bit_line_resistance + s.resistance), s.feedback_resistance);
}

}  // namespace arrayspice
