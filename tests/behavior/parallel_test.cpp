// SPDX-License-Identifier: Apache-2.0
#include "behavior/parallel.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace arrayspice {
namespace {

TEST(ForEachIndex, DoesEveryPieceOnce) {
  for (const int threads : {1, 2, 7}) {
    std::vector<int> done(100, 0);
    for_each_index(100, threads, [&](std::int64_t k) { ++done[k]; });
    EXPECT_EQ(done, std::vector<int>(100, 1));
  }
  for_each_index(0, 4, [](std::int64_t) { FAIL(); });
}

TEST(ForEachIndex, PassesOnTheFirstFailureAndBeginsNoMore) {
  for (const int threads : {1, 4}) {
    std::atomic<int> begun = 0;
    try {
      for_each_index(10'000, threads, [&](std::int64_t k) {
        ++begun;
        if (k >= 20) throw std::runtime_error(std::to_string(k));
      });
      FAIL();
    } catch (const std::runtime_error& e) {
      EXPECT_STREQ(e.what(), "20");
    }
    EXPECT_LE(begun, 20 + threads);
  }
}

TEST(ForEachIndex, GivesNoTwoThreadsOneNumber) {
  constexpr int kThreads = 4;
  std::vector<std::atomic<int>> busy(kThreads);
  for_each_index(1'000, kThreads, [&](int thread, std::int64_t) {
    ASSERT_LT(static_cast<unsigned>(thread), static_cast<unsigned>(kThreads));
    EXPECT_EQ(busy[thread]++, 0);
    --busy[thread];
  });
}

}  // namespace
}  // namespace arrayspice
