// SPDX-License-Identifier: Apache-2.0
// Memory cell with a linear read-out: i = g v.
#pragma once

#include "devices/block.hpp"

namespace arrayspice {

struct OhmicCell {
  static constexpr std::string_view kName = "ohmic memory cell";
  enum : std::size_t { P, M };
  static constexpr std::array kPins{Pin{"p"}, Pin{"m"}};
  static constexpr std::array kBranches{Branch{P, M, BranchKind::Conductance}};
  static constexpr bool kLinear = true;

  struct Model {};
  struct Instance {
    double g = 1e-6;
  };
  static constexpr std::array<Param<Model>, 0> kModelParameters{};
  static constexpr std::array kInstanceParameters{
      Param<Instance>{"g", &Instance::g, "S", kNotNegative, "programmed conductance"}};

  template <class T>
  static void equations(const Model&, const Instance& cell, const Env&,
                        const std::array<T, 2>& v, Residual<T, 2>& out) {
    out.current(P, M, cell.g * (v[P] - v[M]));
  }
};

}  // namespace arrayspice
