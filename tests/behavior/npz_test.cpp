// SPDX-License-Identifier: Apache-2.0
// The .npz container: written for numpy.load, read back, refused when damaged.
#include "behavior/npz.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>

#include "netlists/atomic_file.hpp"
#include "netlists/failure.hpp"

namespace arrayspice {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

NpzContents example() {
  NpzContents contents;
  contents.texts["meta.json"] = "{\"schema\": \"test\"}";
  contents.arrays["cell/x"] = npy_vector({1.0, 0.5, -2.0});
  contents.arrays["wire/k"] = npy_scalar(3.0);
  contents.arrays["w"] = {{2, 2}, {1.0, 2.0, 3.0, 4.0}};
  return contents;
}

std::string refusal(std::string_view bytes) {
  try {
    parse_npz(bytes, "m.npz");
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Exit::Input);
    return failure.what();
  }
  return "accepted";
}

/// Runs Debian's Python; its standard output, or nothing when it fails.
std::string python(const std::string& program) {
  const std::string command = "/usr/bin/python3 -c '" + program + "' 2>&1";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string output;
  std::array<char, 256> buffer;
  while (std::fgets(buffer.data(), buffer.size(), pipe.get())) output += buffer.data();
  return output;
}

bool has_numpy() { return python("import numpy; print(1)") == "1\n"; }

TEST(Npz, ReadsBackWhatItWrote) {
  const NpzContents read = parse_npz(npz_bytes(example()), "m.npz");
  EXPECT_EQ(read.texts, example().texts);
  ASSERT_EQ(read.arrays.size(), 3u);
  EXPECT_THAT(read.arrays.at("cell/x").values, ElementsAre(1.0, 0.5, -2.0));
  EXPECT_THAT(read.arrays.at("w").shape, ElementsAre(2, 2));
  EXPECT_TRUE(read.arrays.at("wire/k").shape.empty());
  EXPECT_THAT(read.arrays.at("wire/k").values, ElementsAre(3.0));
}

TEST(Npz, NumpyReadsIt) {
  if (!has_numpy()) GTEST_SKIP() << "needs /usr/bin/python3 with numpy";
  const std::string path = testing::TempDir() + "numpy_reads.npz";
  write_npz(path, example());
  EXPECT_EQ(python("import numpy, json; f = numpy.load(\"" + path +
                   "\"); print(f[\"cell/x\"], f[\"w\"][1, 0], int(f[\"wire/k\"]), "
                   "json.loads(f[\"meta.json\"])[\"schema\"])"),
            "[ 1.   0.5 -2. ] 3.0 3 test\n");
  std::remove(path.c_str());
}

TEST(Npz, ReadsWhatNumpySaved) {
  if (!has_numpy()) GTEST_SKIP() << "needs /usr/bin/python3 with numpy";
  const std::string path = testing::TempDir() + "numpy_saved.npz";
  python("import numpy; numpy.savez(\"" + path +
         "\", a=numpy.arange(6.0).reshape(2, 3))");
  EXPECT_THAT(read_npz(path).arrays.at("a").values, ElementsAre(0, 1, 2, 3, 4, 5));
  python("import numpy; numpy.savez_compressed(\"" + path + "\", a=numpy.zeros(9))");
  EXPECT_THAT(refusal(read_file(path)), HasSubstr("a.npy is compressed"));
  std::remove(path.c_str());
}

TEST(Npz, EqualContentsGiveEqualBytes) {
  EXPECT_EQ(npz_bytes(example()), npz_bytes(example()));
}

TEST(Npz, DamageIsNoticed) {
  const std::string good = npz_bytes(example());
  EXPECT_THAT(refusal("not a zip"), HasSubstr("not an .npz file"));
  EXPECT_THAT(refusal(std::string_view(good).substr(0, good.size() - 30)),
              HasSubstr("not an .npz file"));
  std::string flipped = good;
  flipped[good.find("schema")] = 'S';
  EXPECT_THAT(refusal(flipped), HasSubstr("wrong checksum of member meta.json"));
  EXPECT_THAT(refusal(std::string_view(good).substr(40)), HasSubstr("damaged"));
}

}  // namespace
}  // namespace arrayspice
