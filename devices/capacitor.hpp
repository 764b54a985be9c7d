// SPDX-License-Identifier: Apache-2.0
// Capacitor: q = C(T) v,  C(T) = m C (1 + tc1 dT + tc2 dT^2),  dT = T - tnom.
// Source: ngspice manual, "Capacitors".
#pragma once

#include "devices/block.hpp"

namespace arrayspice {

struct Capacitor {
  static constexpr std::string_view kName = "capacitor";
  enum : std::size_t { P, M };
  static constexpr std::array kPins{Pin{"p"}, Pin{"m"}};
  static constexpr std::array kBranches{Branch{P, M, BranchKind::Open}};
  static constexpr std::array kCouplings{Coupling{P, P, true}, Coupling{P, M, true},
                                         Coupling{M, P, true}, Coupling{M, M, true}};
  static constexpr bool kLinear = true;

  struct Model {
    double capacitance = kNotGiven;
    double tc1 = 0.0;
    double tc2 = 0.0;
    double tnom = 27.0;
  };
  struct Instance {
    double capacitance = kNotGiven;
    double ic = kNotGiven;
    double tc1 = kNotGiven;
    double tc2 = kNotGiven;
    double m = 1.0;
    double effective = 0.0;  // F, derived, at temperature
  };
  static constexpr std::array kModelParameters{
      Param<Model>{"cap", &Model::capacitance, "F", kAny,
                   "capacitance of instances without one"},
      Param<Model>{"tc1", &Model::tc1, "1/K", kAny,
                   "first-order temperature coefficient"},
      Param<Model>{"tc2", &Model::tc2, "1/K^2", kAny,
                   "second-order temperature coefficient"},
      Param<Model>{"tnom", &Model::tnom, "degC", kAny,
                   "temperature of the nominal value"},
  };
  static constexpr std::array kInstanceParameters{
      Param<Instance>{"capacitance", &Instance::capacitance, "F", kAny, "capacitance"},
      Param<Instance>{"c", &Instance::capacitance, "F", kAny, "same as capacitance"},
      Param<Instance>{"ic", &Instance::ic, "V", kAny, "initial voltage with `uic`"},
      Param<Instance>{"tc1", &Instance::tc1, "1/K", kAny, "overrides the model's"},
      Param<Instance>{"tc2", &Instance::tc2, "1/K^2", kAny, "overrides the model's"},
      Param<Instance>{"m", &Instance::m, "", kPositive, "parallel devices"},
  };

  static void prepare(const Model& model, Instance& c, double temperature) {
    const double nominal = given(c.capacitance) ? c.capacitance : model.capacitance;
    if (!given(nominal)) throw std::invalid_argument("a capacitor needs a capacitance");
    c.effective =
        c.m * nominal *
        temperature_factor(temperature, model.tnom, given(c.tc1) ? c.tc1 : model.tc1,
                           given(c.tc2) ? c.tc2 : model.tc2);
  }

  template <class T>
  static void equations(const Model&, const Instance& c, const Env&,
                        const std::array<T, 2>& v, Residual<T, 2>& out) {
    out.charge(P, M, c.effective * (v[P] - v[M]));
  }

  static void initial_pins(const Instance& c, std::array<double, 2>& v) {
    if (given(c.ic)) v[P] = v[M] + c.ic;
  }
};

}  // namespace arrayspice
