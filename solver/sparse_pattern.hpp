// SPDX-License-Identifier: Apache-2.0
// The sparsity pattern of a square matrix in compressed-column form. Built once per
// circuit; values are then stamped by slot, never by (row, column) search.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <functional>
#include <numeric>
#include <span>
#include <vector>

namespace arrayspice {

class SparsePattern {
 public:
  struct Entry {
    std::int32_t row;
    std::int32_t column;
  };

  SparsePattern() = default;
  /// Builds the pattern of an n x n matrix from entries in any order; duplicates merge.
  SparsePattern(std::int32_t n, std::span<const Entry> entries)
      : SparsePattern(n, [entries](const auto& visit) {
          for (const Entry& e : entries) visit(e.row, e.column);
        }) {}
  /// The same from a function that calls its argument with every (row, column), twice.
  template <std::invocable<std::function<void(std::int32_t, std::int32_t)>> VisitEntries>
  SparsePattern(std::int32_t n, const VisitEntries& visit_entries)
      : n_(n), starts_(static_cast<std::size_t>(n) + 1, 0) {
    visit_entries([this](std::int32_t, std::int32_t column) { ++starts_[column + 1]; });
    std::partial_sum(starts_.begin(), starts_.end(), starts_.begin());
    rows_.resize(starts_.back());
    std::vector<std::int32_t> next(starts_.begin(), starts_.end() - 1);
    visit_entries(
        [&](std::int32_t row, std::int32_t column) { rows_[next[column]++] = row; });
    merge();
  }

  std::int32_t size() const { return n_; }
  std::int32_t nonzeros() const { return static_cast<std::int32_t>(rows_.size()); }
  /// Slot of (row, column), or -1 when the entry is not in the pattern.
  std::int32_t slot(std::int32_t row, std::int32_t column) const {
    constexpr std::ptrdiff_t kShort = 12;  // walking guesses fewer branches wrong
    const auto first = rows_.begin() + starts_[column];
    const auto last = rows_.begin() + starts_[column + 1];
    const auto at = last - first > kShort
                        ? std::lower_bound(first, last, row)
                        : std::find_if(first, last, [row](auto r) { return r >= row; });
    return at != last && *at == row ? static_cast<std::int32_t>(at - rows_.begin()) : -1;
  }

  /// Column j holds slots column_starts()[j] .. column_starts()[j+1]-1, rows ascending.
  std::span<const std::int32_t> column_starts() const { return starts_; }
  std::span<const std::int32_t> row_indices() const { return rows_; }

 private:
  void merge();

  std::int32_t n_ = 0;
  std::vector<std::int32_t> starts_{0};
  std::vector<std::int32_t> rows_;
};

}  // namespace arrayspice
