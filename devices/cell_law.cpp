// SPDX-License-Identifier: Apache-2.0
// The equations of the devices, written for one cell, are inlined into loops over the 16
// cells of a panel row, which the compiler vectorises.
#include "devices/cell_law.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "solver/lines/kernels.hpp"

// Highway compiles this file once per instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "devices/cell_law.cpp"
#include "hwy/foreach_target.h"  // must come before highway.h
#include "hwy/highway.h"

// Makes the instruction set of a loop that of the equations in it.
#undef ARRAYSPICE_WITH_CALLEES
#define ARRAYSPICE_WITH_CALLEES HWY_ATTR __attribute__((flatten))

HWY_BEFORE_NAMESPACE();
namespace arrayspice::HWY_NAMESPACE {

using lines::kWidth;

/// Current of the memory cell D at the voltage v.
template <class D, class T>
T cell_current(const typename D::Model& model, const typename D::Instance& cell,
               const Env& env, const T& v) {
  const std::array<T, 2> pins{v, T(0.0)};
  Residual<T, 2> out;
  D::equations(model, cell, env, pins, out);
  return out.f[D::P];
}

template <class D>
std::vector<typename D::Instance> prepared(const typename D::Model& model,
                                           const lines::Buffer& g, const Env& env) {
  std::vector<typename D::Instance> cells(static_cast<std::size_t>(g.size()));
  for (std::int64_t k = 0; k < g.size(); ++k) {
    cells[k].g = g[k];
    if constexpr (requires { D::prepare(model, cells[k], env.temperature); })
      D::prepare(model, cells[k], env.temperature);
  }
  return cells;
}

template <class D>
class TwoTerminalLaw final : public DeviceCellLaw {
 public:
  TwoTerminalLaw(const typename D::Model& model, const lines::Buffer& g, const Env& env)
      : model_(model), env_(env), cells_(prepared<D>(model, g, env)) {}

  bool symmetric() const override { return true; }

  ARRAYSPICE_WITH_CALLEES void evaluate(std::int64_t first, std::int64_t last,
                                        const double* __restrict w,
                                        const double* __restrict b,
                                        lines::CellCurrents currents) override {
    double* __restrict const i = currents.i;
    double* __restrict const slope = currents.out;
    const typename D::Instance* const cells = cells_.data();
    const typename D::Model model = model_;
    for (std::int64_t k = first; k < last; ++k) {
      const Dual<1> c =
          cell_current<D>(model, cells[k], env_, Dual<1>::variable(w[k] - b[k], 0));
      i[k] = c.value;
      slope[k] = c.gradient[0];
    }
  }

 private:
  typename D::Model model_;
  Env env_;
  std::vector<typename D::Instance> cells_;
};

/// Memory cell D in series with an access device A, their common node eliminated. With
/// the node at u, cell current i(w - u) and access current a(u, b),
///
///     F(u) = i(w - u) - a(u, b) = 0
///
/// has one root between w and b, as i and a have the signs of w - u and u - b and rise.
/// Newton's method finds it, kept inside a bracket, from the share (u - b)/(w - b) that
/// the node had last. By the implicit function theorem, with g = i', a_u, a_b = -da/db,
///
///     di/dw = g a_u/(g + a_u),   -di/db = g a_b/(g + a_u),
///
/// and the tangents at u meet at (i a_u + a g)/(g + a_u), which does not lose the digits
/// that i or a alone has lost where the other device takes nearly all of the voltage.
template <class D, class A>
class SeriesLaw final : public DeviceCellLaw {
 public:
  SeriesLaw(const typename D::Model& model, A access, const lines::Buffer& g,
            std::int64_t rows, const Env& env)
      : model_(model),
        access_(std::move(access)),
        env_(env),
        rows_(rows),
        cells_(prepared<D>(model, g, env)),
        share_(g.size()),
        lowest_(static_cast<std::size_t>(g.size() / kWidth), 0.0) {
    access_.complete(g.size());
    start();
  }

  bool symmetric() const override { return A::kTwoTerminal; }
  void start() override { share_.fill(0.5); }
  double left_out() const override {
    double sum = 0.0;
    for (const double v : lowest_) sum += kWidth * access_.left_out(v);
    return sum;
  }

  void evaluate(std::int64_t first, std::int64_t last, const double* w, const double* b,
                lines::CellCurrents currents) override {
    for (std::int64_t k = first; k < last; k += kWidth)
      evaluate_row(k, w + k, b + k, currents.i + k, currents.out + k, currents.in + k);
  }

 private:
  /// Relative to the voltage across both: what a last linear correction removes.
  static constexpr double kEnough = 1e-10;
  static constexpr int kMostSteps = 80;

  ARRAYSPICE_WITH_CALLEES void evaluate_row(std::int64_t at, const double* __restrict w,
                                            const double* __restrict b,
                                            double* __restrict i, double* __restrict out,
                                            double* __restrict in) {
    alignas(64) double u[kWidth], low[kWidth], high[kWidth];
    double* __restrict const share = share_.data() + at;
    const double control = access_.control(at / kWidth % rows_);
    for (std::int64_t k = 0; k < kWidth; ++k) {
      low[k] = std::min(w[k], b[k]);
      high[k] = std::max(w[k], b[k]);
      const double remembered = b[k] + share[k] * (w[k] - b[k]);
      u[k] = remembered >= low[k] && remembered <= high[k] ? remembered
                                                           : 0.5 * (low[k] + high[k]);
    }
    for (int step = 0; step < kMostSteps; ++step) {
      std::int64_t unfinished = 0;
      for (std::int64_t k = 0; k < kWidth; ++k) {
        const Dual<1> c = cell_current<D>(model_, cells_[at + k], env_,
                                          Dual<1>::variable(w[k] - u[k], 0));
        const Dual<2> a = access_.current(Dual<2>::variable(u[k], 0),
                                          Dual<2>::variable(b[k], 1), control, at + k);
        const double excess = c.value - a.value;
        const double slope = c.gradient[0] + a.gradient[0];
        const double inverse = slope > 0.0 ? 1.0 / slope : 0.0;
        const double change = excess * inverse;
        low[k] = excess > 0.0 ? u[k] : low[k];
        high[k] = excess < 0.0 ? u[k] : high[k];
        const double enough =
            kEnough * std::abs(w[k] - b[k]) + 1e-15 * (std::abs(w[k]) + std::abs(b[k]));
        unfinished += std::abs(change) > enough ? 1 : 0;
        const double asked = access_.next(u[k], b[k], change, c.value, c.gradient[0]);
        const double middle = 0.5 * (low[k] + high[k]);
        const double next = asked >= low[k] && asked <= high[k] ? asked : middle;
        const double across = w[k] - b[k];
        i[k] = (c.value * a.gradient[0] + a.value * c.gradient[0]) * inverse;
        out[k] = c.gradient[0] * a.gradient[0] * inverse;
        if constexpr (!A::kTwoTerminal) in[k] = -c.gradient[0] * a.gradient[1] * inverse;
        share[k] = across != 0.0 ? (next - b[k]) / across : c.gradient[0] * inverse;
        u[k] = next;
      }
      if (unfinished == 0) break;
    }
    double lowest = 0.0;
    for (std::int64_t k = 0; k < kWidth; ++k) lowest = std::min({lowest, u[k], b[k]});
    lowest_[at / kWidth] = lowest;
  }

  typename D::Model model_;
  A access_;
  Env env_;
  std::int64_t rows_;
  std::vector<typename D::Instance> cells_;
  lines::Buffer share_;
  std::vector<double> lowest_;  // V, of the access devices of 16 cells
};

std::unique_ptr<DeviceCellLaw> make_law(const CellDescription& description,
                                        const lines::Buffer& g, std::int64_t rows,
                                        const Env& env) {
  const auto law = [&]<class D>(const auto& model, const auto& access, D) {
    using A = std::decay_t<decltype(access)>;
    std::unique_ptr<DeviceCellLaw> made;
    if constexpr (std::is_same_v<A, std::monostate>)
      made = std::make_unique<TwoTerminalLaw<D>>(model, g, env);
    else
      made = std::make_unique<SeriesLaw<D, A>>(model, access, g, rows, env);
    return made;
  };
  return std::visit(
      [&](const auto& access) {
        if (const auto* m = std::get_if<OhmicCell::Model>(&description.cell))
          return law(*m, access, OhmicCell());
        if (const auto* m = std::get_if<SinhCell::Model>(&description.cell))
          return law(*m, access, SinhCell());
        return law(std::get<CubicCell::Model>(description.cell), access, CubicCell());
      },
      description.access);
}

}  // namespace arrayspice::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace arrayspice {
HWY_EXPORT(make_law);

double AccessTransistor::left_out(double lowest) const {
  std::array<double, 6> pins;
  pins.fill(lowest);
  pins[Mosfet1::B] = 0.0;
  Residual<double, 6> at;
  Mosfet1::equations(model, instance, Env{}, pins, at);
  return std::abs(at.f[Mosfet1::B]);
}

std::unique_ptr<DeviceCellLaw> make_cell_law(const CellDescription& description,
                                             const lines::Buffer& conductance,
                                             std::int64_t rows, const Env& env) {
  return HWY_DYNAMIC_DISPATCH(make_law)(description, conductance, rows, env);
}
}  // namespace arrayspice
#endif
