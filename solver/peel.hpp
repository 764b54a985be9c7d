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
  /// The pattern must outlive this. `active`: DirectSolver.
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
  struct Loaded {
    bool changed = false;  ///< against the values before
    bool finite = true;
    std::int32_t zero_pivot = -1;  ///< its unknown
  };
  /// Takes the values of J.
  Loaded load(std::span<const double> values, CoreMatrix& core);

  /// Solves the `before` rows of J x = b and gathers the right-hand side of the core.
  void forward(std::span<double> b, std::span<double> core_b) const;
  /// Given the core's solution, solves the `after` columns; b becomes x.
  void backward(std::span<const double> core_x, std::span<double> b) const;
  /// The same two steps for J^T y = b.
  void forward_transposed(std::span<double> b, std::span<double> core_b) const;
  void backward_transposed(std::span<const double> core_y, std::span<double> b) const;

 private:
  /// An entry outside the core: its row and the place of its value in outside_.
  struct Entry {
    std::int32_t row, at;
  };
  struct Pivot {
    std::int32_t row, column;
    std::int32_t first_entry = 0, entries = 0, at = 0;
  };
  struct Coupling {
    std::int32_t core_column, row, at;
  };

  template <class Visit>
  void visit_column(std::int32_t j, const Visit& visit) const;
  std::span<const Entry> column(const Pivot& p) const {
    return std::span(entries_).subspan(p.first_entry, p.entries);
  }
  std::int32_t keep_outside(std::int32_t slot);
  void find_singletons(std::int32_t n);
  void number_core(std::int32_t n);
  void collect_columns();

  const SparsePattern& pattern_;
  std::vector<std::uint8_t> active_;   // by slot; empty: all are
  std::vector<Pivot> before_, after_;  // in the order found
  std::vector<Entry> entries_;         // of the pivots' columns
  std::vector<Coupling> couplings_;    // of core columns in rows outside the core
  std::vector<std::int32_t> core_rows_, core_columns_;
  std::vector<std::int32_t> core_row_number_;  // by row; -1 outside the core
  std::vector<std::int32_t> core_slots_;       // slot of each core nonzero
  std::vector<std::int32_t> outside_slots_;    // of entries and couplings
  std::vector<double> outside_;                // their values
  mutable std::vector<double> x_;              // solution by unknown
};

}  // namespace arrayspice
