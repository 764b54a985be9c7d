// SPDX-License-Identifier: Apache-2.0
// From an expression to a Program: every operation becomes an instruction once (equal
// instructions are found by hashing), operations on constants are carried out, neutral
// operations vanish, and what the result does not need is dropped.
#include <algorithm>
#include <bit>
#include <cmath>
#include <unordered_map>

#include "netlists/expression.hpp"
#include "netlists/expression_walk.hpp"

namespace arrayspice {

namespace {

using Op = Program::Op;
using Instruction = Program::Instruction;

class Compiler {
 public:
  using Value = std::int32_t;
  static constexpr bool kSource = true;

  explicit Compiler(const Expression::Resolver& resolve)
      : resolve_(resolve), slots_(kFirstSlots, -1) {}

  Value number(double x) { return emit({Op::Constant, -1, -1, -1, x}); }

  Value apply(Op op, Value a, Value b, Value c) {
    const int operands = arity(op);
    if (operands < 2) b = -1;
    if (operands < 3) c = -1;
    if (is_constant(a) && is_constant(b) && is_constant(c))
      return number(arrayspice::apply<Domain::Total>(op, value(a), value(b), value(c)));
    if (const auto simpler = simplify(op, a, b, c)) return *simpler;
    return emit({op, a, b, c, 0.0});
  }

  Value table(Value x, Program::Table points) {
    if (is_constant(x)) return number(look_up(points, value(x)).y);
    tables_.push_back(std::move(points));
    return emit({Op::Table, x, static_cast<std::int32_t>(tables_.size() - 1), -1, 0.0});
  }

  std::optional<double> constant(Value a) const {
    if (code_[a].op != Op::Constant) return std::nullopt;
    return code_[a].value;
  }

  /// A pair that the resolver does not carry as one is taken apart.
  std::optional<Value> resolve(const Reference& r) {
    if (const auto input = input_of(r)) return emit({Op::Input, *input, -1, -1, 0.0});
    if (r.kind != Reference::Kind::Voltage || r.second.empty()) return std::nullopt;
    const auto a = input_of({r.kind, r.first, {}}), b = input_of({r.kind, r.second, {}});
    if (!a || !b) return std::nullopt;
    return apply(Op::Subtract, emit({Op::Input, *a, -1, -1, 0.0}),
                 emit({Op::Input, *b, -1, -1, 0.0}), -1);
  }

  /// The program of what `result` needs.
  Program finish(Value result) {
    std::vector<std::int32_t> at(result + 1, -1);
    at[result] = 0;
    for (Value k = result; k >= 0; --k)
      if (at[k] == 0)
        for (const Value operand : operands(code_[k])) at[operand] = 0;
    std::vector<Instruction> code;
    for (Value k = 0; k <= result; ++k) {
      if (at[k] < 0) continue;
      at[k] = static_cast<std::int32_t>(code.size());
      code.push_back(renumbered(code_[k], at));
    }
    code.shrink_to_fit();
    return Program(std::move(code), inputs_, std::move(tables_));
  }

 private:
  static constexpr std::size_t kFirstSlots = 32;

  bool is_constant(Value a) const { return a < 0 || code_[a].op == Op::Constant; }
  double value(Value a) const { return a < 0 ? 0.0 : code_[a].value; }
  bool is(Value a, double x) const {
    return code_[a].op == Op::Constant && code_[a].value == x;
  }

  /// x + 0, x * 1, x ^ 2 and the like without their neutral operand.
  std::optional<Value> simplify(Op op, Value a, Value b, Value c) {
    switch (op) {
      case Op::Add:
        if (is(a, 0.0)) return b;
        if (is(b, 0.0)) return a;
        break;
      case Op::Subtract:
        if (is(b, 0.0)) return a;
        if (is(a, 0.0)) return apply(Op::Negate, b, -1, -1);
        break;
      case Op::Multiply:
        if (is(a, 1.0)) return b;
        if (is(b, 1.0)) return a;
        if (is(a, 0.0) || is(b, 0.0)) return number(0.0);  // every value is finite
        break;
      case Op::Divide:
        if (is(b, 1.0)) return a;
        break;
      case Op::Power:
        if (is(b, 2.0)) return emit({Op::Multiply, a, a, -1, 0.0});
        if (is(b, 0.0)) return number(1.0);
        // v^3 of a negative voltage is negative; ngspice's |v|^3 would bend the cubic.
        if (is_constant(b) && value(b) == std::trunc(value(b)))
          return apply(Op::Pow, a, b, -1);
        break;
      case Op::Negate:
        if (code_[a].op == Op::Negate) return code_[a].a;
        break;
      case Op::Select:
        if (is_constant(a)) return value(a) != 0.0 ? b : c;
        if (b == c) return b;
        break;
      default:
        break;
    }
    return std::nullopt;
  }

  std::optional<std::int32_t> input_of(const Reference& r) {
    const auto [at, is_new] = known_.try_emplace(written(r));
    if (is_new) at->second = resolve_(r);
    if (at->second) inputs_ = std::max(inputs_, *at->second + 1);
    return at->second;
  }

  static std::vector<Value> operands(const Instruction& i) {
    std::vector<Value> all;
    if (i.op == Op::Table) return {i.a};
    const int n = arity(i.op);
    if (n > 0) all.push_back(i.a);
    if (n > 1) all.push_back(i.b);
    if (n > 2) all.push_back(i.c);
    return all;
  }
  static Instruction renumbered(Instruction i, const std::vector<std::int32_t>& at) {
    const int n = i.op == Op::Table ? 1 : arity(i.op);
    if (n > 0) i.a = at[i.a];
    if (n > 1) i.b = at[i.b];
    if (n > 2) i.c = at[i.c];
    return i;
  }

  // --- equal instructions are one (open addressing, at most half full)
  static std::size_t hash(const Instruction& i) {
    std::uint64_t h = static_cast<std::uint64_t>(i.op);
    for (const std::uint64_t part :
         {static_cast<std::uint64_t>(i.a), static_cast<std::uint64_t>(i.b),
          static_cast<std::uint64_t>(i.c), std::bit_cast<std::uint64_t>(i.value)}) {
      h = (h ^ part) * 0x9e3779b97f4a7c15ull;
      h ^= h >> 29;
    }
    return h;
  }
  static bool same(const Instruction& a, const Instruction& b) {
    return a.op == b.op && a.a == b.a && a.b == b.b && a.c == b.c &&
           std::bit_cast<std::uint64_t>(a.value) == std::bit_cast<std::uint64_t>(b.value);
  }
  std::size_t slot_of(const Instruction& i) const {
    std::size_t slot = hash(i) & (slots_.size() - 1);
    while (slots_[slot] >= 0 && !same(code_[slots_[slot]], i))
      slot = (slot + 1) & (slots_.size() - 1);
    return slot;
  }

  Value emit(const Instruction& i) {
    std::size_t slot = slot_of(i);
    if (slots_[slot] >= 0) return slots_[slot];
    if (2 * (code_.size() + 1) > slots_.size()) {
      slots_.assign(2 * slots_.size(), -1);
      for (std::size_t k = 0; k < code_.size(); ++k)
        slots_[slot_of(code_[k])] = static_cast<Value>(k);
      slot = slot_of(i);
    }
    code_.push_back(i);
    return slots_[slot] = static_cast<Value>(code_.size() - 1);
  }

  const Expression::Resolver& resolve_;
  std::vector<Instruction> code_;
  std::vector<Program::Table> tables_;
  std::vector<Value> slots_;
  std::unordered_map<std::string, std::optional<std::int32_t>> known_;
  std::int32_t inputs_ = 0;
};

}  // namespace

std::optional<Program> Expression::compile(const NameScope& scope,
                                           const Resolver& resolve,
                                           Diagnostics& diagnostics) const {
  Compiler compiler(resolve);
  const auto result = ExpressionWalk<Compiler>(compiler, scope, diagnostics).run(*root_);
  if (!result) return std::nullopt;
  return compiler.finish(*result);
}

}  // namespace arrayspice
