// SPDX-License-Identifier: Apache-2.0
// Kirchhoff's current law at every node of an array, from its elements:
//
//     F_w = current from the wires and the terminal, less the cell's current
//     F_b = the same, plus the cell's current
//
// Wire currents are formed from differences of neighbouring voltages, so that F keeps its
// digits where wires conduct far better than cells.
#pragma once

#include <cstdint>

#include "solver/lines/grid.hpp"

namespace arrayspice::lines {

struct ResidualPass {
  const Grid* grid;  ///< padded as in SchurSolver
  std::int64_t padded_rows;
  const double* word_terminal;  ///< V, by row
  const double* bit_terminal;   ///< V, by column
  const double* bit_varied;     ///< S, panel layout; or null: uniform bit lines
  const double *w, *b;          ///< V, panel layout as all that follows
  const double* i;              ///< A, of each cell; or null:
  const double* conductance;    ///< S, of ohmic cells, when i is null
  const double* word_inject;    ///< A, further current into each node; or null
  const double* bit_inject;
  double *fw, *fb;  ///< A; null: only the sums are wanted
};

/// Sums of squares over one panel.
struct ResidualSums {
  double word2 = 0.0;   ///< of F_w, less what drivers take back
  double bit2 = 0.0;    ///< of F_b
  double i2 = 0.0;      ///< of the cell currents
  double wires2 = 0.0;  ///< of c w and c b: what rounding scales with
};

ResidualSums residual_pass(const ResidualPass& pass, std::int64_t panel);

}  // namespace arrayspice::lines
