// SPDX-License-Identifier: Apache-2.0
#include "solver/sparse_pattern.hpp"

#include <algorithm>

namespace arrayspice {

SparsePattern::SparsePattern(std::int32_t n, std::span<const Entry> entries)
    : n_(n), starts_(static_cast<std::size_t>(n) + 1, 0) {
  for (const Entry& e : entries) ++starts_[e.column + 1];
  for (std::int32_t j = 0; j < n; ++j) starts_[j + 1] += starts_[j];

  std::vector<std::int32_t> rows(entries.size());
  std::vector<std::int32_t> next(starts_.begin(), starts_.end() - 1);
  for (const Entry& e : entries) rows[next[e.column]++] = e.row;

  std::size_t kept = 0;
  for (std::int32_t j = 0; j < n; ++j) {
    const auto first = rows.begin() + starts_[j];
    const auto last = rows.begin() + starts_[j + 1];
    std::sort(first, last);
    starts_[j] = static_cast<std::int32_t>(kept);
    kept = std::unique_copy(first, last, rows.begin() + kept) - rows.begin();
  }
  starts_[n] = static_cast<std::int32_t>(kept);
  rows_.assign(rows.begin(), rows.begin() + kept);
}

}  // namespace arrayspice
