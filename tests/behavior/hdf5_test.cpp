// SPDX-License-Identifier: Apache-2.0
// The HDF5 container; tests/python/formats_test.py reads it with the HDF5 library.
#include "behavior/hdf5.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace arrayspice {
namespace {

TEST(Hdf5, TheChecksumIsThePublishedOne) {
  EXPECT_EQ(lookup3(""), 0xdeadbeefu);
  EXPECT_EQ(lookup3("Four score and seven years ago"), 0x17770551u);
}

TEST(Hdf5, TheSuperblockKnowsTheSizeOfTheFileAndItsOwnChecksum) {
  NpzContents contents;
  contents.arrays["cell/x"] = npy_vector({1.0, 0.5, -2.0});
  contents.texts["meta.json"] = "{}";
  const std::string bytes = hdf5_bytes(contents);
  constexpr std::size_t kEnd = 28, kChecksum = 44;
  std::uint64_t end = 0;
  std::uint32_t sum = 0;
  ASSERT_GT(bytes.size(), kChecksum + sizeof sum);
  std::memcpy(&end, bytes.data() + kEnd, sizeof end);
  std::memcpy(&sum, bytes.data() + kChecksum, sizeof sum);
  EXPECT_EQ(end, bytes.size());
  EXPECT_EQ(sum, lookup3(std::string_view(bytes).substr(0, kChecksum)));
  EXPECT_TRUE(bytes.starts_with("\x89HDF\r\n\x1a\n"));
}

TEST(Hdf5, EqualContentsGiveEqualBytes) {
  NpzContents contents;
  contents.arrays["b/c/d"] = npy_scalar(3.0);
  contents.arrays["a"] = {{2, 2}, {1.0, 2.0, 3.0, 4.0}};
  EXPECT_EQ(hdf5_bytes(contents), hdf5_bytes(contents));
}

}  // namespace
}  // namespace arrayspice
