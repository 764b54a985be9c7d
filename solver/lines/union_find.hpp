// SPDX-License-Identifier: Apache-2.0
// Disjoint sets of integers, joined one pair at a time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace arrayspice::lines {

class UnionFind {
 public:
  explicit UnionFind(std::int32_t n) : parent_(n) {
    std::iota(parent_.begin(), parent_.end(), 0);
  }
  /// A new member, alone in its set.
  std::int32_t add() {
    parent_.push_back(static_cast<std::int32_t>(parent_.size()));
    return parent_.back();
  }
  /// The representative of the set: its least member.
  std::int32_t find(std::int32_t k) {
    while (parent_[k] != k) k = parent_[k] = parent_[parent_[k]];
    return k;
  }
  /// False when both were in one set already.
  bool join(std::int32_t a, std::int32_t b) {
    a = find(a);
    b = find(b);
    parent_[std::max(a, b)] = std::min(a, b);
    return a != b;
  }

 private:
  std::vector<std::int32_t> parent_;
};

}  // namespace arrayspice::lines
