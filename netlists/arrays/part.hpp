// SPDX-License-Identifier: Apache-2.0
// A part of an array that can be solved by itself: one column, where columns share no
// more than ideal sources.
#pragma once

#include <cstdint>

namespace arrayspice {

struct ArraySpec;

/// The cells of one column, of one row, one cell; -1: of all.
struct ArrayPart {
  std::int64_t row = -1, column = -1;

  bool has_row(std::int64_t i) const { return row < 0 || row == i; }
  bool has_column(std::int64_t j) const { return column < 0 || column == j; }
  bool has(std::int64_t i, std::int64_t j) const { return has_row(i) && has_column(j); }
};

/// Does no device join two columns, once nodes are left out whose voltage sources alone
/// decide? Then every column is a circuit of its own.
bool columns_are_independent(const ArraySpec& spec);

}  // namespace arrayspice
