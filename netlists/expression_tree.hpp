// SPDX-License-Identifier: Apache-2.0
// What a parsed expression is made of: its operands and operations in postfix order, so
// that no walk over it recurses, however deep the parentheses were. Private to
// expression*.cpp.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "netlists/expression.hpp"

namespace arrayspice {

struct Expression::Node {
  enum class Kind : std::uint8_t { Number, Reference, Operation, Call };
  struct Item {
    Kind kind;
    Program::Op op = Program::Op::Constant;  ///< of an Operation
    std::int16_t builtin = -1;   ///< of a Call: index into builtins(), -1: none of them
    std::uint32_t offset = 0;    ///< in the text, for messages
    std::int32_t index = 0;      ///< into `references` or `calls`
    std::int32_t arguments = 0;  ///< of a Call
    double number = 0.0;
  };
  std::vector<Item> items;
  std::vector<Reference> references;
  std::vector<std::string> calls;
  Location at;

  Location place(std::uint32_t offset) const;
};

/// The functions that need no `.func`.
struct Builtin {
  enum class Form : std::uint8_t {
    Simple,       ///< one operation on as many arguments as it takes
    Many,         ///< two arguments or more, combined from left to right
    Square,       ///< sqr(x) = x x
    After,        ///< stp(x) = x > 0
    Power,        ///< pow: C's in parameters, |x|^y in sources, as ngspice has it
    SignedPower,  ///< pwr: |x|^y in parameters, sgn(x) |x|^y in sources
    Table,        ///< table(x, x1, y1, ...): constant outside the points
    PieceWise,    ///< pwl(x, x1, y1, ...): extrapolates, as ngspice does
    Limit,        ///< limit(x, low, high); two arguments are a random number
    Random,
    History,  ///< ddt and the like: need the past
  };
  std::string_view name;
  Form form;
  Program::Op op = Program::Op::Constant;
};
std::span<const Builtin> builtins();
/// Index into builtins(), or -1.
std::int16_t find_builtin(std::string_view lower_case_name);

struct NamedConstant {
  std::string_view name;
  double value;
};
/// pi, e, and the constants of nature; a parameter of that name comes first.
std::span<const NamedConstant> named_constants();

/// `v(a,b)`, `i(v1)`, `@r1[i]`, `x`: a reference as the user wrote it.
std::string written(const Reference& reference);

}  // namespace arrayspice
