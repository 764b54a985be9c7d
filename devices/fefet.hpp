// SPDX-License-Identifier: Apache-2.0
// Ferroelectric transistor: an EKV channel (ekv_channel.hpp) whose threshold moves with
// the polarisation p of its gate stack (ferroelectric.hpp), driven by v(gate) - v(bulk).
//
//   vt = vto - window/2 p
//
// A positive gate pulse beyond vc writes the low threshold (p = 1). Defaults: plausible
// values, not measurements: a memory window of 1.2 V, coercive voltage 2.5 V. The
// polarisation's own charge is not drawn from the gate. In an operating point and a DC
// sweep p rests where it was written. n channel.
#pragma once

#include "devices/block.hpp"
#include "devices/ekv_channel.hpp"
#include "devices/ferroelectric.hpp"

namespace arrayspice {

struct Fefet {
  static constexpr std::string_view kName = "ferroelectric transistor";
  enum : std::size_t { D, G, S, B, POL, W };
  static constexpr std::array kPins{Pin{"drain"},
                                    Pin{"gate"},
                                    Pin{"source"},
                                    Pin{"bulk"},
                                    Pin{"polarisation", Scope::Internal, Quantity::State},
                                    Pin{"domain", Scope::Internal, Quantity::State}};
  static constexpr std::array kBranches{Branch{D, S, BranchKind::Conductance},
                                        Branch{G, B, BranchKind::Open},
                                        Branch{B, S, BranchKind::Open}};
  static constexpr std::array kCouplings{
      Coupling{D, D},       Coupling{D, G},       Coupling{D, S},
      Coupling{D, B},       Coupling{D, POL},     Coupling{S, D},
      Coupling{S, G},       Coupling{S, S},       Coupling{S, B},
      Coupling{S, POL},     Coupling{G, G, true}, Coupling{G, B, true},
      Coupling{B, G, true}, Coupling{B, B, true}, Coupling{POL, G},
      Coupling{POL, B},     Coupling{POL, POL},   Coupling{POL, W},
      Coupling{W, G},       Coupling{W, B},       Coupling{W, W}};

  struct Model {
    double vto = 0.6, window = 1.2;
    double kp = 3e-4, n = 1.3, lambda = 0.0, dibl = 0.0;
    double cg = 0.0;
    double vc = 2.5, a = 2.0, tau = 1e-7;
    double ut = 0.0;  // derived
  };
  struct Instance {
    double vth = kNotGiven;
    double p = -1.0;
    double w = 1e-6, l = 1e-6;
    double start = -1.0;  // derived
    EkvChannel channel;
  };
  static constexpr std::array kModelParameters{
      Param<Model>{"vto", &Model::vto, "V", kAny, "threshold at p = 0"},
      Param<Model>{"window", &Model::window, "V", kPositive, "memory window"},
      Param<Model>{"kp", &Model::kp, "A/V^2", kPositive,
                   "mobility times oxide capacitance"},
      Param<Model>{"n", &Model::n, "", {1.0, 10.0}, "slope factor"},
      Param<Model>{"lambda", &Model::lambda, "1/V", kNotNegative,
                   "channel-length modulation"},
      Param<Model>{"dibl", &Model::dibl, "V/V", kNotNegative,
                   "fall of the threshold with |vds|"},
      Param<Model>{"cg", &Model::cg, "F/m^2", kNotNegative,
                   "gate-bulk capacitance per area"},
      Param<Model>{"vc", &Model::vc, "V", kPositive, "coercive gate voltage"},
      Param<Model>{"a", &Model::a, "1/V", kPositive, "steepness of a branch"},
      Param<Model>{"tau", &Model::tau, "s", kPositive, "time constant of switching"}};
  static constexpr std::array kInstanceParameters{
      Param<Instance>{"vth", &Instance::vth, "V", kAny, "programmed threshold; sets p"},
      Param<Instance>{
          "p", &Instance::p, "", {-1.0, 1.0}, "programmed polarisation, without vth"},
      Param<Instance>{"w", &Instance::w, "m", kPositive, "channel width"},
      Param<Instance>{"l", &Instance::l, "m", kPositive, "channel length"}};

  static void prepare(Model& c, double temperature) {
    c.ut = thermal_voltage(temperature);
  }
  static void prepare(const Model& c, Instance& x, double) {
    x.channel = {c.vto, c.n, c.kp * x.w / x.l, c.lambda, c.dibl, c.ut};
    x.start = given(x.vth)
                  ? 2.0 * normalised_start(0.5 + (c.vto - x.vth) / c.window) - 1.0
                  : x.p;
  }

  template <class T>
  static void equations(const Model& c, const Instance& x, const Env& env,
                        const std::array<T, 6>& v, Residual<T, 6>& out) {
    const T vg = v[G] - v[B], p = between(v[POL], -1.0, 1.0);
    const T seen = vg + 0.5 * c.window * p;
    const EkvEnds<T> ends = ekv_ends<T>(x.channel, seen, v[D] - v[B], v[S] - v[B]);
    out.current(D, S, ekv_current(x.channel, ends));
    out.charge(G, B, c.cg * x.w * x.l * vg);
    const Ferroelectric stack{c.a, c.vc, c.tau};
    out.q[POL] = v[POL];
    out.q[W] = v[W];
    out.f[POL] =
        env.moving ? -polarisation_rate(stack, vg, v[W], v[POL]) : v[POL] - x.start;
    out.f[W] = env.moving ? -domain_rate(stack, vg, v[W]) : v[W] - vg;
  }

  static void initial_pins(const Instance& x, std::array<double, 6>& v) {
    v[POL] = x.start;
    v[W] = 0.0;
  }
};

}  // namespace arrayspice
