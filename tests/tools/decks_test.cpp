// SPDX-License-Identifier: Apache-2.0
// The hard decks of the project, run by the program. Expected values are closed forms or
// solutions of scalar equations (Lambert W, exact rationals, reference integrations);
// each tolerance is what the method must reach, not what it happens to reach.
#include <gmock/gmock.h>

#include <cmath>

#include "program.hpp"

namespace arrayspice {
namespace {

using ::testing::HasSubstr;

std::string deck(const std::string& name) {
  return std::string(ARRAYSPICE_TEST_DATA) + "/../decks/" + name + ".cir";
}

struct Value {
  std::string deck, name;
  double expected, relative, absolute;
};
void PrintTo(const Value& v, std::ostream* out) { *out << v.deck << ' ' << v.name; }

std::string test_name(const std::string& text) {
  std::string name;
  for (const char c : text) name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
}

class ExpectedValue : public ::testing::TestWithParam<Value> {};

TEST_P(ExpectedValue, IsReached) {
  const Value& v = GetParam();
  const ProgramResult result = run_program("simulate " + deck(v.deck));
  ASSERT_EQ(result.code, 0) << result.err;
  const auto values = result.values();
  ASSERT_TRUE(values.contains(v.name)) << result.out;
  EXPECT_NEAR(values.at(v.name), v.expected,
              v.relative * std::abs(v.expected) + v.absolute);
}

const Value kValues[] = {
    // DC, closed form
    {"d01_divider", "v(b)", 2.0, 1e-14, 0},
    {"d02_r2r", "v(n23)", std::exp2(-24), 1e-12, 0},
    {"d03_wheat", "v(c)", 2.0 / 3.0, 1e-12, 0},
    {"d03_wheat", "v(b)", 1.0 - 1.3e-15, 1e-12, 0},
    {"d04_diode", "v(b)", 0.6928878323821923, 1e-9, 0},
    {"d06_dstring", "v(n0)", 65.51181180172352, 1e-9, 0},
    {"d08_1000v", "v(b)", 1.0124290736312187, 1e-8, 0},
    {"d09b_latch_ns", "v(a)", 1.799999986, 1e-8, 0},
    {"d09b_latch_ns", "v(b)", 1e-14 / 1.3e-4, 1e-3, 0},  // leak over on-conductance
    {"d10_opamp", "v(o)", -9.999998990000101, 1e-9, 0},
    {"d16_dangling", "v(b)", 1.0, 1e-12, 0},
    {"d17_tera", "v(b)", 0.4999995, 0, 1e-6},
    {"d18_zeror", "v(b)", 1.0, 1e-12, 0},
    // sweeps over folds: within one step
    {"d11_schmitt", "tup", 0.4956997988953333, 0, 1e-3},
    {"d11_schmitt", "tdn", -0.4956997988953333, 0, 1e-3},
    {"d20_ndr", "up", 0.3849002e-3, 0, 2e-6},
    {"d20_ndr", "dn", -0.3849002e-3, 0, 2e-6},
    // transient
    {"t01_rc", "v2", 0.6321205435, 1e-4, 0},
    {"t01_rc", "v4", 0.9502129296, 1e-4, 0},
    {"t04_narrow", "v", 0.8269180606, 5e-4, 0},
    {"t06_trring", "imax", 0.0, 0, 1e-12},
    {"t06_trring", "imin", 0.0, 0, 1e-12},
    {"t07_vdp", "per", 162.83707109, 1e-2, 0},
    {"t09_ringosc", "t", 2.03349e-9, 1e-3, 0},
    {"t10_hp", "x2", 0.2514462893501398, 1e-5, 0},
    {"t10_hp", "x5", 0.5676214469140151, 1e-5, 0},
    {"t13_pwldup", "v", 0.993262, 1e-4, 0},
    {"t14_pulse0", "v", 0.8646647168, 1e-4, 0},
    // the current jumps at t = 0, so half of the first step's charge is not in it
    {"t15_diodecap", "q", 0.0, 0, 5e-16},
    // crossbar, exact rationals
    {"x1", "i(vs0)", 2.2492102761666497e-5, 1e-13, 0},
    {"x1", "i(vs1)", 1.0996796021561503e-5, 1e-13, 0},
};

INSTANTIATE_TEST_SUITE_P(Decks, ExpectedValue, ::testing::ValuesIn(kValues),
                         [](const auto& info) {
                           return test_name(info.param.deck + "_" + info.param.name) +
                                  "_" + std::to_string(info.index);
                         });

TEST(Decks, ConstantSourceGivesAConstantTransient) {
  const auto values = run_program("simulate " + deck("t12_const")).values();
  EXPECT_NEAR(values.at("mx"), values.at("mn"), 1e-12);
}

TEST(Decks, LatchWithoutHintStaysBalanced) {
  const auto values = run_program("simulate " + deck("d09_latch")).values();
  EXPECT_NEAR(values.at("v(a)"), 0.9, 1e-6);
  EXPECT_NEAR(values.at("v(b)"), 0.9, 1e-6);
}

// A second-order method with 50 points a period: the default damps a lossless oscillation
// by a few per cent over 1000 periods, the trapezoidal rule not at all.
TEST(Decks, TrapezoidalRuleKeepsALosslessOscillation) {
  const ScratchFolder scratch;
  std::string text = read_text(deck("t02_lc"));
  text.insert(text.find("c1 "), ".options method=trap\n");
  const auto result = run_program("simulate " + scratch.write("t02.cir", text));
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_NEAR(result.values().at("pk"), 1.0, 1e-4);
}

struct Refused {
  std::string deck;
  int code;
  std::string says;
};
void PrintTo(const Refused& r, std::ostream* out) { *out << r.deck; }

class RefusedDeck : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedDeck, IsNamedAndGivesNoNumbers) {
  const Refused& r = GetParam();
  const ProgramResult result = run_program("simulate " + deck(r.deck));
  EXPECT_EQ(result.code, r.code);
  EXPECT_THAT(result.err, HasSubstr("error: "));
  EXPECT_THAT(result.err, HasSubstr(r.says));
  EXPECT_TRUE(result.values().empty()) << result.out;
}

const Refused kRefused[] = {
    // ill-posed circuits
    {"d12_float", 1, "b"},
    {"d13_vloop", 1, "v1, v2"},
    {"d13b_vloop_eq", 1, "v1, v2"},
    {"d14_lloop", 1, "l1"},
    {"d15_icut", 1, "i1"},
    // bad input
    {"p01_empty", 2, "empty"},
    {"p02_nomodel", 2, "p02_nomodel.cir:4:"},
    {"p03_missnode", 2, "p03_missnode.cir:3:"},
    {"p04_undefsub", 2, "nosub"},
    {"p05_recsub", 2, "s"},
    {"p06_incloop", 2, "p06_incloop.cir"},
    {"p07_incmiss", 2, "nosuch_file.inc"},
    {"p08_dup", 2, "p08_dup.cir:4:"},
    {"p09_nan", 2, "p09_nan.cir:2:"},
    {"p10_negc", 2, "p10_negc.cir:2:"},
    {"p11_wrongplot", 2, "zzz"},
    {"p12_unknowncard", 2, ".frobnicate"},
    {"p13_noground", 1, "ground"},
    {"p15_nonutf8", 2, "p15_nonutf8.cir:2:"},
    {"p16_nul", 2, "p16_nul.cir:3:"},
    {"p17_undefparam", 2, "vx"},
    {"p18_paramloop", 2, "a"},
    {"p19_subpins", 2, "p19_subpins.cir:3:"},
    {"p21_tstop", 2, "p21_tstop.cir:4:"},
};

INSTANTIATE_TEST_SUITE_P(Decks, RefusedDeck, ::testing::ValuesIn(kRefused),
                         [](const auto& info) { return test_name(info.param.deck); });

TEST(Decks, CarriageReturnsAreAccepted) {
  const auto result = run_program("simulate " + deck("p14_crlf"));
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_NEAR(result.values().at("v(b)"), 0.5, 1e-14);
}

TEST(Decks, SuffixMIsMilliAndSaidSo) {
  const auto result = run_program("simulate " + deck("p20_unit"));
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.values().at("@r1[resistance]"), 1e-3);
  EXPECT_EQ(result.values().at("@r2[resistance]"), 1e6);
  EXPECT_EQ(result.values().at("@r3[resistance]"), 1e4);
  EXPECT_THAT(result.err, HasSubstr("MEG is 1e6"));
}

}  // namespace
}  // namespace arrayspice
