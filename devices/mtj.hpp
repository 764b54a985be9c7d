// SPDX-License-Identifier: Apache-2.0
// Magnetic tunnel junction as a read-out cell: tunnelling magneto-resistance that falls
// with the bias.
//
//   rp = ra/area,   rap(v) = rp (1 + tmr/(1 + (v/vh)^2)),   area = pi d^2/4
//   i = v (1 + a v + b v^2) ((1 - x)/rp + x/rap(v))
//
// x is 0 parallel, 1 antiparallel; between, the conductance is that of layers at an angle
// theta, x = (1 - cos theta)/2 (J. Slonczewski, Phys. Rev. B 39, 6995 (1989)). The
// parabola is that of W. Brinkman, R. Dynes, J. Rowell, J. Appl. Phys. 41, 1915 (1970).
// The default values are plausible ones of 50 nm junctions and not measurements. The
// magnetisation rests: writing is not modelled.
#pragma once

#include "devices/block.hpp"
#include "devices/bounded_state.hpp"

namespace arrayspice {

struct Mtj {
  static constexpr std::string_view kName = "magnetic tunnel junction";
  enum : std::size_t { P, M };
  static constexpr std::array kPins{Pin{"p"}, Pin{"m"}};
  static constexpr std::array kBranches{Branch{P, M, BranchKind::Conductance}};

  struct Model {
    double ra = 5e-12;
    double d = 50e-9;
    double tmr = 1.5;
    double vh = 0.5;
    double a = 0.0;
    double b = 0.0;
    double gp = 0.0;  // derived: conductance of the parallel state
  };
  struct Instance {
    double g = kNotGiven;
    double x = 0.0;
    double r = 1.0;
    double antiparallel = 0.0;  // derived
  };
  static constexpr std::array kModelParameters{
      Param<Model>{"ra", &Model::ra, "ohm m^2", kPositive,
                   "resistance times area, parallel"},
      Param<Model>{"d", &Model::d, "m", kPositive, "diameter"},
      Param<Model>{"tmr", &Model::tmr, "", kNotNegative, "(rap - rp)/rp at 0 V"},
      Param<Model>{"vh", &Model::vh, "V", kPositive, "voltage that halves the tmr"},
      Param<Model>{"a", &Model::a, "1/V", kAny, "asymmetry of the barrier"},
      Param<Model>{"b", &Model::b, "1/V^2", kNotNegative, "parabola of the barrier"}};
  static constexpr std::array kInstanceParameters{
      Param<Instance>{"g", &Instance::g, "S", kPositive,
                      "programmed conductance at 0 V; sets x"},
      Param<Instance>{
          "x", &Instance::x, "", {0.0, 1.0}, "0 parallel, 1 antiparallel, without g"},
      Param<Instance>{"r", &Instance::r, "", kPositive, "factor on the resistance"}};

  static void prepare(Model& c, double) {
    if (c.a * c.a > 3.0 * c.b)
      throw std::invalid_argument(
          "a^2 must not exceed 3 b: the current must rise with v");
    c.gp = 0.25 * kPi * c.d * c.d / c.ra;
  }
  static void prepare(const Model& c, Instance& x, double) {
    const double ratio = x.g * x.r / c.gp;  // of the conductances: 1 .. 1/(1 + tmr)
    x.antiparallel = !given(x.g) ? x.x
                     : c.tmr > 0.0
                         ? normalised_start((1.0 - ratio) * (1.0 + c.tmr) / c.tmr)
                         : normalised_start(1e3 * std::abs(1.0 - ratio));
  }

  template <class T>
  static void equations(const Model& c, const Instance& x, const Env&,
                        const std::array<T, 2>& v, Residual<T, 2>& out) {
    const T u = v[P] - v[M], s = (u / c.vh) * (u / c.vh);
    const T mix = 1.0 - x.antiparallel * c.tmr / (1.0 + c.tmr + s);
    out.current(P, M, c.gp / x.r * u * (1.0 + u * (c.a + c.b * u)) * mix);
  }
};

}  // namespace arrayspice
