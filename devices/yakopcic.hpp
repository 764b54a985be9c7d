// SPDX-License-Identifier: Apache-2.0
// Yakopcic memristor: i = a x sinh(b v), a = a1 for v >= 0, a2 below, state x in [0, 1].
//
//   dx/dt = eta g(v) f(x),   g = ap (e^v - e^vp)    for v > vp
//                              = -an (e^-v - e^vn)  for v < -vn,  0 between
//   up:    f = exp(-alphap (x - xp)) (1 - x)/(1 - xp)      for x >= xp, 1 below
//   down:  f = exp(alphan (x - (1 - xn))) x/(1 - xn)       for x <= 1 - xn, 1 above
//
// (v in volt). The window is that of the direction of motion: it vanishes at the wall
// ahead and not at the one behind, so no state is a trap. Source: C. Yakopcic, T. Taha,
// G. Subramanyam, R. Pino, S. Rogers, IEEE Electron Device Lett. 32, 1436 (2011);
// defaults of Xyce's memristor level 3. Ours: out of a transient the state rests.
#pragma once

#include "devices/block.hpp"
#include "devices/bounded_state.hpp"
#include "devices/limiting.hpp"

namespace arrayspice {

struct Yakopcic {
  static constexpr std::string_view kName = "Yakopcic memristor";
  enum : std::size_t { P, M, X };
  static constexpr std::array kPins{Pin{"p"}, Pin{"m"},
                                    Pin{"x", Scope::Internal, Quantity::State}};
  static constexpr std::array kBranches{Branch{P, M, BranchKind::Conductance}};

  struct Model {
    double a1 = 0.17, a2 = 0.17, b = 0.05;
    double vp = 0.16, vn = 0.15, ap = 4e3, an = 4e3;
    double xp = 0.3, xn = 0.5, alphap = 1.0, alphan = 5.0;
    double eta = 1.0;
  };
  struct Instance {
    double g = kNotGiven;
    double x = 0.11;
    double start = 0.11;  // derived
  };
  static constexpr Range kFraction{0.0, 0.999};
  static constexpr std::array kModelParameters{
      Param<Model>{"a1", &Model::a1, "A", kPositive, "current scale, v >= 0"},
      Param<Model>{"a2", &Model::a2, "A", kPositive, "current scale, v < 0"},
      Param<Model>{"b", &Model::b, "1/V", kPositive, "slope of the sinh"},
      Param<Model>{"vp", &Model::vp, "V", kNotNegative, "positive threshold"},
      Param<Model>{"vn", &Model::vn, "V", kNotNegative, "negative threshold, as |v|"},
      Param<Model>{"ap", &Model::ap, "1/s", kNotNegative, "rate above vp"},
      Param<Model>{"an", &Model::an, "1/s", kNotNegative, "rate below -vn"},
      Param<Model>{"xp", &Model::xp, "", kFraction, "slower upwards from here"},
      Param<Model>{"xn", &Model::xn, "", kFraction, "slower downwards from 1 - xn"},
      Param<Model>{"alphap", &Model::alphap, "", kNotNegative, "decay of motion upwards"},
      Param<Model>{"alphan", &Model::alphan, "", kNotNegative,
                   "decay of motion downwards"},
      Param<Model>{"eta", &Model::eta, "", {-1.0, 1.0}, "1: v > 0 sets, -1: it resets"}};
  static constexpr std::array kInstanceParameters{
      Param<Instance>{"g", &Instance::g, "S", kNotNegative,
                      "programmed conductance at 0 V; sets x = g/(a1 b)"},
      Param<Instance>{"x", &Instance::x, "", {0.0, 1.0}, "programmed state, without g"}};

  static void prepare(const Model& c, Instance& x, double) {
    x.start = given(x.g) ? normalised_start(x.g / (c.a1 * c.b)) : x.x;
  }

  template <class T>
  static void equations(const Model& c, const Instance& x, const Env& env,
                        const std::array<T, 3>& v, Residual<T, 3>& out) {
    const T state = between(v[X], 0.0, 1.0), u = v[P] - v[M];
    out.current(P, M, (value_of(u) < 0.0 ? c.a2 : c.a1) * state * limited_sinh(c.b * u));
    out.q[X] = v[X];
    out.f[X] = env.moving ? -windowed(c, state, c.eta * rate(c, u)) : v[X] - x.start;
  }

  static void initial_pins(const Instance& x, std::array<double, 3>& v) {
    v[X] = x.start;
  }

 private:
  template <class T>
  static T rate(const Model& c, const T& u) {
    if (value_of(u) > c.vp) return c.ap * (limited_exp(u) - std::exp(c.vp));
    if (value_of(u) < -c.vn) return -c.an * (limited_exp(-u) - std::exp(c.vn));
    return T(0.0);
  }

  template <class T>
  static T windowed(const Model& c, const T& x, const T& rate) {
    if (value_of(rate) < 0.0) {
      const double low = 1.0 - c.xn;
      if (value_of(x) > low) return rate;
      return rate * limited_exp(c.alphan * (x - low)) * x / low;
    }
    if (value_of(x) < c.xp) return rate;
    return rate * limited_exp(-c.alphap * (x - c.xp)) * (1.0 - x) / (1.0 - c.xp);
  }
};

}  // namespace arrayspice
