// SPDX-License-Identifier: Apache-2.0
// Ferroelectric capacitor: q = area (ps p + eps0 epsr v/t), with the polarisation p of
// ferroelectric.hpp, coercive voltage vc = ec t.
//
// Default values: ec, ps, epsr, t, a of the published model of a 20 nm layer (pfecap);
// tau is ours. In an operating point and a DC sweep p rests where it was written.
#pragma once

#include "devices/block.hpp"
#include "devices/ferroelectric.hpp"

namespace arrayspice {

struct FerroelectricCapacitor {
  static constexpr std::string_view kName = "ferroelectric capacitor";
  enum : std::size_t { P, M, POL, W };
  static constexpr std::array kPins{Pin{"p"}, Pin{"m"},
                                    Pin{"polarisation", Scope::Internal, Quantity::State},
                                    Pin{"domain", Scope::Internal, Quantity::State}};
  static constexpr std::array kBranches{Branch{P, M, BranchKind::Open}};
  static constexpr std::array kCouplings{
      Coupling{P, P, true}, Coupling{P, M, true}, Coupling{P, POL, true},
      Coupling{M, P, true}, Coupling{M, M, true}, Coupling{M, POL, true},
      Coupling{POL, P},     Coupling{POL, M},     Coupling{POL, POL},
      Coupling{POL, W},     Coupling{W, P},       Coupling{W, M},
      Coupling{W, W}};

  struct Model {
    double t = 20e-9;
    double ec = 65e6;
    double ps = 0.25;
    double a = 1.0;
    double epsr = 20.0;
    double tau = 1e-9;
    Ferroelectric layer{};  // derived
  };
  struct Instance {
    double area = 1e-14;
    double p = -1.0;
  };
  static constexpr std::array kModelParameters{
      Param<Model>{"t", &Model::t, "m", kPositive, "thickness"},
      Param<Model>{"ec", &Model::ec, "V/m", kPositive, "coercive field"},
      Param<Model>{"ps", &Model::ps, "C/m^2", kNotNegative, "saturation polarisation"},
      Param<Model>{"a", &Model::a, "1/V", kPositive, "steepness of a branch"},
      Param<Model>{"epsr", &Model::epsr, "", kPositive,
                   "relative permittivity, linear part"},
      Param<Model>{"tau", &Model::tau, "s", kPositive, "time constant of switching"}};
  static constexpr std::array kInstanceParameters{
      Param<Instance>{"area", &Instance::area, "m^2", kPositive, "area"},
      Param<Instance>{
          "p", &Instance::p, "", {-1.0, 1.0}, "polarisation at first, of ps"}};

  static void prepare(Model& c, double) { c.layer = {c.a, c.ec * c.t, c.tau}; }

  template <class T>
  static void equations(const Model& c, const Instance& x, const Env& env,
                        const std::array<T, 4>& v, Residual<T, 4>& out) {
    const T u = v[P] - v[M];
    out.charge(P, M, x.area * (c.ps * v[POL] + kElectricConstant * c.epsr / c.t * u));
    out.q[POL] = v[POL];
    out.q[W] = v[W];
    out.f[POL] = env.moving ? -polarisation_rate(c.layer, u, v[W], v[POL]) : v[POL] - x.p;
    out.f[W] = env.moving ? -domain_rate(c.layer, u, v[W]) : v[W] - u;
  }

  static void initial_pins(const Instance& x, std::array<double, 4>& v) {
    v[POL] = x.p;
    v[W] = 0.0;
  }
};

}  // namespace arrayspice
