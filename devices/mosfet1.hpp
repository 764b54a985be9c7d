// SPDX-License-Identifier: Apache-2.0
// MOS transistor, SPICE level 1 (Shichman-Hodges), n and p channel.
//
//   v_on = vto + delvto + gamma (sqrt(phi - vbs) - sqrt(phi)),  beta = kp w/(l - 2 ld)
//   i_d  = beta (1 + lambda vds) vds (vgs - v_on - vds/2)     for vds < vgs - v_on
//        = beta/2 (1 + lambda vds) (vgs - v_on)^2             above,  0 for vgs < v_on
//
// with source and drain exchanged for vds < 0; bulk diodes; gate charges in
// mosfet_charge.hpp. Sources: H. Shichman and D. Hodges, IEEE J. Solid-State Circuits
// SC-3 (1968); Antognetti and Massobrio, ch. 4; defaults and temperature scaling as in
// SPICE3 (T. Quarles, UCB/ERL M89/42; A. Vladimirescu and S. Liu, UCB/ERL M80/7).
#pragma once

#include "devices/block.hpp"
#include "devices/junction.hpp"
#include "devices/mosfet_charge.hpp"
#include "devices/mosfet_parameters.hpp"

namespace arrayspice {

struct Mosfet1 {
  static constexpr std::string_view kName = "mosfet level 1";
  enum : std::size_t { D, G, S, B, DI, SI };
  static constexpr std::array kPins{Pin{"drain"},
                                    Pin{"gate"},
                                    Pin{"source"},
                                    Pin{"bulk"},
                                    Pin{"drain'", Scope::Internal},
                                    Pin{"source'", Scope::Internal}};
  static constexpr std::array kBranches{
      Branch{D, DI, BranchKind::Conductance},  Branch{S, SI, BranchKind::Conductance},
      Branch{DI, SI, BranchKind::Conductance}, Branch{B, DI, BranchKind::Conductance},
      Branch{B, SI, BranchKind::Conductance},  Branch{G, SI, BranchKind::Open}};
  static constexpr std::array kCouplings{
      Coupling{D, D},       Coupling{D, DI},      Coupling{DI, D},
      Coupling{S, S},       Coupling{S, SI},      Coupling{SI, S},
      Coupling{DI, DI},     Coupling{DI, SI},     Coupling{DI, G},
      Coupling{DI, B},      Coupling{SI, DI},     Coupling{SI, SI},
      Coupling{SI, G},      Coupling{SI, B},      Coupling{B, DI},
      Coupling{B, SI},      Coupling{B, B},       Coupling{B, G, true},
      Coupling{G, G, true}, Coupling{G, B, true}, Coupling{G, DI, true},
      Coupling{G, SI, true}};

  using Model = MosfetModel;
  using Instance = MosfetInstance;
  static constexpr auto& kModelParameters = kMosfetModelParameters;
  static constexpr auto& kInstanceParameters = kMosfetInstanceParameters;

  static void prepare(Model& t, double temperature) { prepare_mosfet(t, temperature); }
  static void prepare(const Model& t, Instance& x, double) { prepare_mosfet(t, x); }

  static std::size_t collapse(const Model& t, const Instance& x, std::size_t pin) {
    if (pin == DI) return series_resistance(t, t.rd, x.nrd) > 0.0 ? kOwnUnknown : D;
    return series_resistance(t, t.rs, x.nrs) > 0.0 ? kOwnUnknown : S;
  }

  template <class T>
  static void equations(const Model& t, const Instance& x, const Env& env,
                        const std::array<T, 6>& v, Residual<T, 6>& out) {
    const double p = t.polarity;
    const T vgs = p * (v[G] - v[SI]), vds = p * (v[DI] - v[SI]), vbs = p * (v[B] - v[SI]);
    out.current(D, DI, x.at.drain_conductance * (v[D] - v[DI]));
    out.current(S, SI, x.at.source_conductance * (v[S] - v[SI]));
    out.current(DI, SI, p * channel_current(t, x.at.shift, x.at.beta, vgs, vds, vbs));
    bulk_junction(t, x.at.source, env, vbs, out, SI);
    bulk_junction(t, x.at.drain, env, vbs - vds, out, DI);
    gate_charges(t, x, vgs, vds, vbs, out);
  }

  /// Channel current from drain' to source', for vectors without branches:
  /// beta (1 + lambda vds) v (u - v/2) with u = max(vgs - v_on, 0), v = min(vds, u);
  /// `shift`, V: of the threshold, as for an n channel.
  template <class T>
  static T channel_current(const Model& t, double shift, double beta, const T& vgs,
                           const T& vds, const T& vbs) {
    const bool reverse = value_of(vds) < 0.0;
    const T drain = select(reverse, -vds, vds);
    const T overdrive = select(reverse, vgs - vds, vgs) - shift -
                        threshold(t, select(reverse, vbs - vds, vbs));
    const T u = select(value_of(overdrive) > 0.0, overdrive, T(0.0));
    const T v = select(value_of(drain) < value_of(u), drain, u);
    const T i = beta * (1.0 + t.lambda * drain) * v * (u - 0.5 * v);
    return select(reverse, -i, i);
  }

  static bool limit(const Model& t, const Instance& x, std::array<double, 6>& v,
                    const std::array<double, 6>* previous) {
    const Voltages asked = voltages(t, v);
    const Voltages allowed = previous ? limited(t, x, asked, voltages(t, *previous))
                                      : first_guess(t, x, asked);
    v[G] = v[SI] + t.polarity * allowed.gs;
    v[DI] = v[SI] + t.polarity * allowed.ds;
    v[B] = v[SI] + t.polarity * allowed.bs;
    return allowed.gs != asked.gs || allowed.ds != asked.ds || allowed.bs != asked.bs;
  }

 private:
  struct Voltages {  // as an n-channel transistor sees them
    double gs, ds, bs;
  };

  static Voltages voltages(const Model& t, const std::array<double, 6>& v) {
    return {t.polarity * (v[G] - v[SI]), t.polarity * (v[DI] - v[SI]),
            t.polarity * (v[B] - v[SI])};
  }

  template <class T>
  static void bulk_junction(const Model& t, const MosfetInstance::Junction& j,
                            const Env& env, const T& u, Residual<T, 6>& out,
                            std::size_t to) {
    const double p = t.polarity;
    out.current(B, to, p * (junction_current(u, j.is, t.at.vt) + env.gmin * u));
    if (j.bottom > 0.0)
      out.charge(B, to, p * depletion_charge(u, j.bottom, t.at.pb, t.mj, t.fc));
    if (j.sidewall > 0.0)
      out.charge(B, to, p * depletion_charge(u, j.sidewall, t.at.pb, t.mjsw, t.fc));
  }

  template <class T>
  static void gate_charges(const Model& t, const Instance& x, const T& vgs, const T& vds,
                           const T& vbs, Residual<T, 6>& out) {
    const double p = t.polarity;
    if (x.at.oxide + x.at.overlap_source + x.at.overlap_drain + x.at.overlap_bulk == 0.0)
      return;
    out.charge(G, SI, p * x.at.overlap_source * vgs);
    out.charge(G, DI, p * x.at.overlap_drain * (vgs - vds));
    out.charge(G, B, p * x.at.overlap_bulk * (vgs - vbs));
    if (x.at.oxide == 0.0) return;
    // The threshold belongs to the end of the channel that acts as the source.
    const T v_on = threshold(t, value_of(vds) < 0.0 ? T(vbs - vds) : vbs) + x.at.shift;
    const auto q =
        channel_charges<T>(vgs - v_on, vgs - vds - v_on,
                           vgs - vbs - t.at.vto - x.at.shift, x.at.oxide, t.at.phi);
    out.charge(G, SI, p * q.source);
    out.charge(G, DI, p * q.drain);
    out.charge(G, B, p * q.bulk);
  }

  static Voltages limited(const Model& t, const Instance& x, Voltages v,
                          const Voltages& old) {
    // Changes are added, so that what is not limited stays as asked to the last bit.
    const bool reverse = old.ds < 0.0;
    const double v_on = threshold(t, reverse ? old.bs - old.ds : old.bs) + x.at.shift;
    if (reverse) {
      const double gd = v.gs - v.ds;
      const double gd_change = limit_gate(gd, old.gs - old.ds, v_on) - gd;
      const double ds = -limit_drain(gd_change - v.ds, -old.ds);
      v.gs += gd_change + (ds - v.ds);
      v.ds = ds;
    } else {
      const double gs_change = limit_gate(v.gs, old.gs, v_on) - v.gs;
      v.ds = limit_drain(v.ds + gs_change, old.ds);
      v.gs += gs_change;
    }
    const bool drain_first = v.ds < 0.0;  // the junction that is more in forward
    const double u = drain_first ? v.bs - v.ds : v.bs;
    const double u_old = drain_first ? old.bs - old.ds : old.bs;
    v.bs += limit_junction(u, u_old, t.at.vt, x.at.source.v_critical) - u;
    return v;
  }

  /// A start from nothing is made at the threshold with the bulk 1 V in reverse, as in
  /// SPICE.
  static Voltages first_guess(const Model& t, const Instance& x, const Voltages& v) {
    if (v.gs == 0.0 && v.ds == 0.0 && v.bs == 0.0 && x.off == 0.0)
      return {t.at.vto + x.at.shift, 0.0, -1.0};
    const double bd = v.bs - v.ds;
    const double worst = std::max(v.bs, bd);
    const double allowed = limit_junction(worst, std::min(worst, x.at.source.v_critical),
                                          t.at.vt, x.at.source.v_critical);
    return {v.gs, v.ds, v.bs - (worst - allowed)};
  }
};

}  // namespace arrayspice
