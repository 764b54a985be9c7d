// SPDX-License-Identifier: Apache-2.0
// Expressions. Where a value is not obvious it was measured with ngspice-39 (`.param` for
// evaluate(), a B source for compile()).
#include "netlists/expression.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>
#include <map>

#include "netlists/messages.hpp"

namespace arrayspice {
namespace {

class Names final : public NameScope {
 public:
  std::map<std::string, double, std::less<>> values;
  std::map<std::string, Function, std::less<>> functions;

  std::optional<double> value(std::string_view name) const override {
    const auto at = values.find(name);
    return at == values.end() ? std::nullopt : std::optional(at->second);
  }
  const Function* function(std::string_view name) const override {
    const auto at = functions.find(name);
    return at == functions.end() ? nullptr : &at->second;
  }
  std::vector<std::string_view> names() const override {
    std::vector<std::string_view> all;
    for (const auto& [name, x] : values) all.push_back(name);
    for (const auto& [name, f] : functions) all.push_back(name);
    return all;
  }
  void define(const std::string& name, std::vector<std::string> parameters,
              std::string_view body) {
    Diagnostics none;
    functions[name] = {std::move(parameters), std::make_shared<const Expression>(
                                                  *Expression::parse(body, {}, none))};
  }
};

struct ExpressionTest : ::testing::Test {
  Names names;
  Diagnostics diagnostics;

  std::optional<Expression> parse(std::string_view text) {
    return Expression::parse(text, {1, 10, 3}, diagnostics);
  }
  double value(std::string_view text) {
    const auto e = parse(text);
    const auto x = e ? e->evaluate(names, diagnostics) : std::nullopt;
    return x ? *x : std::nan("");
  }
  /// The value as a source: v(a) = -2, v(b) = 3, i(v1) = 0.5, time = 1e-9.
  double source(std::string_view text) {
    const auto e = parse(text);
    if (!e) return std::nan("");
    const auto program = e->compile(
        names,
        [](const Reference& r) -> std::optional<std::int32_t> {
          if (r == Reference{Reference::Kind::Voltage, "a", ""}) return 0;
          if (r == Reference{Reference::Kind::Voltage, "b", ""}) return 1;
          if (r == Reference{Reference::Kind::Current, "v1", ""}) return 2;
          if (r == Reference{Reference::Kind::Name, "time", ""}) return 3;
          return std::nullopt;
        },
        diagnostics);
    return program ? program->evaluate(std::vector{-2.0, 3.0, 0.5, 1e-9}) : std::nan("");
  }
  /// Code and column of the only error that `text` gives when evaluated.
  std::pair<std::string, int> error(std::string_view text) {
    value(text);
    if (diagnostics.errors() != 1)
      return {fmt::format("{} errors", diagnostics.errors()), 0};
    const Diagnostic& d = diagnostics.all().front();
    return {std::string(d.code), d.where.column - 10};
  }
};

using ::testing::HasSubstr;
using ::testing::Pair;

TEST(Number, HasEngineeringSuffixesInAnyCase) {
  EXPECT_EQ(parse_number("1.5k"), 1.5e3);
  EXPECT_EQ(parse_number("2MEG"), 2e6);
  EXPECT_EQ(parse_number("2Meg"), 2e6);
  EXPECT_EQ(parse_number("3M"), 3e-3);
  EXPECT_EQ(parse_number("1.1u"), 1.1e-6);
  EXPECT_EQ(parse_number("1.1\u00b5"), 1.1e-6);
  EXPECT_EQ(parse_number("7n"), 7e-9);
  EXPECT_EQ(parse_number("7p"), 7e-12);
  EXPECT_EQ(parse_number("1F"), 1e-15);
  EXPECT_EQ(parse_number("1a"), 1e-18);
  EXPECT_EQ(parse_number("1g"), 1e9);
  EXPECT_EQ(parse_number("1t"), 1e12);
  EXPECT_DOUBLE_EQ(*parse_number("1mil"), 25.4e-6);
}

TEST(Number, IgnoresTrailingUnitLetters) {
  EXPECT_EQ(parse_number("10kohm"), 1e4);
  EXPECT_EQ(parse_number("5V"), 5.0);
  EXPECT_EQ(parse_number("3e-3Volt"), 3e-3);
  EXPECT_EQ(parse_number("1e"), 1.0);
  EXPECT_EQ(parse_number("-.5"), -0.5);
  EXPECT_EQ(parse_number("+5."), 5.0);
}

TEST(Number, RefusesWhatIsNotAFiniteNumber) {
  for (const char* text :
       {"", "-", "+", ".", "e3", "nan", "inf", "-inf", "1e400", "1e308k", "2n3904",
        "1.2.3", "--1", "+-1", "1 ", "1k5", "0x10", "1e+"})
    EXPECT_EQ(parse_number(text), std::nullopt) << text;
}

struct Case {
  const char* text;
  double value;
};

TEST_F(ExpressionTest, FollowsThePrecedenceOfNgspice) {
  for (const Case& c :
       std::initializer_list<Case>{{"-2^2", -4},     {"2^3^2", 64},
                                   {"2**3", 8},      {"2^-1", 0.5},
                                   {"-2^-2", -0.25}, {"2^-2^2", 0.0625},
                                   {"2*3^2", 18},    {"2-3-4", -5},
                                   {"8/4/2", 1},     {"2*-3", -6},
                                   {"1--2", 3},      {"- -3", 3},
                                   {"1<2<3", 1},     {"1+2>2", 1},
                                   {"1<>1", 0},      {"1!=2", 1},
                                   {"2<=2", 1},      {"!1+1", 1},
                                   {"2-!0", 1},      {"!!2", 1},
                                   {"1||0&&0", 1},   {"1&&0||1", 1},
                                   {"0.3&&1", 1},    {"!0.3", 0},
                                   {"1>0?2:3", 2},   {"0?1:0?2:3", 3},
                                   {"1?2:3+1", 2},   {"1-1?2:3", 3},
                                   {"1?0?4:5:6", 5}, {"-1?2:3", 2},
                                   {"5.5%3", 2.5},   {"-5%3", -2},
                                   {"(1+2)*3", 9},   {"{1+2}*3", 9},
                                   {"1k*2meg", 2e9}, {"2e-3k", 2},
                                   {"2>1?1:0+5", 1}, {"1==1", 1},
                                   {"1&1|0", 1},     {"2 ^ 0.5", std::sqrt(2)}})
    EXPECT_DOUBLE_EQ(value(c.text), c.value) << c.text;
  EXPECT_DOUBLE_EQ(source("1==2<1"), 0);  // relations bind tighter than equality
}

TEST_F(ExpressionTest, GivesWholePowersTheirSignAndOthersAsNgspiceDoes) {
  for (const Case& c : std::initializer_list<Case>{{"(-2)^3", 8},
                                                   {"(-2)^0.5", std::sqrt(2)},
                                                   {"pow(-2,3)", -8},
                                                   {"pwr(-2,3)", 8}})
    EXPECT_DOUBLE_EQ(value(c.text), c.value) << c.text;
  for (const Case& c : std::initializer_list<Case>{{"v(a)^3", -8},
                                                   {"v(a)**2", 4},
                                                   {"v(b)^v(a)", 1.0 / 9.0},
                                                   {"pow(v(a),3)", -8},
                                                   {"pwr(v(a),3)", -8},
                                                   {"v(a)^2.5", std::pow(2, 2.5)}})
    EXPECT_DOUBLE_EQ(source(c.text), c.value) << c.text;
}

TEST_F(ExpressionTest, KnowsTheFunctionsOfNgspice) {
  for (const Case& c :
       std::initializer_list<Case>{{"log(10)", std::log(10)},
                                   {"ln(10)", std::log(10)},
                                   {"log10(100)", 2},
                                   {"sqrt(4)", 2},
                                   {"int(-2.5)", -2},
                                   {"nint(2.5)", 2},
                                   {"nint(3.5)", 4},
                                   {"nint(-2.5)", -2},
                                   {"floor(-2.5)", -3},
                                   {"ceil(-2.5)", -2},
                                   {"sgn(-3)", -1},
                                   {"sgn(0)", 0},
                                   {"u(0)", 0.5},
                                   {"u(1)", 1},
                                   {"stp(0)", 0},
                                   {"stp(1)", 1},
                                   {"u2(0.25)", 0.25},
                                   {"u2(3)", 1},
                                   {"uramp(2)", 2},
                                   {"uramp(-2)", 0},
                                   {"min(1,2)", 1},
                                   {"max(1,2,3)", 3},
                                   {"ternary_fcn(0,2,3)", 3},
                                   {"if(1,2,3)", 2},
                                   {"limit(5,0,1)", 1},
                                   {"limit(-5,0,1)", 0},
                                   {"hypot(3,4)", 5},
                                   {"atan2(1,-1)", std::atan2(1, -1)},
                                   {"sqr(3)", 9},
                                   {"arctan(1)", std::atan(1)},
                                   {"acosh(2)", std::acosh(2)},
                                   {"asinh(1)", std::asinh(1)},
                                   {"atanh(0.5)", std::atanh(0.5)},
                                   {"pwl(1.5,1,2,2,4)", 3},
                                   {"pwl(0,1,2,2,4)", 0},
                                   {"pwl(5,1,2,2,4)", 10},
                                   {"table(5,1,2,2,4)", 4},
                                   {"pi", 3.141592653589793},
                                   {"boltz/echarge", 1.380649e-23 / 1.602176634e-19}})
    EXPECT_DOUBLE_EQ(value(c.text), c.value) << c.text;
}

TEST_F(ExpressionTest, TakesNamesFromItsScope) {
  names.values = {{"r0", 100}, {"e", 7}, {"x1.k", 2}};
  EXPECT_EQ(value("R0*2"), 200);
  EXPECT_EQ(value("e"), 7);
  EXPECT_EQ(value("x1.k?1:0"), 1);
  EXPECT_THAT(error("r1*2"), Pair("E0202", 0));
  EXPECT_THAT(diagnostics.all().front().text, HasSubstr("did you mean 'r0'"));
}

TEST_F(ExpressionTest, CallsUserFunctions) {
  names.values = {{"k", 3}};
  names.define("f", {"x", "y"}, "x*k+y");
  names.define("g", {"x"}, "f(x,1)+f(x,x)");
  names.define("zero", {}, "0");
  EXPECT_EQ(value("g(2)"), 7 + 8);
  EXPECT_EQ(value("zero()+1"), 1);
  EXPECT_EQ(source("g(v(b))"), 10 + 12);
}

TEST_F(ExpressionTest, RefusesAFunctionThatCallsItself) {
  names.define("f", {"x"}, "g(x)");
  names.define("g", {"x"}, "1+f(x)");
  EXPECT_THAT(error("f(1)").first, "E0201");
  EXPECT_THAT(diagnostics.all().front().text, HasSubstr("calls itself"));
}

TEST_F(ExpressionTest, RefusesFunctionsThatExpandWithoutEnd) {
  names.define("f0", {"x"}, "x+1");
  for (int k = 1; k < 40; ++k) {
    const std::string inner = fmt::format("f{}(x)", k - 1);
    names.define(fmt::format("f{}", k), {"x"}, fmt::format("{0}+{0}", inner));
  }
  EXPECT_THAT(error("f39(1)").first, "E0201");
}

TEST_F(ExpressionTest, PointsAtTheOffendingCharacter) {
  const std::map<std::string, std::pair<std::string, int>> cases{
      {"1+", {"E0201", 2}},        {"1 2", {"E0201", 2}},
      {"(1+2", {"E0201", 0}},      {"1+2)", {"E0201", 3}},
      {"1?2", {"E0201", 1}},       {"1:2", {"E0201", 1}},
      {"1,2", {"E0201", 1}},       {"sin(1,2)", {"E0201", 0}},
      {"2*sinn(1)", {"E0202", 2}}, {"max(1,)", {"E0201", 6}},
      {"1+*2", {"E0201", 2}},      {"a=1", {"E0201", 1}},
      {"1e999", {"E0103", 0}},     {"v()", {"E0201", 2}},
      {"v(a", {"E0201", 0}},       {"", {"E0201", 0}},
      {"  ", {"E0201", 2}},        {"1+v(a)", {"E0204", 2}},
      {"1/0", {"E0203", 0}},       {"sqrt(-1)", {"E0203", 0}},
      {"ddt(1)", {"E0201", 0}},    {"agauss(1,2,3)", {"E0201", 0}},
      {"(1}", {"E0201", 2}},       {"$", {"E0201", 0}},
      {"@r1", {"E0201", 0}},       {"pow(2)", {"E0201", 0}},
      {"max()", {"E0201", 0}}};
  for (const auto& [text, expected] : cases) {
    diagnostics = {};
    EXPECT_EQ(error(text), expected) << text;
  }
}

TEST_F(ExpressionTest, SaturatesColumnsBeyondSixteenBits) {
  value(std::string(100'000, ' ') + "$");
  ASSERT_EQ(diagnostics.errors(), 1u);
  EXPECT_EQ(diagnostics.all().front().where.column, 65535);
}

TEST_F(ExpressionTest, ReadsAnyDepthOfParenthesesWithoutRecursion) {
  const int n = 200'000;
  EXPECT_EQ(value(std::string(n, '(') + "1" + std::string(n, ')')), 1);
  std::string nested;
  for (int k = 0; k < n; ++k) nested += "1+(";
  EXPECT_EQ(value(nested + "1" + std::string(n, ')')), n + 1);
  EXPECT_EQ(value(std::string(n, '-') + "1"), 1);
  EXPECT_THAT(error(std::string(n, '(')).first, "E0201");
}

TEST_F(ExpressionTest, ListsItsReferencesOnce) {
  names.define("f", {"x"}, "x*v(c)+q");
  const auto e = parse("V(A, b)*I(V1)+@R1[i]*v(in+)+k+v(a,b)+f(k)");
  ASSERT_TRUE(e);
  using K = Reference::Kind;
  const std::vector<Reference> own{{K::Voltage, "a", "b"},
                                   {K::Current, "v1", ""},
                                   {K::DeviceParameter, "r1", "i"},
                                   {K::Voltage, "in+", ""},
                                   {K::Name, "k", ""}};
  EXPECT_EQ(e->references(), own);
  auto all = own;
  all.push_back({K::Voltage, "c", ""});
  all.push_back({K::Name, "q", ""});
  EXPECT_EQ(e->references(&names), all);
}

TEST_F(ExpressionTest, TakesPairsOfNodesApartWhenTheResolverDoesNotKnowThem) {
  EXPECT_EQ(source("v(a,b)"), -5);
  EXPECT_TRUE(std::isnan(source("v(a,z)")));
  EXPECT_THAT(diagnostics.all().front().text, HasSubstr("v(a,z)"));
}

TEST_F(ExpressionTest, FoldsConstantsAndSharesEqualParts) {
  names.values = {{"g", 1e-5}, {"v0", 0.25}};
  const auto program = [&](std::string_view text) {
    return *parse(text)->compile(
        names, [](const Reference&) { return std::optional(0); }, diagnostics);
  };
  EXPECT_EQ(program("g*v0*sinh(v(a,b)/v0)").code().size(), 6u);
  EXPECT_EQ(program("2*3+4").code().size(), 1u);
  EXPECT_EQ(program("(v(a)+1)*(v(a)+1)").code().size(), 4u);
  EXPECT_EQ(program("v(a)*1+0").code().size(), 1u);
  EXPECT_EQ(program("v0>1 ? exp(v(a)) : v(a)").code().size(), 1u);
  EXPECT_EQ(program("0*exp(v(a))").code().size(), 1u);
}

}  // namespace
}  // namespace arrayspice
