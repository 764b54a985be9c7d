// SPDX-License-Identifier: Apache-2.0
// JART VCM v1b: filamentary valence-change cell (HfO2/TiOx) whose state is the
// concentration n of oxygen vacancies in the disc in front of the active electrode.
//
//   v = v_s + i (r_disc + r_plug + r_tiox + r0 (1 + r0 alpha i^2 rth_line))
//   r_disc = ldet/(n z q mu A),  r_plug = (lcell - ldet)/(nplug z q mu A),  A = pi rdet^2
//   barrier   phi = phi0 - (z q^3 n psi/(8 pi^2 eps_phi^3))^(1/4) >= 0,
//             psi = phi0 - phin - v_s
//   v_s >= 0  i = A a* T^2 exp(-phi/ut) (exp(v_s/ut) - 1)
//   v_s < 0   i = -A a* T q/k sqrt(pi w (|v_s| + phi/cosh^2(w/ut))) exp(-phi/w0)
//             (exp(|v_s|/e') - 1),  w0 = w/tanh(w/ut),  e' = w/(w/ut - tanh(w/ut)),
//             w = h/(4 pi) sqrt(z n/(m eps))
//   T = t0 + i (v_s + i (r_disc + r_plug)) rth,  rth = rth0, times scale for v > 0
//   dn/dt = -(nplug + n)/2 a nu0/ldet 2 exp(-dW s/ut) sinh(pi gamma dW/(2 ut)) Flim
//   s = sqrt(1 - gamma^2) + gamma asin gamma,  gamma = z E a/(pi dW),  ut = k T/q
//   v > 0     E = (v_s + i (r_disc + r_plug))/lcell,  Flim = 1 - (nmin/n)^10: resets
//   v < 0     E = i r_disc/ldet,                      Flim = 1 - (n/nmax)^10: sets
//
// Sources: F. Cueppers et al., APL Materials 7, 091105 (2019); C. Bengel et al., IEEE
// Trans. Circuits Syst. I 67, 4618 (2020). Ours: psi is floored at 35 mV, below which
// the law has a peak and several currents for one voltage (reached beyond 1.3 V of
// reset, in the high state only); Flim is that of the wall ahead and zero behind it;
// T follows with the time constant tauth; out of a transient n rests and T is solved.
#pragma once

#include "devices/block.hpp"
#include "devices/bounded_state.hpp"
#include "devices/ekv_channel.hpp"
#include "devices/limiting.hpp"

namespace arrayspice {

struct JartVcm {
  static constexpr std::string_view kName = "JART VCM v1b cell";
  enum : std::size_t { P, M, N, T, J, I };  // N in 1e26/m^3, T in K, J behind the barrier
  static constexpr std::array kPins{Pin{"p"},
                                    Pin{"m"},
                                    Pin{"n", Scope::Internal, Quantity::State},
                                    Pin{"t", Scope::Internal, Quantity::State},
                                    Pin{"barrier", Scope::Internal},
                                    Pin{"branch", Scope::Internal, Quantity::Current}};
  static constexpr std::array kBranches{Branch{P, J, BranchKind::Conductance},
                                        Branch{J, M, BranchKind::Conductance}};

  struct Model {
    double nmin = 0.008, nmax = 20.0, nplug = 20.0;
    double rdet = 45e-9, ldet = 0.4e-9, lcell = 3e-9;
    double mu = 4e-6, eps = 17.0, epsphi = 5.5, phi0 = 0.18, phin = 0.1;
    double a = 0.25e-9, nu0 = 2e13, dw = 1.35;
    double rtiox = 650.0, r0 = 719.2437, alpha = 3.92e-3, rthline = 90471.47;
    double t0 = 293.0, rth0 = 15.72e6, scale = 0.27, tauth = 1e-12;
    double area = 0.0, plug = 0.0, lowering = 0.0, tunnel = 0.0;  // derived
  };
  struct Instance {
    double n = kNotGiven;
    double start = 0.008;  // derived
  };
  static constexpr std::array kModelParameters{
      Param<Model>{"nmin", &Model::nmin, "1e26/m^3", kPositive, "smallest concentration"},
      Param<Model>{"nmax", &Model::nmax, "1e26/m^3", kPositive, "largest concentration"},
      Param<Model>{"nplug", &Model::nplug, "1e26/m^3", kPositive,
                   "concentration in the plug"},
      Param<Model>{"rdet", &Model::rdet, "m", kPositive, "radius of the filament"},
      Param<Model>{"ldet", &Model::ldet, "m", kPositive, "length of the disc"},
      Param<Model>{"lcell", &Model::lcell, "m", kPositive, "length of disc and plug"},
      Param<Model>{"mu", &Model::mu, "m^2/Vs", kPositive, "mobility of the electrons"},
      Param<Model>{"eps", &Model::eps, "", kPositive, "static relative permittivity"},
      Param<Model>{"epsphi", &Model::epsphi, "", kPositive,
                   "relative permittivity of the image force"},
      Param<Model>{"phi0", &Model::phi0, "eV", kPositive, "barrier"},
      Param<Model>{"phin", &Model::phin, "eV", kPositive, "Fermi level below the band"},
      Param<Model>{"a", &Model::a, "m", kPositive, "hopping distance of the vacancies"},
      Param<Model>{"nu0", &Model::nu0, "Hz", kNotNegative, "attempt frequency"},
      Param<Model>{"dw", &Model::dw, "eV", kPositive, "activation energy of hopping"},
      Param<Model>{"rtiox", &Model::rtiox, "ohm", kNotNegative, "resistance of the TiOx"},
      Param<Model>{"r0", &Model::r0, "ohm", kNotNegative, "resistance of the line"},
      Param<Model>{"alpha", &Model::alpha, "1/K", kNotNegative,
                   "its temperature coefficient"},
      Param<Model>{"rthline", &Model::rthline, "K/W", kNotNegative,
                   "its thermal resistance"},
      Param<Model>{"t0", &Model::t0, "K", kPositive, "ambient temperature"},
      Param<Model>{"rth0", &Model::rth0, "K/W", kNotNegative, "thermal resistance"},
      Param<Model>{"scale", &Model::scale, "", kNotNegative, "factor on it for v > 0"},
      Param<Model>{"tauth", &Model::tauth, "s", kNotNegative, "thermal time constant"}};
  static constexpr std::array kInstanceParameters{
      Param<Instance>{"n", &Instance::n, "1e26/m^3", kPositive,
                      "programmed concentration; default: nmin"}};

  static void prepare(Model& c, double) {
    if (c.nmin >= c.nmax) throw std::invalid_argument("nmin must be below nmax");
    if (c.ldet >= c.lcell) throw std::invalid_argument("ldet must be below lcell");
    const double q = kElementaryCharge, image = c.epsphi * kElectricConstant;
    c.area = kPi * c.rdet * c.rdet;
    c.plug = (c.lcell - c.ldet) / (c.nplug * kUnit * kZ * q * c.mu * c.area);
    c.lowering = std::pow(
        kZ * q * q * q * kUnit / (8.0 * kPi * kPi * image * image * image), 0.25);
    c.tunnel = kPlanck / (4.0 * kPi) *
               std::sqrt(kZ * kUnit / (kElectronMass * c.eps * kElectricConstant));
  }
  static void prepare(const Model& c, Instance& x, double) {
    x.start = given(x.n) ? x.n : c.nmin;
    if (x.start < c.nmin || x.start > c.nmax)
      throw std::invalid_argument("n lies outside nmin..nmax");
  }

  template <class S>
  static void equations(const Model& c, const Instance& x, const Env& env,
                        const std::array<S, 6>& v, Residual<S, 6>& out) {
    const S n = between(v[N], c.nmin, c.nmax), t = between(v[T], 0.3 * c.t0, 30.0 * c.t0);
    const S u = v[P] - v[J],
            disc = c.ldet / (kUnit * kZ * kElementaryCharge * c.mu * c.area) / n;
    const S i = barrier_current(c, u, n, thermal_voltage(1.0) * t);
    const S line = c.r0 * (1.0 + c.r0 * c.alpha * c.rthline * v[I] * v[I]);
    out.current(P, J, i);
    out.current(J, M, v[I]);
    out.f[I] = v[J] - v[M] - v[I] * (disc + c.plug + c.rtiox + line);

    const bool resets = value_of(v[P] - v[M]) > 0.0;
    const S hot = u + v[I] * (disc + c.plug);
    out.f[T] = v[T] - c.t0 - (resets ? c.scale * c.rth0 : c.rth0) * v[I] * hot;
    out.q[T] = c.tauth * v[T];
    const S field = resets ? hot / c.lcell : v[I] * disc / c.ldet;
    out.q[N] = v[N];
    out.f[N] = env.moving ? -rate(c, n, field, thermal_voltage(1.0) * t) : v[N] - x.start;
  }

  static void initial_pins(const Instance& x, std::array<double, 6>& v) {
    v[N] = x.start;
  }

  static bool limit(const Model&, const Instance&, std::array<double, 6>& v,
                    const std::array<double, 6>* previous) {
    const double asked = v[P] - v[J],
                 old = previous ? (*previous)[P] - (*previous)[J] : 0.0;
    const double allowed =
        limit_two_way(asked, old, thermal_voltage(kRoomTemperature), 1e-4);
    v[J] = v[P] - allowed;
    return allowed != asked;
  }

 private:
  static constexpr double kZ = 2.0;                       // charge number of a vacancy
  static constexpr double kUnit = 1e26;                   // 1/m^3
  static constexpr double kRichardson = 6.01e5;           // A/(m K)^2
  static constexpr double kPlanck = 6.62607015e-34;       // J s
  static constexpr double kElectronMass = 9.1093837e-31;  // kg
  static constexpr double kFloor = 0.035, kFloorWidth = 2e-3;  // V

  template <class S>
  static S barrier_current(const Model& c, const S& u, const S& n, const S& ut) {
    using std::cosh, std::pow, std::sqrt, std::tanh;
    const S psi =
        kFloor + kFloorWidth * soft_plus<S>((c.phi0 - c.phin - kFloor - u) / kFloorWidth);
    const S phi = between<S>(c.phi0 - c.lowering * pow(n * psi, 0.25), 0.0, c.phi0);
    const S t = ut / thermal_voltage(1.0);
    if (value_of(u) >= 0.0)
      return c.area * kRichardson * t * t * limited_exp(-phi / ut) *
             (limited_exp(u / ut) - 1.0);
    const S w = c.tunnel * sqrt(n), ratio = w / ut, th = tanh(ratio);
    const S thermal = phi * (1.0 - th * th) - u;  // |v_s| + phi/cosh^2
    return -c.area * kRichardson / thermal_voltage(1.0) * t * sqrt(kPi * w * thermal) *
           limited_exp(-phi * th / w) * (limited_exp(-u * (ratio - th) / w) - 1.0);
  }

  /// dn/dt in 1e26/(m^3 s).
  template <class S>
  static S rate(const Model& c, const S& n, const S& field, const S& ut) {
    const S gamma = between<S>(kZ * c.a / (kPi * c.dw) * field, -0.999, 0.999);
    const double at = value_of(gamma);
    const S s =
        chain(gamma, std::sqrt(1.0 - at * at) + at * std::asin(at), std::asin(at));
    const S hop =
        limited_exp(-c.dw * s / ut) * limited_sinh(0.5 * kPi * c.dw * gamma / ut);
    const bool down = value_of(field) > 0.0;
    return -(c.nplug + n) * c.a * c.nu0 / c.ldet * hop *
           ahead(down ? c.nmin / n : n / c.nmax);
  }

  /// 1 - y^10, zero at and behind the wall.
  template <class S>
  static S ahead(const S& y) {
    const S y2 = y * y, y4 = y2 * y2;
    return 1.0 - y4 * y4 * y2;
  }
};

}  // namespace arrayspice
