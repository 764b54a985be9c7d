// SPDX-License-Identifier: Apache-2.0
// Voltage-controlled voltage source (E): v(p) - v(m) = gain (v(cp) - v(cm)).
#pragma once

#include "devices/block.hpp"

namespace arrayspice {

struct Vcvs {
  static constexpr std::string_view kName = "voltage-controlled voltage source";
  enum : std::size_t { P, M, CP, CM, I };
  static constexpr std::array kPins{Pin{"p"}, Pin{"m"}, Pin{"cp"}, Pin{"cm"},
                                    Pin{"branch", Scope::Internal, Quantity::Current}};
  static constexpr std::array kBranches{Branch{P, M, BranchKind::Voltage}};
  static constexpr std::array kCouplings{Coupling{P, I},  Coupling{M, I},
                                         Coupling{I, P},  Coupling{I, M},
                                         Coupling{I, CP}, Coupling{I, CM}};
  static constexpr bool kLinear = true;

  struct Model {};
  struct Instance {
    double gain = 0.0;
  };
  static constexpr std::array<Param<Model>, 0> kModelParameters{};
  static constexpr std::array kInstanceParameters{
      Param<Instance>{"gain", &Instance::gain, "V/V", kAny, "voltage gain"}};

  template <class T>
  static void equations(const Model&, const Instance& e, const Env&,
                        const std::array<T, 5>& v, Residual<T, 5>& out) {
    out.current(P, M, v[I]);
    out.f[I] = v[P] - v[M] - e.gain * (v[CP] - v[CM]);
  }
};

}  // namespace arrayspice
