// SPDX-License-Identifier: Apache-2.0
// The text of a deck: comments, continuations, line ends, encodings; the bad decks of
// tests/decks; texts that are large in every direction.
#include "reading.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <chrono>

#include "netlists/failure.hpp"

namespace arrayspice {
namespace {

using testing::Reading;

double resistance(const Reading& r, std::string_view name) {
  return r.netlist ? r.value(name, "resistance") : -1.0;
}

TEST(Text, CommentsEndAtTheLineAndNotInsideNames) {
  const Reading r(
      "title ; kept\n* comment \xe9\n  * indented comment\nv1 a$b 0 1 ; one\n"
      "r1 a$b 0 1k $ two\nr2 a$b c/d 2k // three \xe9\nr3 c/d 0 3k\n");
  ASSERT_TRUE(r.netlist) << r.all();
  EXPECT_EQ(r.netlist->title, "title ; kept");
  EXPECT_EQ(resistance(r, "r2"), 2e3);
  EXPECT_TRUE(find_node(r.circuit(), "a$b"));
  EXPECT_TRUE(find_node(r.circuit(), "c/d"));
}

TEST(Text, ContinuationsGoOverCommentsAndBlankLines) {
  const Reading r("t\nv1 a 0\n* comment\n\n  + dc ; here\n+\n+ 5\nr1 a 0\n+1k\n");
  ASSERT_TRUE(r.netlist) << r.all();
  EXPECT_EQ(r.value("v1", "dc"), 5.0);
  EXPECT_EQ(resistance(r, "r1"), 1e3);
}

TEST(Text, ErrorsInContinuationsNameThePhysicalLine) {
  EXPECT_EQ(Reading("t\nv1 a 0 1\nr1 a 0 1k\n+  foo=2\n").first(), "4:4 E0307");
  EXPECT_EQ(Reading("t\nv1 a 0 1\nr1 a 0 {1k +\n+ 2 +\n+   zz}\n").first(), "5:5 E0202");
}

TEST(Text, LineEndsTabsCommasAndAByteOrderMarkAreAccepted) {
  const Reading r(
      "\xef\xbb\xbft\r\nv1\ta,0\t1\r\nr1 a 0 1k\r\n+ \r\n.end\r\nrubbish\r\n");
  ASSERT_TRUE(r.netlist) << r.all();
  EXPECT_EQ(r.netlist->title, "t");
  EXPECT_EQ(resistance(r, "r1"), 1e3);
}

TEST(Text, EqualsSignsMayStandAmongBlanks) {
  const Reading r("t\n.param a = 2 b= {a*3} c ='b'\nv1 n 0 1\nr1 n 0 r = {c} m= 2\n");
  ASSERT_TRUE(r.netlist) << r.all();
  EXPECT_EQ(resistance(r, "r1"), 6.0);
  EXPECT_EQ(r.value("r1", "m"), 2.0);
}

TEST(Text, NodeNamesKeepTheSignsThatUsersPutIn) {
  const Reading r(
      "t\nv1 in+ vsup- 1\nr1 in+ n[3] 1\nr2 n[3] a:b#c 1\nr3 a:b#c 0 1\nr4 vsup- 0 1\n");
  ASSERT_TRUE(r.netlist) << r.all();
  for (const char* node : {"in+", "vsup-", "n[3]", "a:b#c"})
    EXPECT_TRUE(find_node(r.circuit(), node)) << node;
}

TEST(Text, ControlLinesAreKeptAsTheyAreWritten) {
  const Reading r(
      "t\nv1 a 0 1\nr1 a 0 1\n.control\n* no\nop  ; no\nprint  V(a)\n.endc\n");
  ASSERT_TRUE(r.netlist) << r.all();
  ASSERT_EQ(r.netlist->control.size(), 2u);
  EXPECT_EQ(r.netlist->control[1].text, "print V(a)");
  EXPECT_EQ(r.netlist->control[1].where.line, 7u);
}

TEST(Text, AfterManyErrorsTheyAreCountedOnly) {
  std::string text = "t\n";
  for (int k = 0; k < 1000; ++k) text.append("?\n");
  const Reading r(text);
  EXPECT_EQ(r.diagnostics.errors(), 1000u);
  EXPECT_EQ(r.diagnostics.all().size(), Diagnostics::kMost);
}

// --- the bad decks

struct BadDeck {
  const char* file;
  const char* expected;  // line:column code; "" when the deck is accepted
};

class BadDecks : public ::testing::TestWithParam<BadDeck> {};

TEST_P(BadDecks, AreReportedAtTheirPlace) {
  Sources sources;
  Diagnostics diagnostics;
  const std::string folder = std::string(ARRAYSPICE_TEST_DATA) + "/../decks/";
  const auto netlist = read_netlist(folder + GetParam().file, {}, sources, diagnostics);
  const std::string expected = GetParam().expected;
  EXPECT_EQ(netlist.has_value(), !diagnostics.has_errors());
  if (diagnostics.all().empty()) {
    EXPECT_EQ(expected, "");
    return;
  }
  const Diagnostic& d = diagnostics.all().front();
  EXPECT_EQ(fmt::format("{}:{} {}", d.where.line, d.where.column, d.code), expected)
      << render(d, sources);
}

// p11 and p13 are sound up to here: `.print` and the topology are checked with the
// analyses.
INSTANTIATE_TEST_SUITE_P(
    Reader, BadDecks,
    ::testing::Values(
        BadDeck{"p01_empty.cir", "1:1 E0109"}, BadDeck{"p02_nomodel.cir", "4:8 E0303"},
        BadDeck{"p03_missnode.cir", "3:1 E0302"},
        BadDeck{"p04_undefsub.cir", "3:8 E0304"}, BadDeck{"p05_recsub.cir", "5:1 E0305"},
        BadDeck{"p06_incloop.cir", "2:10 E0502"},
        BadDeck{"p07_incmiss.cir", "2:10 E0501"}, BadDeck{"p08_dup.cir", "4:1 E0306"},
        BadDeck{"p09_nan.cir", "2:8 E0103"}, BadDeck{"p10_negc.cir", "2:13 E0105"},
        BadDeck{"p11_wrongplot.cir", ""}, BadDeck{"p12_unknowncard.cir", "4:1 E0106"},
        BadDeck{"p13_noground.cir", ""}, BadDeck{"p14_crlf.cir", ""},
        BadDeck{"p15_nonutf8.cir", "2:5 E0102"}, BadDeck{"p16_nul.cir", "3:10 E0104"},
        BadDeck{"p17_undefparam.cir", "2:9 E0202"},
        BadDeck{"p18_paramloop.cir", "2:8 E0205"},
        BadDeck{"p19_subpins.cir", "3:1 E0314"}, BadDeck{"p20_unit.cir", "3:8 W0301"},
        BadDeck{"p21_tstop.cir", "4:10 E0401"}),
    [](const auto& info) { return std::string(info.param.file, 3); });

// --- large

/// The time bounds are generous for a loaded machine; anything quadratic is far above
/// them.
constexpr double kSeconds = 20.0;

class Large : public ::testing::Test {
 protected:
  void TearDown() override {
    const auto taken = std::chrono::steady_clock::now() - start_;
    EXPECT_LT(std::chrono::duration<double>(taken).count(), kSeconds);
  }
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

TEST_F(Large, AFlatDeckOfManyElements) {
  constexpr int kElements = 200000;
  std::string text = "t\nv1 n0 0 1\n";
  for (int k = 0; k < kElements; ++k)
    text.append(fmt::format("Rwire_{} n{} n{} 10k\n", k, k, k + 1));
  const Reading r(text.append(fmt::format("r1 n{} 0 1\n", kElements)));
  ASSERT_TRUE(r.netlist) << r.all();
  EXPECT_EQ(r.netlist->elements, kElements + 2u);
}

TEST_F(Large, NestedParentheses) {
  constexpr std::size_t kDeep = 200000;
  const std::string text = "t\nv1 a 0 1\nr1 a 0 {" + std::string(kDeep, '(') + "1" +
                           std::string(kDeep, ')') + "}\n";
  const Reading r(text);
  EXPECT_EQ(r.netlist.has_value(), !r.diagnostics.has_errors());
}

TEST_F(Large, OneLongLineAndManyContinuations) {
  std::string line = "t\nv1 a 0 pwl(", lines = "t\nv1 a 0 pwl(\n";
  for (int k = 0; k < 200000; ++k) {
    line.append(fmt::format("{}n {} ", k, k % 7));
    lines.append(fmt::format("+ {}n {}\n", k, k % 7));
  }
  EXPECT_TRUE(Reading(line.append(")\nr1 a 0 1\n")).netlist);
  EXPECT_TRUE(Reading(lines.append("+)\nr1 a 0 1\n")).netlist);
}

TEST_F(Large, AHierarchyOf200Levels) {
  std::string text = "t\nv1 a 0 1\nx1 a s0\n";
  for (int k = 0; k < 200; ++k)
    text.append(fmt::format(".subckt s{} p\nx1 p s{}\nr1 p 0 1\n.ends\n", k, k + 1));
  const Reading r(text.append(".subckt s200 p\nr1 p 0 1\n.ends\n"));
  ASSERT_TRUE(r.netlist) << r.all();
  EXPECT_EQ(r.netlist->elements, 202u);
}

TEST_F(Large, TenLevelsOfTenInstancesAreRefusedBeforeExpansion) {
  std::string text = "t\nv1 a 0 1\n";
  for (int k = 0; k < 10; ++k) {
    if (k > 0) text.append(fmt::format(".subckt s{} p\n", k));
    for (int j = 0; j < 10; ++j)
      text.append(fmt::format("x{} {} s{}\n", j, k > 0 ? "p" : "a", k + 1));
    if (k > 0) text.append(".ends\n");
  }
  text.append(".subckt s10 p\nr1 p 0 1\n.ends\n");
  EXPECT_THROW(Reading{text}, Failure);
}

}  // namespace
}  // namespace arrayspice
