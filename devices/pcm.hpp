// SPDX-License-Identifier: Apache-2.0
// Phase-change memory cell: a read-out law with drift, and the statistics of programming,
// drift and reading.
//
//   i = g(t) v0 sinh(v/v0),   g(t) = g ((time + t0)/t0)^-nu
//
// g is the conductance t0 after programming, `time` what has passed since; nu is the
// cell's own exponent or else the mean one. With G = g/gmax, conductances in uS:
//
//   programming  sigma = c0 + c1 G + c2 G^2 + c3 G^3
//   drift        nu = |N(mu, sigma)|,   mu = clamp(-0.0155 ln G + 0.0244, 0.049, 0.1)
//                sigma = clamp(-0.0125 ln G - 0.0059, 0.008, 0.045)
//   reading      sigma = g(t) min(0.0088/G^0.65, 0.2) sqrt(ln((t + tr)/(2 tr)))
//
// with t = time + t0. Source: S. Nandakumar et al., "Precision of synaptic weights
// programmed in phase-change memory devices for deep learning inference", IEEE ICECS
// (2020), as implemented in the IBM analog hardware acceleration kit, whose defaults
// these are; its other parameter sets are other c0..c3, gmax, t0, tr. Ours: v0, plausible
// and not measured.
#pragma once

#include <algorithm>
#include <cmath>

#include "devices/block.hpp"
#include "devices/limiting.hpp"

namespace arrayspice {

struct Pcm {
  static constexpr std::string_view kName = "phase-change memory cell";
  enum : std::size_t { P, M };
  static constexpr std::array kPins{Pin{"p"}, Pin{"m"}};
  static constexpr std::array kBranches{Branch{P, M, BranchKind::Conductance}};

  struct Model {
    double v0 = 0.5;
    double gmax = 25e-6;
    double time = 0.0;
    double t0 = 20.0;
    double tr = 250e-9;
    double c0 = 0.26348, c1 = 1.9650, c2 = -1.1731, c3 = 0.0;
  };
  struct Instance {
    double g = 1e-6;
    double nu = kNotGiven;
    double now = 1e-6;  // derived: g after drift
  };
  static constexpr std::array kModelParameters{
      Param<Model>{"v0", &Model::v0, "V", kPositive, "voltage scale of the nonlinearity"},
      Param<Model>{"gmax", &Model::gmax, "S", kPositive, "largest conductance"},
      Param<Model>{"time", &Model::time, "s", kNotNegative, "time since t0"},
      Param<Model>{"t0", &Model::t0, "s", kPositive,
                   "from programming to its first read"},
      Param<Model>{"tr", &Model::tr, "s", kPositive, "duration of a read"},
      Param<Model>{"c0", &Model::c0, "uS", kAny, "programming noise at G = 0"},
      Param<Model>{"c1", &Model::c1, "uS", kAny, "times G"},
      Param<Model>{"c2", &Model::c2, "uS", kAny, "times G^2"},
      Param<Model>{"c3", &Model::c3, "uS", kAny, "times G^3"}};
  static constexpr std::array kInstanceParameters{
      Param<Instance>{"g", &Instance::g, "S", kNotNegative,
                      "programmed conductance at 0 V, t0 after programming"},
      Param<Instance>{"nu", &Instance::nu, "", kNotNegative,
                      "drift exponent; default: the mean for g"}};

  static void prepare(const Model& c, Instance& x, double) {
    x.now = drifted(c, x.g, given(x.nu) ? x.nu : drift_mean(c, x.g));
  }

  template <class T>
  static void equations(const Model& c, const Instance& x, const Env&,
                        const std::array<T, 2>& v, Residual<T, 2>& out) {
    out.current(P, M, x.now * c.v0 * limited_sinh((v[P] - v[M]) / c.v0));
  }

  /// Standard deviation in S of what programming to g gives.
  static double programming_sigma(const Model& c, double g) {
    const double u = g / c.gmax;
    return 1e-6 * std::max(0.0, c.c0 + u * (c.c1 + u * (c.c2 + u * c.c3)));
  }
  /// Mean and standard deviation of the drift exponent.
  static double drift_mean(const Model& c, double g) {
    return std::clamp(-0.0155 * log_level(c, g) + 0.0244, 0.049, 0.1);
  }
  static double drift_sigma(const Model& c, double g) {
    return std::clamp(-0.0125 * log_level(c, g) - 0.0059, 0.008, 0.045);
  }
  /// g as it is at `time` with the exponent nu.
  static double drifted(const Model& c, double g, double nu) {
    return g * std::pow((c.time + c.t0) / c.t0, -nu);
  }
  /// Standard deviation in S of one read of a cell programmed to g that is `now`.
  static double read_sigma(const Model& c, double g, double now) {
    if (g <= 0.0) return 0.0;
    const double q = std::min(0.0088 / std::pow(g / c.gmax, 0.65), 0.2);
    const double t = c.time + c.t0;
    return now * q * std::sqrt(std::max(0.0, std::log((t + c.tr) / (2.0 * c.tr))));
  }

 private:
  static double log_level(const Model& c, double g) {
    return std::log(std::max(g / c.gmax, 1e-12));
  }
};

}  // namespace arrayspice
