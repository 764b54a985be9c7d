// SPDX-License-Identifier: Apache-2.0
// `.options`: every word is set, warned of with its place and the reason, or refused.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "reading.hpp"

namespace arrayspice {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::Reading;

Reading with_options(const std::string& options) {
  return Reading("t\nv1 a 0 1\nr1 a 0 1k\n.options " + options + "\n");
}

class IgnoredOption : public ::testing::TestWithParam<const char*> {};

TEST_P(IgnoredOption, IsAWarningWithItsPlaceAndAReason) {
  for (const char* value : {"", "=3"}) {
    const Reading r = with_options(std::string("reltol=1e-4 ") + GetParam() + value);
    ASSERT_TRUE(r.netlist) << r.all();
    EXPECT_EQ(r.first(), "4:22 W0101") << r.all();
    EXPECT_THAT(r.all(), HasSubstr(std::string(GetParam()) + " has no effect: "));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, IgnoredOption,
    ::testing::Values("acct", "autostop", "badmos3", "brief", "bypass", "captab", "co",
                      "cptime", "gminsteps", "ingold", "interp", "itl3", "itl5", "itl6",
                      "keepopinfo", "klu", "limpts", "list", "lteminstep", "lvltim",
                      "measform", "minbreak", "noacct", "nobjthread", "node", "noinit",
                      "nomod", "noopiter", "nopage", "num_threads", "numdgt", "opts",
                      "pivrel", "pivtol", "post", "probe", "savecurrents", "seed",
                      "sparse", "srcsteps", "trytocompact", "unwrap", "warn", "width"));

TEST(Options, IgnoredWordsOfOneReasonShareAWarning) {
  const Reading r = with_options("acct list klu nopage");
  ASSERT_TRUE(r.netlist);
  EXPECT_EQ(r.diagnostics.warnings(), 2u) << r.all();
  EXPECT_THAT(r.all(), HasSubstr("acct, list, nopage have no effect"));
}

TEST(Options, WordsThatAddElementsOrChangeSizesAreRefused) {
  for (const char* word : {"rshunt=1e9", "cshunt=1f", "gshunt=1p", "rseries=1", "defl=1u",
                           "defw=1u", "scale=1u", "ramptime=1n"}) {
    const Reading r = with_options(word);
    EXPECT_FALSE(r.netlist) << word;
    EXPECT_EQ(r.first(), "4:10 E0107") << r.all();
  }
}

TEST(Options, HigherOrdersThanTwoAreWarnedOf) {
  EXPECT_EQ(with_options("maxord=2").first(), "");
  const Reading r = with_options("method=gear maxord=4");
  ASSERT_TRUE(r.netlist);
  EXPECT_EQ(r.first(), "4:22 W0101");
  EXPECT_EQ(r.netlist->options.formula(), Method::Gear2);
}

TEST(Options, OrderOneIsBackwardEulerWhereverItStands) {
  for (const char* text : {"maxord=1 method=gear", "method=gear maxord=1"})
    EXPECT_EQ(with_options(text).netlist->options.formula(), Method::BackwardEuler);
}

TEST(Options, DampingIsAnErrorForTheTrapezoidalFormulaAndAWarningForOthers) {
  for (const char* text : {"xmu=0.4 method=trap", "method=trap xmu=0.4"}) {
    const Reading r = with_options(text);
    EXPECT_FALSE(r.netlist);
    EXPECT_THAT(r.first(), HasSubstr("E0107"));
  }
  EXPECT_TRUE(with_options("method=trap xmu=0.5").netlist);
  EXPECT_EQ(with_options("method=trap xmu=0.5").first(), "");
  const Reading r = with_options("xmu=0.4");
  ASSERT_TRUE(r.netlist);
  EXPECT_EQ(r.first(), "4:10 W0101");
}

TEST(Options, CountsAreWhole) {
  EXPECT_EQ(with_options("itl1=10.5").first(), "4:10 E0403");
  EXPECT_EQ(with_options("itl1=200").netlist->options.tolerances.itl1, 200);
}

TEST(Diagnostics, ManyWarningsHideNoError) {
  std::string deck = "t\nv1 a 0 1\n";
  for (int k = 0; k < 30; ++k) deck += fmt::format("r{} a 0 1k noisy=0\n", k + 1);
  const Reading r(deck + "r99 a 0 1k zzz=1\n");
  EXPECT_FALSE(r.netlist);
  EXPECT_THAT(r.all(), HasSubstr("E0307"));
  EXPECT_EQ(r.diagnostics.warnings(), 30u);
}

TEST(Diagnostics, AnElementInPlaceOfTheTitleIsSaid) {
  const Reading r("v1 a 0 1\nr1 a 0 1k\n");
  ASSERT_TRUE(r.netlist);
  EXPECT_EQ(r.first(), "1:1 W0302");
  for (const char* title : {"r1 of a filter", "test 4 a 0", "* v1 a 0 1", "rc a 0 1", ""})
    EXPECT_EQ(Reading(std::string(title) + "\nr1 a 0 1k\n").first(), "") << title;
}

TEST(Diagnostics, SuggestionsHaveSomethingInCommonWithWhatWasTyped) {
  EXPECT_EQ(nearest("reltl", {"abstol", "reltol"}), "reltol");
  EXPECT_EQ(nearest("b", {"0", "a"}), "");
}

TEST(Diagnostics, ACardThatIsExpandedOftenWarnsOnce) {
  std::string deck = "t\nv1 a 0 1\n.subckt s a\nr1 a 0 1k noisy=0\n.ends\n";
  for (int k = 0; k < 5; ++k) deck += fmt::format("x{} a s\n", k);
  const Reading r(deck);
  ASSERT_TRUE(r.netlist);
  EXPECT_EQ(r.diagnostics.all().size(), 1u) << r.all();
}

}  // namespace
}  // namespace arrayspice
