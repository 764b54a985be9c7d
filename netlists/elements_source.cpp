// SPDX-License-Identifier: Apache-2.0
// Sources: V and I with their waveforms, linear controlled sources.
#include <fmt/format.h>

#include "netlists/elements.hpp"
#include "netlists/messages.hpp"
#include "netlists/waveform_card.hpp"

namespace arrayspice {

namespace {

bool is_unsupported_waveform(std::string_view word) {
  return word == "trnoise" || word == "trrandom" || word == "external" ||
         word == "distof1" || word == "distof2" || word == "portnum" || word == "pat";
}

/// `ac [magnitude [phase]]`: there is no analysis that would use it.
void skip_ac(Element& e, Location where) {
  e.cursor.accept('=');
  for (int k = 0; k < 2; ++k) {
    Cursor ahead = e.cursor;
    const ValueText text = ahead.value();
    if (!text || !(text.bracketed || parse_number(text.text))) break;
    e.cursor = ahead;
  }
  e.warning(message::kIgnored, where, "'ac' has no effect: there is no .ac analysis");
}

struct SourceParts {
  std::vector<Assignment> parameters;
  bool has_dc = false;
  std::shared_ptr<const Waveform> waveform;
};

void read_dc(Element& e, const DeviceType& type, SourceParts& parts) {
  e.cursor.accept('=');
  const Location where = e.cursor.here();
  const ValueText text = e.cursor.value();
  if (!text) {
    e.error(message::kSyntax, where, fmt::format("{}: a value is expected here", e.name));
    e.cursor.rest();
    return;
  }
  if (parts.has_dc)
    e.error(message::kSyntax, where, fmt::format("{} has two DC values", e.name));
  parts.has_dc = true;
  const auto value = e.to.number(text, e.cursor, *e.in);
  if (!value) return;
  warn_of_unit(e, text, *value);
  assign(e, type, *type.instance_parameter("dc"), *value, where, parts.parameters);
}

/// One of the parts that may follow the nodes in any order.
void read_source_part(Element& e, const DeviceType& type, SourceParts& parts) {
  const Location where = e.cursor.here();
  const std::string_view word = e.cursor.peek_word();
  if (is_unsupported_waveform(word)) {
    e.error(message::kUnsupported, where, fmt::format("'{}' is not supported", word));
    e.cursor.rest();
  } else if (is_waveform(word)) {
    if (parts.waveform)
      e.error(message::kWaveform, where, fmt::format("{} has two waveforms", e.name));
    parts.waveform = read_waveform(e);
  } else if (word == "ac") {
    e.cursor.word();
    skip_ac(e, where);
  } else if (word == "m" && e.cursor.at_assignment() && type.instance_parameter("m")) {
    e.cursor.word();
    e.cursor.accept('=');
    if (const auto m = read_number(e, "a value for m"))
      assign(e, type, *type.instance_parameter("m"), *m, where, parts.parameters);
  } else if (e.cursor.at_assignment() && word != "dc") {
    e.error(message::kUnknownParameter, where,
            fmt::format("a {} has no parameter '{}'", type.name, word));
    e.cursor.rest();
  } else {
    if (word == "dc") e.cursor.word();
    read_dc(e, type, parts);
  }
}

}  // namespace

void read_source(Element& e) {
  std::array<UnknownId, 2> nodes;
  if (!read_nodes(e, nodes)) return;
  const Registration& device = registration(e.name.front());
  SourceParts parts;
  while (!e.cursor.done()) read_source_part(e, device.type(), parts);
  if (e.name.front() == 'i') apply_multiplier(e, device.type(), parts.parameters);
  const BlockId block = e.to.plain_block(device);
  const DeviceId id = e.to.add(block, *e.in, e.name, nodes, parts.parameters, e.where);
  if (id == kNoDevice || !parts.waveform) return;
  DeviceBlock& added = e.to.circuit().block(block);
  added.set_waveform(static_cast<InstanceId>(added.size() - 1),
                     std::move(parts.waveform));
}

namespace {

void add_with_gain(Element& e, std::span<const UnknownId> nodes) {
  const Registration& device = registration(e.name.front());
  const DeviceType& type = device.type();
  const Location where = e.cursor.here();
  const auto gain = read_number(e, "a gain");
  if (!gain) return;
  std::vector<Assignment> parameters;
  assign(e, type, *type.instance_parameter("gain"), *gain, where, parameters);
  read_parameters(e, type, false, parameters);
  if (type.instance_parameter("m")) apply_multiplier(e, type, parameters);
  e.to.add(e.to.plain_block(device), *e.in, e.name, nodes, parameters, e.where);
}

}  // namespace

void read_voltage_controlled(Element& e) {
  std::array<UnknownId, 4> nodes;
  if (!read_nodes(e, std::span(nodes).first(2))) return;
  if (read_nonlinear_controlled(e, std::span(nodes).first(2))) return;
  if (read_nodes(e, std::span(nodes).last(2))) add_with_gain(e, nodes);
}

void read_current_controlled(Element& e) {
  std::array<UnknownId, 3> nodes;
  if (!read_nodes(e, std::span(nodes).first(2))) return;
  if (read_nonlinear_controlled(e, std::span(nodes).first(2))) return;
  const auto current = read_branch_current(e);
  if (!current) return;
  nodes[2] = *current;
  add_with_gain(e, nodes);
}

}  // namespace arrayspice
