// SPDX-License-Identifier: Apache-2.0
// A circuit of one device with every external pin on a node of its own, for tests.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "devices/circuit.hpp"
#include "devices/registry.hpp"

namespace arrayspice::testing {

using Settings = std::vector<std::pair<std::string_view, double>>;

class SingleDevice {
 public:
  SingleDevice(const Registration& kind, const Settings& model, const Settings& instance,
               double temperature = 300.15) {
    auto block = kind.make();
    for (const auto& [name, value] : model)
      block->set_model({block->type().model_parameter(name).value(), value});
    const DeviceType& type = block->type();
    std::vector<Assignment> assignments;
    for (const auto& [name, value] : instance)
      assignments.push_back({type.instance_parameter(name).value(), value});
    std::vector<UnknownId> pins;
    for (std::size_t p = 0; p < type.external_pins(); ++p)
      pins.push_back(external(type, p));
    const BlockId id = circuit_.add_block(std::move(block));
    device_ = circuit_.add_device(id, "x", pins, assignments);
    circuit_.finalize(temperature);
    env_.temperature = temperature;
    x_.assign(circuit_.unknowns(), 0.0);
  }
  SingleDevice(char letter, std::string_view card, const Settings& model,
               const Settings& instance, double temperature = 300.15)
      : SingleDevice(*find_registration(letter, card, 1), model, instance, temperature) {}

  Circuit& circuit() { return circuit_; }
  Env& env() { return env_; }
  std::vector<double>& x() { return x_; }
  const DeviceType& type() const { return circuit_.device_type(device_); }
  UnknownId pin(std::size_t p) const { return circuit_.device_pins(device_)[p]; }
  void set_pins(std::initializer_list<double> values) {
    std::size_t p = 0;
    for (const double v : values) x_[pin(p++)] = v;
  }

  /// Static current into a pin, charge at a pin.
  double f(std::size_t p) { return circuit_.pin_current(device_, p, x_, env_); }
  double q(std::size_t p) { return circuit_.pin_charge(device_, p, x_, env_); }

  /// Residual and Jacobian at x itself: junction limiting has come to rest.
  Evaluation evaluate() {
    Evaluation e;
    int passes = 0;
    do circuit_.evaluate(x_, env_, Want::ResidualAndJacobian, e);
    while (e.limited && ++passes < 1000);
    EXPECT_FALSE(e.limited) << "limiting does not come to rest";
    return e;
  }
  Evaluation residual() {
    Evaluation e;
    circuit_.evaluate(x_, env_, Want::Residual, e);
    return e;
  }

 private:
  /// A node, or for a controlling current the branch of a voltage source of its own.
  UnknownId external(const DeviceType& type, std::size_t p) {
    const std::string name(type.pins[p].name);
    if (type.pins[p].quantity != Quantity::Current) return circuit_.node(name);
    const BlockId block = circuit_.add_block(find_registration('v', "", 1)->make());
    const UnknownId sense = circuit_.node("sense_" + name);
    const DeviceId v = circuit_.add_device(block, "v_" + name,
                                           std::vector<UnknownId>{sense, kGround}, {});
    return circuit_.branch_current(v);
  }

  Circuit circuit_;
  DeviceId device_ = kNoDevice;
  Env env_;
  std::vector<double> x_;
};

}  // namespace arrayspice::testing
