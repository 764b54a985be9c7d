// SPDX-License-Identifier: Apache-2.0
// The .npy reader and writer against byte images as numpy makes them.
#include "netlists/npy.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <limits>

#include "netlists/atomic_file.hpp"
#include "netlists/failure.hpp"

namespace arrayspice {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <class T>
std::string image(const std::string& dictionary, const std::vector<T>& data,
                  char version = 1) {
  std::string bytes("\x93NUMPY", 6);
  bytes += version;
  bytes += '\0';
  const std::size_t length = dictionary.size() + 1;
  for (int k = 0; k < (version == 1 ? 2 : 4); ++k)
    bytes += static_cast<char>(length >> (8 * k) & 0xff);
  bytes += dictionary + '\n';
  bytes.append(reinterpret_cast<const char*>(data.data()), data.size() * sizeof(T));
  return bytes;
}

const std::string kC23 = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }";
const std::vector<double> kSix{1, 2, 3, 4, 5, 6};

std::string failure_of(const std::string& bytes) {
  try {
    parse_npy(bytes, "x.npy");
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Exit::Input);
    return failure.what();
  }
  return "no failure";
}

TEST(Npy, EveryHeaderVersionIsRead) {
  for (const char version : {'\1', '\2', '\3'}) {
    const NpyArray a = parse_npy(image(kC23, kSix, version), "x");
    EXPECT_THAT(a.shape, ElementsAre(2, 3));
    EXPECT_THAT(a.values, ElementsAre(1, 2, 3, 4, 5, 6));
  }
}

TEST(Npy, FortranOrderIsTransposedToC) {
  const NpyArray a = parse_npy(
      image("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }", kSix), "x");
  EXPECT_THAT(a.values, ElementsAre(1, 3, 5, 2, 4, 6));
}

TEST(Npy, Float32IsWidened) {
  const NpyArray a =
      parse_npy(image("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }",
                      std::vector<float>{0.5f, -0.25f}),
                "x");
  EXPECT_THAT(a.values, ElementsAre(0.5, -0.25));
}

TEST(Npy, OtherTypesAreRefusedByName) {
  EXPECT_THAT(failure_of(image(
                  "{'descr': '<i8', 'fortran_order': False, 'shape': (6,), }", kSix)),
              HasSubstr("'<i8'"));
  EXPECT_THAT(failure_of(image(
                  "{'descr': '>f8', 'fortran_order': False, 'shape': (6,), }", kSix)),
              HasSubstr("'>f8'"));
  EXPECT_THAT(failure_of(image("{'descr': [('a', '<f8')], 'fortran_order': False, "
                               "'shape': (6,), }",
                               kSix)),
              HasSubstr("structured"));
}

TEST(Npy, TheFirstNonFiniteElementIsNamed) {
  std::vector<double> data = kSix;
  data[4] = std::numeric_limits<double>::quiet_NaN();
  data[5] = std::numeric_limits<double>::infinity();
  EXPECT_THAT(failure_of(image(kC23, data)), HasSubstr("[1, 1] is nan"));
}

TEST(Npy, DamagedFilesAreRefusedBeforeAllocating) {
  const std::string good = image(kC23, kSix);
  EXPECT_THAT(failure_of(good.substr(0, good.size() - 1)), HasSubstr("needs 48 bytes"));
  EXPECT_THAT(failure_of(good + "x"), HasSubstr("the file has 49"));
  EXPECT_THAT(failure_of(good.substr(0, 30)), HasSubstr("truncated"));
  EXPECT_THAT(failure_of("PK\3\4"), HasSubstr("not a .npy"));
  EXPECT_THAT(failure_of(image("{'descr': '<f8', 'fortran_order': False, "
                               "'shape': (4611686018427387904, 4611686018427387904), }",
                               kSix)),
              HasSubstr("needs"));
  EXPECT_THAT(failure_of(image(
                  "{'descr': '<f8', 'fortran_order': False, 'shape': (-2, 3)}", kSix)),
              HasSubstr("shape"));
}

TEST(Npy, WhatIsWrittenReadsBackAndIsAligned) {
  const std::vector<std::int64_t> shape{2, 3};
  const std::string bytes = npy_bytes(shape, kSix);
  EXPECT_EQ((bytes.size() - 48) % 64, 0u);
  const NpyArray a = parse_npy(bytes, "x");
  EXPECT_EQ(a.shape, shape);
  EXPECT_EQ(a.values, kSix);
}

class Folder : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(path); }
  void TearDown() override { std::filesystem::remove_all(path); }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(path),
                      std::filesystem::directory_iterator()));
  }
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("atomic" + std::to_string(::getpid()));
};

TEST_F(Folder, AFileAppearsOnlyWhenCommitted) {
  {
    AtomicFile file(path / "a");
    file.write("half");
  }
  EXPECT_EQ(files(), 0u);
  write_file(path / "a", "whole");
  EXPECT_EQ(files(), 1u);
  EXPECT_EQ(read_file(path / "a"), "whole");
}

TEST_F(Folder, AFailedWriteLeavesTheOldFile) {
  write_file(path / "a", "old");
  try {
    AtomicFile file(path / "a");
    file.write("new");
    throw std::runtime_error("given up");
  } catch (const std::runtime_error&) {
  }
  EXPECT_EQ(read_file(path / "a"), "old");
}

TEST_F(Folder, AMissingFolderAndADirectoryAreResourceFailures) {
  try {
    AtomicFile file(path / "none" / "a");
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Exit::Resource);
  }
  EXPECT_THROW(AtomicFile{path}, Failure);
  EXPECT_THROW(read_file(path), Failure);
  EXPECT_THROW(read_file(path / "none"), Failure);
}

TEST_F(Folder, ALinkToAFileStaysALink) {
  write_file(path / "a", "old");
  std::filesystem::create_symlink(path / "a", path / "link");
  write_file(path / "link", "new");
  EXPECT_TRUE(std::filesystem::is_symlink(path / "link"));
  EXPECT_EQ(read_file(path / "a"), "new");
}

}  // namespace
}  // namespace arrayspice
