// SPDX-License-Identifier: Apache-2.0
// All cells of an array as the array solver wants them: current and slopes of many cells
// at once, from the devices' own equations.
#pragma once

#include <array>
#include <memory>
#include <variant>
#include <vector>

#include "devices/cubic_cell.hpp"
#include "devices/mosfet1.hpp"
#include "devices/ohmic_cell.hpp"
#include "devices/selector.hpp"
#include "devices/sinh_cell.hpp"
#include "solver/lines/line_solver.hpp"

namespace arrayspice {

/// The transistor between memory cell and bit line of a 1T1R cell: drain at the memory
/// cell, source at the bit line, bulk at 0 V. The law holds its channel only.
struct AccessTransistor {
  static constexpr bool kTwoTerminal = false;
  Mosfet1::Model model;
  Mosfet1::Instance instance = {};
  std::vector<double> gate;  ///< V, by row
  /// Where transistors differ, of each cell in the order of LineSolver::index: V added to
  /// the threshold (as for an n channel), and A/V^2 in place of kp W/L.
  std::vector<double> shift, beta;

  /// Gives all `cells` those of `instance` where nothing differs.
  void complete(std::int64_t cells) {
    shift.resize(static_cast<std::size_t>(cells), instance.at.shift);
    beta.resize(static_cast<std::size_t>(cells), instance.at.beta);
  }

  /// V, of the gate; rows beyond the array are padding.
  double control(std::int64_t row) const {
    return row < std::ssize(gate) ? gate[static_cast<std::size_t>(row)] : 0.0;
  }
  /// Current from drain to source of a cell's transistor.
  template <class T>
  T current(const T& drain, const T& source, double gate_voltage,
            std::int64_t cell) const {
    return Mosfet1::channel_current<T>(model, shift[static_cast<std::size_t>(cell)],
                                       beta[static_cast<std::size_t>(cell)],
                                       gate_voltage - source, drain - source,
                                       0.0 - source);
  }
  /// Newton's next drain voltage, with the memory cell's current i and its slope there.
  double next(double drain, double /*source*/, double newton_step, double /*i*/,
              double /*slope*/) const {
    return drain + newton_step;
  }
  /// A, into the bulk of a transistor that is off, drain and source at `lowest`.
  double left_out(double lowest) const;
};

/// The exponential selector between memory cell and bit line of a 1S1R cell.
struct SeriesSelector {
  static constexpr bool kTwoTerminal = true;
  Selector::Model model;

  void complete(std::int64_t /*cells*/) {}
  double control(std::int64_t /*row*/) const { return 0.0; }
  template <class T>
  T current(const T& plus, const T& minus, double /*control*/,
            std::int64_t /*cell*/) const {
    const std::array<T, 2> pins{plus, minus};
    Residual<T, 2> out;
    Selector::equations(model, Selector::Instance{}, Env{}, pins, out);
    return out.f[Selector::P];
  }
  /// Newton's method for  u - b = voltage(i(w - u)),  which is nearly straight where the
  /// balance of currents is an exponential.
  double next(double plus, double minus, double /*newton_step*/, double i,
              double slope) const {
    const double excess = plus - minus - Selector::voltage(model, i);
    return plus - excess / (1.0 + slope * Selector::slope(model, i));
  }
  double left_out(double /*lowest*/) const { return 0.0; }
};

struct CellDescription {
  std::variant<OhmicCell::Model, SinhCell::Model, CubicCell::Model> cell;
  /// What is in series with the memory cell, towards the bit line.
  std::variant<std::monostate, AccessTransistor, SeriesSelector> access;
};

class DeviceCellLaw : public lines::CellLaw {
 public:
  /// A: at most what all cells together carry elsewhere than from word line to bit line,
  /// at the voltages of the last evaluation. The law leaves it out.
  virtual double left_out() const { return 0.0; }
};

/// `conductance`: parameter g of each cell in the order of LineSolver::index, 0 in the
/// padding and of cells that are absent; `rows`: of the panel layout, padded.
std::unique_ptr<DeviceCellLaw> make_cell_law(const CellDescription& description,
                                             const lines::Buffer& conductance,
                                             std::int64_t rows, const Env& env);

}  // namespace arrayspice
