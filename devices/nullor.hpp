// SPDX-License-Identifier: Apache-2.0
// Ideal operational amplifier (E with OPAMP, as HSPICE has it): it delivers whatever
// current i at its output makes its input voltage zero, the limit of infinite gain.
#pragma once

#include "devices/block.hpp"

namespace arrayspice {

struct Nullor {
  static constexpr std::string_view kName = "ideal op-amp";
  enum : std::size_t { P, M, CP, CM, I };
  static constexpr std::array kPins{Pin{"p"}, Pin{"m"}, Pin{"cp"}, Pin{"cm"},
                                    Pin{"branch", Scope::Internal, Quantity::Current}};
  static constexpr std::array kBranches{Branch{P, M, BranchKind::Voltage}};
  static constexpr std::array kCouplings{Coupling{P, I}, Coupling{M, I}, Coupling{I, CP},
                                         Coupling{I, CM}};
  static constexpr bool kLinear = true;

  struct Model {};
  struct Instance {};
  static constexpr std::array<Param<Model>, 0> kModelParameters{};
  static constexpr std::array<Param<Instance>, 0> kInstanceParameters{};

  template <class T>
  static void equations(const Model&, const Instance&, const Env&,
                        const std::array<T, 5>& v, Residual<T, 5>& out) {
    out.current(P, M, v[I]);
    out.f[I] = v[CP] - v[CM];
  }
};

}  // namespace arrayspice
