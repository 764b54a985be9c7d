// SPDX-License-Identifier: Apache-2.0
// Op-amp macro model: one pole, soft output clamp, input offset, output resistance.
//
//   y = clamp tanh(z/clamp),   z/gain + (1/(2 pi gbw)) dy/dt = v(inp) - v(inm) + offset
//   v(out) - v(ref) = y + rout i
//
// In DC y = clamp tanh(gain v_in/clamp); in the linear range y follows the pole gbw/gain.
// The state is z, what the stage would deliver without its clamp: y cannot wind up, so
// the amplifier leaves saturation as soon as its input turns. Without `clamp` y = z. The
// row of z is stated in input volts, which scales it well for any gain.
#pragma once

#include <span>

#include "devices/block.hpp"

namespace arrayspice {

struct OpAmp {
  static constexpr std::string_view kName = "op-amp";
  enum : std::size_t { INP, INM, OUT, REF, Z, I };
  static constexpr std::array kPins{Pin{"inp"},
                                    Pin{"inm"},
                                    Pin{"out"},
                                    Pin{"ref"},
                                    Pin{"stage", Scope::Internal, Quantity::State},
                                    Pin{"branch", Scope::Internal, Quantity::Current}};
  static constexpr std::array kBranches{Branch{OUT, REF, BranchKind::Voltage}};
  static constexpr std::array kCouplings{
      Coupling{OUT, I}, Coupling{REF, I}, Coupling{Z, Z},
      Coupling{Z, INP}, Coupling{Z, INM}, Coupling{I, OUT},
      Coupling{I, REF}, Coupling{I, Z},   Coupling{I, I}};

  struct Model {
    double gain = 1e5;
    double gbw = 1e8;
    double clamp = kNotGiven;
    double offset = 0.0;
    double rout = 0.0;
  };
  struct Instance {
    double offset = kNotGiven;
  };
  static constexpr std::array kModelParameters{
      Param<Model>{"gain", &Model::gain, "V/V", kPositive, "open-loop gain"},
      Param<Model>{"gbw", &Model::gbw, "Hz", kPositive, "gain-bandwidth product"},
      Param<Model>{"clamp", &Model::clamp, "V", kPositive,
                   "output limit; not given: none"},
      Param<Model>{"offset", &Model::offset, "V", kAny, "input-referred offset"},
      Param<Model>{"rout", &Model::rout, "ohm", kNotNegative, "output resistance"},
  };
  static constexpr std::array kInstanceParameters{
      Param<Instance>{"offset", &Instance::offset, "V", kAny, "overrides the model's"}};

  static std::span<const Branch> branches(const Model& a) {
    static constexpr std::array kResistive{Branch{OUT, REF, BranchKind::Conductance}};
    if (a.rout > 0.0) return kResistive;
    return kBranches;
  }

  template <class T>
  static void equations(const Model& a, const Instance& x, const Env&,
                        const std::array<T, 6>& v, Residual<T, 6>& out) {
    using std::tanh;
    const T y = given(a.clamp) ? a.clamp * tanh(v[Z] / a.clamp) : v[Z];
    const double offset = given(x.offset) ? x.offset : a.offset;
    out.f[Z] = v[Z] / a.gain - (v[INP] - v[INM] + offset);
    out.q[Z] = y / (2.0 * kPi * a.gbw);
    out.current(OUT, REF, v[I]);
    out.f[I] = v[OUT] - v[REF] - y - a.rout * v[I];
  }

  /// A jump of z from one saturation across to the other stops at 0, the inflection of
  /// tanh: from there Newton's method approaches any solution from one side.
  static bool limit(const Model& a, const Instance&, std::array<double, 6>& v,
                    const std::array<double, 6>* previous) {
    if (!given(a.clamp) || !previous || v[Z] * (*previous)[Z] >= 0.0) return false;
    if (std::abs(v[Z]) <= a.clamp) return false;
    v[Z] = 0.0;
    return true;
  }
};

}  // namespace arrayspice
