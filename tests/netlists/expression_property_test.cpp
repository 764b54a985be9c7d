// SPDX-License-Identifier: Apache-2.0
// Random expressions: the tree, evaluated with names as parameters, and the program, with
// the same names as inputs, give the same value; the gradient is that of the value. And
// random text: an error or a value, never anything else.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>
#include <string>

#include "netlists/expression.hpp"

namespace arrayspice {
namespace {

constexpr std::array<std::string_view, 3> kNames{"x", "y.1", "z#2"};

/// Knows the three names when it has values for them.
class Names final : public NameScope {
 public:
  std::vector<double> values;
  std::optional<double> value(std::string_view name) const override {
    for (std::size_t k = 0; k < values.size(); ++k)
      if (name == kNames[k]) return values[k];
    return std::nullopt;
  }
  const Function* function(std::string_view) const override { return nullptr; }
  std::vector<std::string_view> names() const override { return {}; }
};

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::size_t pick(std::size_t n) { return random_() % n; }
  double uniform() { return std::uniform_real_distribution(-2.0, 2.0)(random_); }

  /// Defined for all values of the names, so that both meanings agree.
  std::string expression(int depth) {
    if (depth == 0 || pick(8) == 0)
      return pick(2) == 0 ? std::string(kNames[pick(3)])
                          : fmt::format("{:.3f}", std::abs(uniform()));
    const auto sub = [&] { return expression(depth - 1); };
    static constexpr std::array kBinary{"+", "-", "*", "<", "<=", ">", "!=", "&&", "||"};
    static constexpr std::array kUnary{"sin",   "cos", "tanh",  "atan", "abs",
                                       "asinh", "sgn", "u",     "u2",   "uramp",
                                       "sqr",   "stp", "floor", "int"};
    switch (pick(9)) {
      case 0:
      case 1:
      case 2:
        return fmt::format("({} {} {})", sub(), kBinary[pick(kBinary.size())], sub());
      case 3:
        return fmt::format("{}({})", kUnary[pick(kUnary.size())], sub());
      case 4:
        return fmt::format("({}?{}:{})", sub(), sub(), sub());
      case 5:
        return fmt::format("max({},min({},{}))", sub(), sub(), sub());
      case 6:
        return fmt::format("({})/(1+abs({}))", sub(), sub());
      case 7:
        return fmt::format("(-{}^2)+sqrt(abs({})+1)", sub(), sub());
      default:
        return fmt::format("pwl({},-1,2,0,0.5,2,1)*!{}", sub(), sub());
    }
  }

 private:
  std::mt19937 random_;
};

std::optional<std::int32_t> resolve(const Reference& r) {
  for (std::size_t k = 0; k < kNames.size(); ++k)
    if (r.first == kNames[k]) return static_cast<std::int32_t>(k);
  return std::nullopt;
}

TEST(RandomExpression, HasTheSameValueAsATreeAndAsAProgram) {
  Generator generator(7);
  for (int n = 0; n < 3000; ++n) {
    const std::string text = generator.expression(5);
    Diagnostics diagnostics;
    const auto e = Expression::parse(text, {}, diagnostics);
    ASSERT_TRUE(e) << text;
    const auto program = e->compile(Names{}, resolve, diagnostics);
    ASSERT_TRUE(program) << text;
    for (int k = 0; k < 5; ++k) {
      Names names;
      names.values = {generator.uniform(), generator.uniform(), generator.uniform()};
      const auto tree = e->evaluate(names, diagnostics);
      ASSERT_TRUE(tree) << text;
      // Folding and x^2 = x x may change the last digits.
      EXPECT_NEAR(program->evaluate(names.values), *tree, 1e-12 * (1 + std::abs(*tree)))
          << text;
    }
  }
}

TEST(RandomExpression, HasAGradientThatPredictsSmallChanges) {
  // Away from kinks, the value at u + d minus the value at u - d is 2 d . gradient +
  // O(d^3).
  Generator generator(8);
  int compared = 0, differed = 0;
  for (int n = 0; n < 2000; ++n) {
    const std::string text = generator.expression(4);
    Diagnostics diagnostics;
    const auto program =
        Expression::parse(text, {}, diagnostics)->compile(Names{}, resolve, diagnostics);
    std::vector<double> u, right, left, gradient(3);
    double predicted = 0.0;
    for (int k = 0; k < 3; ++k) u.push_back(generator.uniform());
    program->evaluate(u, std::span(gradient).first(program->inputs()));
    for (int k = 0; k < 3; ++k) {
      const double d = 1e-5 * generator.uniform();
      right.push_back(u[k] + d);
      left.push_back(u[k] - d);
      predicted += 2 * d * gradient[k];
    }
    const double change = program->evaluate(right) - program->evaluate(left);
    ++compared;
    differed += std::abs(change - predicted) > 1e-9 + 1e-4 * std::abs(change);
  }
  // A kink within 1e-5 of a point of [-2, 2]^3 is rare, a wrong slope is not.
  EXPECT_LE(differed, compared / 500);
}

/// Parses, evaluates and compiles; whatever happens, an absent value has an error.
void survive(std::string_view text) {
  Diagnostics diagnostics;
  Names names;
  names.values = {0.5, -1.0, 2.0};
  const auto e = Expression::parse(text, {1, 1, 1}, diagnostics);
  ASSERT_EQ(e.has_value(), !diagnostics.has_errors()) << text;
  if (!e) return;
  const auto x = e->evaluate(names, diagnostics);
  ASSERT_EQ(x.has_value(), !diagnostics.has_errors()) << text;
  ASSERT_TRUE(std::isfinite(x.value_or(0.0))) << text;
  diagnostics = {};
  const auto program = e->compile(
      names,
      [](const Reference& r) { return std::optional<std::int32_t>(r.first.size() % 3); },
      diagnostics);
  ASSERT_EQ(program.has_value(), !diagnostics.has_errors()) << text;
  if (!program) return;
  std::vector<double> u(3, 0.7), gradient(3);
  ASSERT_TRUE(std::isfinite(program->evaluate(u, gradient))) << text;
  for (const double g : gradient) ASSERT_TRUE(std::isfinite(g)) << text;
}

TEST(RandomText, NeverCrashesTheParser) {
  std::mt19937 random(9);
  static constexpr std::string_view kAlphabet =
      "0123456789.eEkmxyzvi@#$_()[]{},?:+-*/^%!<>=&| \t'\"\\\n\xc2\xb5\xff";
  for (int n = 0; n < 30000; ++n) {
    std::string text(random() % 40, ' ');
    for (char& c : text)
      c = random() % 16 == 0 ? static_cast<char>(random() % 256)
                             : kAlphabet[random() % kAlphabet.size()];
    survive(text);
  }
}

TEST(RandomText, MutatedFromRealExpressionsNeverCrashesAnything) {
  static constexpr std::array<std::string_view, 8> kSeeds{
      "1e-5*0.25*sinh(v(wl_0_1,bl_0_1)/0.25)",
      "v(a)>0.5 ? min(i(v1)*2meg,1) : -pwr(v(a,b),1.5)",
      "table(v(x), -1,0, 0,0.5, 1k,2)+pwl(time,0,0,1n,1)",
      "1-pow((v(w)-stp(-i(g1))),(2*x))",
      "@m.x1.m1[id]*exp(-v(in+)/(boltz*(temper+273.15)/echarge))",
      "!(x&&y.1||z#2)^2**-0.5%3",
      "limit(uramp(x),u(y.1),u2(z#2))*atan2(x,sqr(2))/hypot(3,4)",
      "{if(x<=1,ln(abs(x)),log10(2))}*ternary_fcn(x!=0,nint(2.5),ceil(1.2))"};
  std::mt19937 random(10);
  for (int n = 0; n < 30000; ++n) {
    std::string text(kSeeds[random() % kSeeds.size()]);
    for (unsigned edits = 1 + random() % 4; edits > 0; --edits) {
      const std::size_t at = random() % (text.size() + 1);
      const std::string_view other = kSeeds[random() % kSeeds.size()];
      switch (random() % 4) {
        case 0:
          text.erase(at, random() % 6);
          break;
        case 1:
          text.insert(at, other.substr(random() % other.size(), random() % 12));
          break;
        case 2:
          text.insert(at, 1, static_cast<char>(random() % 256));
          break;
        default:
          text.insert(at, random() % 20, "(-!+"[random() % 4]);
      }
    }
    survive(text);
  }
}

}  // namespace
}  // namespace arrayspice
