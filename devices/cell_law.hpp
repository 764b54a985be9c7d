// SPDX-License-Identifier: Apache-2.0
// All cells of an array as the array solver wants them: current and slopes of many cells
// at once, from the devices' own equations.
#pragma once

#include <memory>
#include <variant>
#include <vector>

#include "devices/cubic_cell.hpp"
#include "devices/mosfet1.hpp"
#include "devices/ohmic_cell.hpp"
#include "devices/sinh_cell.hpp"
#include "solver/lines/line_solver.hpp"

namespace arrayspice {

/// The transistor between memory cell and bit line of a 1T1R cell: drain at the memory
/// cell, source at the bit line, bulk at 0 V. The law holds its channel only.
struct AccessTransistor {
  Mosfet1::Model model;
  Mosfet1::Instance instance = {};
  std::vector<double> gate;  ///< V, by row

  /// Current from drain to source.
  template <class T>
  T current(const T& drain, const T& source, double gate_voltage) const {
    return Mosfet1::channel_current<T>(model, instance, gate_voltage - source,
                                       drain - source, 0.0 - source);
  }
  /// A, into the bulk of a transistor that is off, drain and source at `lowest`.
  double left_out(double lowest) const;
};

struct CellDescription {
  std::variant<OhmicCell::Model, SinhCell::Model, CubicCell::Model> cell;
  /// What is in series with the memory cell, towards the bit line.
  std::variant<std::monostate, AccessTransistor> access;
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
