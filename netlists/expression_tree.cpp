// SPDX-License-Identifier: Apache-2.0
#include "netlists/expression_tree.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace arrayspice {

Location Expression::Node::place(std::uint32_t offset) const {
  constexpr std::uint32_t most = std::numeric_limits<std::uint16_t>::max();
  Location where = at;
  where.column =
      static_cast<std::uint16_t>(std::min(most, at.column + std::min(offset, most)));
  return where;
}

namespace {

using Form = Builtin::Form;
using Op = Program::Op;

constexpr std::array kBuiltins{
    Builtin{"abs", Form::Simple, Op::Abs},
    Builtin{"acos", Form::Simple, Op::Acos},
    Builtin{"acosh", Form::Simple, Op::Acosh},
    Builtin{"agauss", Form::Random},
    Builtin{"arctan", Form::Simple, Op::Atan},
    Builtin{"asin", Form::Simple, Op::Asin},
    Builtin{"asinh", Form::Simple, Op::Asinh},
    Builtin{"atan", Form::Simple, Op::Atan},
    Builtin{"atan2", Form::Simple, Op::Atan2},
    Builtin{"atanh", Form::Simple, Op::Atanh},
    Builtin{"aunif", Form::Random},
    Builtin{"ceil", Form::Simple, Op::Ceil},
    Builtin{"cos", Form::Simple, Op::Cos},
    Builtin{"cosh", Form::Simple, Op::Cosh},
    Builtin{"ddt", Form::History},
    Builtin{"exp", Form::Simple, Op::Exp},
    Builtin{"floor", Form::Simple, Op::Floor},
    Builtin{"gauss", Form::Random},
    Builtin{"hypot", Form::Simple, Op::Hypot},
    Builtin{"idt", Form::History},
    Builtin{"if", Form::Simple, Op::Select},
    Builtin{"int", Form::Simple, Op::Truncate},
    Builtin{"limit", Form::Limit, Op::Limit},
    Builtin{"ln", Form::Simple, Op::Log},
    Builtin{"log", Form::Simple, Op::Log},
    Builtin{"log10", Form::Simple, Op::Log10},
    Builtin{"max", Form::Many, Op::Max},
    Builtin{"min", Form::Many, Op::Min},
    Builtin{"nint", Form::Simple, Op::Round},
    Builtin{"pow", Form::Power, Op::Pow},
    Builtin{"pwl", Form::PieceWise},
    Builtin{"pwr", Form::SignedPower, Op::Pwr},
    Builtin{"sdt", Form::History},
    Builtin{"sgn", Form::Simple, Op::Sign},
    Builtin{"sin", Form::Simple, Op::Sin},
    Builtin{"sinh", Form::Simple, Op::Sinh},
    Builtin{"sqr", Form::Square, Op::Multiply},
    Builtin{"sqrt", Form::Simple, Op::Sqrt},
    Builtin{"stp", Form::After, Op::Greater},
    Builtin{"table", Form::Table},
    Builtin{"tan", Form::Simple, Op::Tan},
    Builtin{"tanh", Form::Simple, Op::Tanh},
    Builtin{"ternary_fcn", Form::Simple, Op::Select},
    Builtin{"u", Form::Simple, Op::Step},
    Builtin{"u2", Form::Simple, Op::Ramp1},
    Builtin{"unif", Form::Random},
    Builtin{"uramp", Form::Simple, Op::Ramp},
};

constexpr bool by_name(const Builtin& a, const Builtin& b) { return a.name < b.name; }
static_assert(std::is_sorted(kBuiltins.begin(), kBuiltins.end(), by_name));

// CODATA 2019, exact in SI.
constexpr std::array kConstants{
    NamedConstant{"pi", 3.14159265358979323846},
    NamedConstant{"e", 2.71828182845904523536},
    NamedConstant{"boltz", 1.380649e-23},
    NamedConstant{"echarge", 1.602176634e-19},
    NamedConstant{"planck", 6.62607015e-34},
    NamedConstant{"kelvin", -273.15},
    NamedConstant{"true", 1.0},
    NamedConstant{"false", 0.0},
};

}  // namespace

std::span<const Builtin> builtins() { return kBuiltins; }
std::span<const NamedConstant> named_constants() { return kConstants; }

std::int16_t find_builtin(std::string_view name) {
  const auto at = std::lower_bound(kBuiltins.begin(), kBuiltins.end(),
                                   Builtin{name, Form::Simple}, by_name);
  if (at == kBuiltins.end() || at->name != name) return -1;
  return static_cast<std::int16_t>(at - kBuiltins.begin());
}

std::string written(const Reference& r) {
  switch (r.kind) {
    case Reference::Kind::Name:
      return r.first;
    case Reference::Kind::Voltage:
      return "v(" + r.first + (r.second.empty() ? "" : "," + r.second) + ")";
    case Reference::Kind::Current:
      return "i(" + r.first + ")";
    case Reference::Kind::DeviceParameter:
      return "@" + r.first + "[" + r.second + "]";
  }
  return {};
}

}  // namespace arrayspice
