// SPDX-License-Identifier: Apache-2.0
// Resistor: i = v / R(T),  R(T) = R (1 + tc1 dT + tc2 dT^2) / m,  dT = T - tnom.
// Source: ngspice manual, "Resistors". R = 0 is not a resistor: the netlist merges the
// nodes.
#pragma once

#include "devices/block.hpp"

namespace arrayspice {

struct Resistor {
  static constexpr std::string_view kName = "resistor";
  enum : std::size_t { P, M };
  static constexpr std::array kPins{Pin{"p"}, Pin{"m"}};
  static constexpr std::array kBranches{Branch{P, M, BranchKind::Conductance}};
  static constexpr bool kLinear = true;

  struct Model {
    double resistance = kNotGiven;
    double tc1 = 0.0;
    double tc2 = 0.0;
    double tnom = 27.0;
  };
  struct Instance {
    double resistance = kNotGiven;
    double tc1 = kNotGiven;
    double tc2 = kNotGiven;
    double m = 1.0;
    double conductance = 0.0;  // derived, at temperature
  };
  static constexpr std::array kModelParameters{
      Param<Model>{"r", &Model::resistance, "ohm", kAny,
                   "resistance of instances without one"},
      Param<Model>{"tc1", &Model::tc1, "1/K", kAny,
                   "first-order temperature coefficient"},
      Param<Model>{"tc2", &Model::tc2, "1/K^2", kAny,
                   "second-order temperature coefficient"},
      Param<Model>{"tnom", &Model::tnom, "degC", kAny,
                   "temperature of the nominal value"},
  };
  static constexpr std::array kInstanceParameters{
      Param<Instance>{"resistance", &Instance::resistance, "ohm", kAny, "resistance"},
      Param<Instance>{"r", &Instance::resistance, "ohm", kAny, "same as resistance"},
      Param<Instance>{"tc1", &Instance::tc1, "1/K", kAny, "overrides the model's"},
      Param<Instance>{"tc2", &Instance::tc2, "1/K^2", kAny, "overrides the model's"},
      Param<Instance>{"m", &Instance::m, "", kPositive, "parallel devices"},
  };

  static void prepare(const Model& model, Instance& r, double temperature) {
    const double nominal = given(r.resistance) ? r.resistance : model.resistance;
    if (!given(nominal)) throw std::invalid_argument("a resistor needs a resistance");
    r.conductance =
        r.m / (nominal * temperature_factor(temperature, model.tnom,
                                            given(r.tc1) ? r.tc1 : model.tc1,
                                            given(r.tc2) ? r.tc2 : model.tc2));
  }

  template <class T>
  static void equations(const Model&, const Instance& r, const Env&,
                        const std::array<T, 2>& v, Residual<T, 2>& out) {
    out.current(P, M, r.conductance * (v[P] - v[M]));
  }
};

}  // namespace arrayspice
