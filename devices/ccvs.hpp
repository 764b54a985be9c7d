// SPDX-License-Identifier: Apache-2.0
// Current-controlled voltage source (H): v(p) - v(m) = gain i; i is the branch current of
// a voltage source, bound to the external pin `control`.
#pragma once

#include "devices/block.hpp"

namespace arrayspice {

struct Ccvs {
  static constexpr std::string_view kName = "current-controlled voltage source";
  enum : std::size_t { P, M, C, I };
  static constexpr std::array kPins{Pin{"p"}, Pin{"m"},
                                    Pin{"control", Scope::External, Quantity::Current},
                                    Pin{"branch", Scope::Internal, Quantity::Current}};
  static constexpr std::array kBranches{Branch{P, M, BranchKind::Voltage}};
  static constexpr std::array kCouplings{Coupling{P, I}, Coupling{M, I}, Coupling{I, P},
                                         Coupling{I, M}, Coupling{I, C}};
  static constexpr bool kLinear = true;

  struct Model {};
  struct Instance {
    double gain = 0.0;
  };
  static constexpr std::array<Param<Model>, 0> kModelParameters{};
  static constexpr std::array kInstanceParameters{
      Param<Instance>{"gain", &Instance::gain, "V/A", kAny, "transresistance"}};

  template <class T>
  static void equations(const Model&, const Instance& h, const Env&,
                        const std::array<T, 4>& v, Residual<T, 4>& out) {
    out.current(P, M, v[I]);
    out.f[I] = v[P] - v[M] - h.gain * v[C];
  }
};

}  // namespace arrayspice
