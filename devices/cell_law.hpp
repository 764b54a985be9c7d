// SPDX-License-Identifier: Apache-2.0
// A two-terminal cell device as the law of all cells of an array: the batch form of the
// device's own equations, for the array solver.
#pragma once

#include <array>
#include <utility>
#include <vector>

#include "devices/block.hpp"
#include "solver/lines/line_solver.hpp"

namespace arrayspice {

/// D has pins P, M and an instance parameter g; cells with g = 0 (and the padding) carry
/// no current.
template <DeviceModel D>
class DeviceCellLaw final : public lines::CellLaw {
  static_assert(kPinCount<D> == 2);
  using Instance = typename D::Instance;

 public:
  /// g: conductances in the order of LineSolver::index, 0 in the padding.
  DeviceCellLaw(typename D::Model model, const lines::Buffer& g, const Env& env)
      : model_(std::move(model)), env_(env), cells_(g.size()) {
    for (std::int64_t k = 0; k < g.size(); ++k) {
      cells_[k].g = g[k];
      if constexpr (requires(Instance i) { D::prepare(model_, i, env.temperature); })
        D::prepare(std::as_const(model_), cells_[k], env.temperature);
    }
  }

  bool symmetric() const override { return true; }

  void evaluate(std::int64_t first, std::int64_t last, const double* w, const double* b,
                lines::CellCurrents currents) override {
    for (std::int64_t k = first; k < last; ++k) {
      if (cells_[k].g == 0.0) {
        currents.i[k] = currents.out[k] = 0.0;
        continue;
      }
      const std::array<Dual<1>, 2> pins{Dual<1>::variable(w[k] - b[k], 0), Dual<1>(0.0)};
      Residual<Dual<1>, 2> out;
      D::equations(model_, cells_[k], env_, pins, out);
      currents.i[k] = out.f[D::P].value;
      currents.out[k] = out.f[D::P].gradient[0];
    }
  }

 private:
  typename D::Model model_;
  Env env_;
  std::vector<Instance> cells_;
};

}  // namespace arrayspice
