// SPDX-License-Identifier: Apache-2.0
// `arrayspice extract`, `export` and `report` as a user runs them: files, figures on
// stdout, exit codes, and nothing left behind after an error.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "behavior/model_file.hpp"
#include "netlists/atomic_file.hpp"

namespace arrayspice {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kSpec =
    "[array]\ntype = 'current-domain'\nrows = 6\ncolumns = 4\n"
    "[cell]\nmodel = 'sinh'\n"
    "[wire]\nword_line_resistance = 10\nbit_line_resistance = 10\n"
    "word_line_capacitance = 1e-15\n"
    "[input]\nmaximum = 0.5\n[variation]\nconductance_sigma = 0.1\n";

struct Result {
  int code;
  std::string output;  ///< stdout and stderr
};

class BehaviorVerbs : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(root_);
    fs::create_directories(root_);
    write_file(root_ / "array.toml", kSpec);
  }
  void TearDown() override { fs::remove_all(root_); }

  Result run(const std::string& arguments) const {
    const std::string command =
        "cd " + root_.string() + " && " + ARRAYSPICE_PROGRAM + " " + arguments + " 2>&1";
    FILE* pipe = popen(command.c_str(), "r");
    Result result;
    std::array<char, 256> buffer;
    while (std::fgets(buffer.data(), buffer.size(), pipe)) result.output += buffer.data();
    result.code = WEXITSTATUS(pclose(pipe));
    return result;
  }
  /// Everything in the folder beside the spec.
  std::size_t files() const {
    return static_cast<std::size_t>(
               std::distance(fs::directory_iterator(root_), fs::directory_iterator())) -
           1;
  }

  const fs::path root_ = fs::path(testing::TempDir()) /
                         ("behavior_verbs_test_" + std::to_string(::getpid()));
};

TEST_F(BehaviorVerbs, ExtractWritesAFolderThatReportShows) {
  const Result extract = run("extract array.toml -o out --samples 3");
  ASSERT_EQ(extract.code, 0) << extract.output;
  EXPECT_THAT(extract.output, HasSubstr("cell_voltage_worst = 0."));
  EXPECT_THAT(extract.output, HasSubstr("output_sigma_mean = 0.0"));
  EXPECT_THAT(extract.output, ContainsRegex("full_scale_mean = [0-9.e-]+ A\n"));
  for (const char* file :
       {"summary.json", "array.toml", "ir_drop.npy", "effective_conductance.npy",
        "cell_iv.csv", "inl.csv", "settling.csv", "noise.csv", "variation.csv"})
    EXPECT_TRUE(fs::exists(root_ / "out" / file)) << file;
  const Result report = run("report out -o page.html");
  ASSERT_EQ(report.code, 0) << report.output;
  const std::string page = read_file(root_ / "page.html");
  const auto holds = [&](const char* text) { return page.find(text) != page.npos; };
  EXPECT_TRUE(holds("6 × 4 current-domain array"));
  EXPECT_TRUE(holds("Step response"));
  EXPECT_FALSE(holds("http"));
  EXPECT_FALSE(holds("nan,"));
  EXPECT_FALSE(holds("'nan'"));
}

TEST_F(BehaviorVerbs, ExportWritesAModelThatReportShows) {
  const Result result = run("export array.toml -o m.npz --max-error 1e-4");
  ASSERT_EQ(result.code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("nrmse = "));
  const NpzContents model = read_npz(root_ / "m.npz");
  EXPECT_THAT(model.arrays.at("test/w").shape, testing::ElementsAre(40, 6, 4));
  EXPECT_EQ(model.arrays.count("weight/sigma"), 1u);
  EXPECT_THAT(model.texts.at("meta.json"),
              HasSubstr("export array.toml --max-error 0.0001"));
  ASSERT_EQ(run("report m.npz -o page.html").code, 0);
  const std::string page = read_file(root_ / "page.html");
  for (const char* part : {"model of a 6 × 4 array", "Errors over solves and columns",
                           "Weights of the first held-out array", "Validity"})
    EXPECT_NE(page.find(part), std::string::npos) << part;
}

TEST_F(BehaviorVerbs, PairsAreModelledAsTheyAreDescribed) {
  ASSERT_EQ(run("export array.toml -o m.npz --set array.pairs=separate").code, 0);
  ASSERT_EQ(run("report m.npz -o page.html").code, 0);
  EXPECT_THAT(read_file(root_ / "page.html"),
              AllOf(HasSubstr("model of a 6 × 4 array"), HasSubstr("separate pairs")));
}

TEST_F(BehaviorVerbs, ExportMakesAReadoutTableOfOtherTypes) {
  std::ofstream(root_ / "charge.toml") << "[array]\ntype = \"capacitive-division\"\n"
                                          "rows = 5\ncolumns = 4\n[cell]\n"
                                          "structure = \"programmable\"\n";
  const Result result = run("export charge.toml -o m.npz");
  ASSERT_EQ(result.code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("tier = readout"));
  ASSERT_EQ(run("report m.npz -o page.html").code, 0);
  EXPECT_THAT(
      read_file(root_ / "page.html"),
      AllOf(HasSubstr("Readout table of a 5 × 4 capacitive-division array"),
            HasSubstr("Error of a reading over its time"), Not(HasSubstr("Converters"))));
  fs::remove(root_ / "charge.toml");
}

TEST_F(BehaviorVerbs, AReadoutTableShowsNeighboursNoiseAndConverters) {
  std::ofstream(root_ / "chain.toml") << "[array]\ntype = \"time-domain\"\n"
                                         "rows = 6\ncolumns = 3\n[cell]\n"
                                         "structure = \"starved\"\n[noise]\n"
                                         "sense = 1e-12\n[converter]\n"
                                         "adc = \"ideal\"\nadc_bits = 4\n";
  const Result result = run("export chain.toml -o m.npz");
  ASSERT_EQ(result.code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("neighbours = 2 rows apart"));
  ASSERT_EQ(run("report m.npz -o page.html").code, 0);
  EXPECT_THAT(read_file(root_ / "page.html"),
              AllOf(HasSubstr("What row 2 adds after row 0"), HasSubstr("rms noise"),
                    HasSubstr("Converters")));
  fs::remove(root_ / "chain.toml");
}

TEST_F(BehaviorVerbs, ExportIsReproducible) {
  ASSERT_EQ(run("export array.toml -o m.npz").code, 0);
  const std::string first = read_file(root_ / "m.npz");
  ASSERT_EQ(run("export array.toml -o m.npz").code, 0);
  EXPECT_TRUE(read_file(root_ / "m.npz") == first);
}

TEST_F(BehaviorVerbs, ExportWritesOtherContainers) {
  EXPECT_EQ(run("export array.toml -o m.safetensors --format safetensors").code, 0);
  EXPECT_EQ(run("export array.toml -o m --format csv").code, 0);
  EXPECT_TRUE(fs::exists(root_ / "m" / "cell_ratio.csv"));
}

TEST_F(BehaviorVerbs, AnErrorAboveTheBoundIsOneAndLeavesNothing) {
  const Result result = run("export array.toml -o m.npz --max-error 1e-14");
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.output, HasSubstr("above the allowed 1e-14"));
  EXPECT_EQ(files(), 0u);
}

TEST_F(BehaviorVerbs, WrongUsageIsTwoAndLeavesNothing) {
  const std::pair<const char*, const char*> cases[] = {
      {"export array.toml -o m --format zip", "there are npz, safetensors, hdf5, csv"},
      {"export array.toml -o m --max-error 2", "allowed is above 0, below 1"},
      {"export array.toml -o m --set sense.kind=tia --tier line", "virtual-ground"},
      {"export array.toml -o m --set sense.kind=tia --format neurosim", "virtual-ground"},
      {"export array.toml -o m --tier readout", "sweep lines"},
      {"export array.toml -o m --set wire.word_line_resistance=-1",
       "word_line_resistance"},
      {"extract array.toml -o m --samples -1", "allowed is 0 to 1000000"},
      {"report array.toml -o m", "not an .npz file"}};
  for (const auto& [arguments, message] : cases) {
    const Result result = run(arguments);
    EXPECT_EQ(result.code, 2) << arguments << '\n' << result.output;
    EXPECT_THAT(result.output, HasSubstr(message)) << arguments;
    EXPECT_EQ(files(), 0u) << arguments;
  }
}

TEST_F(BehaviorVerbs, FilesThatCannotBeReadOrWrittenAreThree) {
  EXPECT_EQ(run("extract none.toml -o out").code, 3);
  EXPECT_EQ(run("extract array.toml -o no/such/out").code, 3);
  EXPECT_EQ(run("export array.toml -o no/such/m.npz").code, 3);
  EXPECT_EQ(run("report none -o page.html").code, 3);
  EXPECT_EQ(files(), 0u);
}

}  // namespace
}  // namespace arrayspice
