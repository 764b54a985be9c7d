// SPDX-License-Identifier: Apache-2.0
// Memory cell with a hyperbolic-sine read-out: i = g v0 sinh(v/v0), so that g is the
// conductance at 0 V. v0 = 0.25 V as in the Stanford RRAM model (stanford_rram.hpp).
#pragma once

#include "devices/block.hpp"
#include "devices/limiting.hpp"

namespace arrayspice {

struct SinhCell {
  static constexpr std::string_view kName = "sinh memory cell";
  enum : std::size_t { P, M };
  static constexpr std::array kPins{Pin{"p"}, Pin{"m"}};
  static constexpr std::array kBranches{Branch{P, M, BranchKind::Conductance}};

  struct Model {
    double v0 = 0.25;
  };
  struct Instance {
    double g = 1e-6;
  };
  static constexpr std::array kModelParameters{Param<Model>{
      "v0", &Model::v0, "V", kPositive, "voltage scale of the nonlinearity"}};
  static constexpr std::array kInstanceParameters{Param<Instance>{
      "g", &Instance::g, "S", kNotNegative, "programmed conductance at 0 V"}};

  template <class T>
  static void equations(const Model& cell, const Instance& x, const Env&,
                        const std::array<T, 2>& v, Residual<T, 2>& out) {
    out.current(P, M, x.g * cell.v0 * limited_sinh((v[P] - v[M]) / cell.v0));
  }
};

}  // namespace arrayspice
