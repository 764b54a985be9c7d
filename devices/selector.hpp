// SPDX-License-Identifier: Apache-2.0
// Exponential selector of a 1S1R cell: i = i0 sinh(v/v0).
//
// Read as Poole-Frenkel conduction of an ovonic threshold switch below its threshold
// (arXiv 2102.07264) or as two diodes back to back. Half the voltage carries less than
// half the current by cosh(v/(2 v0)). Defaults: ours, a current of 0.4 uA at 0.2 V.
#pragma once

#include "devices/block.hpp"
#include "devices/limiting.hpp"

namespace arrayspice {

struct Selector {
  static constexpr std::string_view kName = "exponential selector";
  enum : std::size_t { P, M };
  static constexpr std::array kPins{Pin{"p"}, Pin{"m"}};
  static constexpr std::array kBranches{Branch{P, M, BranchKind::Conductance}};

  struct Model {
    double i0 = 2e-8;
    double v0 = 0.06;
  };
  struct Instance {
    double m = 1.0;
  };
  static constexpr std::array kModelParameters{
      Param<Model>{"i0", &Model::i0, "A", kPositive, "current scale"},
      Param<Model>{"v0", &Model::v0, "V", kPositive, "voltage scale"}};
  static constexpr std::array kInstanceParameters{
      Param<Instance>{"m", &Instance::m, "", kPositive, "parallel devices"}};

  template <class T>
  static void equations(const Model& s, const Instance& x, const Env&,
                        const std::array<T, 2>& v, Residual<T, 2>& out) {
    out.current(P, M, x.m * s.i0 * limited_sinh((v[P] - v[M]) / s.v0));
  }

  /// The voltage that carries the current i; its derivative is slope().
  static double voltage(const Model& s, double i) { return s.v0 * std::asinh(i / s.i0); }
  static double slope(const Model& s, double i) {
    return s.v0 / std::sqrt(i * i + s.i0 * s.i0);
  }

  static bool limit(const Model& s, const Instance& x, std::array<double, 2>& v,
                    const std::array<double, 2>* previous) {
    const double asked = v[P] - v[M],
                 old = previous ? (*previous)[P] - (*previous)[M] : 0.0;
    const double allowed = limit_two_way(asked, old, s.v0, 0.5 * x.m * s.i0);
    v[P] = v[M] + allowed;
    return allowed != asked;
  }
};

}  // namespace arrayspice
