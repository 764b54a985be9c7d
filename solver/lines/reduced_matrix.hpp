// SPDX-License-Identifier: Apache-2.0
// A matrix with groups e of unknowns eliminated exactly (groups.hpp):
//
//     B = A_rr - A_re A_ee^-1 A_er
//
// A_ee is block diagonal, one small dense block a group. The pattern of B is made once;
// its values go to places that the user of B chooses.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "solver/core_matrix.hpp"
#include "solver/lines/groups.hpp"

namespace arrayspice::lines {

/// A pattern by rows, columns ascending.
struct RowPattern {
  std::span<const std::int32_t> starts, columns;
  std::int32_t size() const { return static_cast<std::int32_t>(starts.size()) - 1; }
};

class ReducedMatrix {
 public:
  /// `matrix` (its values may change) must outlive this.
  ReducedMatrix(const CoreMatrix& matrix, const Groups& groups);
  ReducedMatrix(const ReducedMatrix&) = delete;
  ReducedMatrix& operator=(const ReducedMatrix&) = delete;

  /// B is A: its rows are the columns of A where A is symmetric.
  bool is_whole() const { return is_whole_; }

  /// Structurally symmetric, with a full diagonal. Row k of B is the k-th unknown of A
  /// that is in no group.
  const RowPattern& pattern() const { return pattern_; }
  /// Place in B of an unknown of A, or -1.
  std::int32_t place(std::int32_t unknown) const { return place_[unknown]; }
  /// From now on entry k of B (in the order of the pattern) is added to
  /// values[slots[k]] and row i of B is element rows[i] of vectors. The pattern is
  /// forgotten.
  void relocate(std::span<const std::int32_t> slots, std::span<const std::int32_t> rows);

  /// Adds the values of B for the present values of A; false when a group is singular.
  bool load(std::span<double> values);
  /// right <- b_r - A_re A_ee^-1 b_e, where b is a right-hand side of A.
  void reduce(std::span<const double> b, std::span<double> right) const;
  /// Given x_r, turns a right-hand side of A into the solution.
  void expand(std::span<const double> x, std::span<double> b) const;

 private:
  struct Entry {
    std::int32_t outer, inner, slot;  ///< element of `outside`; member of the group; of A
  };
  /// Ranges of a group in the lists below start here.
  struct Starts {
    std::int32_t member, inside, left, right, row, column, target, factor;
  };
  /// A group with the number of its members, rows and columns outside.
  struct View {
    const Starts &at, &next;
    std::int32_t size() const { return next.member - at.member; }
    std::int32_t rows() const { return next.row - at.row; }
    std::int32_t columns() const { return next.column - at.column; }
  };
  View view(std::size_t k) const { return {groups_[k], groups_[k + 1]}; }
  std::size_t group_count() const { return groups_.size() - 1; }

  bool take_pattern();
  void collect(const Groups& groups);
  void build_pattern();
  void find_targets();
  template <class Visit>
  void visit_pairs(const Visit& visit) const;
  std::int32_t slot(std::int32_t row, std::int32_t column) const;
  void fetch(const View& group, std::span<double> values) const;
  bool eliminate(const View& group, std::span<double> values);

  const CoreMatrix& a_;
  RowPattern pattern_;  // of the lists that follow, or of A
  std::vector<std::int32_t> starts_, columns_of_rows_;
  bool is_whole_ = false;
  std::vector<std::int32_t> place_;    // by unknown of A
  std::vector<std::int32_t> targets_;  // by slot of A: where its value goes, or -1

  std::vector<std::int32_t> members_;          // unknowns of A
  std::vector<Starts> groups_;                 // and one past the last
  std::vector<Entry> inside_, left_, right_;   // A_ee, A_re, A_er
  std::vector<std::int32_t> rows_, columns_;   // places outside that they reach
  std::vector<std::int32_t> group_targets_;    // rows x columns of each group
  std::vector<double> factors_;                // LU of A_ee, row by row
  std::vector<std::int32_t> swaps_;            // by member: the row it was swapped with
  mutable std::vector<double> work_, solved_;  // of one group
};

}  // namespace arrayspice::lines
