// SPDX-License-Identifier: Apache-2.0
// Inductor: v = d(L i)/dt with the current i as an unknown of its own;
// L(T) = L (1 + tc1 dT + tc2 dT^2) / m,  dT = T - tnom.
// Source: ngspice manual, "Inductors". The branch row is v(p) - v(m) - d(L i)/dt = 0.
#pragma once

#include "devices/block.hpp"

namespace arrayspice {

struct Inductor {
  static constexpr std::string_view kName = "inductor";
  enum : std::size_t { P, M, I };
  static constexpr std::array kPins{Pin{"p"}, Pin{"m"},
                                    Pin{"branch", Scope::Internal, Quantity::Current}};
  static constexpr std::array kBranches{Branch{P, M, BranchKind::Inductor}};
  static constexpr std::array kCouplings{Coupling{P, I}, Coupling{M, I}, Coupling{I, P},
                                         Coupling{I, M}, Coupling{I, I, true}};
  static constexpr bool kLinear = true;

  struct Model {
    double inductance = kNotGiven;
    double tc1 = 0.0;
    double tc2 = 0.0;
    double tnom = 27.0;
  };
  struct Instance {
    double inductance = kNotGiven;
    double ic = kNotGiven;
    double tc1 = kNotGiven;
    double tc2 = kNotGiven;
    double m = 1.0;
    double effective = 0.0;  // H, derived, at temperature
  };
  static constexpr std::array kModelParameters{
      Param<Model>{"ind", &Model::inductance, "H", kAny,
                   "inductance of instances without one"},
      Param<Model>{"tc1", &Model::tc1, "1/K", kAny,
                   "first-order temperature coefficient"},
      Param<Model>{"tc2", &Model::tc2, "1/K^2", kAny,
                   "second-order temperature coefficient"},
      Param<Model>{"tnom", &Model::tnom, "degC", kAny,
                   "temperature of the nominal value"},
  };
  static constexpr std::array kInstanceParameters{
      Param<Instance>{"inductance", &Instance::inductance, "H", kAny, "inductance"},
      Param<Instance>{"l", &Instance::inductance, "H", kAny, "same as inductance"},
      Param<Instance>{"ic", &Instance::ic, "A", kAny, "initial current with `uic`"},
      Param<Instance>{"tc1", &Instance::tc1, "1/K", kAny, "overrides the model's"},
      Param<Instance>{"tc2", &Instance::tc2, "1/K^2", kAny, "overrides the model's"},
      Param<Instance>{"m", &Instance::m, "", kPositive, "parallel devices"},
  };

  static void prepare(const Model& model, Instance& l, double temperature) {
    const double nominal = given(l.inductance) ? l.inductance : model.inductance;
    if (!given(nominal)) throw std::invalid_argument("an inductor needs an inductance");
    l.effective =
        nominal / l.m *
        temperature_factor(temperature, model.tnom, given(l.tc1) ? l.tc1 : model.tc1,
                           given(l.tc2) ? l.tc2 : model.tc2);
  }

  template <class T>
  static void equations(const Model&, const Instance& l, const Env&,
                        const std::array<T, 3>& v, Residual<T, 3>& out) {
    out.current(P, M, v[I]);
    out.f[I] = v[P] - v[M];
    out.q[I] = -(l.effective * v[I]);
  }

  static void initial_pins(const Instance& l, std::array<double, 3>& v) {
    if (given(l.ic)) v[I] = l.ic;
  }
};

}  // namespace arrayspice
