// SPDX-License-Identifier: Apache-2.0
// Passes shared by threads: every piece is done exactly once and done before the pass
// ends, whatever the threads are up to. (Run under -fsanitize=thread too.)
#include "solver/lines/team.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

namespace arrayspice::lines {
namespace {

/// Adds `times` to each of `pieces` numbers, in as many passes; plain memory, so that a
/// piece done twice, never, or after its pass is seen.
void expect_each_piece_once_a_pass(Team& team, std::int64_t pieces, int times) {
  std::vector<int> count(pieces, 0);
  for (int pass = 0; pass < times; ++pass) {
    team.for_each(pieces, [&](int, std::int64_t k) { ++count[k]; });
    ASSERT_EQ(std::accumulate(count.begin(), count.end(), std::int64_t{0}),
              (pass + 1) * pieces);
  }
  for (std::int64_t k = 0; k < pieces; ++k) EXPECT_EQ(count[k], times) << "piece " << k;
}

TEST(Team, DoesEveryPieceOnceInManyShortPasses) {
  for (const int threads : {1, 2, 3, 8}) {
    Team team(threads);
    EXPECT_EQ(team.threads(), threads);
    for (const std::int64_t pieces : {0, 1, 2, 3, 7, 64})
      expect_each_piece_once_a_pass(team, pieces, 2000);
  }
}

TEST(Team, GivesEachThreadItsOwnNumber) {
  Team team(4);
  std::vector<int> busy(4, 0);
  for (int pass = 0; pass < 500; ++pass)
    team.for_each(32, [&](int thread, std::int64_t) {
      ASSERT_LT(thread, 4);
      ASSERT_EQ(++busy[thread], 1);  // nobody else is in here with this number
      --busy[thread];
    });
}

TEST(Team, WorksOnAfterItsThreadsFellAsleep) {
  Team team(3);
  for (int round = 0; round < 20; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));  // spinning ends at 20 us
    expect_each_piece_once_a_pass(team, 16, 3);
  }
}

TEST(Team, EndsWhileItsThreadsAreAsleepOrAboutToBe) {
  for (int round = 0; round < 200; ++round) {
    Team team(5);
    if (round % 3 > 0) expect_each_piece_once_a_pass(team, 8, 1);
    if (round % 3 > 1) std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
}

// What a pass writes, the caller and the next pass read without further ado.
TEST(Team, PassesSeeWhatThePassBeforeWrote) {
  Team team(4);
  std::vector<std::int64_t> a(40, 1), b(40, 0);
  for (int pass = 0; pass < 1000; ++pass) {
    team.for_each(40, [&](int, std::int64_t k) { b[k] = a[39 - k] + 1; });
    team.for_each(40, [&](int, std::int64_t k) { a[k] = b[39 - k]; });
  }
  for (const std::int64_t value : a) EXPECT_EQ(value, 1001);
}

TEST(Team, TwoTeamsWorkAtTheSameTime) {
  const auto work = [] {
    Team team(3);
    expect_each_piece_once_a_pass(team, 12, 1000);
  };
  std::jthread other(work);
  work();
}

TEST(Team, AThreadOfOneTeamCanLeadAnother) {
  Team outer(2);
  std::vector<std::unique_ptr<Team>> inner;
  for (int k = 0; k < 4; ++k) inner.push_back(std::make_unique<Team>(2));
  std::vector<std::vector<int>> count(4, std::vector<int>(10, 0));
  for (int pass = 0; pass < 200; ++pass)
    outer.for_each(4, [&](int, std::int64_t k) {
      inner[k]->for_each(10, [&](int, std::int64_t l) { ++count[k][l]; });
    });
  for (const auto& counts : count)
    for (const int c : counts) EXPECT_EQ(c, 200);
}

}  // namespace
}  // namespace arrayspice::lines
