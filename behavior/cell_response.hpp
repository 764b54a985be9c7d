// SPDX-License-Identifier: Apache-2.0
// What one cell brings to its column's output, measured on the circuit while all other
// cells stay in the middle of their ranges.
#pragma once

#include <cstdint>
#include <vector>

#include "behavior/bilinear_table.hpp"
#include "netlists/arrays/spec.hpp"

namespace arrayspice {

struct CellResponse {
  BilinearTable output;       ///< over (x, w) of a row like most
  std::vector<double> share;  ///< of every row: its response over that of this row
  std::int64_t circuit_solves = 0;
};

/// spec without variation; coupling: of columns (readout_model.hpp), what is measured is
/// what they would give alone. Throws Failure(Exit::Numeric) when no row has a response.
CellResponse measure_cell_response(const ArraySpec& spec, int threads,
                                   double coupling = 0.0);

}  // namespace arrayspice
