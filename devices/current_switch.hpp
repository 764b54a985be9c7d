// SPDX-License-Identifier: Apache-2.0
// Current-controlled switch (W): a contact from p to m, controlled by the branch current
// of a voltage source, bound to the external pin `control`.
#pragma once

#include "devices/switch.hpp"

namespace arrayspice {

struct CurrentSwitch {
  static constexpr std::string_view kName = "current-controlled switch";
  enum : std::size_t { P, M, C };
  static constexpr std::array kPins{Pin{"p"}, Pin{"m"},
                                    Pin{"control", Scope::External, Quantity::Current}};
  static constexpr std::array kBranches{Branch{P, M, BranchKind::Conductance}};
  static constexpr std::array kCouplings{Coupling{P, P}, Coupling{P, M}, Coupling{M, P},
                                         Coupling{M, M}};

  struct Model {
    double it = 0.0;
    double ih = 0.0;
    double ron = 1.0;
    double roff = 1e12;
  };
  using Instance = SwitchInstance;
  static constexpr std::array kModelParameters{
      Param<Model>{"it", &Model::it, "A", kAny, "threshold"},
      Param<Model>{"ih", &Model::ih, "A", kNotNegative, "hysteresis"},
      Param<Model>{"ron", &Model::ron, "ohm", kPositive, "resistance when closed"},
      Param<Model>{"roff", &Model::roff, "ohm", kPositive, "resistance when open"},
  };
  static constexpr auto kInstanceParameters = kSwitchInstanceParameters;

  static int initial_state(const Instance& s) { return initial_switch_state(s); }
  static int next_state(const Model& s, const Instance&, int state,
                        const std::array<double, 3>& v) {
    return next_switch_state(v[C], s.it, s.ih, state);
  }

  template <class T>
  static void equations(const Model& s, const Instance& x, const Env&,
                        const std::array<T, 3>& v, Residual<T, 3>& out, int state) {
    out.current(P, M, x.m / (state == kClosed ? s.ron : s.roff) * (v[P] - v[M]));
  }
};

}  // namespace arrayspice
