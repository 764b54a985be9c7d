// SPDX-License-Identifier: Apache-2.0
// A System that measures how long its devices take; everything else passes through.
#pragma once

#include <chrono>

#include "solver/system.hpp"

namespace arrayspice {

class TimedSystem final : public System {
 public:
  explicit TimedSystem(System& system) : system_(system) {}

  double evaluation_seconds() const { return seconds_; }
  std::int64_t evaluations() const { return evaluations_; }

  std::int32_t unknowns() const override { return system_.unknowns(); }
  Quantity quantity(UnknownId u) const override { return system_.quantity(u); }
  std::string unknown_name(UnknownId u) const override { return system_.unknown_name(u); }
  std::vector<std::string> devices_at(UnknownId u, std::size_t most) const override {
    return system_.devices_at(u, most);
  }
  const SparsePattern& pattern() const override { return system_.pattern(); }
  std::span<const std::uint8_t> conductive() const override {
    return system_.conductive();
  }
  bool linear() const override { return system_.linear(); }
  void evaluate(std::span<const double> x, const Env& env, Want want,
                Evaluation& out) override {
    const auto start = std::chrono::steady_clock::now();
    system_.evaluate(x, env, want, out);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    seconds_ += taken.count();
    ++evaluations_;
  }
  void forget_limits() override { system_.forget_limits(); }
  void accept(std::span<const double> x, const Env& env) override {
    system_.accept(x, env);
  }
  void initial_charges(std::span<const double> x, const Env& env,
                       std::span<double> q) override {
    system_.initial_charges(x, env, q);
  }
  double next_breakpoint(double t) const override { return system_.next_breakpoint(t); }

 private:
  System& system_;
  double seconds_ = 0.0;
  std::int64_t evaluations_ = 0;
};

}  // namespace arrayspice
