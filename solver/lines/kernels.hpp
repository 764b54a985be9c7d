// SPDX-License-Identifier: Apache-2.0
// The two passes that the array solver repeats, vectorised across lines; the instruction
// set is chosen at run time. Formulas: line_solver.hpp.
//
// Panel layout: columns in panels of 16; cell (i, j) is element
//     (j / 16) * rows * 16 + i * 16 + j % 16,          rows padded to a multiple of 16,
// so that a bit-line pass runs down a panel with unit stride. The word-line factors are
// kept by groups of 16 rows, (i / 16) * columns * 16 + j * 16 + i % 16: the order in
// which the word-line pass, which transposes tiles in registers, needs them.
#pragma once

#include <cstdint>

namespace arrayspice::lines {

inline constexpr std::int64_t kWidth = 16;  ///< columns of a panel, rows of a group

/// One word-line pass over a group of 16 rows: w solves T_w w = D p + inject.
struct WordPass {
  std::int64_t rows, columns;  ///< padded to multiples of kWidth
  std::int64_t used_rows;      ///< without padding
  const double* cell;          ///< panel layout, S
  const double* factor;        ///< m = 1/(e + gamma), group layout, ohm
  const double* segment;       ///< rows: conductance between neighbours of a word line, S
  const double* inject;  ///< panel layout: current injected at each cell, A; or null
  double beta;           ///< p <- z + beta p
  double* z;             ///< in: z; out: u = D (w - p), or w when write_voltage
  double* p;
  const double* bit_segment;  ///< columns: conductance between neighbours of a bit line
  bool write_voltage;
  double* scratch;  ///< columns * kWidth doubles
};
struct WordSums {
  double pu = 0.0;        ///< sum of p u
  double vertical = 0.0;  ///< sum of c (p_i - p_{i-1})^2 over bit-line segments
};
WordSums word_line_pass(const WordPass& pass, std::int64_t group);

/// One bit-line pass down a panel of 16 columns.
struct BitPass {
  std::int64_t rows;        ///< padded
  std::int64_t used_rows;   ///< without padding
  const double* factor;     ///< panel layout
  const double* segment;    ///< columns
  const double* first_end;  ///< columns: conductance from the first cell to its terminal
  const double* last_end;   ///< columns: the same at the last cell
  double alpha;             ///< r <- r - alpha S p,  x <- x + alpha p
  double* z;                ///< in: u; out: the solution of T z = r
  const double* p;
  double* r;
  double* x;
};
struct BitSums {
  double rz = 0.0;
  double rr = 0.0;
};
BitSums bit_line_pass(const BitPass& pass, std::int64_t panel);

/// "AVX3", "AVX2", ...: the instruction set in use.
const char* instruction_set();

}  // namespace arrayspice::lines
