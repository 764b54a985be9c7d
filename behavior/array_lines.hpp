// SPDX-License-Identifier: Apache-2.0
// An array spec as the array solver takes it: wires, cells, ends.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "devices/amplifier_law.hpp"
#include "devices/cell_law.hpp"
#include "netlists/arrays/array.hpp"

namespace arrayspice {

/// Can the line solver do it? If not, why not (empty: it can).
std::string why_not_lines(const ArraySpec& spec);

/// The same of products, which are transients where integrators sense.
std::string why_not_line_products(const ArraySpec& spec);

/// Of this chip's wires.
lines::NodeCapacitance node_capacitance_of(const ArraySpec& spec);

/// Are outputs proportional to inputs?
bool is_linear(const ArraySpec& spec);

/// The wires of the array; bit lines end in resistances to 0 V.
lines::Grid grid_of(const ArraySpec& spec);

/// The cells of the array for that solver. Null for a linear array, whose cells are the
/// conductances.
std::unique_ptr<DeviceCellLaw> cell_law_of(const ArraySpec& spec,
                                           const Matrix& conductances,
                                           const lines::LineSolver& solver);

/// What the solver reads, and what the array puts out of that where no amplifier does.
lines::Reading reading_of(const ArraySpec& spec);
std::vector<double> output_over_reading(const ArraySpec& spec);

/// The amplifiers at the bit lines' ends; nothing where there are none.
std::optional<AmplifierEnds> amplifiers_of(const ArraySpec& spec);

}  // namespace arrayspice
