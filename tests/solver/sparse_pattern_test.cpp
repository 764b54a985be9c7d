// SPDX-License-Identifier: Apache-2.0
#include "solver/sparse_pattern.hpp"

#include <gtest/gtest.h>

#include <array>

namespace arrayspice {
namespace {

TEST(SparsePattern, DuplicatesMergeAndRowsAscend) {
  const std::array entries{SparsePattern::Entry{2, 0}, SparsePattern::Entry{0, 0},
                           SparsePattern::Entry{2, 0}, SparsePattern::Entry{1, 2}};
  const SparsePattern pattern(3, entries);
  EXPECT_EQ(pattern.nonzeros(), 3);
  EXPECT_EQ(pattern.slot(0, 0), 0);
  EXPECT_EQ(pattern.slot(2, 0), 1);
  EXPECT_EQ(pattern.slot(1, 2), 2);
  EXPECT_EQ(pattern.slot(1, 1), -1);
}

}  // namespace
}  // namespace arrayspice
