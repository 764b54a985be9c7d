// SPDX-License-Identifier: Apache-2.0
// `mvm --chips`: shapes, files, and that every chip is the one of its number; `generate`
// writes the chip and the product that it is asked for.
#include <gmock/gmock.h>

#include <cmath>

#include "behavior/npz.hpp"
#include "program.hpp"

namespace arrayspice {
namespace {

class Chips : public ::testing::Test {
 protected:
  Chips() {
    spec_ = scratch_.write("array.toml",
                           "[array]\ntype = \"current-domain\"\nrows = 4\ncolumns = 3\n"
                           "[variation]\nconductance_sigma = 0.1\nread_noise = 0.02\n"
                           "wire_resistance_sigma = 0.2\n");
    const std::int64_t shape[] = {2, 4};
    inputs_ = scratch_.write(
        "x.npy", npy_bytes(shape, std::vector<double>{0.1, 0.2, -0.1, 0.15, 0.05, -0.2,
                                                      0.1, 0.2}));
  }
  void mvm(const std::string& output, const std::string& options = {}) {
    const auto done = run_program("mvm " + spec_ + " --quiet --inputs " + inputs_ +
                                  " -o " + (scratch_ / output).string() + ' ' + options);
    ASSERT_EQ(done.code, 0) << done.err;
  }
  ScratchFolder scratch_;
  std::string spec_, inputs_;
};

TEST_F(Chips, EachIsTheOneOfItsNumber) {
  mvm("all.npy", "--chips 3 --threads 2");
  const NpyArray all = read_npy(scratch_ / "all.npy");
  EXPECT_EQ(all.shape, (std::vector<std::int64_t>{3, 2, 3}));
  for (int k = 0; k < 3; ++k) {
    mvm("one.npy", "--set variation.chip=" + std::to_string(k));
    const NpyArray one = read_npy(scratch_ / "one.npy");
    EXPECT_EQ(one.shape, (std::vector<std::int64_t>{2, 3}));
    EXPECT_EQ(one.values, std::vector<double>(all.values.begin() + 6 * k,
                                              all.values.begin() + 6 * (k + 1)));
  }
  EXPECT_NE(all.values[0], all.values[6]);
}

TEST_F(Chips, CodesAndThresholdsStandBesideOutputs) {
  const std::string converter =
      " --set converter.adc=sar --set converter.adc_bits=5 "
      "--set converter.capacitor_sigma=0.02";
  mvm("y.npz", "--chips 2" + converter);
  const NpzContents file = read_npz(scratch_ / "y.npz");
  EXPECT_EQ(file.arrays.at("y").shape, (std::vector<std::int64_t>{2, 2, 3}));
  EXPECT_EQ(file.arrays.at("codes").shape, (std::vector<std::int64_t>{2, 2, 3}));
  EXPECT_EQ(file.arrays.at("thresholds").shape, (std::vector<std::int64_t>{2, 3, 31}));
  mvm("y.csv", "--chips 2" + converter);
  std::istringstream lines(read_text(scratch_ / "y.csv"));
  std::string header, line, last;
  std::getline(lines, header);
  EXPECT_EQ(header, "chip,product,y_0,y_1,y_2,code_0,code_1,code_2");
  int count = 0;
  for (; std::getline(lines, line); ++count) last = line;
  EXPECT_EQ(count, 4);
  EXPECT_TRUE(last.starts_with("1,1,")) << last;
}

TEST_F(Chips, ADeckIsTheChipAndTheProductOfItsNumber) {
  mvm("all.npy", "--chips 2");
  const NpyArray all = read_npy(scratch_ / "all.npy");
  const std::string deck = (scratch_ / "chip.cir").string();
  const auto written = run_program("generate " + spec_ + " --inputs " + inputs_ +
                                   " --vector 1 --set variation.chip=1 -o " + deck);
  ASSERT_EQ(written.code, 0) << written.err;
  const auto values = run_program("simulate --quiet " + deck).values();
  for (int j = 0; j < 3; ++j) {
    const double y = all.values[static_cast<std::size_t>(6 + 3 + j)];
    EXPECT_NEAR(values.at("i(vsense_" + std::to_string(j) + ")"), y, 1e-8 * std::abs(y));
  }
}

TEST_F(Chips, TheirNumberIsChecked) {
  const auto done = run_program("mvm " + spec_ + " --inputs " + inputs_ +
                                " --chips 0 -o " + (scratch_ / "y.npy").string());
  EXPECT_EQ(done.code, 2);
  EXPECT_THAT(done.err, ::testing::HasSubstr("--chips is 0; allowed is 1 to 1000000"));
}

}  // namespace
}  // namespace arrayspice
