// SPDX-License-Identifier: Apache-2.0
#include "netlists/arrays/circuit_sink.hpp"

#include <array>
#include <cassert>
#include <limits>

#include "devices/registry.hpp"
#include "netlists/arrays/array.hpp"
#include "netlists/arrays/cell_model.hpp"
#include "netlists/arrays/current_domain.hpp"
#include "netlists/arrays/geometry.hpp"

namespace arrayspice {

namespace {

void set_model(DeviceBlock& block, std::string_view parameter, double value) {
  const auto index = block.type().model_parameter(parameter);
  assert(index);
  block.set_model({*index, value});
}

}  // namespace

CircuitSink::CircuitSink(const ArraySpec& spec, Circuit& circuit)
    : circuit_(circuit),
      columns_(spec.array.columns),
      word_line_(spec.array.rows * columns_, kNoUnknown),
      bit_line_(spec.array.rows * columns_, kNoUnknown) {
  resistors_ = add_block('r', "", {});
  capacitors_ = add_block('c', "", {});
  sources_ = add_block('v', "", {});
  cell_block_ = circuit_.add_block(cell_device(spec.cell.model).make());
  for (const auto& [name, value] : spec.cell.parameters)
    set_model(circuit_.block(cell_block_), name, value);
  const auto& a = spec.access;
  if (spec.cell.structure == "1T1R")
    transistors_ = add_block('m', "nmos",
                             {{"vto", a.threshold},
                              {"kp", a.transconductance * a.width_over_length},
                              {"lambda", a.channel_length_modulation},
                              {"gamma", a.body_effect},
                              {"phi", a.surface_potential},
                              {"is", 1e-30}});
  if (spec.cell.structure == "1S1R") {
    selectors_ = add_block('n', selector_device(spec), {});
    for (const auto& [name, value] : selector_parameters(spec))
      set_model(circuit_.block(selectors_), name, value);
  }
  const auto& s = spec.sense;
  if (s.kind != "virtual-ground")
    amplifiers_ = add_block('n', "opamp",
                            {{"gain", s.gain},
                             {"gbw", s.bandwidth},
                             {"clamp", s.clamp},
                             {"offset", s.offset}});
}

BlockId CircuitSink::add_block(char letter, std::string_view model_type,
                               const Values& model) {
  const Registration* device = find_registration(letter, model_type, 1);
  assert(device);
  auto block = device->make();
  for (const auto& [name, value] : model) set_model(*block, name, value);
  return circuit_.add_block(std::move(block));
}

UnknownId CircuitSink::node(const Name& name) {
  // Every node at a cell is met about four times: remember it instead of hashing its
  // name.
  UnknownId* known = nullptr;
  if (name.j >= 0 && name.stem == "wl") known = &word_line_[name.i * columns_ + name.j];
  if (name.j >= 0 && name.stem == "bl") known = &bit_line_[name.i * columns_ + name.j];
  if (known && *known != kNoUnknown) return *known;
  text_.clear();
  append_name(text_, name);
  const UnknownId id = circuit_.node(text_);
  if (known) *known = id;
  return id;
}

DeviceId CircuitSink::add(BlockId block, const Name& name,
                          std::initializer_list<Name> pins, const Assignment* principal) {
  std::array<UnknownId, 4> ids{};
  std::size_t n = 0;
  for (const Name& pin : pins) ids[n++] = node(pin);
  text_.clear();
  append_name(text_, name);
  text_[0] = static_cast<char>(text_[0] | 0x20);  // names in a Circuit are lower case
  const DeviceId id = circuit_.add_device(
      block, text_, std::span(ids).first(n),
      principal ? std::span(principal, 1) : std::span<const Assignment>());
  assert(id != kNoDevice);
  return id;
}

void CircuitSink::resistor(const Name& name, const Name& p, const Name& m, double ohm) {
  const Assignment value{0, ohm};
  add(resistors_, name, {p, m}, &value);
}

void CircuitSink::capacitor(const Name& name, const Name& p, const Name& m,
                            double farad) {
  const Assignment value{0, farad};
  add(capacitors_, name, {p, m}, &value);
}

void CircuitSink::voltage_source(const Name& name, const Name& p, const Name& m,
                                 double volt) {
  const Assignment value{0, volt};
  const DeviceId id = add(sources_, name, {p, m}, &value);
  if (name.stem == "Vin") inputs_.push_back(id);
  if (name.stem == "Vsense") ammeters_.push_back(id);
}

void CircuitSink::cell(std::int64_t i, std::int64_t j, const Name& p, const Name& m,
                       double siemens) {
  const Assignment value{0, siemens};  // g is the first parameter of every memory cell
  cells_.push_back(add(cell_block_, {"Ncell", i, j}, {p, m}, &value));
}

void CircuitSink::transistor(const Name& name, const Name& drain, const Name& gate,
                             const Name& source) {
  add(transistors_, name, {drain, gate, source, kGroundName}, nullptr);
}

void CircuitSink::selector(const Name& name, const Name& p, const Name& m) {
  add(selectors_, name, {p, m}, nullptr);
}

void CircuitSink::amplifier(const Name& name, const Name& inverting, const Name& output) {
  add(amplifiers_, {"Namp", name.i}, {kGroundName, inverting, output, kGroundName},
      nullptr);
}

ArrayCircuit build_array(const ArraySpec& spec, const Matrix& conductances) {
  ArrayCircuit array;
  array.circuit = std::make_unique<Circuit>();
  CircuitSink sink(spec, *array.circuit);
  describe_current_domain(spec, conductances, std::vector<double>(spec.array.rows, 0.0),
                          sink);
  array.circuit->finalize();
  array.inputs = sink.inputs();
  array.cells = sink.cells();
  const ArrayGeometry at(spec);
  for (std::int64_t i = 0; i < spec.array.rows; ++i) {
    for (std::int64_t j = 0; j < spec.array.columns; ++j) {
      array.word_line.push_back(sink.node(at.word_line(i, j)));
      array.bit_line.push_back(sink.node(at.bit_line(i, j)));
    }
  }
  for (std::int64_t j = 0; j < spec.array.columns; ++j) {
    array.sense_currents.push_back(array.circuit->branch_current(sink.ammeters()[j]));
    array.outputs.push_back(spec.sense.kind == "virtual-ground"
                                ? array.sense_currents[j]
                                : sink.node(at.output(j)));
  }
  return array;
}

void set_conductances(ArrayCircuit& array, const Matrix& conductances) {
  // All but the last go straight to the block: set_parameter() prepares the whole block.
  Circuit& circuit = *array.circuit;
  DeviceBlock& block = circuit.device_block(array.cells.front());
  for (std::size_t k = 0; k + 1 < array.cells.size(); ++k)
    block.set_instance(circuit.device_instance(array.cells[k]),
                       {0, conductances.values[k]});
  circuit.set_parameter(array.cells.back(), {0, conductances.values.back()});
}

void set_inputs(ArrayCircuit& array, std::span<const double> inputs) {
  // A source's voltage enters no Jacobian and no derived constant.
  Circuit& circuit = *array.circuit;
  for (std::size_t i = 0; i < array.inputs.size(); ++i)
    circuit.device_block(array.inputs[i])
        .set_instance(circuit.device_instance(array.inputs[i]), {0, inputs[i]});
}

}  // namespace arrayspice
