// SPDX-License-Identifier: Apache-2.0
// Independent current source: m I(t) flows from p through the source to m.
#pragma once

#include "devices/source.hpp"

namespace arrayspice {

struct CurrentSource {
  static constexpr std::string_view kName = "current source";
  enum : std::size_t { P, M };
  static constexpr std::array kPins{Pin{"p"}, Pin{"m"}};
  static constexpr std::array kBranches{Branch{P, M, BranchKind::Current}};
  static constexpr std::array<Coupling, 0> kCouplings{};
  static constexpr bool kLinear = true;

  struct Model {};
  struct Instance {
    double dc = kNotGiven;
    double m = 1.0;
    std::shared_ptr<const Waveform> waveform;
  };
  static constexpr std::array<Param<Model>, 0> kModelParameters{};
  static constexpr std::array kInstanceParameters{
      Param<Instance>{"dc", &Instance::dc, "A", kAny,
                      "value in operating points and sweeps; default: the waveform at 0"},
      Param<Instance>{"m", &Instance::m, "", kPositive, "parallel devices"},
  };

  template <class T>
  static void equations(const Model&, const Instance& s, const Env& env,
                        const std::array<T, 2>&, Residual<T, 2>& out) {
    out.current(P, M, T(s.m * source_value(s, env)));
  }

  static double next_breakpoint(const Instance& s, double t) {
    return source_breakpoint(s, t);
  }
};

}  // namespace arrayspice
