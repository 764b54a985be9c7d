// SPDX-License-Identifier: Apache-2.0
// One bad input for each message of the netlist reader: its code, line and column. The
// last test holds the list of messages against what the others produced.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include "netlists/failure.hpp"
#include "reading.hpp"

namespace arrayspice {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::Reading;

/// Lines 1 to 3 of a sound deck; cases continue on line 4.
std::string deck(const std::string& cards) { return "t\nv1 a 0 1\nr1 a 0 1k\n" + cards; }

struct Case {
  const char* name;
  std::string text;
  const char* expected;  // line:column code
  const char* says = "";
};

std::string deep_hierarchy() {
  std::string text = "x1 a s0\n";
  for (int k = 0; k < 1100; ++k)
    text.append(fmt::format(".subckt s{} p\nx1 p s{}\n.ends\n", k, k + 1));
  return text.append(".subckt s1100 p\nr1 p 0 1\n.ends\n");
}

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"Syntax", deck(".param 7\n"), "4:8 E0101", "name=value"},
      {"PlusWithoutLine", "t\n+ a 0 1\nr1 a 0 1\n", "2:1 E0101", "continue"},
      {"StrayWord", deck("r2 a 0 1k 2k 3k\n"), "4:11 E0101"},
      {"Encoding", deck("r2 \xe9 0 1\n"), "4:4 E0102", "offset 24"},
      {"TruncatedUtf8", deck("r2 a 0 1 x=\xc3\n"), "4:12 E0102"},
      {"Overflow", deck("r2 a 0 1e400\n"), "4:8 E0103"},
      {"NotANumber", deck("r2 a 0 nan\n"), "4:8 E0103"},
      {"MalformedInParameter", deck(".param x=1..2\n"), "4:10 E0103"},
      {"Nul", deck(std::string("r2 a 0 1\0z\n", 11)), "4:9 E0104", "offset 29"},
      {"OpenBracket", deck("v2 b 0 pulse(0 1\n"), "4:13 E0105"},
      {"OpenBrace", deck("r2 a 0 {1k\n"), "4:8 E0105"},
      {"OpenQuote", deck("r2 a 0 '1k\n"), "4:8 E0105"},
      {"ClosingBracket", deck("c1 a 0 1p)\n"), "4:10 E0105"},
      {"UnknownCard", deck(".optins reltol=1\n"), "4:1 E0106", ".options"},
      {"UnsupportedCard", deck(".ac dec 10 1 1k\n"), "4:1 E0107"},
      {"UnsupportedElement", deck("q1 a 0 0 m\n"), "4:1 E0107", "bipolar"},
      {"UnsupportedLevel", deck("m1 a 0 0 0 n\n.model n nmos level=14\n"), "4:12 E0107"},
      {"HugeLevel", deck("m1 a 0 0 0 n\n.model n nmos level=1e12\n"), "4:12 E0107"},
      {"FractionalLevel", deck("m1 a 0 0 0 n\n.model n nmos level=1.5\n"), "4:12 E0107",
       "level 1.5"},
      {"UnsupportedWaveform", deck("v2 b 0 trnoise(1 1n)\n"), "4:8 E0107"},
      {"TwoTemperatures", deck(".temp 27 50\n"), "4:10 E0107"},
      {"EndsAlone", deck(".ends\n"), "4:1 E0108"},
      {"SubcktOpen", deck(".subckt s p\nr1 p 0 1\n"), "4:1 E0108", "never closed"},
      {"IfOpen", deck(".if (1)\n"), "4:1 E0108"},
      {"EndifAlone", deck(".endif\n"), "4:1 E0108"},
      {"ControlOpen", deck(".control\nop\n"), "4:1 E0108"},
      {"EndcAlone", deck(".endc\n"), "4:1 E0108"},
      {"WrongEnds", deck(".subckt s p\nr1 p 0 1\n.ends q\n"), "6:1 E0108"},
      {"AnalysisInSubckt", deck("x1 a s\n.subckt s p\nr1 p 0 1\n.op\n.ends\n"),
       "7:1 E0108"},
      {"Empty", "", "1:1 E0109"},
      {"OnlyATitle", "t\n.end\n", "1:1 E0109"},
      {"BadExpression", deck("r2 a 0 {1+*2}\n"), "4:11 E0201"},
      {"BadExpressionOnContinuation", deck("b1 a 0 i=v(a)\n+ *(2+\n+   )\n"),
       "6:5 E0201"},
      {"UndefinedParameter", deck(".param vdd=1\nr2 a 0 {vd}\n"), "5:9 E0202", "vdd"},
      {"NotFinite", deck("r2 a 0 {1/0}\n"), "4:9 E0203"},
      {"VoltageInNumber", deck(".param x={v(a)}\n"), "4:11 E0204"},
      {"ParameterCycle", deck(".param a={b} b={a}\n"), "4:8 E0205", "a → b → a"},
      {"UnknownElement", deck("?1 a 0 1\n"), "4:1 E0301"},
      {"MissingNode", deck("r2 a\n"), "4:1 E0302"},
      {"MissingValue", deck("r2 a 0\n"), "4:1 E0302", "resistance"},
      {"MissingModelName", deck("d1 a 0\n"), "4:1 E0302"},
      {"MissingGain", deck("e1 b 0 a 0\n"), "4:1 E0302", "gain"},
      {"UndefinedModel", deck("d1 a 0 dmd\n.model dmod d\n"), "4:8 E0303", "dmod"},
      {"UndefinedSubckt", deck("x1 a 0 amp1\n.subckt amp2 p\nr1 p 0 1\n.ends\n"),
       "4:8 E0304", "amp2"},
      {"Recursion",
       deck("x1 a s\n.subckt s p\nx2 p t\n.ends\n.subckt t p\nx3 p s\n.ends\n"),
       "9:1 E0305", "s → t → s"},
      {"DuplicateDevice", deck("R1 b 0 1\n"), "4:1 E0306", "r1"},
      {"UnknownDeviceParameter", deck("r2 a 0 1k foo=3\n"), "4:11 E0307"},
      {"UnknownModelParameter", deck("d1 a 0 dm\n.model dm d iss=1\n"), "5:13 E0307",
       "is"},
      {"UnknownSubcktParameter",
       deck("x1 a s wid=1\n.subckt s p width=1\nr1 p 0 1\n.ends\n"), "4:8 E0307"},
      {"OutOfRange", deck("r2 a 0 1k m=-1\n"), "4:11 E0308", "positive"},
      {"ModelOutOfRange", deck("d1 a 0 dm\n.model dm d is=-1\n"), "5:13 E0308"},
      {"WrongModel", deck("d1 a 0 nm\n.model nm nmos\n"), "4:8 E0309", "'nmos'"},
      {"TooManyWaveformArguments", deck("v2 b 0 sin(1 2 3 4 5 6 7)\n"), "4:8 E0310"},
      {"PwlBackInTime", deck("v2 b 0 pwl(0 0 2 1 1 1)\n"), "4:1 E0310"},
      {"PwlOddCount", deck("v2 b 0 pwl(0 0 2)\n"), "4:1 E0310"},
      {"UndefinedControl", deck("f1 a 0 v2 1\n"), "4:8 E0311", "v1"},
      {"ControlWithoutCurrent", deck("f1 a 0 r1 1\n"), "4:8 E0311", "resistor"},
      {"UndefinedSweep", deck(".dc v3 0 1 1\n"), "4:5 E0311", "v1"},
      {"UndefinedNode", deck(".ic v(aa)=1\n"), "4:7 E0312", "'a'"},
      {"RedefinedModel", deck(".model m d\n.model m d\n"), "5:1 E0313"},
      {"RedefinedSubckt",
       deck(".subckt s p\nr1 p 0 1\n.ends\n.subckt s p\nr1 p 0 1\n.ends\n"), "7:1 E0313"},
      {"NodeCount", deck("x1 a s\n.subckt s p q\nr1 p q 1\n.ends\n"), "4:1 E0314", "p q"},
      {"NativeNodeCount", deck("n1 a 0 0 c\n.model c ohmic_cell\n"), "4:1 E0314"},
      {"Contradiction", deck("c1 a 0 cm\n.model cm c tc1=1\n"), "5:1 E0315"},
      {"TooDeep", deck(deep_hierarchy()), "", "nested"},
      {"NegativeStop", deck(".tran 1n -5\n"), "4:10 E0401"},
      {"SweepNeverArrives", deck(".dc v1 0 1 -0.1\n"), "4:12 E0401"},
      {"TranWithoutStop", deck(".tran 1n\n"), "4:1 E0401", "tran step stop"},
      {"UnknownOption", deck(".options reltoll=1\n"), "4:10 E0402", "reltol"},
      {"OptionOutOfRange", deck(".options reltol=-1\n"), "4:10 E0403"},
      {"OptionWithoutValue", deck(".options abstol\n"), "4:10 E0403"},
      {"BadMethod", deck(".options method=rk4\n"), "4:10 E0403"},
      {"Ignored", deck(".plot v(a)\n"), "4:1 W0101"},
      {"IgnoredWidth", deck(".width out=80\n"), "4:1 W0101"},
      {"DataSheetNote", deck("d1 a 0 m\n.model m d mfg=acme\n"), "5:12 W0101", "mfg"},
      {"LibraryWithoutName", deck(".lib\n"), "4:1 E0101", "section"},
      {"TwoDcValues", deck("v2 b 0 dc 1 2\n"), "4:13 E0101", "two DC values"},
      {"AfterCoupling", deck("l1 a 0 1\nl2 a 0 1\nk1 l1 l2 0.5 0.7\n"), "6:14 E0101",
       "coefficient"},
      {"Sweeps", deck(".step r1 1 2 1\n"), "4:1 E0107", "-D"},
      {"ParameterRedefined", deck(".param x=1\n.param x=2\n"), "5:8 W0201"},
      {"UnitTrap", deck("r2 a 0 1M\n"), "4:8 W0301", "MEG"},
      {"NegativeResistance", deck("r2 a 0 -1k\n"), "4:1 W0302"},
  };
  return all;
}

class BadInput : public ::testing::TestWithParam<Case> {};

TEST_P(BadInput, IsReportedWithItsPlace) {
  const Case& c = GetParam();
  const Reading r(c.text);
  ASSERT_FALSE(r.diagnostics.all().empty());
  if (*c.expected) {
    EXPECT_EQ(r.first(), c.expected) << r.all();
  }
  EXPECT_THAT(r.all(), HasSubstr(c.says));
  EXPECT_EQ(r.netlist.has_value(), !r.diagnostics.has_errors());
}

INSTANTIATE_TEST_SUITE_P(Reader, BadInput, ::testing::ValuesIn(cases()),
                         [](const auto& info) { return info.param.name; });

// --- files

class Files : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        fs::temp_directory_path() / ("arrayspice_files_" + std::to_string(::getpid()));
    fs::create_directories(folder_ / "sub");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  struct Outcome {
    Sources sources;
    Diagnostics diagnostics;
    std::optional<Netlist> netlist;
    std::string text() const {
      std::string all;
      for (const Diagnostic& d : diagnostics.all()) all += render(d, sources) + "\n";
      return all;
    }
  };
  Outcome read(const std::string& cards, ReadOptions options = {}) const {
    write("deck.cir", deck(cards));
    Outcome o;
    o.netlist = read_netlist(folder_ / "deck.cir", options, o.sources, o.diagnostics);
    return o;
  }
  fs::path folder_;
};

TEST_F(Files, AMissingDeckIsAFailureWithoutAPlace) {
  Sources sources;
  Diagnostics diagnostics;
  EXPECT_THROW(read_netlist(folder_ / "none.cir", {}, sources, diagnostics), Failure);
}

TEST_F(Files, AMissingIncludeNamesTheNearestFile) {
  write("models.inc", "r2 a 0 1\n");
  const Outcome o = read(".include model.inc\n");
  EXPECT_THAT(o.text(),
              HasSubstr("deck.cir:4:10: error: there is no file 'model.inc'; is "
                        "'models.inc' meant? [E0501]"));
}

TEST_F(Files, IncludesResolveFromTheFileThatNamesThemAndKeepTheirCase) {
  write("sub/One.inc", ".include \"Two.INC\"\n");
  write("sub/Two.INC", "r2 a 0 2k\n");
  const Outcome o = read(".include 'sub/One.inc'\n");
  ASSERT_TRUE(o.netlist) << o.text();
  EXPECT_EQ(o.netlist->elements, 3u);
}

TEST_F(Files, IncludePathsAreSearched) {
  write("sub/m.inc", "r2 a 0 2k\n");
  ReadOptions options;
  options.include_paths = {folder_ / "sub"};
  EXPECT_TRUE(read(".include m.inc\n", options).netlist);
}

TEST_F(Files, AnIncludeCycleIsShownAsAChain) {
  write("a.inc", ".include b.inc\n");
  write("b.inc", ".include a.inc\n");
  const Outcome o = read(".include a.inc\n");
  EXPECT_THAT(o.text(), HasSubstr("E0502"));
  EXPECT_THAT(o.text(), ::testing::ContainsRegex("a.inc → .*b.inc → .*a.inc"));
}

TEST_F(Files, OnlyTheSectionOfALibraryIsRead) {
  write("l.lib",
        ".lib tt\nr2 a 0 1k\n.endl\n.lib FF\nr2 a 0 2k\n.lib 'l.lib' tt2\n.endl\n"
        ".lib tt2\nr3 a 0 3k\n.endl tt2\n");
  const Outcome o = read(".lib 'l.lib' ff\n");
  ASSERT_TRUE(o.netlist) << o.text();
  EXPECT_EQ(o.netlist->elements, 4u);
  EXPECT_THAT(read(".lib l.lib tf\n").text(), HasSubstr("E0505"));
}

TEST_F(Files, OnlyRegularFilesAreRead) {
  EXPECT_THAT(read(".include /dev/zero\n").text(), HasSubstr("E0503"));
  EXPECT_THAT(read(".include sub\n").text(), HasSubstr("E0503"));
  ASSERT_EQ(::mkfifo((folder_ / "fifo").c_str(), 0600), 0);
  EXPECT_THAT(read(".include fifo\n").text(), HasSubstr("E0503"));
}

TEST_F(Files, ASandboxEndsAtTheDecksFolder) {
  ReadOptions options;
  options.sandbox = true;
  EXPECT_THAT(read(".include /etc/passwd\n", options).text(), HasSubstr("E0504"));
  EXPECT_THAT(read(".include ../../etc/passwd\n", options).text(), HasSubstr("E0504"));
  fs::create_symlink("/etc/passwd", folder_ / "link");
  const Outcome o = read(".include link\n", options);
  EXPECT_THAT(o.text(), HasSubstr("E0504"));
  EXPECT_THAT(o.text(), ::testing::Not(HasSubstr("root:")));
  write("sub/in.inc", "r2 a 0 1\n");
  EXPECT_TRUE(read(".include sub/in.inc\n", options).netlist);
}

TEST_F(Files, TheMemoryLimitHoldsForTextAndForExpansion) {
  write("m.inc", std::string(5000, '*') + "\n");
  ReadOptions options;
  options.max_memory = 3000;
  EXPECT_THAT(read(".include m.inc\n", options).text(), HasSubstr("E0506"));
  options.max_memory = 1000000;
  std::string cards = "x1 a s0\n";
  for (int k = 0; k < 9; ++k) {
    cards.append(fmt::format(".subckt s{} p\n", k));
    for (int j = 0; j < 10; ++j) cards.append(fmt::format("x{} p s{}\n", j, k + 1));
    cards.append(".ends\n");
  }
  cards.append(".subckt s9 p\nr1 p 0 1\n.ends\n");
  try {
    read(cards, options);
    FAIL() << "1e9 devices were expanded";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Exit::Resource);
    EXPECT_THAT(failure.what(), HasSubstr("1e+09 devices"));
  }
}

// --- the list

std::vector<std::string> listed_codes() {
  std::ifstream header(std::string(ARRAYSPICE_TEST_DATA) +
                       "/../../netlists/messages.hpp");
  const std::string text((std::istreambuf_iterator<char>(header)), {});
  const std::regex code("\"([EW][0-9]{4})\"");
  std::vector<std::string> codes;
  for (std::sregex_iterator at(text.begin(), text.end(), code), end; at != end; ++at)
    codes.push_back((*at)[1]);
  return codes;
}

TEST(Messages, CodesAreUnique) {
  const auto codes = listed_codes();
  EXPECT_GT(codes.size(), 40u);
  EXPECT_EQ(std::set<std::string>(codes.begin(), codes.end()).size(), codes.size());
}

TEST(Messages, EveryCodeOfTheReaderIsProducedByATest) {
  std::ifstream self(std::string(ARRAYSPICE_TEST_DATA) + "/bad_input_test.cpp");
  const std::string text((std::istreambuf_iterator<char>(self)), {});
  for (const std::string& code : listed_codes()) {
    const bool is_readers = code.starts_with("E01") || code.starts_with("E02") ||
                            code.starts_with("E03") || code.starts_with("E05") ||
                            code.starts_with("W0") ||
                            (code >= "E0401" && code <= "E0403");
    if (is_readers && code != "E0316") {
      EXPECT_NE(text.find(code), std::string::npos) << code;
    }
  }
}

}  // namespace
}  // namespace arrayspice
