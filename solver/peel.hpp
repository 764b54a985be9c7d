// SPDX-License-Identifier: Apache-2.0
// Substitution before elimination. A row with one entry determines its unknown before all
// others (the branch row of a grounded voltage source); an unknown that appears in one
// row only is computed after all others (the current of that source). Removing both again
// and again permutes J to block lower triangular form,
//
//        before   core   after
//      [   L1                 ]   before: rows with one entry, in the order found
//      [   *       A          ]   core:   what elimination has to do
//      [   *       *      L2  ]   after:  columns with one entry, latest found first
//
// and turns a resistor network driven by grounded sources into a symmetric positive
// definite core. det J = product of the pivots of L1, L2 times det A, so a zero pivot
// means that J is singular.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "solver/core_matrix.hpp"
#include "solver/sparse_pattern.hpp"

namespace arrayspice {

class Peel {
 public:
  Peel(const SparsePattern& pattern, std::span<const std::uint8_t> active);

  std::int32_t peeled() const {
    return static_cast<std::int32_t>(before_.size() + after_.size());
  }
  /// Original unknown (column) of a column of the core.
  std::int32_t unknown(std::int32_t core_column) const {
    return core_columns_[core_column];
  }

  /// The core with values not yet set.
  CoreMatrix core();
  /// Takes the values of J; returns the unknown of a zero pivot, or -1.
  std::int32_t load(std::span<const double> values, CoreMatrix& core) const;

  /// Solves the `before` rows of J x = b and gathers the right-hand side of the core.
  void forward(std::span<const double> values, std::span<double> b,
               std::span<double> core_b) const;
  /// Given the core's solution, solves the `after` columns; b becomes x.
  void backward(std::span<const double> values, std::span<const double> core_x,
                std::span<double> b) const;
  /// The same two steps for J^T y = b.
  void forward_transposed(std::span<const double> values, std::span<double> b,
                          std::span<double> core_b) const;
  void backward_transposed(std::span<const double> values, std::span<const double> core_y,
                           std::span<double> b) const;

 private:
  struct Pivot {
    std::int32_t row, column, slot;
  };
  struct Entry {
    std::int32_t row, slot;
  };
  std::span<const Entry> column(std::int32_t j) const {
    return {entries_.data() + starts_[j], entries_.data() + starts_[j + 1]};
  }
  void find_singletons(std::int32_t n);
  void number_core(std::int32_t n);

  std::vector<Pivot> before_, after_;  // in the order found
  std::vector<std::int32_t> core_rows_, core_columns_;
  std::vector<std::int32_t> core_row_number_;  // by row; -1 outside the core
  std::vector<std::int32_t> starts_;           // active entries by column
  std::vector<Entry> entries_;
  std::vector<std::int32_t> core_slots_;  // slot of each core nonzero
  mutable std::vector<double> x_;         // solution by unknown, kept between calls
};

}  // namespace arrayspice
