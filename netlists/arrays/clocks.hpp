// SPDX-License-Identifier: Apache-2.0
// What switched arrays share: the model of their switches and the clock phases.
#pragma once

#include <cmath>

#include "devices/constants.hpp"
#include "netlists/arrays/sink.hpp"
#include "netlists/arrays/spec.hpp"

namespace arrayspice {

/// Switches that are closed while their control is above half of the supply. `name` may
/// differ from "contact" where another resistance is in series with the contact. Contacts
/// whose channel has a capacitance push its charge out when they open
/// (devices/injecting_switch.hpp).
inline void switch_model(const ArraySpec& spec, NetlistSink& sink,
                         std::string_view name = "contact", double series = 0.0) {
  if (name == "contact" && spec.contact.channel_capacitance > 0.0)
    return sink.model(name, 'n', "injecting_switch",
                      {{"vt", 0.5 * spec.supply.voltage},
                       {"width", 0.25 * spec.supply.voltage},
                       {"ron", spec.contact.on_resistance},
                       {"roff", spec.contact.off_resistance},
                       {"cch", spec.contact.channel_capacitance},
                       {"vth", spec.contact.channel_threshold}});
  sink.model(name, 's', "sw",
             {{"vt", 0.5 * spec.supply.voltage},
              {"ron", spec.contact.on_resistance + series},
              {"roff", spec.contact.off_resistance}});
}

/// A clock that is high during phase k of a sequence of phases, each `phase` long and
/// followed by a gap; the first begins after a gap.
struct Phase {
  double from, until;
};
inline Phase clock_phase(const ArraySpec& spec, std::int64_t k) {
  const auto& t = spec.timing;
  const double from = t.gap + static_cast<double>(k) * (t.phase + t.gap);
  return {from, from + t.phase};
}
inline Signal clock(const ArraySpec& spec, const Phase& phase) {
  return pulse(0.0, spec.supply.voltage, phase.from, phase.until, spec.timing.edge);
}

/// sqrt(kT/C): what a switch leaves on a capacitor when it opens, V rms.
inline double thermal_voltage_on(const ArraySpec& spec, double farad) {
  return std::sqrt(kBoltzmann * spec.environment.temperature / farad);
}

/// 2^bits - 1
inline double highest_level(const ArraySpec& spec) {
  return static_cast<double>((std::int64_t{1} << spec.cell.bits) - 1);
}

/// For types whose weights are levels.
inline std::string level_contradiction(const ArraySpec& spec) {
  if (spec.cell.maximum <= highest_level(spec)) return {};
  return "'cell.maximum' is a level beyond those of 'cell.bits'";
}

}  // namespace arrayspice
