// SPDX-License-Identifier: Apache-2.0
// Filamentary RRAM with a tunnelling gap as its state. Equations and defaults:
// Stanford/PKU RRAM model 1.0 (Z. Jiang et al., IEEE Trans. Electron Devices 63(5), 2016;
// X. Guan et al., IEEE Electron Device Lett. 33(10), 2012), without its noise term.
//
//   i = I0 exp(-gap/g0) sinh(v/V0),   T = T0 + v i Rth
//   d gap/dt = -Vel0 exp(-q Ea/(k T)) sinh(gamma a0/tox q v/(k T)),
//   gamma = gamma0 - beta gap^3
//
// with gap in nm in gamma, and no motion while the field gamma |v|/tox is below Fmin.
//
// Three choices of ours. The rate is projected: within 10 pm of a wall it fades to zero
// towards the wall only, so the state neither winds up behind a wall nor sticks to it.
// The switch at Fmin is a logistic curve of 2.5 % width. Out of a transient (operating
// point, DC sweep) the gap rests at its programmed value.
#pragma once

#include "devices/block.hpp"
#include "devices/bounded_state.hpp"
#include "devices/limiting.hpp"

namespace arrayspice {

struct StanfordRram {
  static constexpr std::string_view kName = "Stanford RRAM";
  enum : std::size_t { P, M, GAP };  // GAP in nm
  static constexpr std::array kPins{Pin{"p"}, Pin{"m"},
                                    Pin{"gap", Scope::Internal, Quantity::State}};
  static constexpr std::array kBranches{Branch{P, M, BranchKind::Conductance}};

  struct Model {
    double i0 = 1e-3;
    double g0 = 0.25e-9;
    double v0 = 0.25;
    double vel0 = 10.0;
    double gamma0 = 16.0;
    double gamma0_reset = 16.0;
    double beta = 0.8;
    double ea = 0.6;
    double a0 = 0.25e-9;
    double tox = 12e-9;
    double f_min = 1.4e9;
    double t0 = 298.0;
    double rth = 2.1e3;
    double gap_min = 0.2e-9;
    double gap_max = 1.7e-9;
  };
  struct Instance {
    double g = kNotGiven;
    double gap = kNotGiven;
    double start = 0.2;  // nm, derived
  };
  static constexpr std::array kModelParameters{
      Param<Model>{"i0", &Model::i0, "A", kPositive, "current scale"},
      Param<Model>{"g0", &Model::g0, "m", kPositive, "gap scale of the current"},
      Param<Model>{"v0", &Model::v0, "V", kPositive, "voltage scale of the current"},
      Param<Model>{"vel0", &Model::vel0, "m/s", kNotNegative, "velocity of the gap"},
      Param<Model>{"gamma0", &Model::gamma0, "", kPositive, "field enhancement, v >= 0"},
      Param<Model>{"gamma0r", &Model::gamma0_reset, "", kPositive,
                   "field enhancement, v < 0"},
      Param<Model>{"beta", &Model::beta, "", kNotNegative,
                   "fall of the enhancement, 1/nm^3"},
      Param<Model>{"ea", &Model::ea, "eV", kPositive, "activation energy"},
      Param<Model>{"a0", &Model::a0, "m", kPositive, "hopping distance"},
      Param<Model>{"tox", &Model::tox, "m", kPositive, "oxide thickness"},
      Param<Model>{"fmin", &Model::f_min, "V/m", kPositive,
                   "field below which nothing moves"},
      Param<Model>{"t0", &Model::t0, "K", kPositive, "ambient temperature"},
      Param<Model>{"rth", &Model::rth, "K/W", kNotNegative, "thermal resistance"},
      Param<Model>{"gapmin", &Model::gap_min, "m", kPositive, "smallest gap"},
      Param<Model>{"gapmax", &Model::gap_max, "m", kPositive, "largest gap"},
  };
  static constexpr std::array kInstanceParameters{
      Param<Instance>{"g", &Instance::g, "S", kPositive,
                      "programmed conductance at 0 V; sets the gap"},
      Param<Instance>{"gap", &Instance::gap, "m", kPositive,
                      "programmed gap; default: the smallest"},
  };

  static void prepare(const Model& c, Instance& x, double) {
    const double gap = given(x.gap) ? x.gap
                       : given(x.g) ? -c.g0 * std::log(x.g * c.v0 / c.i0)
                                    : c.gap_min;
    if (c.gap_min >= c.gap_max)
      throw std::invalid_argument("gapmin must be below gapmax");
    const double slack = 1e-9 * c.gap_max;
    if (gap < c.gap_min - slack || gap > c.gap_max + slack)
      throw std::invalid_argument("the programmed state lies outside gapmin..gapmax");
    x.start = 1e9 * gap;
  }

  template <class T>
  static void equations(const Model& c, const Instance& x, const Env& env,
                        const std::array<T, 3>& v, Residual<T, 3>& out) {
    const T gap = between(v[GAP], 1e9 * c.gap_min, 1e9 * c.gap_max);
    const T u = v[P] - v[M];
    const T i = c.i0 * limited_exp(-1e-9 / c.g0 * gap) * limited_sinh(u / c.v0);
    out.current(P, M, i);
    out.q[GAP] = v[GAP];
    out.f[GAP] = env.moving ? -projected(v[GAP], rate(c, gap, u, i), 1e9 * c.gap_min,
                                         1e9 * c.gap_max, kEdge)
                            : v[GAP] - x.start;
  }

  static void initial_pins(const Instance& x, std::array<double, 3>& v) {
    v[GAP] = x.start;
  }

 private:
  static constexpr double kFieldWidth = 0.025;  // relative to Fmin
  static constexpr double kEdge = 0.01;         // nm

  /// d gap/dt in nm/s, free of walls.
  template <class T>
  static T rate(const Model& c, const T& gap, const T& u, const T& i) {
    const double sign = value_of(u) < 0.0 ? -1.0 : 1.0;
    const T gamma = (sign < 0.0 ? c.gamma0_reset : c.gamma0) - c.beta * gap * gap * gap;
    const T vt = thermal_voltage(1.0) * (c.t0 + c.rth * u * i);
    const T excess = gamma * (sign * u) / (c.tox * c.f_min) - 1.0;
    const T moving = 1.0 / (1.0 + limited_exp(-excess / kFieldWidth));
    const T drift = limited_sinh(c.a0 / c.tox * gamma * u / vt);
    return -1e9 * c.vel0 * moving * limited_exp(-c.ea / vt) * drift;
  }
};

}  // namespace arrayspice
