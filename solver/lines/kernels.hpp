// SPDX-License-Identifier: Apache-2.0
// The passes that the array solver repeats, vectorised across lines; the instruction set
// is chosen at run time. Formulas: schur.hpp.
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

/// A factored family of lines.
struct FactoredLines {
  const double* factor;   ///< m = 1/(e + c), ohm
  const double* segment;  ///< by line: conductance between neighbouring cells, S
  const double* varied;   ///< the same by cell, towards the next; null: all as `segment`
};

/// z of an iteration is z + (1 - s) C[n] + s C[n + 1], column by column, with n and s of
/// the row: the smooth part that a coarse grid has found (coarse_grid.hpp).
struct SmoothPart {
  const double* values = nullptr;      ///< C: nodes x padded columns; null: none
  const std::int64_t* node = nullptr;  ///< padded rows
  const double* weight = nullptr;      ///< padded rows: s
};

enum class WordResult : std::uint8_t {
  Difference,  ///< u = out w - in p
  Current,     ///< out w
  Voltage      ///< w
};

/// One word-line pass over a group of 16 rows: w solves T_w w = in p + inject.
struct WordPass {
  std::int64_t rows, columns;  ///< padded to multiples of kWidth
  std::int64_t used_rows;      ///< without padding
  const double* in;            ///< panel layout: -di/db of each cell, S
  const double* out;           ///< panel layout: di/dw, S; of two-terminal cells the same
  FactoredLines word;          ///< factor and varied in group layout
  const double* inject;  ///< panel layout: current injected at each cell, A; or null
  bool update;           ///< p <- z + beta p first
  double beta;
  double* z;                  ///< the result
  double* p;                  ///< null: zero
  const double* bit_segment;  ///< columns: conductance between neighbours of a bit line
  const double* bit_varied;   ///< panel layout, or null
  const double* bit_shunt;    ///< columns: conductance from each cell to ground; or null
  WordResult result;
  SmoothPart smooth = {};  ///< of z, with `update`
};
struct WordSums {
  double pu = 0.0;  ///< sum of p u
  /// Sum of shunt p_i^2, and of c (p_i - p_{i-1})^2 over the segments within the group.
  double vertical = 0.0;
};
/// `scratch`: columns * kWidth doubles of the calling thread.
WordSums word_line_pass(const WordPass& pass, std::int64_t group, double* scratch);

/// One bit-line pass down a panel of 16 columns.
struct BitPass {
  std::int64_t rows;        ///< padded
  std::int64_t used_rows;   ///< without padding
  FactoredLines bit;        ///< factor and varied in panel layout
  const double* first_end;  ///< columns: conductance from the first cell to its terminal
  const double* last_end;   ///< columns: the same at the last cell
  const double* shunt;      ///< columns: conductance from each cell to ground; or null
  double alpha;             ///< r <- r - alpha S p,  x <- x + alpha p
  double* z;                ///< in: u; out: the solution of T_b z = r
  const double* p;
  double* r;
  double* x;
};
struct BitSums {
  double rz = 0.0;
  double rr = 0.0;
};
BitSums bit_line_pass(const BitPass& pass, std::int64_t panel);
/// The first pass of a solve: r <- t + u, x <- 0; t may be null, alpha and p are not
/// used.
BitSums bit_line_start(const BitPass& pass, const double* t, std::int64_t panel);

/// z <- T_b^-1 z down a panel.
void bit_line_solve(const FactoredLines& bit, std::int64_t rows, std::int64_t used_rows,
                    std::int64_t panel, double* z);

/// "AVX3", "AVX2", ...: the instruction set in use.
const char* instruction_set();

}  // namespace arrayspice::lines
