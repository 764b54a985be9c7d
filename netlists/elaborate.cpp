// SPDX-License-Identifier: Apache-2.0
#include "netlists/elaborate.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "netlists/characters.hpp"
#include "netlists/elements.hpp"
#include "netlists/lookup.hpp"
#include "netlists/messages.hpp"

namespace arrayspice {

namespace {
/// Ends the name of the source that senses a device's current.
constexpr const char* kSensor = "#sensor";
}  // namespace

Elaborator::Elaborator(const Deck& deck, const ReadOptions& options,
                       Diagnostics& diagnostics)
    : deck_(deck),
      read_options_(options),
      diagnostics_(diagnostics),
      top_(std::make_shared<Instance>()),
      sizes_(deck, diagnostics) {}

void Elaborator::run() {
  top_->definition = &deck_.top;
  top_->scope = std::make_shared<ParameterScope>(nullptr, diagnostics_);
  for (const auto& [name, value] : read_options_.parameters)
    top_->scope->fix(to_lower(name), value);
  declare(*top_, deck_.top.body);
  top_->scope->settle();
  read_settings();
  find_transient_times();
  sizes_.check(read_options_.max_memory);
  // Beyond this the hint would cost more than growing does.
  constexpr double kMostReserved = 1e8;
  circuit_->reserve(
      static_cast<std::size_t>(std::min(sizes_.devices(deck_.top), kMostReserved)));
  collect_sensed(*top_);
  expand(top_);
  // Deferred cards may refer to each other's branch currents: couplings come last.
  for (std::size_t k = 0; k < deferred_.size(); ++k) {
    const Deferred next = deferred_[k];
    Cursor cursor(next.card, deck_.cards, buffer_);
    read_deferred_element(*this, next, cursor);
  }
}

void Elaborator::expand(const InstancePointer& in) {
  for (const Body* body : in->bodies)
    for (const Card& card : body->elements) read_element(in, card);
}

void Elaborator::read_element(const InstancePointer& in, const Card& card) {
  Cursor cursor(card, deck_.cards, buffer_);
  const bool has_bracket =
      std::any_of(cursor.text().begin(), cursor.text().end(), is_bracket);
  if (has_bracket && !check_balance(card, deck_.cards, diagnostics_)) return;
  if (cursor.text().front() == 'x') {
    const std::string_view name = cursor.word();
    return read_subcircuit(in, cursor, name);
  }
  arrayspice::read_element(*this, in, cursor);
}

// --- subcircuit instances

void Elaborator::read_subcircuit(const InstancePointer& in, Cursor& cursor,
                                 std::string_view name) {
  std::vector<std::string_view> words;
  while (!cursor.done_or_brackets() && !cursor.at_assignment()) {
    const std::string_view word = cursor.word();
    if (word.empty() || word == "params:" || word == "param:") break;
    words.push_back(word);
  }
  const Location where = cursor.place(0);
  if (words.empty()) {
    diagnostics_.error(message::kMissingPart, where,
                       fmt::format("{} needs nodes and the name of a subcircuit", name));
    return;
  }
  const std::string_view called = words.back();
  words.pop_back();
  const Subcircuit* definition = in->definition->find(called);
  if (!definition) {
    const auto at = static_cast<std::size_t>(called.data() - cursor.text().data());
    diagnostics_.error(message::kUndefinedSubcircuit, cursor.place(at),
                       fmt::format("subcircuit '{}' is not defined{}", called,
                                   suggestion(called, in->definition->names_in_sight())));
    return;
  }
  if (words.size() != definition->ports.size()) {
    diagnostics_
        .error(message::kNodeCount, where,
               fmt::format("{} gives {} nodes, but subcircuit '{}' has {} ({})", name,
                           words.size(), called, definition->ports.size(),
                           fmt::join(definition->ports, " ")))
        .notes.push_back({cards().place(definition->card, 0), "defined here"});
    return;
  }
  if (sizes_.is_recursive(*definition)) return;
  auto made = std::make_shared<Instance>();
  made->prefix = fmt::format("{}{}.", in->prefix, name);
  made->definition = definition;
  made->parent = in;
  made->multiplier = in->multiplier;
  made->scope = std::make_shared<ParameterScope>(in->scope, diagnostics_);
  for (const std::string_view word : words) made->ports.push_back(node(*in, word));
  read_subcircuit_parameters(*made, *in, cursor);
  declare(*made, definition->body);
  made->scope->settle();
  read_local_commands(made);
  collect_sensed(*made);
  expand(made);
}

void Elaborator::read_subcircuit_parameters(Instance& made, const Instance& in,
                                            Cursor& cursor) {
  std::string buffer;
  Cursor defaults(made.definition->card, deck_.cards, buffer);
  defaults.go_to(made.definition->defaults_offset);
  declare_parameter_line(made, defaults);
  const std::vector<std::string> declared = made.scope->own_names();
  while (!cursor.done_or_brackets()) {
    const Location where = cursor.here();
    const std::string name(cursor.word());
    const ValueText text =
        !name.empty() && cursor.accept('=') ? cursor.value() : ValueText{};
    if (!text) {
      diagnostics_.error(message::kSyntax, where,
                         "a parameter of a subcircuit is written name=value");
      return;
    }
    const auto value = number(text, cursor, in);
    if (!value) continue;
    const bool known =
        std::find(declared.begin(), declared.end(), name) != declared.end();
    if (known) {
      made.scope->define(name, *value);
    } else if (name == "m") {
      made.multiplier *= *value;
    } else {
      const std::vector<std::string_view> views(declared.begin(), declared.end());
      diagnostics_.error(
          message::kUnknownParameter, where,
          fmt::format("subcircuit '{}' has no parameter '{}'{}", made.definition->name,
                      name, suggestion(name, views)));
    }
  }
}

// --- names

namespace {
bool is_ground(std::string_view name) { return name == "0" || name == "gnd"; }

std::optional<UnknownId> port(const Instance& in, std::string_view name) {
  const auto& ports = in.definition->ports;
  const auto at = std::find(ports.begin(), ports.end(), name);
  if (at == ports.end()) return std::nullopt;
  return in.ports[static_cast<std::size_t>(at - ports.begin())];
}
}  // namespace

UnknownId Elaborator::node(const Instance& in, std::string_view name) {
  if (in.prefix.empty()) return circuit_->node(name);
  if (is_ground(name)) return kGround;
  if (const auto outside = port(in, name)) return *outside;
  if (globals_.contains(name)) return circuit_->node(name);
  name_buffer_.assign(in.prefix).append(name);
  return circuit_->node(name_buffer_);
}

std::optional<UnknownId> Elaborator::existing_node(const Instance& in,
                                                   std::string_view name) const {
  if (is_ground(name)) return kGround;
  if (in.prefix.empty()) return circuit_->find_node(name);
  if (const auto outside = port(in, name)) return *outside;
  if (const auto inside = circuit_->find_node(in.prefix + std::string(name)))
    return inside;
  return circuit_->find_node(name);
}

std::string Elaborator::device_name(const Instance& in, std::string_view name) const {
  if (in.prefix.empty()) return std::string(name);
  return fmt::format("{}.{}{}", name.front(), in.prefix, name);
}

std::optional<DeviceId> Elaborator::find_device(const Instance& in,
                                                std::string_view name) const {
  if (const auto local = circuit_->find_device(device_name(in, name))) return local;
  return arrayspice::find_device(*circuit_, name);
}

std::optional<double> Elaborator::number(const ValueText& value, const Cursor& cursor,
                                         const Instance& in) {
  return evaluate(value, cursor, *in.scope, diagnostics_);
}

std::optional<UnknownId> Elaborator::branch_current(const Instance& in,
                                                    std::string_view name) const {
  auto device = circuit_->find_device(device_name(in, name) + kSensor);
  if (!device) device = find_device(in, name);
  if (!device) return std::nullopt;
  const UnknownId current = circuit_->branch_current(*device);
  return current == kNoUnknown ? std::nullopt : std::optional(current);
}

void Elaborator::collect_sensed(Instance& in) {
  for (const Body* body : in.bodies)
    for (const Card& card : body->elements) collect_sensed_devices(card, in.sensed);
}

/// The current of a device without branch current is that of a 0 V source in series.
std::vector<UnknownId> Elaborator::insert_sensor(BlockId block, const Instance& in,
                                                 std::string_view name,
                                                 std::span<const UnknownId> pins,
                                                 Location where) {
  std::vector<UnknownId> moved(pins.begin(), pins.end());
  const auto& described = circuit_->block(block).type().pins;
  const bool has_current =
      std::any_of(described.begin(), described.end(),
                  [](const Pin& p) { return p.quantity == Quantity::Current; });
  if (has_current || pins.size() != 2) return moved;
  const std::string sensor = std::string(name) + kSensor;
  moved[1] = circuit_->node(in.prefix + sensor);
  const std::array across{moved[1], pins[1]};
  circuit_->add_device(plain_block(registration('v')), device_name(in, sensor), across,
                       {}, pack(where));
  return moved;
}

DeviceId Elaborator::add(BlockId block, const Instance& in, std::string_view name,
                         std::span<const UnknownId> pins,
                         std::span<const Assignment> parameters, Location where) {
  if (!in.sensed.empty() && in.sensed.contains(name)) {
    const auto moved = insert_sensor(block, in, name, pins, where);
    return add_named(block, in, name, moved, parameters, where);
  }
  return add_named(block, in, name, pins, parameters, where);
}

DeviceId Elaborator::add_named(BlockId block, const Instance& in, std::string_view name,
                               std::span<const UnknownId> pins,
                               std::span<const Assignment> parameters, Location where) {
  const auto add_as = [&](std::string_view full) {
    const DeviceId id = circuit_->add_device(block, full, pins, parameters, pack(where));
    if (id != kNoDevice) return id;
    diagnostics_
        .error(message::kDuplicateDevice, where,
               fmt::format("there is already a device named '{}'", full))
        .notes.push_back({unpack(circuit_->device_tag(*circuit_->find_device(full))),
                          "first one here"});
    return kNoDevice;
  };
  return in.prefix.empty() ? add_as(name) : add_as(device_name(in, name));
}

}  // namespace arrayspice
