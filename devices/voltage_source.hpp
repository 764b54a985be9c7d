// SPDX-License-Identifier: Apache-2.0
// Independent voltage source: v(p) - v(m) = V(t), its current an unknown of its own.
// The current i flows into pin p and through the source to m (SPICE's sign).
#pragma once

#include "devices/source.hpp"

namespace arrayspice {

struct VoltageSource {
  static constexpr std::string_view kName = "voltage source";
  enum : std::size_t { P, M, I };
  static constexpr std::array kPins{Pin{"p"}, Pin{"m"},
                                    Pin{"branch", Scope::Internal, Quantity::Current}};
  static constexpr std::array kBranches{Branch{P, M, BranchKind::Voltage}};
  static constexpr std::array kCouplings{Coupling{P, I}, Coupling{M, I}, Coupling{I, P},
                                         Coupling{I, M}};
  static constexpr bool kLinear = true;

  struct Model {};
  struct Instance {
    double dc = kNotGiven;
    std::shared_ptr<const Waveform> waveform;
  };
  static constexpr std::array<Param<Model>, 0> kModelParameters{};
  static constexpr std::array kInstanceParameters{
      Param<Instance>{"dc", &Instance::dc, "V", kAny,
                      "value in operating points and sweeps; default: the waveform at 0"},
  };

  template <class T>
  static void equations(const Model&, const Instance& s, const Env& env,
                        const std::array<T, 3>& v, Residual<T, 3>& out) {
    out.current(P, M, v[I]);
    out.f[I] = v[P] - v[M] - source_value(s, env);
  }

  static double next_breakpoint(const Instance& s, double t) {
    return source_breakpoint(s, t);
  }
};

}  // namespace arrayspice
