// SPDX-License-Identifier: Apache-2.0
// The cell of an array, measured: one row of cells without wires on the simulator, never
// the formula behind it. A cell with an access transistor is measured with it in series.
#pragma once

#include <cstdint>

#include "behavior/chord_table.hpp"
#include "behavior/table.hpp"
#include "netlists/arrays/spec.hpp"

namespace arrayspice {

/// Measured with this many operating points.
struct MeasuredCell {
  ChordTable table;
  double error = 0.0;  ///< largest interpolation error of the ratio, relative to it
  std::int64_t solves = 0;
};

/// The grids double until interpolation at the points between them errs by no more than
/// `tolerance`, or the table has kMostTableVoltages points along v. They reach a little
/// beyond the input range and cover the conductances that variation can give.
MeasuredCell measure_cell(const ArraySpec& spec, double tolerance);
inline constexpr std::size_t kMostTableVoltages = 257;

/// I-V curves at five conductances between cell.minimum and cell.maximum: "v (V)",
/// "i at 1e-06 S (A)", ...
Table cell_curves(const ArraySpec& spec);

}  // namespace arrayspice
