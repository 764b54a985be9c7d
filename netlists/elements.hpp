// SPDX-License-Identifier: Apache-2.0
// Readers of element cards, one per kind. Each takes a cursor at the start of a card and
// adds devices to the circuit.
#pragma once

#include "netlists/elaborate.hpp"

namespace arrayspice {

/// Elements are named by their first letter, lower case.
inline bool is_element_letter(char c) {
  return std::string_view("rclkviefghbdmswxn").find(c) != std::string_view::npos;
}

/// An element card that is being read.
struct Element {
  Elaborator& to;
  const InstancePointer& in;
  Cursor& cursor;
  std::string_view name;  ///< lower case, without prefix
  Location where;

  Element(Elaborator& elaborator, const InstancePointer& instance, Cursor& at)
      : to(elaborator), in(instance), cursor(at), where(at.here()) {
    name = cursor.word();
  }
  Diagnostic& error(const Message& message, Location at, std::string text) const {
    return to.diagnostics().error(message, at, std::move(text));
  }
  Diagnostic& warning(const Message& message, Location at, std::string text) const {
    return to.diagnostics().warning(message, at, std::move(text));
  }
};

/// Reads the card by its first letter, or puts it off until all other devices exist.
void read_element(Elaborator& to, const InstancePointer& in, Cursor& cursor);
/// Reads a card that was put off.
void read_deferred_element(Elaborator& to, const Deferred& from, Cursor& cursor);

// --- kinds
void read_passive(Element& e);                          ///< R C L
void read_model_device(Element& e, std::size_t nodes);  ///< D M S
void read_native_device(Element& e);                    ///< N
void read_source(Element& e);                           ///< V I
void read_voltage_controlled(Element& e);  ///< E G with four nodes and a gain
void read_current_controlled(Element& e);  ///< F H
void read_current_switch(Element& e);      ///< W
void read_coupling(Element& e);            ///< K

void read_behavioral_source(Element& e);  ///< B
/// The forms of E F G H that are not a gain; false when it is one.
bool read_nonlinear_controlled(Element& e, std::span<const UnknownId> nodes);
/// An R or C whose value depends on voltages or currents; false when it does not.
bool read_nonlinear_passive(Element& e, std::span<const UnknownId> nodes);
/// What a behavioural device refers to, when all devices exist.
void finish_behavioral(Element& e, const Deferred& from);
/// The devices whose current the expressions on a card want.
void collect_sensed_devices(const Card& card, std::set<std::string, std::less<>>& names);

// --- parts that the kinds share
/// Reads as many nodes as fit into `nodes`; false after an error.
bool read_nodes(Element& e, std::span<UnknownId> nodes);
/// A value, or nullopt with an error that says what is missing.
std::optional<double> read_number(Element& e, std::string_view what);
/// Reads `name=value`, flags and (when allowed) the principal value up to the end.
void read_parameters(Element& e, const DeviceType& type, bool principal_allowed,
                     std::vector<Assignment>& parameters);
/// Checks the range and appends; the multiplier of the instance goes onto `m`.
void assign(Element& e, const DeviceType& type, std::size_t parameter, double value,
            Location where, std::vector<Assignment>& parameters);
/// Applies the `m=` of the instances around the element; an error when the device has no
/// parameter `m`.
void apply_multiplier(Element& e, const DeviceType& type,
                      std::vector<Assignment>& parameters);
/// The branch current of the device that the next word names.
std::optional<UnknownId> read_branch_current(Element& e);
/// Warns of suffixes that mean something else than they seem to.
void warn_of_unit(Element& e, const ValueText& value, double number);
const Registration& registration(char letter);

}  // namespace arrayspice
