// SPDX-License-Identifier: Apache-2.0
// Current-controlled current source (F): m gain i flows from p through the source to m;
// i is the branch current of a voltage source, bound to the external pin `control`.
#pragma once

#include "devices/block.hpp"

namespace arrayspice {

struct Cccs {
  static constexpr std::string_view kName = "current-controlled current source";
  enum : std::size_t { P, M, C };
  static constexpr std::array kPins{Pin{"p"}, Pin{"m"},
                                    Pin{"control", Scope::External, Quantity::Current}};
  static constexpr std::array kBranches{Branch{P, M, BranchKind::Controlled}};
  static constexpr std::array kCouplings{Coupling{P, C}, Coupling{M, C}};
  static constexpr bool kLinear = true;

  struct Model {};
  struct Instance {
    double gain = 0.0;
    double m = 1.0;
  };
  static constexpr std::array<Param<Model>, 0> kModelParameters{};
  static constexpr std::array kInstanceParameters{
      Param<Instance>{"gain", &Instance::gain, "A/A", kAny, "current gain"},
      Param<Instance>{"m", &Instance::m, "", kPositive, "parallel devices"},
  };

  template <class T>
  static void equations(const Model&, const Instance& f, const Env&,
                        const std::array<T, 3>& v, Residual<T, 3>& out) {
    out.current(P, M, f.m * f.gain * v[C]);
  }
};

}  // namespace arrayspice
