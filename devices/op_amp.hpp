// SPDX-License-Identifier: Apache-2.0
// Op-amp macro model: one pole, soft output clamp, input offset, output resistance.
//
//   y = clamp tanh(z/clamp),   z/gain + (1/(2 pi gbw)) dy/dt = v(inp) - v(inm) + offset
//   v(out) - v(ref) = y + rout i
//
// In DC y = clamp tanh(gain v_in/clamp); in the linear range y follows the pole gbw/gain.
// z is what the stage would deliver without its clamp: y cannot wind up, so the amplifier
// leaves saturation as soon as its input turns. Without `clamp` y = z. With `windup` the
// pole stands in front of the clamp instead, (1/(2 pi gbw)) dz/dt: z then runs far beyond
// the clamp, and the loop becomes slower near it.
//
// The unknown is s = z/gain + y, of which y is a soft clip and z/gain the rest: Newton's
// method sees two nearly straight pieces instead of a tanh that is flat when saturated.
// The row of s is stated in input volts, which scales it well for any gain.
#pragma once

#include <span>

#include "devices/block.hpp"

namespace arrayspice {

struct OpAmp {
  static constexpr std::string_view kName = "op-amp";
  enum : std::size_t { INP, INM, OUT, REF, STAGE, I };
  static constexpr std::array kPins{Pin{"inp"},
                                    Pin{"inm"},
                                    Pin{"out"},
                                    Pin{"ref"},
                                    Pin{"stage", Scope::Internal, Quantity::State},
                                    Pin{"branch", Scope::Internal, Quantity::Current}};
  static constexpr std::array kBranches{Branch{OUT, REF, BranchKind::Voltage}};
  static constexpr std::array kCouplings{
      Coupling{OUT, I},     Coupling{REF, I},     Coupling{STAGE, STAGE},
      Coupling{STAGE, INP}, Coupling{STAGE, INM}, Coupling{I, OUT},
      Coupling{I, REF},     Coupling{I, STAGE},   Coupling{I, I}};

  struct Model {
    double gain = 1e5;
    double gbw = 1e8;
    double clamp = kNotGiven;
    double offset = 0.0;
    double rout = 0.0;
    double windup = 0.0;
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
      Param<Model>{"windup", &Model::windup, "", Range{0.0, 1.0},
                   "1: the pole is in front of the clamp"},
  };
  static constexpr std::array kInstanceParameters{
      Param<Instance>{"offset", &Instance::offset, "V", kAny, "overrides the model's"}};

  static std::span<const Branch> branches(const Model& a) {
    static constexpr std::array kResistive{Branch{OUT, REF, BranchKind::Conductance}};
    if (a.rout > 0.0) return kResistive;
    return kBranches;
  }

  template <class T>
  static void equations(const Model& a, const Instance& x, const Env& env,
                        const std::array<T, 6>& v, Residual<T, 6>& out) {
    const double offset = given(x.offset) ? x.offset : a.offset;
    const Stage at = stage(a, value_of(v[STAGE]));
    const T y = chain(v[STAGE], at.y, at.slope);
    out.f[STAGE] = chain(v[STAGE], at.z / a.gain, 1.0 - at.slope) -
                   (v[INP] - v[INM] + env.source_scale * offset);
    const T stored =
        a.windup > 0.0 ? chain(v[STAGE], at.z, a.gain * (1.0 - at.slope)) : y;
    out.q[STAGE] = stored / (2.0 * kPi * a.gbw);
    out.current(OUT, REF, v[I]);
    out.f[I] = v[OUT] - v[REF] - y - a.rout * v[I];
  }

 private:
  struct Stage {
    double z, y;
    double slope;  ///< dy/ds
  };

  /// Solves z/gain + y(z) = s.
  static Stage stage(const Model& a, double s) {
    if (!given(a.clamp)) {
      const double y = s / (1.0 + 1.0 / a.gain);
      return {y, y, 1.0 / (1.0 + 1.0 / a.gain)};
    }
    const double z = std::copysign(unclamped(a, std::abs(s)), s);
    const double cosh = std::cosh(std::min(std::abs(z) / a.clamp, kFlat));
    return {z, a.clamp * std::tanh(z / a.clamp), a.gain / (a.gain + cosh * cosh)};
  }

  /// tanh is 1 to the last bit here.
  static constexpr double kFlat = 20.0;

  /// z for s >= 0: Newton's method, kept inside a bracket by bisection.
  static double unclamped(const Model& a, double s) {
    double low = std::max(0.0, a.gain * (s - a.clamp)), high = low + kFlat * a.clamp;
    double z =
        s < 0.9 * a.clamp ? a.clamp * std::atanh(s / a.clamp) : low + 2.0 * a.clamp;
    for (int k = 0; k < 100; ++k) {
      const double y = a.clamp * std::tanh(z / a.clamp);
      const double excess = z / a.gain + y - s;
      (excess > 0.0 ? high : low) = z;
      const double cosh = std::cosh(std::min(z / a.clamp, kFlat));
      double next = z - excess / (1.0 / a.gain + 1.0 / (cosh * cosh));
      if (!(next > low && next < high)) next = 0.5 * (low + high);
      if (std::abs(next - z) <= 1e-15 * std::abs(z)) return next;
      z = next;
    }
    return z;
  }
};

}  // namespace arrayspice
