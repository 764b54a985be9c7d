// SPDX-License-Identifier: Apache-2.0
#include "tools/swept_value.hpp"

#include <fmt/format.h>

#include <cmath>

#include "netlists/failure.hpp"

namespace arrayspice {

using Kind = DcCommand::Sweep::Kind;

SweptValue::SweptValue(const DcCommand::Sweep& sweep, Circuit& circuit)
    : sweep_(sweep), circuit_(circuit) {
  constexpr double kRounding = 1e-9;  // 0 to 1 in steps of 0.1 has 11 points
  if (sweep.step != 0.0)
    points_ = static_cast<std::size_t>(
                  std::floor((sweep.stop - sweep.start) / sweep.step + kRounding)) +
              1;
  if (sweep.kind == Kind::Temperature) return;
  const char* name = sweep.kind == Kind::Resistor ? "resistance" : "dc";
  parameter_ = circuit.device_type(sweep.device).instance_parameter(name).value_or(0);
  before_ = circuit.parameter(sweep.device, parameter_);
}

SweptValue::~SweptValue() {
  if (sweep_.kind != Kind::Temperature) put(before_);
}

void SweptValue::set(std::size_t k, Env& env) {
  if (sweep_.kind == Kind::Temperature) {
    env.temperature = value(k) + 273.15;
    return;
  }
  if (sweep_.kind == Kind::Resistor && value(k) == 0.0)
    throw Failure(Exit::Input, fmt::format("dc: the sweep of {} passes 0 ohm, which no "
                                           "resistor can have",
                                           sweep_.name));
  put(value(k));
}

/// The matrix does not depend on the value of a source, so nothing is stamped anew.
void SweptValue::put(double value) {
  const Assignment assignment{parameter_, value};
  if (sweep_.kind == Kind::Source)
    circuit_.device_block(sweep_.device)
        .set_instance(circuit_.device_instance(sweep_.device), assignment);
  else
    circuit_.set_parameter(sweep_.device, assignment);
}

std::string SweptValue::scale_name(const DcCommand::Sweep& sweep,
                                   const Circuit& circuit) {
  if (sweep.kind == Kind::Temperature) return "temp-sweep";
  if (sweep.kind == Kind::Resistor) return "res-sweep";
  return circuit.device_type(sweep.device).name == "current source" ? "i-sweep"
                                                                    : "v-sweep";
}

const char* SweptValue::scale_type(const DcCommand::Sweep& sweep,
                                   const Circuit& circuit) {
  if (sweep.kind != Kind::Source) return "notype";
  return circuit.device_type(sweep.device).name == "current source" ? "current"
                                                                    : "voltage";
}

}  // namespace arrayspice
