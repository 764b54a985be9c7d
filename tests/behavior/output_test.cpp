// SPDX-License-Identifier: Apache-2.0
// What results are written as: tables, folders, safetensors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "behavior/model_formats.hpp"
#include "behavior/output_folder.hpp"
#include "behavior/table.hpp"
#include "netlists/atomic_file.hpp"
#include "netlists/failure.hpp"

namespace arrayspice {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

TEST(Table, ReadsBackExactly) {
  Table table;
  table.add("t (s)", {0.0, 1.0 / 3.0, 1e-300});
  table.add("y", {-1.0, 2.5e17, 0.1});
  const Table read = parse_csv(csv_text(table), "t.csv");
  EXPECT_EQ(read.names, table.names);
  EXPECT_EQ(read.columns, table.columns);
}

TEST(Table, NamesTheLineThatIsWrong) {
  const auto refusal = [](std::string_view text) {
    try {
      parse_csv(text, "t.csv");
    } catch (const Failure& failure) {
      return std::string(failure.what());
    }
    return std::string("accepted");
  };
  EXPECT_THAT(refusal("a,b\n1,2\n3,x\n"), HasSubstr("t.csv:3: 'x' is not a number"));
  EXPECT_THAT(refusal("a,b\n1\n"), HasSubstr("t.csv:2: 1 values under 2 names"));
}

class OutputFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  void TearDown() override { fs::remove_all(root_); }
  std::size_t entries() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(root_), fs::directory_iterator()));
  }
  const fs::path root_ =
      fs::path(testing::TempDir()) / ("output_folder_test_" + std::to_string(::getpid()));
};

TEST_F(OutputFolderTest, AppearsWholeOrNotAtAll) {
  {
    OutputFolder folder(root_ / "out", "summary.json");
    folder.write("a.csv", "1\n");
  }
  EXPECT_EQ(entries(), 0u);
  OutputFolder folder(root_ / "out", "summary.json");
  folder.write("summary.json", "{}");
  EXPECT_FALSE(fs::exists(root_ / "out"));
  folder.commit();
  EXPECT_EQ(read_file(root_ / "out" / "summary.json"), "{}");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(OutputFolderTest, ReplacesAnEarlierResultWithAllItsFiles) {
  for (const char* file : {"old.csv", "new.csv"}) {
    OutputFolder folder(root_ / "out/", "summary.json");
    folder.write("summary.json", "{}");
    folder.write(file, "");
    folder.commit();
  }
  EXPECT_FALSE(fs::exists(root_ / "out" / "old.csv"));
  EXPECT_TRUE(fs::exists(root_ / "out" / "new.csv"));
  EXPECT_EQ(entries(), 1u);
}

TEST_F(OutputFolderTest, RefusesAFolderOfOtherThings) {
  fs::create_directory(root_ / "home");
  write_file(root_ / "home" / "thesis.txt", "years of work");
  EXPECT_THROW(OutputFolder(root_ / "home", "summary.json"), Failure);
  EXPECT_EQ(read_file(root_ / "home" / "thesis.txt"), "years of work");
}

TEST_F(OutputFolderTest, NeedsAParentThatExists) {
  try {
    OutputFolder folder(root_ / "no" / "out", "summary.json");
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Exit::Resource);
  }
}

TEST(Safetensors, HeaderSaysWhereTheNumbersAre) {
  NpzContents contents;
  contents.texts["meta.json"] = "{}";
  contents.arrays["a"] = npy_scalar(1.5);
  contents.arrays["b"] = {{2, 1}, {2.5, 3.5}};
  const std::string bytes = safetensors_bytes(contents);
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  EXPECT_EQ(length % 8, 0u);
  EXPECT_THAT(bytes.substr(8, length),
              HasSubstr(R"("b":{"dtype":"F64","shape":[2,1],"data_offsets":[8,24]})"));
  EXPECT_THAT(bytes.substr(8, length), HasSubstr(R"("__metadata__":{"meta.json":"{}"})"));
  double last = 0.0;
  std::memcpy(&last, bytes.data() + 8 + length + 16, 8);
  EXPECT_EQ(last, 3.5);
  EXPECT_EQ(bytes.size(), 8 + length + 24);
}

}  // namespace
}  // namespace arrayspice
