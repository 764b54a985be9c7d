// SPDX-License-Identifier: Apache-2.0
#include "devices/name_pool.hpp"

#include <gtest/gtest.h>

#include <string>

namespace arrayspice {
namespace {

std::string numbered(int k) { return std::string("node_").append(std::to_string(k)); }

TEST(NamePool, GivesIdsInOrderOfFirstAppearance) {
  NamePool pool;
  EXPECT_EQ(pool.intern("a"), 0u);
  EXPECT_EQ(pool.intern("b"), 1u);
  EXPECT_EQ(pool.intern("a"), 0u);
  EXPECT_EQ(pool.size(), 2u);
  EXPECT_EQ(pool.name(1), "b");
  EXPECT_EQ(pool.find("c"), NamePool::kNone);
}

TEST(NamePool, KeepsAllNamesApartWhileItGrows) {
  NamePool pool;
  pool.intern("");
  for (int k = 0; k < 20000; ++k) pool.intern(numbered(k));
  EXPECT_EQ(pool.size(), 20001u);
  for (int k = 0; k < 20000; ++k) {
    EXPECT_EQ(pool.find(numbered(k)), static_cast<NamePool::Id>(k + 1));
    EXPECT_EQ(pool.name(static_cast<NamePool::Id>(k + 1)), numbered(k));
  }
  EXPECT_EQ(pool.find(""), 0u);
}

TEST(NamePool, ReservingChangesNothingButTheSpace) {
  NamePool pool;
  pool.intern("a");
  pool.reserve(1000, 8000);
  EXPECT_EQ(pool.find("a"), 0u);
  EXPECT_EQ(pool.intern("b"), 1u);
}

}  // namespace
}  // namespace arrayspice
