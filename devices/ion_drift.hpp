// SPDX-License-Identifier: Apache-2.0
// Linear ion drift memristor with a choice of windows, state x = w/d in [0, 1].
//
//   v = (ron x + roff (1 - x)) i,   dx/dt = mu ron/d^2 i f(x)
//   window 0, none:         f = 1
//          1, Joglekar:     f = 1 - (2 x - 1)^(2p)
//          2, Biolek:       f = 1 - (x - 1)^(2p) for i < 0,  1 - x^(2p) for i >= 0
//          3, Prodromakis:  f = j (1 - ((x - 1/2)^2 + 3/4)^p)
//
// Sources: D. Strukov et al., Nature 453, 80 (2008); Y. Joglekar, S. Wolf, Eur. J. Phys.
// 30, 661 (2009); Z. Biolek, D. Biolek, V. Biolkova, Radioengineering 18, 210 (2009);
// T. Prodromakis et al., IEEE Trans. Electron Devices 58, 3099 (2011). Without a window
// the walls project the rate (bounded_state.hpp). The windows of Joglekar and
// Prodromakis vanish at both walls and would hold a state there for ever; ours: on the
// way away from a wall they do not fall below their value at an edge of 0.5 %. Out of a
// transient the state rests.
#pragma once

#include "devices/block.hpp"
#include "devices/bounded_state.hpp"

namespace arrayspice {

struct IonDrift {
  static constexpr std::string_view kName = "linear ion drift memristor";
  enum : std::size_t { P, M, X };
  static constexpr std::array kPins{Pin{"p"}, Pin{"m"},
                                    Pin{"x", Scope::Internal, Quantity::State}};
  static constexpr std::array kBranches{Branch{P, M, BranchKind::Conductance}};

  struct Model {
    double ron = 100.0, roff = 16e3;
    double mu = 1e-14;
    double d = 10e-9;
    double window = 1.0;
    double p = 1.0;
    double j = 1.0;
  };
  struct Instance {
    double g = kNotGiven;
    double x = 0.1;
    double start = 0.1;  // derived
  };
  static constexpr std::array kModelParameters{
      Param<Model>{"ron", &Model::ron, "ohm", kPositive, "resistance at x = 1"},
      Param<Model>{"roff", &Model::roff, "ohm", kPositive, "resistance at x = 0"},
      Param<Model>{"mu", &Model::mu, "m^2/Vs", kNotNegative, "mobility of the dopants"},
      Param<Model>{"d", &Model::d, "m", kPositive, "thickness"},
      Param<Model>{"window",
                   &Model::window,
                   "",
                   {0.0, 3.0},
                   "0 none, 1 Joglekar, 2 Biolek, 3 Prodromakis"},
      Param<Model>{"p", &Model::p, "", {1.0}, "exponent of the window"},
      Param<Model>{"j", &Model::j, "", kPositive, "height of Prodromakis' window"}};
  static constexpr std::array kInstanceParameters{
      Param<Instance>{"g", &Instance::g, "S", kPositive, "programmed conductance"},
      Param<Instance>{"x", &Instance::x, "", {0.0, 1.0}, "programmed state, without g"}};

  static void prepare(const Model& c, Instance& x, double) {
    if (c.ron >= c.roff) throw std::invalid_argument("ron must be below roff");
    if (c.window != std::floor(c.window))
      throw std::invalid_argument("window must be 0, 1, 2 or 3");
    x.start =
        given(x.g) ? normalised_start((c.roff - 1.0 / x.g) / (c.roff - c.ron)) : x.x;
  }

  template <class T>
  static void equations(const Model& c, const Instance& x, const Env& env,
                        const std::array<T, 3>& v, Residual<T, 3>& out) {
    const T state = between(v[X], 0.0, 1.0);
    const T i = (v[P] - v[M]) / (c.roff - (c.roff - c.ron) * state);
    out.current(P, M, i);
    out.q[X] = v[X];
    out.f[X] =
        env.moving ? -windowed(c, v[X], c.mu * c.ron / (c.d * c.d) * i) : v[X] - x.start;
  }

  static void initial_pins(const Instance& x, std::array<double, 3>& v) {
    v[X] = x.start;
  }

 private:
  template <class T>
  static T windowed(const Model& c, const T& x, const T& rate) {
    using std::abs, std::pow;
    const bool down = value_of(rate) < 0.0;
    if (c.window == 0.0) return projected(x, rate);
    if (c.window == 2.0) {
      const T inside = between(x, 0.0, 1.0), away = down ? 1.0 - inside : inside;
      return rate * (1.0 - pow(away, 2.0 * c.p));
    }
    const T inside = between(x, down ? 0.0 : kStateEdge, down ? 1.0 - kStateEdge : 1.0);
    if (c.window == 1.0) return rate * (1.0 - pow(abs(2.0 * inside - 1.0), 2.0 * c.p));
    const T off_centre = inside - 0.5;
    return rate * c.j * (1.0 - pow(off_centre * off_centre + 0.75, c.p));
  }
};

}  // namespace arrayspice
