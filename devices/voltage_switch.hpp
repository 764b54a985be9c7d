// SPDX-License-Identifier: Apache-2.0
// Voltage-controlled switch (S): a contact from p to m, controlled by v(cp) - v(cm).
#pragma once

#include "devices/switch.hpp"

namespace arrayspice {

struct VoltageSwitch {
  static constexpr std::string_view kName = "voltage-controlled switch";
  enum : std::size_t { P, M, CP, CM };
  static constexpr std::array kPins{Pin{"p"}, Pin{"m"}, Pin{"cp"}, Pin{"cm"}};
  static constexpr std::array kBranches{Branch{P, M, BranchKind::Conductance}};
  static constexpr std::array kCouplings{Coupling{P, P}, Coupling{P, M}, Coupling{M, P},
                                         Coupling{M, M}};

  struct Model {
    double vt = 0.0;
    double vh = 0.0;
    double ron = 1.0;
    double roff = 1e12;
  };
  using Instance = SwitchInstance;
  static constexpr std::array kModelParameters{
      Param<Model>{"vt", &Model::vt, "V", kAny, "threshold"},
      Param<Model>{"vh", &Model::vh, "V", kNotNegative, "hysteresis"},
      Param<Model>{"ron", &Model::ron, "ohm", kPositive, "resistance when closed"},
      Param<Model>{"roff", &Model::roff, "ohm", kPositive, "resistance when open"},
  };
  static constexpr auto kInstanceParameters = kSwitchInstanceParameters;

  static int initial_state(const Instance& s) { return initial_switch_state(s); }
  static int next_state(const Model& s, const Instance&, int state,
                        const std::array<double, 4>& v) {
    return next_switch_state(v[CP] - v[CM], s.vt, s.vh, state);
  }

  template <class T>
  static void equations(const Model& s, const Instance& x, const Env&,
                        const std::array<T, 4>& v, Residual<T, 4>& out, int state) {
    out.current(P, M, x.m / (state == kClosed ? s.ron : s.roff) * (v[P] - v[M]));
  }
};

}  // namespace arrayspice
