// SPDX-License-Identifier: Apache-2.0
#include "netlists/arrays/circuit_sink.hpp"

#include <array>
#include <cassert>

#include "devices/registry.hpp"
#include "netlists/arrays/cell_model.hpp"
#include "netlists/arrays/cell_statistics.hpp"
#include "netlists/arrays/chip.hpp"
#include "netlists/arrays/geometry.hpp"

namespace arrayspice {

namespace {

void set_model(DeviceBlock& block, std::string_view parameter, double value) {
  const auto index = block.type().model_parameter(parameter);
  assert(index);
  block.set_model({*index, value});
}

}  // namespace

void set_signal(Circuit& circuit, DeviceId source, const Signal& signal) {
  DeviceBlock& block = circuit.device_block(source);
  const InstanceId instance = circuit.device_instance(source);
  block.set_instance(instance, {0, signal.start()});
  block.set_waveform(instance,
                     signal.is_constant()
                         ? nullptr
                         : std::make_shared<const Waveform>(
                               Waveform::PieceWiseLinear{.points = signal.points}));
}

CircuitSink::CircuitSink(const ArraySpec& spec, Circuit& circuit, const ArrayPart& part)
    : circuit_(circuit),
      part_(part),
      columns_(spec.array.columns),
      amplifier_offset_(spec.sense.offset),
      word_line_(spec.array.rows * columns_, kNoUnknown),
      bit_line_(spec.array.rows * columns_, kNoUnknown) {
  cell_block_ = circuit_.add_block(cell_device(spec.cell.model).make());
  for (const auto& [name, value] : spec.cell.parameters)
    set_model(circuit_.block(cell_block_), name, value);
  if (spec.cell.structure == "1S1R") {
    selectors_ = add_block('n', selector_device(spec), {});
    for (const auto& [name, value] : selector_parameters(spec))
      set_model(circuit_.block(selectors_), name, value);
  }
  const auto& s = spec.sense;
  if (uses_amplifier(spec))
    amplifiers_ = add_block('n', "opamp",
                            {{"gain", s.gain},
                             {"gbw", s.bandwidth},
                             {"clamp", s.clamp},
                             {"offset", s.offset},
                             {"windup", s.pole == "before-clamp" ? 1.0 : 0.0}});
}

BlockId CircuitSink::add_block(char letter, std::string_view model_type, Values model) {
  const Registration* device = find_registration(letter, model_type, 1);
  assert(device);
  auto block = device->make();
  for (const auto& [name, value] : model) set_model(*block, name, value);
  return circuit_.add_block(std::move(block));
}

BlockId CircuitSink::block_of_letter(char letter) {
  const auto known = letters_.find(letter);
  if (known != letters_.end()) return known->second;
  return letters_[letter] = add_block(letter, "", {});
}

const std::string& CircuitSink::text_of(const Name& name) {
  text_.clear();
  append_name(text_, name);
  return text_;
}

/// Every node at a cell is met about four times: remember it instead of hashing its name.
UnknownId* CircuitSink::remembered(const Name& name) {
  if (name.j < 0 || name.j >= columns_) return nullptr;
  if (name.stem == "wl") return &word_line_[name.i * columns_ + name.j];
  if (name.stem == "bl") return &bit_line_[name.i * columns_ + name.j];
  return nullptr;
}

UnknownId CircuitSink::node(const Name& name) {
  UnknownId* known = remembered(name);
  if (known && *known != kNoUnknown) return *known;
  const UnknownId id = circuit_.node(text_of(name));
  if (known) *known = id;
  return id;
}

UnknownId CircuitSink::find(const Name& name) {
  if (const UnknownId* known = remembered(name); known && *known != kNoUnknown)
    return *known;
  return circuit_.find_node(text_of(name)).value_or(kNoUnknown);
}

DeviceId CircuitSink::find_device(const Name& name) {
  text_of(name);
  text_[0] = static_cast<char>(text_[0] | 0x20);
  return circuit_.find_device(text_).value_or(kNoDevice);
}

DeviceId CircuitSink::add(BlockId block, const Name& name, Pins pins,
                          std::span<const Assignment> parameters) {
  std::array<UnknownId, 4> ids{};
  std::size_t n = 0;
  for (const Name& pin : pins) ids[n++] = node(pin);
  text_of(name);
  text_[0] = static_cast<char>(text_[0] | 0x20);  // names in a Circuit are lower case
  const DeviceId id =
      circuit_.add_device(block, text_, std::span(ids).first(n), parameters);
  assert(id != kNoDevice);
  return id;
}

void CircuitSink::element(const Name& name, Pins pins, double value) {
  const Assignment principal{0, value};
  add(block_of_letter(static_cast<char>(name.stem.front() | 0x20)), name, pins,
      {&principal, 1});
}

void CircuitSink::source(const Name& name, const Name& p, const Name& m,
                         const Signal& signal) {
  const DeviceId id =
      add(block_of_letter(static_cast<char>(name.stem.front() | 0x20)), name, {p, m}, {});
  set_signal(circuit_, id, signal);
  sources_.push_back(id);
  if (name.stem == "Vin") inputs_.push_back(id);
}

void CircuitSink::model(std::string_view name, char letter, std::string_view type,
                        Values values) {
  models_[std::string(name)] = add_block(letter, type, values);
}

void CircuitSink::device(const Name& name, Pins pins, std::string_view model,
                         Values values) {
  const auto block = models_.find(model);
  assert(block != models_.end());
  std::array<Assignment, 4> parameters{};
  std::size_t n = 0;
  for (const auto& [key, value] : values) {
    const auto index = circuit_.block(block->second).type().instance_parameter(key);
    assert(index);
    parameters[n++] = {*index, value};
  }
  add(block->second, name, pins, std::span(parameters).first(n));
}

void CircuitSink::cell(std::int64_t i, std::int64_t j, const Name& p, const Name& m,
                       double siemens) {
  const Assignment value{0, siemens};  // g is the first parameter of every memory cell
  cells_.push_back(add(cell_block_, {"Ncell", i, j}, {p, m}, {&value, 1}));
}

void CircuitSink::selector(const Name& name, const Name& p, const Name& m) {
  add(selectors_, name, {p, m}, {});
}

void CircuitSink::amplifier(const Name& name, const Name& inverting, const Name& output,
                            double offset) {
  const Assignment value{0, amplifier_offset_ + offset};
  add(amplifiers_, {"Namp", name.i}, {kGroundName, inverting, output, kGroundName},
      {&value, 1});
}

void CircuitSink::initial(const Name& at, double volt) {
  initial_.emplace_back(node(at), volt);
}

ArrayCircuit build_array(const ArraySpec& spec, const Matrix& weights,
                         const ArrayPart& part) {
  ArrayCircuit array;
  array.part = part;
  array.circuit = std::make_unique<Circuit>();
  CircuitSink sink(spec, *array.circuit, part);
  const Experiment experiment = chip_experiment(spec);
  describe_chip(spec, weights, std::vector<double>(spec.array.rows, 0.0), 0, sink);
  if (part.row > 0)
    sink.source({"Vbefore"}, experiment.joint(part.row - 1, part.column), kGroundName,
                0.0);
  array.circuit->finalize(spec.environment.temperature);
  array.sources = sink.sources();
  array.inputs = sink.inputs();
  array.cells = sink.cells();
  array.initial = sink.initial_voltages();
  const ArrayGeometry at(spec);
  for (std::int64_t i = 0; i < spec.array.rows; ++i) {
    for (std::int64_t j = 0; j < spec.array.columns; ++j) {
      if (!part.has(i, j)) continue;
      array.word_line.push_back(sink.find(at.word_line(i, j)));
      array.bit_line.push_back(sink.find(at.bit_line(i, j)));
    }
  }
  for (std::int64_t j = 0; j < spec.array.columns; ++j) {
    if (!part.has_column(j)) continue;
    if (part.row >= 0) {
      array.outputs.push_back(sink.find(experiment.joint(part.row, j)));
      continue;
    }
    const Reading reading = experiment.reading(j);
    array.outputs.push_back(reading.is_current() ? array.circuit->branch_current(
                                                       sink.find_device(reading.what))
                                                 : sink.find(reading.what));
    assert(array.outputs.back() != kNoUnknown);
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
  for (std::size_t i = 0; i < array.inputs.size(); ++i)
    set_signal(*array.circuit, array.inputs[i], inputs[i]);
}

namespace {

/// Hears of an array only what its sources do, and how its cells read.
class SignalSink final : public NetlistSink {
 public:
  SignalSink(ArrayCircuit& array, bool cells_too)
      : array_(array), cells_too_(cells_too) {}

  ArrayPart part() const override { return array_.part; }

  void source(const Name&, const Name&, const Name&, const Signal& signal) override {
    set_signal(*array_.circuit, array_.sources[next_++], signal);
  }
  void element(const Name&, Pins, double) override {}
  void model(std::string_view, char, std::string_view, Values) override {}
  void device(const Name&, Pins, std::string_view, Values) override {}
  void cell(std::int64_t, std::int64_t, const Name&, const Name&,
            double siemens) override {
    if (cells_too_) readings_.values.push_back(siemens);
  }
  void selector(const Name&, const Name&, const Name&) override {}
  void amplifier(const Name&, const Name&, const Name&, double) override {}
  void initial(const Name&, double) override {}

  void finish() {
    if (!readings_.values.empty()) set_conductances(array_, readings_);
  }

 private:
  ArrayCircuit& array_;
  bool cells_too_;
  std::size_t next_ = 0;
  Matrix readings_;
};

}  // namespace

void set_signals(ArrayCircuit& array, const ArraySpec& spec, const Matrix& weights,
                 std::span<const double> inputs, std::int64_t product) {
  SignalSink sink(array, reads_vary(spec));
  describe_chip(spec, weights, inputs, product, sink);
  sink.finish();
}

}  // namespace arrayspice
