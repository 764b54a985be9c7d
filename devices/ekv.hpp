// SPDX-License-Identifier: Apache-2.0
// EKV transistor, n and p channel: one smooth law from weak to strong inversion,
// symmetric in source and drain (ekv_channel.hpp has equations and sources).
//
// The values are those of a 65 nm process only in order of magnitude. With temperature:
// vto - tcv dT, kp (T/Tnom)^bex. Gate charge only where cox is given; no bulk junctions.
// As an M element: `.model x nmos(level=44 ...)`, the level of EKV elsewhere.
#pragma once

#include "devices/block.hpp"
#include "devices/ekv_channel.hpp"

namespace arrayspice {

struct Ekv {
  static constexpr std::string_view kName = "EKV transistor";
  enum : std::size_t { D, G, S, B };
  static constexpr std::array kPins{Pin{"drain"}, Pin{"gate"}, Pin{"source"},
                                    Pin{"bulk"}};
  static constexpr std::array kBranches{Branch{D, S, BranchKind::Conductance},
                                        Branch{G, S, BranchKind::Open},
                                        Branch{B, S, BranchKind::Open}};
  static constexpr std::array kCouplings{
      Coupling{D, D},       Coupling{D, G},       Coupling{D, S},
      Coupling{D, B},       Coupling{S, D},       Coupling{S, G},
      Coupling{S, S},       Coupling{S, B},       Coupling{G, D, true},
      Coupling{G, G, true}, Coupling{G, S, true}, Coupling{G, B, true},
      Coupling{B, D, true}, Coupling{B, G, true}, Coupling{B, S, true},
      Coupling{B, B, true}};

  struct Model {
    double polarity = 1.0;  // -1: p channel
    double vto = kNotGiven;
    double kp = 3e-4;
    double n = 1.3;
    double lambda = 0.0;
    double dibl = 0.0;
    double cox = 0.0;
    double cgso = 0.0, cgdo = 0.0, cgbo = 0.0;
    double tcv = 1e-3;
    double bex = -1.5;
    double tnom = 27.0;
    EkvChannel at;  // at temperature, beta for w = l
  };
  struct Instance {
    double w = 1e-6, l = 1e-6, m = 1.0, delvto = 0.0;
    EkvChannel channel;
  };
  static constexpr std::array kModelParameters{
      Param<Model>{"vto", &Model::vto, "V", kAny, "threshold; 0.4, p channel -0.4"},
      Param<Model>{"kp", &Model::kp, "A/V^2", kPositive,
                   "mobility times oxide capacitance"},
      Param<Model>{"n", &Model::n, "", {1.0, 10.0}, "slope factor"},
      Param<Model>{"lambda", &Model::lambda, "1/V", kNotNegative,
                   "channel-length modulation"},
      Param<Model>{"dibl", &Model::dibl, "V/V", kNotNegative,
                   "fall of the threshold with |vds|"},
      Param<Model>{"cox", &Model::cox, "F/m^2", kNotNegative,
                   "gate capacitance per area; 0: no gate charge"},
      Param<Model>{"cgso", &Model::cgso, "F/m", kNotNegative,
                   "gate-source overlap per width"},
      Param<Model>{"cgdo", &Model::cgdo, "F/m", kNotNegative,
                   "gate-drain overlap per width"},
      Param<Model>{"cgbo", &Model::cgbo, "F/m", kNotNegative,
                   "gate-bulk overlap per length"},
      Param<Model>{"tcv", &Model::tcv, "V/K", kAny, "fall of |vto| with temperature"},
      Param<Model>{"bex", &Model::bex, "", kAny, "exponent of kp over temperature"},
      Param<Model>{"tnom", &Model::tnom, "degC", kAny, "temperature of the parameters"}};
  static constexpr std::array kInstanceParameters{
      Param<Instance>{"w", &Instance::w, "m", kPositive, "channel width"},
      Param<Instance>{"l", &Instance::l, "m", kPositive, "channel length"},
      Param<Instance>{"m", &Instance::m, "", kPositive, "parallel devices"},
      Param<Instance>{"delvto", &Instance::delvto, "V", kAny,
                      "added to the model's threshold"}};

  static void prepare(Model& t, double temperature) {
    const double nominal = t.tnom + kZeroCelsius;
    const double vto = given(t.vto) ? t.polarity * t.vto : 0.4;
    t.at = {vto - t.tcv * (temperature - nominal),
            t.n,
            t.kp * std::pow(temperature / nominal, t.bex),
            t.lambda,
            t.dibl,
            thermal_voltage(temperature)};
  }
  static void prepare(const Model& t, Instance& x, double) {
    x.channel = t.at;
    x.channel.beta *= x.m * x.w / x.l;
    x.channel.vto += t.polarity * x.delvto;
  }

  template <class T>
  static void equations(const Model& t, const Instance& x, const Env&,
                        const std::array<T, 4>& v, Residual<T, 4>& out) {
    const double p = t.polarity;
    const T vg = p * (v[G] - v[B]), vd = p * (v[D] - v[B]), vs = p * (v[S] - v[B]);
    const EkvEnds<T> ends = ekv_ends(x.channel, vg, vd, vs);
    out.current(D, S, p * ekv_current(x.channel, ends));
    if (t.cox > 0.0) {
      const auto q = ekv_charges(x.channel, ends, x.m * x.w * x.l * t.cox);
      out.charge(D, G, p * q.drain);
      out.charge(S, G, p * q.source);
      out.charge(B, G, p * q.bulk);
    }
    out.charge(G, D, x.m * x.w * t.cgdo * (v[G] - v[D]));
    out.charge(G, S, x.m * x.w * t.cgso * (v[G] - v[S]));
    out.charge(G, B, x.m * x.l * t.cgbo * (v[G] - v[B]));
  }
};

}  // namespace arrayspice
