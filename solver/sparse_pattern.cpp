// SPDX-License-Identifier: Apache-2.0
#include "solver/sparse_pattern.hpp"

namespace arrayspice {

/// Sorts the rows of every column and merges equal ones.
void SparsePattern::merge() {
  auto kept = rows_.begin();
  for (std::int32_t j = 0; j < n_; ++j) {
    const auto first = rows_.begin() + starts_[j];
    const auto last = rows_.begin() + starts_[j + 1];
    std::sort(first, last);
    starts_[j] = static_cast<std::int32_t>(kept - rows_.begin());
    kept = std::unique_copy(first, last, kept);
  }
  starts_[n_] = static_cast<std::int32_t>(kept - rows_.begin());
  rows_.erase(kept, rows_.end());
  rows_.shrink_to_fit();
}

}  // namespace arrayspice
