// SPDX-License-Identifier: Apache-2.0
// Small circuits by name, solved by the engine, for tests of device physics.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "devices/registry.hpp"
#include "solver/analysis.hpp"
#include "tests/devices/single_device.hpp"

namespace arrayspice::testing {

class TestCircuit {
 public:
  /// Pins are node names, or for a controlling current the name of its voltage source.
  DeviceId add(std::string_view name, std::string_view card,
               const std::vector<std::string>& pins, const Settings& instance = {},
               const Settings& model = {}) {
    const Registration& kind = *find_registration(name[0], card, 1);
    auto block = kind.make();
    const DeviceType& type = block->type();
    for (const auto& [key, value] : model)
      block->set_model({type.model_parameter(key).value(), value});
    std::vector<Assignment> assignments;
    for (const auto& [key, value] : instance)
      assignments.push_back({type.instance_parameter(key).value(), value});
    std::vector<UnknownId> unknowns;
    for (std::size_t p = 0; p < pins.size(); ++p)
      unknowns.push_back(type.pins[p].quantity == Quantity::Current
                             ? branch(pins[p])
                             : circuit.node(pins[p]));
    return circuit.add_device(circuit.add_block(std::move(block)), name, unknowns,
                              assignments);
  }
  void drive(DeviceId source, Waveform::Shape shape) {
    circuit.device_block(source).set_waveform(
        circuit.device_instance(source),
        std::make_shared<const Waveform>(std::move(shape)));
  }

  /// Operating point; x keeps the solution.
  void solve(double temperature = 300.15) {
    prepare(temperature);
    OperatingPointOptions options;
    options.env.temperature = temperature;
    const Summary summary = operating_point(circuit, solver(), options, x);
    ASSERT_TRUE(summary.ok()) << summary.message;
  }
  /// Transient from the operating point in x, or from `ic=`.
  void run(double stop, double step, bool from_initial_conditions,
           const std::function<void(double)>& observe) {
    prepare(300.15);
    TransientOptions options;
    options.stop = stop;
    options.step = options.max_step = step;
    options.tolerances.reltol = 1e-5;
    options.use_initial_conditions = from_initial_conditions;
    DirectSolver all(circuit.pattern(), {});
    const Summary summary =
        transient(circuit, all, options, x, [&](double t, std::span<const double> now) {
          x.assign(now.begin(), now.end());
          observe(t);
          return true;
        });
    ASSERT_TRUE(summary.ok()) << summary.message;
  }

  double v(std::string_view node) const { return x[circuit.find_node(node).value()]; }
  double i(std::string_view source) const { return x[branch(source)]; }
  UnknownId branch(std::string_view source) const {
    return circuit.branch_current(circuit.find_device(source).value());
  }

  Circuit circuit;
  std::vector<double> x;

 private:
  void prepare(double temperature) {
    if (!circuit.finalized()) circuit.finalize(temperature);
    x.resize(circuit.unknowns(), 0.0);
  }
  DirectSolver& solver() {
    if (!solver_)
      solver_ = std::make_unique<DirectSolver>(circuit.pattern(), LinearOptions{},
                                               circuit.conductive());
    return *solver_;
  }
  std::unique_ptr<DirectSolver> solver_;
};

}  // namespace arrayspice::testing
