// SPDX-License-Identifier: Apache-2.0
// Transistor switch as a macro: a contact from p to m whose resistance moves smoothly
// with the control, with clock feed-through and charge injection.
//
//   ln r = ln roff + s ln(ron/roff),   s = 1/(1 + exp(-4 (v(cp) - v(cm) - vt)/width))
//   charge from cp to p:  cov u + cch/2 soft(u - vth),  u = v(cp) - v(p);  the same to m
//   soft(x) = 2 ut ln(1 + exp(x/(2 ut)))
//
// cov is the overlap capacitance at either end, cch that of the whole channel, whose
// charge cch (v(cp) - v - vth) leaves half by half when the switch opens: exact for a
// symmetric switch or a fast edge (G. Wegmann, E. Vittoz, F. Rahali, IEEE J. Solid-State
// Circuits 22, 1091 (1987)). By default it injects nothing. The resistance interpolates
// as those of behavioural simulators do; ours is the logistic curve.
#pragma once

#include "devices/block.hpp"
#include "devices/ekv_channel.hpp"

namespace arrayspice {

struct InjectingSwitch {
  static constexpr std::string_view kName = "switch with charge injection";
  enum : std::size_t { P, M, CP, CM };
  static constexpr std::array kPins{Pin{"p"}, Pin{"m"}, Pin{"cp"}, Pin{"cm"}};
  static constexpr std::array kBranches{Branch{P, M, BranchKind::Conductance}};
  static constexpr std::array kCouplings{
      Coupling{P, P},        Coupling{P, M},        Coupling{P, CP},
      Coupling{P, CM},       Coupling{M, P},        Coupling{M, M},
      Coupling{M, CP},       Coupling{M, CM},       Coupling{CP, P, true},
      Coupling{CP, M, true}, Coupling{CP, CP, true}};

  struct Model {
    double vt = 0.5, width = 0.2;
    double ron = 1e3, roff = 1e12;
    double cov = 0.0, cch = 0.0, vth = 0.4;
    double ut = 0.0;  // derived
  };
  struct Instance {
    double m = 1.0;
  };
  static constexpr std::array kModelParameters{
      Param<Model>{"vt", &Model::vt, "V", kAny, "control at sqrt(ron roff)"},
      Param<Model>{"width", &Model::width, "V", kPositive, "control range of the change"},
      Param<Model>{"ron", &Model::ron, "ohm", kPositive, "resistance when closed"},
      Param<Model>{"roff", &Model::roff, "ohm", kPositive, "resistance when open"},
      Param<Model>{"cov", &Model::cov, "F", kNotNegative,
                   "overlap capacitance at each end"},
      Param<Model>{"cch", &Model::cch, "F", kNotNegative, "capacitance of the channel"},
      Param<Model>{"vth", &Model::vth, "V", kAny, "threshold of the channel's charge"}};
  static constexpr std::array kInstanceParameters{
      Param<Instance>{"m", &Instance::m, "", kPositive, "parallel devices"}};

  static void prepare(Model& s, double temperature) {
    s.ut = thermal_voltage(temperature);
  }

  template <class T>
  static void equations(const Model& s, const Instance& x, const Env&,
                        const std::array<T, 4>& v, Residual<T, 4>& out) {
    const T closed = 1.0 / (1.0 + limited_exp(-4.0 / s.width * (v[CP] - v[CM] - s.vt)));
    const T g = x.m / s.roff * limited_exp(std::log(s.roff / s.ron) * closed);
    out.current(P, M, g * (v[P] - v[M]));
    for (const std::size_t end : {P, M}) {
      const T u = v[CP] - v[end];
      const T channel = 2.0 * s.ut * soft_plus<T>((u - s.vth) / (2.0 * s.ut));
      out.charge(CP, end, x.m * (s.cov * u + 0.5 * s.cch * channel));
    }
  }
};

}  // namespace arrayspice
