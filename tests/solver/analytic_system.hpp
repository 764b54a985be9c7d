// SPDX-License-Identifier: Apache-2.0
// A System of a few unknowns written as a formula, for tests. Unknown 0 is ground.
#pragma once

#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "solver/dual.hpp"
#include "solver/system.hpp"

namespace arrayspice {

/// N unknowns with ground. `equations(x, env, f, q)` writes rows 1 .. N-1.
template <std::size_t N>
class AnalyticSystem : public System {
 public:
  using Number = Dual<N>;
  using Numbers = std::array<Number, N>;
  using Equations =
      std::function<void(const Numbers& x, const Env& env, Numbers& f, Numbers& q)>;

  AnalyticSystem(bool linear, Equations equations)
      : linear_(linear), equations_(std::move(equations)) {
    std::vector<SparsePattern::Entry> all{{0, 0}};
    for (std::int32_t i = 1; i < size(); ++i)
      for (std::int32_t j = 1; j < size(); ++j) all.push_back({i, j});
    pattern_ = SparsePattern(size(), all);
    conductive_.assign(pattern_.nonzeros(), 1);
    quantities.fill(Quantity::Voltage);
    initial_charge.fill(std::numeric_limits<double>::quiet_NaN());
  }

  std::array<Quantity, N> quantities{};
  std::vector<double> breakpoints;
  std::array<double, N> initial_charge{};  ///< NaN: q(x)
  int evaluations = 0;

  std::int32_t unknowns() const override { return size(); }
  Quantity quantity(UnknownId u) const override { return quantities[u]; }
  std::string unknown_name(UnknownId u) const override {
    std::string name(1, 'x');
    return name.append(std::to_string(u));
  }
  std::vector<std::string> devices_at(UnknownId, std::size_t) const override {
    return {};
  }
  const SparsePattern& pattern() const override { return pattern_; }
  std::span<const std::uint8_t> conductive() const override { return conductive_; }
  bool linear() const override { return linear_; }

  void evaluate(std::span<const double> x, const Env& env, Want want,
                Evaluation& out) override {
    ++evaluations;
    Numbers v, f{}, q{};
    for (std::size_t k = 0; k < N; ++k) v[k] = Number::variable(x[k], k);
    equations_(v, env, f, q);
    f[0] = v[0];
    q[0] = 0.0;
    out.f.assign(N + 1, 0.0);
    out.q.assign(N + 1, 0.0);
    for (std::size_t k = 0; k < N; ++k) {
      out.f[k] = f[k].value;
      out.q[k] = q[k].value;
    }
    if (want == Want::Residual) return;
    out.g.assign(pattern_.nonzeros() + 1, 0.0);
    out.c.assign(pattern_.nonzeros() + 1, 0.0);
    for (std::int32_t i = 0; i < size(); ++i)
      for (std::int32_t j = 0; j < size(); ++j) {
        const std::int32_t slot = pattern_.slot(i, j);
        if (slot < 0) continue;
        out.g[slot] = f[i].gradient[j];
        out.c[slot] = q[i].gradient[j];
      }
  }
  void forget_limits() override {}
  void accept(std::span<const double>, const Env&) override {}
  void initial_charges(std::span<const double> x, const Env& env,
                       std::span<double> q) override {
    Evaluation at;
    evaluate(x, env, Want::Residual, at);
    for (std::size_t k = 0; k < N; ++k)
      q[k] = std::isnan(initial_charge[k]) ? at.q[k] : initial_charge[k];
  }
  double next_breakpoint(double t) const override {
    for (const double b : breakpoints)
      if (b > t) return b;
    return std::numeric_limits<double>::infinity();
  }

 private:
  static constexpr std::int32_t size() { return static_cast<std::int32_t>(N); }
  bool linear_;
  Equations equations_;
  SparsePattern pattern_;
  std::vector<std::uint8_t> conductive_;
};

}  // namespace arrayspice
