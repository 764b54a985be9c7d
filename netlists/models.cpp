// SPDX-License-Identifier: Apache-2.0
// `.model` cards: finding them and turning each into a block. Instances of a subcircuit
// whose local model comes out with the same values share one block.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "netlists/elaborate.hpp"
#include "netlists/lookup.hpp"
#include "netlists/messages.hpp"

namespace arrayspice {

namespace {

std::string_view canonical_type(std::string_view type) {
  if (type == "res") return "r";
  if (type == "cap") return "c";
  if (type == "ind") return "l";
  return type;
}

/// The instance of the definition around `in`: where its definition was written.
const Instance* enclosing(const Instance& in) {
  const Subcircuit* wanted = in.definition->parent;
  const Instance* at = in.parent.get();
  while (at && at->definition != wanted) at = at->parent.get();
  return at;
}

const Card* find_card(const Instance& in, std::string_view name) {
  for (const Body* body : in.bodies)
    if (const auto at = body->models.find(name); at != body->models.end())
      return &at->second;
  return nullptr;
}

/// Model parameters that data sheets carry and no equation uses.
bool is_decoration(std::string_view name) {
  constexpr std::array<std::string_view, 8> kNames{"mfg",  "type", "icrating", "vceo",
                                                   "iave", "vpk",  "version",  "id"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

}  // namespace

ModelCardReference Elaborator::find_model(const Instance& in, std::string_view name) {
  for (const Instance* at = &in; at; at = enclosing(*at)) {
    const Card* card = find_card(*at, name);
    if (!card) continue;
    ModelCardReference found{card, at, {}, 1};
    std::string buffer;
    Cursor cursor(*card, deck_.cards, buffer);
    cursor.word(), cursor.word();
    found.type = std::string(canonical_type(cursor.word()));
    while (!cursor.done_or_brackets()) {
      const std::string_view parameter = cursor.word();
      if (!cursor.accept('=')) {
        if (parameter.empty()) break;
        continue;
      }
      const ValueText text = cursor.value();
      if (parameter != "level" || !text) continue;
      if (const auto level = number(text, cursor, *at)) found.level = *level;
    }
    return found;
  }
  return {};
}

std::vector<std::string_view> Elaborator::model_names(const Instance& in) const {
  std::vector<std::string_view> names;
  for (const Instance* at = &in; at; at = enclosing(*at))
    for (const Body* body : at->bodies)
      for (const auto& [name, card] : body->models) names.push_back(name);
  return names;
}

void Elaborator::read_model_parameters(const ModelCardReference& model,
                                       const DeviceType& type,
                                       std::vector<Assignment>& parameters) {
  std::string buffer;
  Cursor cursor(*model.card, deck_.cards, buffer);
  cursor.word(), cursor.word(), cursor.word();
  while (!cursor.done_or_brackets()) {
    const Location where = cursor.here();
    const std::string_view name = cursor.word();
    const ValueText text =
        !name.empty() && cursor.accept('=') ? cursor.value() : ValueText{};
    if (!text) {
      diagnostics_.error(message::kSyntax, where,
                         "a model parameter is written name=value");
      return;
    }
    const auto parameter = type.model_parameter(name);
    if (!parameter) {
      if (name == "level") continue;  // has chosen the device
      if (is_decoration(name)) {
        diagnostics_.warning(
            message::kIgnored, where,
            fmt::format("'{}' has no effect: no equation of a {} uses it", name,
                        type.name));
        continue;
      }
      std::vector<std::string_view> known;
      for (const ParameterInfo& p : type.model_parameters) known.push_back(p.name);
      diagnostics_.error(message::kUnknownParameter, where,
                         fmt::format("the model of a {} has no parameter '{}'{}",
                                     type.name, name, suggestion(name, known)));
      continue;
    }
    const auto value = number(text, cursor, *model.owner);
    if (!value) continue;
    const Range& range = type.model_parameters[*parameter].range;
    if (range.contains(*value)) {
      parameters.push_back({*parameter, *value});
    } else {
      diagnostics_.error(message::kOutOfRange, where,
                         fmt::format("{} of the model of a {} cannot be {:g}; {}", name,
                                     type.name, *value, range_text(range)));
    }
  }
}

namespace {
/// Card and values as a key: equal models are one block.
std::string key_of(const Card* card, const std::vector<Assignment>& parameters) {
  std::string key(reinterpret_cast<const char*>(&card), sizeof card);
  for (const Assignment& a : parameters) {
    key.append(reinterpret_cast<const char*>(&a.parameter), sizeof a.parameter);
    key.append(reinterpret_cast<const char*>(&a.value), sizeof a.value);
  }
  return key;
}
}  // namespace

BlockId Elaborator::model_block(const ModelCardReference& model,
                                const Registration& device) {
  const auto card_key = std::pair(model.card, &device);
  const bool is_global = model.owner == top_.get();
  if (is_global)
    if (const auto at = global_blocks_.find(card_key); at != global_blocks_.end())
      return at->second;
  std::vector<Assignment> parameters;
  read_model_parameters(model, device.type(), parameters);
  const auto [at, is_new] = model_blocks_.try_emplace(
      std::pair(&device, key_of(model.card, parameters)), BlockId{});
  if (is_new) {
    at->second = make_block(device, parameters);
    block_models_[at->second] = model.card;
  }
  if (is_global) global_blocks_[card_key] = at->second;
  return at->second;
}

BlockId Elaborator::make_block(const Registration& device,
                               const std::vector<Assignment>& parameters) {
  auto block = device.make();
  if (const auto tnom = device.type().model_parameter("tnom"))
    block->set_model({*tnom, options_.nominal_temperature});
  for (const Assignment& a : parameters) block->set_model(a);
  return circuit_->add_block(std::move(block));
}

BlockId Elaborator::plain_block(const Registration& device) {
  const auto [at, is_new] = plain_blocks_.try_emplace(&device, BlockId{});
  if (is_new) at->second = make_block(device, {});
  return at->second;
}

BlockId Elaborator::behavioral_block(BehavioralKind kind) {
  const auto [at, is_new] = behavioral_blocks_.try_emplace(kind, BlockId{});
  if (is_new) at->second = circuit_->add_block(std::make_unique<BehavioralBlock>(kind));
  return at->second;
}

Location Elaborator::find_contradiction(double temperature) {
  for (BlockId block = 0; block < circuit_->blocks(); ++block) {
    try {
      circuit_->block(block).prepare(temperature);
    } catch (const std::invalid_argument&) {
      const auto model = block_models_.find(block);
      if (model != block_models_.end()) return deck_.cards.place(*model->second, 0);
      for (DeviceId id = 0; id < circuit_->devices(); ++id)
        if (&circuit_->device_type(id) == &circuit_->block(block).type())
          return unpack(circuit_->device_tag(id));
    }
  }
  return {};
}

}  // namespace arrayspice
