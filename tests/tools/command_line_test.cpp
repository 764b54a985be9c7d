// SPDX-License-Identifier: Apache-2.0
// Exit codes and messages of the front door.
#include <gmock/gmock.h>

#include "program.hpp"

namespace arrayspice {
namespace {

using ::testing::HasSubstr;

constexpr const char* kDivider = "divider\nv1 a 0 3\nr1 a b 1k\nr2 b 0 2k\n.op\n.end\n";

TEST(CommandLine, HelpOfEveryVerbShowsAnExample) {
  const auto overview = run_program("--help");
  EXPECT_EQ(overview.code, 0);
  EXPECT_THAT(overview.out, HasSubstr("simulate"));
  const auto help = run_program("simulate --help");
  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.out, HasSubstr("Example:"));
  EXPECT_THAT(help.out, HasSubstr("--stats"));
}

TEST(CommandLine, VersionStatesHowItWasBuilt) {
  const auto result = run_program("--version");
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.out, HasSubstr("compiler"));
  EXPECT_THAT(result.out, HasSubstr("SuiteSparse"));
}

TEST(CommandLine, MistypedVerbsAndOptionsGetASuggestion) {
  const auto verb = run_program("simulat x.cir");
  EXPECT_EQ(verb.code, 2);
  EXPECT_THAT(verb.err, HasSubstr("'simulate'"));
  const auto option = run_program("simulate x.cir --formt raw");
  EXPECT_EQ(option.code, 2);
  EXPECT_THAT(option.err, HasSubstr("'--format'"));
}

TEST(CommandLine, WhatIsMissingOrMistakenIsNamedAsTheUserKnowsIt) {
  EXPECT_THAT(run_program("simulate").err, HasSubstr("DECK is missing"));
  EXPECT_THAT(run_program("extract -o x").err, HasSubstr("SPEC is missing"));
  EXPECT_THAT(run_program("simulate array.toml").err,
              HasSubstr("arrayspice generate array.toml"));
  const ScratchFolder scratch;
  EXPECT_THAT(run_program("report " + (scratch / "").string() + " -o r.html").err,
              HasSubstr("no folder that extract has written"));
}

TEST(CommandLine, EveryVerbSaysWhatItsThreadsDo) {
  for (const char* verb : {"simulate", "generate", "report"})
    EXPECT_THAT(run_program(std::string(verb) + " --help").out, HasSubstr("one thread"));
  for (const char* verb : {"mvm", "extract", "export"})
    EXPECT_THAT(run_program(std::string(verb) + " --help").out, HasSubstr("threads for"));
}

TEST(CommandLine, ValuesThatMakeNoSenseAreUsageErrors) {
  const ScratchFolder scratch;
  const std::string deck = scratch.write("d.cir", kDivider);
  for (const char* options : {"--solver frob", "--solver arry", "--format xls", "-D x",
                              "-D x=abc", "--threads x", "--max-memory lots"})
    EXPECT_EQ(run_program("simulate " + deck + " " + options).code, 2) << options;
}

TEST(CommandLine, MissingDeckIsAnInputOrFileError) {
  EXPECT_EQ(run_program("simulate").code, 2);
  const auto result = run_program("simulate /nowhere/at/all.cir");
  EXPECT_EQ(result.code, 3);
  EXPECT_THAT(result.err, HasSubstr("/nowhere/at/all.cir"));
}

TEST(CommandLine, UnwritableOutputLeavesNothingAndSaysWhy) {
  const ScratchFolder scratch;
  const std::string deck = scratch.write("d.cir", kDivider);
  const auto result = run_program("simulate " + deck + " -o /nowhere/out.raw");
  EXPECT_EQ(result.code, 3);
  EXPECT_THAT(result.err, HasSubstr("/nowhere/out.raw"));
}

TEST(CommandLine, ResultsThatDoNotReachStdoutAreAnError) {
  const ScratchFolder scratch;
  const std::string deck = scratch.write("d.cir", kDivider);
  EXPECT_EQ(run_program("simulate " + deck + " >/dev/full").code, 3);
}

// The transient would take hours.
TEST(CommandLine, InterruptLeavesNoFile) {
  const ScratchFolder scratch;
  const std::string deck = scratch.write(
      "d.cir",
      "long\nv1 a 0 sin(0 1 1meg)\nr1 a b 1k\nc1 b 0 1n\n.tran 1n 1 0 1n\n.end\n");
  const std::string out = (scratch / "o.csv").string();
  const auto result = run_shell("timeout -s INT 1 " + std::string(ARRAYSPICE_PROGRAM) +
                                " simulate " + deck + " -o " + out + "; echo code $?");
  EXPECT_THAT(result.out, HasSubstr("code 124"));  // timeout's own
  EXPECT_EQ(scratch.files(), 1u);
  const auto inner =
      run_shell("timeout --preserve-status -s INT 1 " + std::string(ARRAYSPICE_PROGRAM) +
                " simulate " + deck + " -o " + out);
  EXPECT_EQ(inner.code, 130);
}

TEST(CommandLine, DefinesOverrideParameters) {
  const ScratchFolder scratch;
  const std::string deck = scratch.write(
      "d.cir", "t\n.param vdd=1\nv1 a 0 {vdd}\nr1 a 0 1k\n.op\n.print op v(a)\n.end\n");
  const auto result = run_program("simulate " + deck + " -D VDD=2.5");
  EXPECT_EQ(result.values().at("v(a)"), 2.5);
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(run_program("simulate " + deck + " -D vd=2.5").err, HasSubstr("'vdd'"));
}

TEST(CommandLine, NoRunCountsTheCircuit) {
  const auto result = simulate(kDivider, "--no-run");
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.values().at("elements"), 3.0);
  EXPECT_EQ(result.values().at("nodes"), 2.0);
}

TEST(CommandLine, StatisticsGoToStderrAndShowTheProof) {
  const auto result = simulate(
      "bridge\nv1 a 0 3\nr1 a b 1k\nr2 a c 2k\nr3 b c 3k\nr4 b d 1k\nr5 c d 1k\nr6 c 0 "
      "1k\n"
      "r7 d 0 1k\nr8 b 0 1k\n.op\n.end\n",
      "--stats --solver klu");
  EXPECT_EQ(result.code, 0);
  for (const char* text : {"solver ", "ordering", "parse", "elaborate", "factorisations",
                           "worst residual", "added gmin   0", "power", "peak memory"})
    EXPECT_THAT(result.err, HasSubstr(text));
  EXPECT_THAT(result.out, Not(HasSubstr("solver")));
}

}  // namespace
}  // namespace arrayspice
