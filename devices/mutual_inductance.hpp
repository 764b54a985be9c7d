// SPDX-License-Identifier: Apache-2.0
// Mutual inductance: adds the flux M i of the other winding to each of two inductors,
// M = k sqrt(L1 L2). Its pins are the two branch currents. More than two coupled
// inductors are coupled pair by pair. Source: ngspice manual, "Coupled (Mutual)
// Inductors".
#pragma once

#include "devices/block.hpp"

namespace arrayspice {

struct MutualInductance {
  static constexpr std::string_view kName = "mutual inductance";
  enum : std::size_t { I1, I2 };
  static constexpr std::array kPins{Pin{"i1", Scope::External, Quantity::Current},
                                    Pin{"i2", Scope::External, Quantity::Current}};
  static constexpr std::array<Branch, 0> kBranches{};
  static constexpr std::array kCouplings{Coupling{I1, I2, true}, Coupling{I2, I1, true}};
  static constexpr bool kLinear = true;

  struct Model {};
  struct Instance {
    double coupling = 0.0;
    double l1 = 0.0;
    double l2 = 0.0;
  };
  static constexpr std::array<Param<Model>, 0> kModelParameters{};
  static constexpr std::array kInstanceParameters{
      Param<Instance>{
          "k", &Instance::coupling, "", {-1.0, 1.0}, "coefficient of coupling"},
      Param<Instance>{"l1", &Instance::l1, "H", kNotNegative,
                      "inductance of the first winding"},
      Param<Instance>{"l2", &Instance::l2, "H", kNotNegative,
                      "inductance of the second winding"},
  };

  template <class T>
  static void equations(const Model&, const Instance& k, const Env&,
                        const std::array<T, 2>& v, Residual<T, 2>& out) {
    const double mutual = k.coupling * std::sqrt(k.l1 * k.l2);
    out.q[I1] = -(mutual * v[I2]);
    out.q[I2] = -(mutual * v[I1]);
  }
};

}  // namespace arrayspice
