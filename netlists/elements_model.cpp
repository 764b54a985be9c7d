// SPDX-License-Identifier: Apache-2.0
// Elements that may or must name a `.model` card: R C L, D M S W, and our own devices
// (N).
#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>

#include "netlists/elements.hpp"
#include "netlists/messages.hpp"

namespace arrayspice {

namespace {

/// The device that a model selects for an element letter; null after an error.
const Registration* device_of(Element& e, const ModelCardReference& model,
                              std::string_view name, Location where) {
  const char letter = e.name.front();
  const bool is_level =
      model.level >= 0.0 && model.level <= 1e6 && model.level == std::floor(model.level);
  if (const auto* found = find_registration(
          letter, model.type, is_level ? static_cast<int>(model.level) : -1))
    return found;
  const bool type_is_known =
      std::any_of(registry().begin(), registry().end(), [&](const Registration& r) {
        return r.letter == letter && r.model_type == model.type && !model.type.empty();
      });
  const Location defined = e.to.cards().place(*model.card, 0);
  if (type_is_known) {
    e.error(message::kUnsupported, where,
            fmt::format("level {:g} of model type {} is not supported", model.level,
                        model.type))
        .notes.push_back({defined, "the model is defined here"});
    return nullptr;
  }
  std::vector<std::string_view> types;
  for (const Registration& r : registry())
    if (r.letter == letter && !r.model_type.empty()) types.push_back(r.model_type);
  e.error(message::kWrongModel, where,
          fmt::format("model '{}' is of type '{}'; {} needs {}", name, model.type, e.name,
                      fmt::join(types, " or ")))
      .notes.push_back({defined, "the model is defined here"});
  return nullptr;
}

/// Reads the name of a model that must exist.
std::optional<ModelCardReference> read_model(Element& e, std::string_view& name,
                                             Location& where) {
  e.cursor.done_or_brackets();
  where = e.cursor.here();
  name = e.cursor.at_assignment() ? std::string_view() : e.cursor.word();
  if (name.empty()) {
    e.error(message::kMissingPart, e.where, fmt::format("{} needs a model", e.name));
    return std::nullopt;
  }
  ModelCardReference model = e.to.find_model(*e.in, name);
  if (model.card) return model;
  e.error(message::kUndefinedModel, where,
          fmt::format("model '{}' is not defined{}", name,
                      suggestion(name, e.to.model_names(*e.in))));
  return std::nullopt;
}

bool is_plain_word(std::string_view text) {
  return !text.empty() && text.find_first_of("(){}*/") == std::string_view::npos;
}

/// The model of an R, C or L, when the next word names one.
std::optional<ModelCardReference> read_optional_model(Element& e) {
  if (e.cursor.done() || e.cursor.at_assignment()) return std::nullopt;
  const std::string_view word = e.cursor.peek_word();
  if (!is_plain_word(word) || parse_number(word)) return std::nullopt;
  ModelCardReference model = e.to.find_model(*e.in, word);
  if (!model.card) return std::nullopt;
  e.cursor.word();
  return model;
}

/// A zero resistance is a branch whose voltage is zero: exact, and i(r) exists.
void add_short(Element& e, std::span<const UnknownId> nodes) {
  const Registration& source = registration('v');
  e.to.add(e.to.plain_block(source), *e.in, e.name, nodes, {}, e.where);
}

bool is_zero_ohm(const Element& e, const std::vector<Assignment>& parameters) {
  if (e.name.front() != 'r') return false;
  const auto value = std::find_if(parameters.rbegin(), parameters.rend(),
                                  [](const Assignment& a) { return a.parameter == 0; });
  return value != parameters.rend() && value->value == 0.0;
}

void warn_of_sign(Element& e, const std::vector<Assignment>& parameters) {
  for (const Assignment& a : parameters)
    if (a.parameter == 0 && a.value < 0.0)
      e.warning(message::kSuspicious, e.where,
                fmt::format("the value of {} is negative: {:g}", e.name, a.value));
}

std::string_view value_name(char letter) {
  return letter == 'r'   ? "a resistance"
         : letter == 'c' ? "a capacitance"
                         : "an inductance";
}

/// The value after the nodes; false after an error.
bool read_passive_value(Element& e, const DeviceType& type,
                        std::vector<Assignment>& parameters) {
  const ValueText text = e.cursor.value();
  if (!text) {
    e.error(message::kMissingPart, e.cursor.here(),
            fmt::format("{} needs {}", e.name, value_name(e.name.front())));
    return false;
  }
  const auto value = e.to.number(text, e.cursor, *e.in);
  if (!value) return false;
  warn_of_unit(e, text, *value);
  assign(e, type, 0, *value, e.cursor.place(text.offset), parameters);
  return true;
}

}  // namespace

void read_passive(Element& e) {
  std::array<UnknownId, 2> nodes;
  if (!read_nodes(e, nodes)) return;
  if (read_nonlinear_passive(e, nodes)) return;
  const char letter = e.name.front();
  auto model = read_optional_model(e);
  std::vector<Assignment> parameters;
  const Registration* device = &registration(letter);
  if (!model && !e.cursor.at_assignment() && !e.cursor.done()) {
    if (!read_passive_value(e, device->type(), parameters)) return;
    model = read_optional_model(e);
  }
  if (model) {
    device = device_of(e, *model, "", e.where);
    if (!device) return;
  }
  read_parameters(e, device->type(), parameters.empty(), parameters);
  if (parameters.empty() && !model) {
    e.error(message::kMissingPart, e.where,
            fmt::format("{} needs {}", e.name, value_name(letter)));
    return;
  }
  warn_of_sign(e, parameters);
  if (is_zero_ohm(e, parameters) && nodes[0] != nodes[1]) return add_short(e, nodes);
  if (is_zero_ohm(e, parameters)) parameters.push_back({0, 1.0});  // shorted by its node
  apply_multiplier(e, device->type(), parameters);
  const BlockId block =
      model ? e.to.model_block(*model, *device) : e.to.plain_block(*device);
  e.to.add(block, *e.in, e.name, nodes, parameters, e.where);
}

namespace {
void finish_model_device(Element& e, const ModelCardReference& model,
                         const Registration& device, std::span<const UnknownId> nodes) {
  std::vector<Assignment> parameters;
  read_parameters(e, device.type(), e.name.front() != 'm', parameters);
  apply_multiplier(e, device.type(), parameters);
  e.to.add(e.to.model_block(model, device), *e.in, e.name, nodes, parameters, e.where);
}
}  // namespace

void read_model_device(Element& e, std::size_t count) {
  std::array<UnknownId, 4> room;
  const std::span<UnknownId> nodes(room.data(), count);
  std::string_view name;
  Location where;
  if (!read_nodes(e, nodes)) return;
  const auto model = read_model(e, name, where);
  if (!model) return;
  const Registration* device = device_of(e, *model, name, where);
  if (device) finish_model_device(e, *model, *device, nodes);
}

/// The number of nodes follows from the model: the first word that names one ends them,
/// else the last word should have been one.
void read_native_device(Element& e) {
  std::vector<UnknownId> nodes;
  std::string_view name;
  Location where;
  std::size_t words = 0;
  bool found = false;
  Cursor ahead = e.cursor;
  while (!found && !ahead.done_or_brackets() && !ahead.at_assignment()) {
    const std::string_view word = ahead.word();
    if (word.empty()) break;
    found = e.to.find_model(*e.in, word).card != nullptr;
    if (!found) ++words;
  }
  if (!found && words > 0) --words;
  nodes.resize(words);
  if (!read_nodes(e, nodes)) return;
  const auto model = read_model(e, name, where);
  if (!model) return;
  const Registration* device = device_of(e, *model, name, where);
  if (!device) return;
  const std::size_t wanted = device->type().external_pins();
  if (nodes.size() != wanted) {
    e.error(message::kNodeCount, e.where,
            fmt::format("{} has {} nodes, but a {} has {}", e.name, nodes.size(),
                        device->type().name, wanted));
    return;
  }
  finish_model_device(e, *model, *device, nodes);
}

void read_current_switch(Element& e) {
  std::array<UnknownId, 3> nodes;
  if (!read_nodes(e, std::span(nodes).first(2))) return;
  const auto current = read_branch_current(e);
  if (!current) return;
  nodes[2] = *current;
  std::string_view name;
  Location where;
  const auto model = read_model(e, name, where);
  if (!model) return;
  const Registration* device = device_of(e, *model, name, where);
  if (device) finish_model_device(e, *model, *device, nodes);
}

void read_coupling(Element& e) {
  const Circuit& circuit = e.to.circuit();
  const Registration& inductor = registration('l');
  std::vector<std::pair<UnknownId, double>> windings;  // branch current, inductance
  while (!e.cursor.done() && e.cursor.peek_word().starts_with('l')) {
    const Location where = e.cursor.here();
    const std::string_view name = e.cursor.word();
    const auto device = e.to.find_device(*e.in, name);
    if (!device || &circuit.device_type(*device) != &inductor.type()) {
      e.error(message::kUndefinedDevice, where,
              fmt::format("there is no inductor '{}'", name));
      return;
    }
    windings.emplace_back(
        circuit.branch_current(*device),
        circuit.parameter(*device, *inductor.type().instance_parameter("l")));
  }
  if (windings.size() < 2) {
    e.error(message::kMissingPart, e.where,
            fmt::format("{} needs two inductors", e.name));
    return;
  }
  const auto coupling = read_number(e, "a coefficient of coupling");
  if (!coupling) return;
  if (!e.cursor.done()) {
    e.error(message::kSyntax, e.cursor.here(),
            "nothing may follow; the form is Kname L1 L2 [L3 ...] coefficient");
    return;
  }
  const Registration& mutual = registration('k');
  const DeviceType& type = mutual.type();
  std::string name(e.name);
  for (std::size_t a = 0, pair = 1; a < windings.size(); ++a)
    for (std::size_t b = a + 1; b < windings.size(); ++b, ++pair) {
      std::vector<Assignment> parameters;
      assign(e, type, *type.instance_parameter("k"), *coupling, e.where, parameters);
      parameters.push_back({*type.instance_parameter("l1"), windings[a].second});
      parameters.push_back({*type.instance_parameter("l2"), windings[b].second});
      const std::array nodes{windings[a].first, windings[b].first};
      if (pair > 1) name = fmt::format("{}#{}", e.name, pair);
      e.to.add(e.to.plain_block(mutual), *e.in, name, nodes, parameters, e.where);
    }
}

}  // namespace arrayspice
