// SPDX-License-Identifier: Apache-2.0
// Memory cell with a cubic read-out fitted to measured RRAM: i = g v + a2 v^2 + a3 v^3,
// a2 and a3 polynomials in log10(g/S). Source: CrossSim, device RRAM_Milo; the fit holds
// for g in 50..225 uS and |v| <= 0.5 V.
//
// Our continuation outside the fit: for other g the relative coefficients a/g of the
// nearer end; beyond v_max the tangent, so that the cell stays monotonic.
#pragma once

#include <algorithm>

#include "devices/block.hpp"

namespace arrayspice {

struct CubicCell {
  static constexpr std::string_view kName = "cubic memory cell";
  enum : std::size_t { P, M };
  static constexpr std::array kPins{Pin{"p"}, Pin{"m"}};
  static constexpr std::array kBranches{Branch{P, M, BranchKind::Conductance}};

  struct Model {
    double v_max = 0.5;
  };
  struct Instance {
    double g = 1e-4;
    double b2 = 0.0, b3 = 0.0;  // derived: a2/g in 1/V, a3/g in 1/V^2
  };
  static constexpr std::array kModelParameters{Param<Model>{
      "vmax", &Model::v_max, "V", kPositive, "end of the fit; then the tangent"}};
  static constexpr std::array kInstanceParameters{Param<Instance>{
      "g", &Instance::g, "S", kNotNegative, "programmed conductance at 0 V"}};

  static void prepare(const Model&, Instance& x, double) {
    const double fitted = std::clamp(x.g, 50e-6, 225e-6);
    const double log_g = std::log10(fitted);
    x.b2 =
        (((1.388e-4 * log_g + 1.541e-3) * log_g + 5.711e-3) * log_g + 7.063e-3) / fitted;
    x.b3 = ((8.871e-5 * log_g + 6.7919e-4) * log_g + 1.2968e-3) / fitted;
  }

  template <class T>
  static void equations(const Model& cell, const Instance& x, const Env&,
                        const std::array<T, 2>& v, Residual<T, 2>& out) {
    const T u = v[P] - v[M];
    const double inside = std::clamp(value_of(u), -cell.v_max, cell.v_max);
    const double beyond = value_of(u) - inside;
    const double slope = 1.0 + inside * (2.0 * x.b2 + inside * 3.0 * x.b3);
    const double i = inside * (1.0 + inside * (x.b2 + inside * x.b3)) + slope * beyond;
    out.current(P, M, chain(u, x.g * i, x.g * slope));
  }
};

}  // namespace arrayspice
