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

std::int32_t SparsePattern::slot(std::int32_t row, std::int32_t column) const {
  constexpr std::ptrdiff_t kShort = 12;  // walking guesses fewer branches wrong
  const auto first = rows_.begin() + starts_[column];
  const auto last = rows_.begin() + starts_[column + 1];
  const auto at = last - first > kShort
                      ? std::lower_bound(first, last, row)
                      : std::find_if(first, last, [row](auto r) { return r >= row; });
  return at != last && *at == row ? static_cast<std::int32_t>(at - rows_.begin()) : -1;
}

}  // namespace arrayspice
