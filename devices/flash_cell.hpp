// SPDX-License-Identifier: Apache-2.0
// Flash cell: an EKV channel (ekv_channel.hpp) with a programmed threshold, seen from the
// control gate.
//
//   below threshold  i = i0 exp((vg - vth + dibl |vds|)/(n ut)) (1 - exp(-vds/ut))
//                    i0 = 2 n kp w/l ut^2
//
// Barrier lowering is what limits time-domain products with such cells to about 6 bits
// (M. Bavandpour et al., arXiv 1711.10673). Defaults: plausible values, not measurements.
// The threshold rests: writing is not modelled.
#pragma once

#include "devices/block.hpp"
#include "devices/ekv_channel.hpp"

namespace arrayspice {

struct FlashCell {
  static constexpr std::string_view kName = "flash cell";
  enum : std::size_t { D, G, S, B };
  static constexpr std::array kPins{Pin{"drain"}, Pin{"gate"}, Pin{"source"},
                                    Pin{"bulk"}};
  static constexpr std::array kBranches{Branch{D, S, BranchKind::Conductance},
                                        Branch{G, S, BranchKind::Open},
                                        Branch{B, S, BranchKind::Open}};
  static constexpr std::array kCouplings{
      Coupling{D, D},       Coupling{D, G},       Coupling{D, S},      Coupling{D, B},
      Coupling{S, D},       Coupling{S, G},       Coupling{S, S},      Coupling{S, B},
      Coupling{G, G, true}, Coupling{G, D, true}, Coupling{G, S, true}};

  struct Model {
    double kp = 1e-4, n = 1.8, lambda = 0.0, dibl = 0.05;
    double w = 1e-7, l = 1e-7;
    double cgs = 0.0, cgd = 0.0;
    double tcv = 1e-3, bex = -1.5, tnom = 27.0;
    EkvChannel at;  // at temperature
    double shift = 0.0;
  };
  struct Instance {
    double vth = 1.0;
    EkvChannel channel;
  };
  static constexpr std::array kModelParameters{
      Param<Model>{"kp", &Model::kp, "A/V^2", kPositive,
                   "mobility times gate capacitance"},
      Param<Model>{"n", &Model::n, "", {1.0, 10.0}, "slope factor from the control gate"},
      Param<Model>{"lambda", &Model::lambda, "1/V", kNotNegative,
                   "channel-length modulation"},
      Param<Model>{"dibl", &Model::dibl, "V/V", kNotNegative,
                   "fall of the threshold with |vds|"},
      Param<Model>{"w", &Model::w, "m", kPositive, "channel width"},
      Param<Model>{"l", &Model::l, "m", kPositive, "channel length"},
      Param<Model>{"cgs", &Model::cgs, "F", kNotNegative, "gate-source capacitance"},
      Param<Model>{"cgd", &Model::cgd, "F", kNotNegative, "gate-drain capacitance"},
      Param<Model>{"tcv", &Model::tcv, "V/K", kAny,
                   "fall of the threshold with temperature"},
      Param<Model>{"bex", &Model::bex, "", kAny, "exponent of kp over temperature"},
      Param<Model>{"tnom", &Model::tnom, "degC", kAny, "temperature of the parameters"}};
  static constexpr std::array kInstanceParameters{
      Param<Instance>{"vth", &Instance::vth, "V", kAny, "programmed threshold"}};

  static void prepare(Model& c, double temperature) {
    const double nominal = c.tnom + kZeroCelsius;
    c.shift = -c.tcv * (temperature - nominal);
    c.at = {0.0,      c.n,    c.kp * c.w / c.l * std::pow(temperature / nominal, c.bex),
            c.lambda, c.dibl, thermal_voltage(temperature)};
  }
  static void prepare(const Model& c, Instance& x, double) {
    x.channel = c.at;
    x.channel.vto = x.vth + c.shift;
  }

  template <class T>
  static void equations(const Model& c, const Instance& x, const Env&,
                        const std::array<T, 4>& v, Residual<T, 4>& out) {
    const EkvEnds<T> ends = ekv_ends<T>(x.channel, v[G] - v[B], v[D] - v[B], v[S] - v[B]);
    out.current(D, S, ekv_current(x.channel, ends));
    out.charge(G, S, c.cgs * (v[G] - v[S]));
    out.charge(G, D, c.cgd * (v[G] - v[D]));
  }
};

}  // namespace arrayspice
