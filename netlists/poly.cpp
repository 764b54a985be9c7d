// SPDX-License-Identifier: Apache-2.0
#include "netlists/poly.hpp"

#include <algorithm>
#include <cassert>
#include <functional>
#include <vector>

namespace arrayspice {

namespace {

using Op = Program::Op;

/// Code that adds up coefficient * monomial.
class Sum {
 public:
  explicit Sum(std::int32_t inputs) {
    for (std::int32_t k = 0; k < inputs; ++k) emit({Op::Input, k});
  }

  std::int32_t emit(const Program::Instruction& i) {
    code_.push_back(i);
    return static_cast<std::int32_t>(code_.size() - 1);
  }
  /// Adds c times a monomial, or c alone (-1).
  void add(double c, std::int32_t monomial) {
    if (c == 0.0) return;
    std::int32_t term = emit({Op::Constant, -1, -1, -1, c});
    if (monomial >= 0) term = emit({Op::Multiply, term, monomial});
    total_ = total_ < 0 ? term : emit({Op::Add, total_, term});
  }
  Program finish(std::int32_t inputs) {
    // The result is the last instruction: the last one emitted need not be the sum.
    if (total_ < 0)
      emit({Op::Constant});
    else if (total_ + 1 != static_cast<std::int32_t>(code_.size()))
      emit({Op::Add, total_, emit({Op::Constant})});
    return Program(std::move(code_), inputs);
  }

 private:
  std::vector<Program::Instruction> code_;
  std::int32_t total_ = -1;
};

/// A product of inputs in ascending order, and the last of them.
struct Monomial {
  std::int32_t value;
  std::int32_t last;
};

}  // namespace

Program polynomial(std::int32_t inputs, std::span<const double> coefficients) {
  assert(inputs > 0 && !coefficients.empty());
  Sum sum(inputs);
  if (inputs == 1 && coefficients.size() == 1) {
    sum.add(coefficients[0], 0);
    return sum.finish(inputs);
  }
  sum.add(coefficients[0], -1);
  auto rest = coefficients.subspan(1);
  const auto take = [&] {
    const double c = rest.front();
    rest = rest.subspan(1);
    return c;
  };
  std::vector<Monomial> degree;
  for (std::int32_t k = 0; k < inputs && !rest.empty(); ++k) {
    degree.push_back({k, k});
    sum.add(take(), k);
  }
  // Appending every input from the last one on to every monomial keeps SPICE2's order.
  while (!rest.empty()) {
    std::vector<Monomial> next;
    for (const Monomial& m : degree)
      for (std::int32_t k = m.last; k < inputs && !rest.empty(); ++k) {
        next.push_back({sum.emit({Op::Multiply, m.value, k}), k});
        sum.add(take(), next.back().value);
      }
    degree = std::move(next);
  }
  return sum.finish(inputs);
}

Program tabulated(const Program& x, Program::Table table) {
  std::vector<Program::Instruction> code(x.code().begin(), x.code().end());
  std::vector<Program::Table> tables(x.tables().begin(), x.tables().end());
  const auto result = static_cast<std::int32_t>(code.size() - 1);
  code.push_back({Op::Table, result, static_cast<std::int32_t>(tables.size())});
  tables.push_back(std::move(table));
  return Program(std::move(code), x.inputs(), std::move(tables));
}

bool is_ascending(std::span<const double> x) {
  return std::adjacent_find(x.begin(), x.end(), std::greater_equal<>()) == x.end();
}

}  // namespace arrayspice
