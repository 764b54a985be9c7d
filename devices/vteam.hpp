// SPDX-License-Identifier: Apache-2.0
// VTEAM memristor: a state that moves beyond a threshold voltage only.
//
//   dw/dt = koff (v/voff - 1)^aoff   for v > voff > 0
//   dw/dt = kon (v/von - 1)^aon      for v < von < 0,   0 between
//   r = ron + (roff - ron) w/d       with exponential = 0
//   r = ron (roff/ron)^(w/d)         with exponential = 1
//
// with w = 0 the conducting end, so koff > 0 and a positive voltage resets. Source: S.
// Kvatinsky, M. Ramadan, E. Friedman, A. Kolodny, IEEE Trans. Circuits Syst. II 62, 786
// (2015); defaults of MemTorch's VTEAM. Ours: the walls project the rate
// (bounded_state.hpp) in place of a window, and out of a transient the state rests.
#pragma once

#include "devices/block.hpp"
#include "devices/bounded_state.hpp"
#include "devices/limiting.hpp"

namespace arrayspice {

struct Vteam {
  static constexpr std::string_view kName = "VTEAM memristor";
  enum : std::size_t { P, M, X };  // X = w/d
  static constexpr std::array kPins{Pin{"p"}, Pin{"m"},
                                    Pin{"x", Scope::Internal, Quantity::State}};
  static constexpr std::array kBranches{Branch{P, M, BranchKind::Conductance}};

  struct Model {
    double ron = 50.0, roff = 1e3;
    double kon = -10.0, koff = 5e-4;
    double aon = 3.0, aoff = 1.0;
    double von = -0.2, voff = 0.02;
    double d = 3e-9;
    double exponential = 0.0;
  };
  struct Instance {
    double g = kNotGiven;
    double x = kNotGiven;
    double start = 0.0;  // derived
  };
  static constexpr Range kNegative{-std::numeric_limits<double>::infinity(), -1e-12};
  static constexpr Range kOneOrMore{1.0};
  static constexpr std::array kModelParameters{
      Param<Model>{"ron", &Model::ron, "ohm", kPositive, "smallest resistance, w = 0"},
      Param<Model>{"roff", &Model::roff, "ohm", kPositive, "largest resistance, w = d"},
      Param<Model>{"kon", &Model::kon, "m/s", kNegative, "velocity of setting"},
      Param<Model>{"koff", &Model::koff, "m/s", kPositive, "velocity of resetting"},
      Param<Model>{"aon", &Model::aon, "", kOneOrMore, "exponent of setting"},
      Param<Model>{"aoff", &Model::aoff, "", kOneOrMore, "exponent of resetting"},
      Param<Model>{"von", &Model::von, "V", kNegative, "threshold of setting"},
      Param<Model>{"voff", &Model::voff, "V", kPositive, "threshold of resetting"},
      Param<Model>{"d", &Model::d, "m", kPositive, "range of w"},
      Param<Model>{"exponential",
                   &Model::exponential,
                   "",
                   {0.0, 1.0},
                   "1: resistance exponential in w, 0: linear"}};
  static constexpr std::array kInstanceParameters{
      Param<Instance>{"g", &Instance::g, "S", kPositive, "programmed conductance"},
      Param<Instance>{"x",
                      &Instance::x,
                      "",
                      {0.0, 1.0},
                      "programmed state w/d; default: from g, else 0"}};

  static void prepare(const Model& c, Instance& x, double) {
    if (c.ron >= c.roff) throw std::invalid_argument("ron must be below roff");
    if (given(x.x)) {
      x.start = x.x;
    } else if (given(x.g)) {
      x.start = normalised_start(c.exponential > 0.0
                                     ? -std::log(x.g * c.ron) / std::log(c.roff / c.ron)
                                     : (1.0 / x.g - c.ron) / (c.roff - c.ron));
    }
  }

  template <class T>
  static void equations(const Model& c, const Instance& x, const Env& env,
                        const std::array<T, 3>& v, Residual<T, 3>& out) {
    const T state = between(v[X], 0.0, 1.0), u = v[P] - v[M];
    out.current(P, M, u / resistance(c, state));
    out.q[X] = v[X];
    out.f[X] = env.moving ? -projected(v[X], rate(c, u)) : v[X] - x.start;
  }

  static void initial_pins(const Instance& x, std::array<double, 3>& v) {
    v[X] = x.start;
  }

 private:
  template <class T>
  static T resistance(const Model& c, const T& x) {
    if (c.exponential > 0.0) return c.ron * limited_exp(std::log(c.roff / c.ron) * x);
    return c.ron + (c.roff - c.ron) * x;
  }

  /// dx/dt, free of walls.
  template <class T>
  static T rate(const Model& c, const T& u) {
    using std::pow;
    if (value_of(u) > c.voff) return c.koff / c.d * pow(u / c.voff - 1.0, c.aoff);
    if (value_of(u) < c.von) return c.kon / c.d * pow(u / c.von - 1.0, c.aon);
    return T(0.0);
  }
};

}  // namespace arrayspice
