// SPDX-License-Identifier: Apache-2.0
// Comparator in continuous time, with a delay that depends on the overdrive.
//
//   u = v(inp) - v(inm) + offset + hysteresis y,   y = tanh(2 gain z/swing) in -1 .. 1
//   tau dz/dt = range tanh(u/range) - z,           swing = high - low
//   v(out) - v(ref) = low + swing (1 + y)/2 + rout i
//
// z is the limited input behind one pole. From rest at -range a step to the overdrive u
// flips the output after t = tau ln(1 + range/u): the regenerative law tau ln(vdd/u) of a
// latch, without its clock. The limit is in front of the pole, so nothing winds up. The
// hysteresis is half the width of the loop. The noise of a decision is an offset that
// varies: the instance's. Structure ours; the defaults (tau 20 ps, range 1 V) are
// plausible values and not measurements.
#pragma once

#include <span>

#include "devices/block.hpp"

namespace arrayspice {

struct Comparator {
  static constexpr std::string_view kName = "comparator";
  enum : std::size_t { INP, INM, OUT, REF, Z, I };
  static constexpr std::array kPins{Pin{"inp"},
                                    Pin{"inm"},
                                    Pin{"out"},
                                    Pin{"ref"},
                                    Pin{"z", Scope::Internal, Quantity::State},
                                    Pin{"branch", Scope::Internal, Quantity::Current}};
  static constexpr std::array kBranches{Branch{OUT, REF, BranchKind::Voltage}};
  static constexpr std::array kCouplings{
      Coupling{OUT, I}, Coupling{REF, I}, Coupling{Z, Z},
      Coupling{Z, INP}, Coupling{Z, INM}, Coupling{I, OUT},
      Coupling{I, REF}, Coupling{I, Z},   Coupling{I, I}};

  struct Model {
    double low = 0.0, high = 1.0;
    double gain = 1e4;
    double tau = 20e-12;
    double range = 1.0;
    double offset = 0.0;
    double hysteresis = 0.0;
    double rout = 0.0;
  };
  struct Instance {
    double offset = kNotGiven;
  };
  static constexpr std::array kModelParameters{
      Param<Model>{"low", &Model::low, "V", kAny, "output for v(inp) < v(inm)"},
      Param<Model>{"high", &Model::high, "V", kAny, "output for v(inp) > v(inm)"},
      Param<Model>{"gain", &Model::gain, "V/V", kPositive,
                   "slope of the output at the trip"},
      Param<Model>{"tau", &Model::tau, "s", kPositive, "time constant of the delay"},
      Param<Model>{"range", &Model::range, "V", kPositive,
                   "input beyond which nothing becomes faster"},
      Param<Model>{"offset", &Model::offset, "V", kAny, "input-referred offset"},
      Param<Model>{"hysteresis", &Model::hysteresis, "V", kNotNegative,
                   "half the width of the loop"},
      Param<Model>{"rout", &Model::rout, "ohm", kNotNegative, "output resistance"}};
  static constexpr std::array kInstanceParameters{
      Param<Instance>{"offset", &Instance::offset, "V", kAny, "overrides the model's"}};

  static void prepare(Model& c, double) {
    if (c.high <= c.low) throw std::invalid_argument("high must be above low");
    if (c.hysteresis >= c.range)
      throw std::invalid_argument("the hysteresis must be below the range");
  }

  static std::span<const Branch> branches(const Model& c) {
    static constexpr std::array kResistive{Branch{OUT, REF, BranchKind::Conductance}};
    if (c.rout > 0.0) return kResistive;
    return kBranches;
  }

  template <class T>
  static void equations(const Model& c, const Instance& x, const Env& env,
                        const std::array<T, 6>& v, Residual<T, 6>& out) {
    using std::tanh;
    const double offset = given(x.offset) ? x.offset : c.offset, swing = c.high - c.low;
    const T y = tanh(2.0 * c.gain / swing * v[Z]);
    const T u = v[INP] - v[INM] + env.source_scale * offset + c.hysteresis * y;
    out.f[Z] = v[Z] - c.range * tanh(u / c.range);
    out.q[Z] = c.tau * v[Z];
    out.current(OUT, REF, v[I]);
    out.f[I] = v[OUT] - v[REF] - env.source_scale * (c.low + 0.5 * swing * (1.0 + y)) -
               c.rout * v[I];
  }
};

}  // namespace arrayspice
