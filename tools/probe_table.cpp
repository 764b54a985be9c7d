// SPDX-License-Identifier: Apache-2.0
#include "tools/probe_table.hpp"

#include <fmt/format.h>

#include <limits>

#include "netlists/lookup.hpp"
#include "netlists/messages.hpp"
#include "netlists/values.hpp"

namespace arrayspice {

namespace {

std::string suggest_node(const Circuit& circuit, std::string_view name) {
  const auto names = node_names(circuit);
  return suggestion(name, {names.begin(), names.end()});
}

/// The pin that `i`, `id`, `ig`... of a device type means: by its first letter, else the
/// first pin.
std::optional<std::size_t> current_pin(const DeviceType& type, std::string_view name) {
  if (name == "i") return 0;
  if (name.size() != 2 || name[0] != 'i') return std::nullopt;
  for (std::size_t p = 0; p < type.external_pins(); ++p)
    if (type.pins[p].name.starts_with(name[1])) return p;
  if (name == "id" && type.external_pins() == 2) return 0;
  return std::nullopt;
}

std::string parameter_list(const DeviceType& type) {
  std::string list = "i, p, v";
  for (const ParameterInfo& p : type.instance_parameters)
    list += fmt::format(", {}", p.name);
  return list;
}

/// dq/dt at t from the charges at t, t1, t2: the parabola through them; the chord when
/// there is only one earlier point.
double charging_current(double t, double q, std::size_t points, const double (&t_old)[2],
                        const double (&q_old)[2]) {
  const double h1 = t - t_old[0], chord1 = (q - q_old[0]) / h1;
  if (points < 2) return chord1;
  const double h2 = t_old[0] - t_old[1], chord2 = (q_old[0] - q_old[1]) / h2;
  return chord1 + h1 * (chord1 - chord2) / (h1 + h2);
}

}  // namespace

std::int32_t ProbeTable::add(Probe probe) {
  const auto [at, is_new] =
      by_name_.try_emplace(probe.name, static_cast<std::int32_t>(probes_.size()));
  if (!is_new) return at->second;
  if (probe.kind == Probe::Kind::SourcePower)
    for (DeviceId d = 0; d < circuit_.devices(); ++d)
      if (is_independent_source(circuit_.device_type(d))) sources_.push_back(d);
  if (probe.kind == Probe::Kind::PinCurrent) probe.history = pin_currents_++;
  probes_.push_back(std::move(probe));
  return at->second;
}

std::optional<std::int32_t> ProbeTable::add(const Reference& reference, Location where,
                                            Diagnostics& diagnostics) {
  auto probe = find(reference, where, diagnostics);
  if (!probe) return std::nullopt;
  return add(std::move(*probe));
}

std::optional<Probe> ProbeTable::find(const Reference& reference, Location where,
                                      Diagnostics& diagnostics) const {
  switch (reference.kind) {
    case Reference::Kind::Name:
      return find_name(reference, where, diagnostics);
    case Reference::Kind::Voltage:
      return find_voltage(reference, where, diagnostics);
    case Reference::Kind::Current:
      return find_current(reference, where, diagnostics);
    case Reference::Kind::DeviceParameter:
      break;
  }
  return find_parameter(reference, where, diagnostics);
}

std::optional<Probe> ProbeTable::find_name(const Reference& reference, Location where,
                                           Diagnostics& diagnostics) const {
  const std::string& name = reference.first;
  if (name == "time")
    return Probe{.kind = Probe::Kind::Scale, .name = name, .type = "time"};
  if (name == "temper") return Probe{.kind = Probe::Kind::Temperature, .name = name};
  constexpr std::string_view kBranch = "#branch";
  if (name.ends_with(kBranch))
    return find_current(
        {Reference::Kind::Current, name.substr(0, name.size() - kBranch.size()), {}},
        where, diagnostics);
  if (find_node(circuit_, name))
    return find_voltage({Reference::Kind::Voltage, name, {}}, where, diagnostics);
  if (name == "power")
    return Probe{.kind = Probe::Kind::SourcePower, .name = name, .type = "power"};
  diagnostics.error(message::kUndefinedName, where,
                    fmt::format("there is no result, parameter or node '{}'{}", name,
                                suggest_node(circuit_, name)));
  return std::nullopt;
}

std::optional<UnknownId> ProbeTable::node(const std::string& name, Location where,
                                          Diagnostics& diagnostics) const {
  const auto found = find_node(circuit_, name);
  if (!found)
    diagnostics.error(
        message::kUndefinedNode, where,
        fmt::format("there is no node '{}'{}", name, suggest_node(circuit_, name)));
  return found;
}

std::optional<DeviceId> ProbeTable::device(const std::string& name, Location where,
                                           Diagnostics& diagnostics) const {
  const auto found = find_device(circuit_, name);
  if (!found)
    diagnostics.error(message::kUndefinedDevice, where,
                      fmt::format("there is no device '{}'{}", name,
                                  suggestion(name, device_names(circuit_))));
  return found;
}

std::optional<Probe> ProbeTable::find_voltage(const Reference& reference, Location where,
                                              Diagnostics& diagnostics) const {
  const auto a = node(reference.first, where, diagnostics);
  if (!a) return std::nullopt;
  if (reference.second.empty())
    return Probe{
        .a = *a, .name = fmt::format("v({})", reference.first), .type = "voltage"};
  const auto b = node(reference.second, where, diagnostics);
  if (!b) return std::nullopt;
  return Probe{.kind = Probe::Kind::Difference,
               .a = *a,
               .b = *b,
               .name = fmt::format("v({},{})", reference.first, reference.second),
               .type = "voltage"};
}

std::optional<Probe> ProbeTable::find_current(const Reference& reference, Location where,
                                              Diagnostics& diagnostics) const {
  const auto found = device(reference.first, where, diagnostics);
  if (!found) return std::nullopt;
  Probe probe{
      .device = *found, .name = fmt::format("i({})", reference.first), .type = "current"};
  probe.a = circuit_.branch_current(*found);
  if (probe.a == kNoUnknown) probe.kind = Probe::Kind::PinCurrent;
  return probe;
}

std::optional<Probe> ProbeTable::find_parameter(const Reference& reference,
                                                Location where,
                                                Diagnostics& diagnostics) const {
  const auto found = device(reference.first, where, diagnostics);
  if (!found) return std::nullopt;
  const DeviceType& type = circuit_.device_type(*found);
  const auto pins = circuit_.device_pins(*found);
  Probe probe{.device = *found,
              .name = fmt::format("@{}[{}]", reference.first, reference.second)};
  if (const auto parameter = type.instance_parameter(reference.second)) {
    probe.kind = Probe::Kind::Parameter;
    probe.index = *parameter;
  } else if (const auto pin = current_pin(type, reference.second)) {
    probe.a = *pin == 0 ? circuit_.branch_current(*found) : kNoUnknown;
    if (probe.a == kNoUnknown) probe.kind = Probe::Kind::PinCurrent;
    probe.index = *pin;
    probe.type = "current";
  } else if (reference.second == "p" || reference.second == "power") {
    probe.kind = Probe::Kind::Power;
    probe.type = "power";
  } else if ((reference.second == "v" || reference.second == "vd") && pins.size() >= 2) {
    probe.kind = Probe::Kind::Difference;
    probe.a = pins[0];
    probe.b = pins[1];
    probe.type = "voltage";
  } else {
    diagnostics.error(message::kUnknownParameter, where,
                      fmt::format("a {} has no '{}'; it has {}", type.name,
                                  reference.second, parameter_list(type)));
    return std::nullopt;
  }
  return probe;
}

bool is_independent_source(const DeviceType& type) {
  return type.name == "voltage source" || type.name == "current source";
}

void ProbeTable::start() { histories_.assign(pin_currents_, {}); }

double ProbeTable::pin_current(std::size_t k, const Point& point) {
  const Probe& probe = probes_[k];
  const double i = circuit_.pin_current(probe.device, probe.index, point.x, point.env);
  if (!point.env.transient) return i;
  const double t = point.scale;
  const double q = circuit_.pin_charge(probe.device, probe.index, point.x, point.env);
  History& past = histories_[probe.history];
  if (past.points > 0 && t > past.t[0])
    past.current = charging_current(t, q, past.points, past.t, past.q);
  if (past.points == 0 || t > past.t[0]) {
    past.t[1] = past.t[0];
    past.q[1] = past.q[0];
    past.points = std::min<std::size_t>(past.points + 1, 2);
  }
  past.t[0] = t;
  past.q[0] = q;
  return i + past.current;
}

double ProbeTable::power(DeviceId device, const Point& point) const {
  const auto pins = circuit_.device_pins(device);
  const auto currents = circuit_.pin_currents(device, point.x, point.env);
  double power = 0.0;
  for (std::size_t p = 0; p < pins.size(); ++p)
    if (circuit_.quantity(pins[p]) == Quantity::Voltage)
      power += point.x[pins[p]] * currents[p];
  return power;
}

double ProbeTable::source_power(const Point& point) const {
  double sum = 0.0;
  for (const DeviceId source : sources_) sum -= power(source, point);
  return sum;
}

double ProbeTable::value(const Probe& p, const Point& point) const {
  switch (p.kind) {
    case Probe::Kind::Scale:
      return point.scale;
    case Probe::Kind::Temperature:
      return point.env.temperature - 273.15;
    case Probe::Kind::Unknown:
      return point.x[p.a];
    case Probe::Kind::Difference:
      return point.x[p.a] - point.x[p.b];
    case Probe::Kind::Power:
      return power(p.device, point);
    case Probe::Kind::SourcePower:
      return source_power(point);
    case Probe::Kind::Parameter:
      return circuit_.parameter(p.device, p.index);
    case Probe::Kind::PinCurrent:
      break;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

void ProbeTable::read_memoryless(const Point& point, std::span<double> out) const {
  for (std::size_t k = 0; k < probes_.size(); ++k) out[k] = value(probes_[k], point);
}

void ProbeTable::read(const Point& point, std::span<double> out) {
  histories_.resize(pin_currents_);
  read_memoryless(point, out);
  for (std::size_t k = 0; k < probes_.size(); ++k)
    if (probes_[k].kind == Probe::Kind::PinCurrent) out[k] = pin_current(k, point);
}

}  // namespace arrayspice
