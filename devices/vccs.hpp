// SPDX-License-Identifier: Apache-2.0
// Voltage-controlled current source (G): m gain (v(cp) - v(cm)) flows from p through the
// source to m.
#pragma once

#include "devices/block.hpp"

namespace arrayspice {

struct Vccs {
  static constexpr std::string_view kName = "voltage-controlled current source";
  enum : std::size_t { P, M, CP, CM };
  static constexpr std::array kPins{Pin{"p"}, Pin{"m"}, Pin{"cp"}, Pin{"cm"}};
  static constexpr std::array kBranches{Branch{P, M, BranchKind::Controlled}};
  static constexpr std::array kCouplings{Coupling{P, CP}, Coupling{P, CM},
                                         Coupling{M, CP}, Coupling{M, CM}};
  static constexpr bool kLinear = true;

  struct Model {};
  struct Instance {
    double gain = 0.0;
    double m = 1.0;
  };
  static constexpr std::array<Param<Model>, 0> kModelParameters{};
  static constexpr std::array kInstanceParameters{
      Param<Instance>{"gain", &Instance::gain, "A/V", kAny, "transconductance"},
      Param<Instance>{"m", &Instance::m, "", kPositive, "parallel devices"},
  };

  template <class T>
  static void equations(const Model&, const Instance& g, const Env&,
                        const std::array<T, 4>& v, Residual<T, 4>& out) {
    out.current(P, M, g.m * g.gain * (v[CP] - v[CM]));
  }
};

}  // namespace arrayspice
