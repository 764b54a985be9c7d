// SPDX-License-Identifier: Apache-2.0
// Threshold switch (ovonic selector) with hysteresis: insulating until |v| exceeds vth,
// conducting until |i| falls below ihold.
//
//   i = (1 - w) i0 sinh(v/v0) + w v/ron,   w in [0, 1] the conducting part
//   tau dw/dt = a(v, i) - w,   a = 1 where |v| > vth or |i| > ihold, else 0
//
// Out of a transient w = a: an operating point finds the conducting state by itself, a DC
// sweep keeps it down to ihold. Where the load lets both states be, an operating point
// starts from the insulating one. A load that cannot carry ihold at vth is held
// at vth, where a real switch would oscillate. Structure: threshold, on-resistance and
// holding current as in the circuit models of ovonic switches (arXiv 2405.07311,
// 2102.07264); ours are the relaxation with one time constant, which stands for the delay
// and recovery of the material, the logistic corners of 0.5 % of vth and ihold, and all
// default values.
#pragma once

#include "devices/block.hpp"
#include "devices/bounded_state.hpp"
#include "devices/limiting.hpp"

namespace arrayspice {

struct ThresholdSelector {
  static constexpr std::string_view kName = "threshold selector";
  enum : std::size_t { P, M, W };
  static constexpr std::array kPins{Pin{"p"}, Pin{"m"},
                                    Pin{"on", Scope::Internal, Quantity::State}};
  static constexpr std::array kBranches{Branch{P, M, BranchKind::Conductance}};

  struct Model {
    double vth = 1.0;
    double ihold = 10e-6;
    double ron = 1e3;
    double i0 = 1e-11;
    double v0 = 0.1;
    double tau = 1e-9;
  };
  struct Instance {
    double on = 0.0;
  };
  static constexpr std::array kModelParameters{
      Param<Model>{"vth", &Model::vth, "V", kPositive, "threshold voltage"},
      Param<Model>{"ihold", &Model::ihold, "A", kPositive, "holding current"},
      Param<Model>{"ron", &Model::ron, "ohm", kPositive, "resistance when conducting"},
      Param<Model>{"i0", &Model::i0, "A", kPositive, "current scale when insulating"},
      Param<Model>{"v0", &Model::v0, "V", kPositive, "voltage scale when insulating"},
      Param<Model>{"tau", &Model::tau, "s", kPositive, "time constant of switching"}};
  static constexpr std::array kInstanceParameters{Param<Instance>{
      "on", &Instance::on, "", {0.0, 1.0}, "under uic: 1 conducting, 0 insulating"}};

  static void prepare(Model& s, double) {
    if (s.vth <= s.ron * s.ihold)
      throw std::invalid_argument("vth must be above ron ihold");
    if (s.i0 * std::sinh(s.vth / s.v0) >= s.ihold)
      throw std::invalid_argument("the insulating current at vth must be below ihold");
  }

  template <class T>
  static void equations(const Model& s, const Instance&, const Env& env,
                        const std::array<T, 3>& v, Residual<T, 3>& out) {
    const T u = v[P] - v[M], w = between(v[W], 0.0, 1.0);
    const T i = (1.0 - w) * s.i0 * limited_sinh(u / s.v0) + w * u / s.ron;
    out.current(P, M, i);
    const T below = falls(u, s.vth) * falls(i, s.ihold);
    out.f[W] = (v[W] - (1.0 - below)) / (env.moving ? s.tau : 1.0);
    out.q[W] = v[W];
  }

  static void initial_pins(const Instance& x, std::array<double, 3>& v) { v[W] = x.on; }

 private:
  static constexpr double kCorner = 5e-3;

  /// 1 for |y| below the level, 0 above.
  template <class T>
  static T falls(const T& y, double level) {
    using std::abs;
    return 1.0 / (1.0 + limited_exp((abs(y) / level - 1.0) / kCorner));
  }
};

}  // namespace arrayspice
