// SPDX-License-Identifier: Apache-2.0
#include "netlists/elements.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "netlists/characters.hpp"
#include "netlists/lookup.hpp"
#include "netlists/messages.hpp"

namespace arrayspice {

namespace {

/// What SPICE programs know by these letters and this one does not.
std::string_view unsupported_element(char letter) {
  switch (letter) {
    case 'a':
      return "XSPICE code models";
    case 'j':
      return "junction field-effect transistors";
    case 'o':
      return "lossy transmission lines";
    case 'p':
      return "coupled transmission lines";
    case 'q':
      return "bipolar transistors";
    case 't':
      return "transmission lines";
    case 'u':
      return "distributed RC lines";
    case 'y':
      return "single lossy transmission lines";
    case 'z':
      return "MESFETs";
    default:
      return {};
  }
}

void report_unknown(Element& e) {
  const std::string_view what =
      unsupported_element(e.name.empty() ? '?' : e.name.front());
  if (what.empty()) {
    e.error(
        message::kUnknownElement, e.where,
        fmt::format("no element begins with '{}'; elements are R C L K V I E F G H B D M "
                    "S W X N",
                    e.cursor.text().substr(0, 1)));
  } else {
    e.error(message::kUnsupported, e.where, fmt::format("{} are not supported", what));
  }
}

}  // namespace

void read_element(Elaborator& to, const InstancePointer& in, Cursor& cursor) {
  Element e(to, in, cursor);
  switch (e.name.empty() ? '?' : e.name.front()) {
    case 'r':
    case 'c':
    case 'l':
      return read_passive(e);
    case 'v':
    case 'i':
      return read_source(e);
    case 'b':
      return read_behavioral_source(e);
    case 'd':
      return read_model_device(e, 2);
    case 'm':
    case 's':
      return read_model_device(e, 4);
    case 'n':
      return read_native_device(e);
    case 'e':
    case 'g':
      return read_voltage_controlled(e);
    case 'f':
    case 'h':
    case 'k':
    case 'w':
      return to.defer({in, cursor.card()});
    default:
      report_unknown(e);
  }
}

void read_deferred_element(Elaborator& to, const Deferred& from, Cursor& cursor) {
  Element e(to, from.in, cursor);
  if (from.law != Law::None) return finish_behavioral(e, from);
  switch (e.name.front()) {
    case 'f':
    case 'h':
      return read_current_controlled(e);
    case 'w':
      return read_current_switch(e);
    case 'k':
      return read_coupling(e);
    default:
      assert(false);
  }
}

bool read_nodes(Element& e, std::span<UnknownId> nodes) {
  for (std::size_t k = 0; k < nodes.size(); ++k) {
    const bool end = e.cursor.done_or_brackets();
    const Location where = e.cursor.here();
    const std::string_view name = end || e.cursor.at_assignment() ? "" : e.cursor.word();
    if (name.empty()) {
      e.error(message::kMissingPart, end ? e.where : where,
              fmt::format("{} needs {} nodes, but has {}", e.name, nodes.size(), k));
      return false;
    }
    nodes[k] = e.to.node(*e.in, name);
  }
  return true;
}

std::optional<double> read_number(Element& e, std::string_view what) {
  const ValueText text = e.cursor.value();
  if (!text) {
    e.error(message::kMissingPart, e.where, fmt::format("{} needs {}", e.name, what));
    return std::nullopt;
  }
  return e.to.number(text, e.cursor, *e.in);
}

void assign(Element& e, const DeviceType& type, std::size_t parameter, double value,
            Location where, std::vector<Assignment>& parameters) {
  const ParameterInfo& info = type.instance_parameters[parameter];
  if (!info.range.contains(value)) {
    e.error(message::kOutOfRange, where,
            fmt::format("{} of a {} cannot be {:g}; {}", info.name, type.name, value,
                        range_text(info.range)));
    return;
  }
  parameters.push_back({parameter, value});
}

namespace {

/// Parameters that other programs know and that change nothing here.
bool is_without_effect(std::string_view name) {
  return name == "ac" || name == "noisy" || name == "noise";
}

void read_named_parameter(Element& e, const DeviceType& type, std::string_view name,
                          Location where, std::vector<Assignment>& parameters) {
  const ValueText text = e.cursor.value();
  if (!text) {
    e.error(message::kSyntax, where, fmt::format("'{}' has no value", name));
    return;
  }
  if (is_without_effect(name)) {
    e.warning(message::kIgnored, where,
              fmt::format("'{}' has no effect: there is no AC or noise analysis", name));
    return;
  }
  const auto value = e.to.number(text, e.cursor, *e.in);
  if (!value) return;
  if (name == "tc") {  // tc=tc1[,tc2]
    assign(e, type, *type.instance_parameter("tc1"), *value, where, parameters);
    if (e.cursor.done() || e.cursor.at_assignment()) return;
    if (const auto second = e.to.number(e.cursor.value(), e.cursor, *e.in))
      assign(e, type, *type.instance_parameter("tc2"), *second, where, parameters);
    return;
  }
  assign(e, type, *type.instance_parameter(name), *value, where, parameters);
}

void report_unknown_parameter(Element& e, const DeviceType& type, std::string_view name,
                              Location where) {
  std::vector<std::string_view> known;
  for (const ParameterInfo& p : type.instance_parameters) known.push_back(p.name);
  e.error(message::kUnknownParameter, where,
          fmt::format("a {} has no parameter '{}'{}", type.name, name,
                      suggestion(name, known)));
}

bool knows(const DeviceType& type, std::string_view name) {
  if (name == "tc") return type.instance_parameter("tc1").has_value();
  return is_without_effect(name) || type.instance_parameter(name).has_value();
}

}  // namespace

void read_parameters(Element& e, const DeviceType& type, bool principal_allowed,
                     std::vector<Assignment>& parameters) {
  while (!e.cursor.done()) {
    const Location where = e.cursor.here();
    if (e.cursor.at_assignment()) {
      const std::string_view name = e.cursor.word();
      e.cursor.accept('=');
      if (knows(type, name)) {
        read_named_parameter(e, type, name, where, parameters);
      } else {
        report_unknown_parameter(e, type, name, where);
        e.cursor.value();
      }
      continue;
    }
    const std::string_view flag = e.cursor.peek_word();
    if ((flag == "on" || flag == "off") && type.instance_parameter(flag)) {
      parameters.push_back({*type.instance_parameter(flag), 1.0});
      e.cursor.word();
      continue;
    }
    const ValueText text = principal_allowed ? e.cursor.value() : ValueText{};
    if (!text) {
      e.error(message::kSyntax, where,
              fmt::format(
                  "'{}' is not expected here; parameters are written name=value",
                  flag.empty() ? e.cursor.text().substr(e.cursor.offset(), 1) : flag));
      return;
    }
    principal_allowed = false;
    if (const auto value = e.to.number(text, e.cursor, *e.in)) {
      warn_of_unit(e, text, *value);
      assign(e, type, 0, *value, where, parameters);
    }
  }
}

void apply_multiplier(Element& e, const DeviceType& type,
                      std::vector<Assignment>& parameters) {
  if (e.in->multiplier == 1.0) return;
  const auto m = type.instance_parameter("m");
  if (!m) {
    e.error(message::kUnsupported, e.where,
            fmt::format("a {} cannot be inside a subcircuit with m=", type.name));
    return;
  }
  for (Assignment& a : parameters)
    if (a.parameter == *m) {
      a.value *= e.in->multiplier;
      return;
    }
  parameters.push_back({*m, e.in->multiplier});
}

std::optional<UnknownId> read_branch_current(Element& e) {
  const Location where = e.cursor.here();
  const std::string_view name = e.cursor.word();
  if (name.empty()) {
    e.error(message::kMissingPart, e.where,
            fmt::format("{} needs the name of a voltage source", e.name));
    return std::nullopt;
  }
  const auto device = e.to.find_device(*e.in, name);
  if (!device) {
    e.error(message::kUndefinedDevice, where,
            fmt::format("there is no device '{}'{}", name,
                        suggestion(name, device_names(e.to.circuit()))));
    return std::nullopt;
  }
  const UnknownId current = e.to.circuit().branch_current(*device);
  if (current != kNoUnknown) return current;
  e.error(message::kUndefinedDevice, where,
          fmt::format("{} is controlled by the current of a voltage source; '{}' is a {}",
                      e.name, name, e.to.circuit().device_type(*device).name));
  return std::nullopt;
}

void warn_of_unit(Element& e, const ValueText& value, double number) {
  if (value.bracketed || value.text.size() < 2 || value.text.find('*') != value.text.npos)
    return;
  const char kind = e.name.front(), last = value.text.back();
  if (!is_digit(value.text[value.text.size() - 2])) return;
  const char* meaning = nullptr;
  if (kind == 'r' && e.cursor.original(value.text).back() == 'M' &&
      std::abs(number) < 1.0)
    meaning = "m is milli, in either case; MEG is 1e6";
  if (kind == 'c' && last == 'f' && e.cursor.original(value.text).back() == 'F')
    meaning = "F is femto, not farad";
  if ((kind == 'i' || kind == 'v') && last == 'a') meaning = "A is atto, not ampere";
  if (meaning)
    e.warning(message::kUnitTrap, e.cursor.place(value.offset),
              fmt::format("{} is {:g} here: {}", e.cursor.original(value.text), number,
                          meaning));
}

const Registration& registration(char letter) {
  const Registration* found = find_registration(letter, "", 1);
  assert(found);
  return *found;
}

}  // namespace arrayspice
