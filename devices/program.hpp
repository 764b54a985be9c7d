// SPDX-License-Identifier: Apache-2.0
// A compiled expression y(u_0 ... u_{n-1}) with its exact gradient: what a behavioural
// source evaluates. Straight-line code in registers; `?:` and the like are selections.
// Made by netlists/expression.hpp; devices know nothing of the text it came from.
//
// A program is total: it gives a finite y and gradient for every finite u, whatever
// Newton tries (devices/operation.hpp says how each operation is continued outside its
// domain).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace arrayspice {

class Program {
 public:
  enum class Op : std::uint8_t {
    Constant,
    Input,
    Negate,
    Not,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Power,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
    And,
    Or,
    Select,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Atan2,
    Sinh,
    Cosh,
    Tanh,
    Asinh,
    Acosh,
    Atanh,
    Exp,
    Log,
    Log10,
    Sqrt,
    Abs,
    Min,
    Max,
    Pow,
    Pwr,
    Sign,
    Floor,
    Ceil,
    Round,
    Truncate,
    Step,
    Ramp,
    Ramp1,
    Limit,
    Hypot,
    Table,
  };
  static constexpr int kOps = static_cast<int>(Op::Table) + 1;

  /// result[k] = op(result[a], result[b], result[c]); operands always come before k.
  /// Constant: value. Input: a is the input's index. Table: a is x, b the table's index.
  struct Instruction {
    Op op;
    std::int32_t a = -1, b = -1, c = -1;
    double value = 0.0;
  };
  struct Table {  ///< piecewise linear; x strictly ascending, at least one point
    std::vector<double> x, y;
    bool extrapolates = false;  ///< continues its end segments; else constant outside
  };

  Program() = default;
  Program(std::vector<Instruction> code, std::int32_t inputs,
          std::vector<Table> tables = {});

  std::int32_t inputs() const { return inputs_; }
  std::span<const Instruction> code() const { return code_; }
  std::span<const Table> tables() const { return tables_; }

  /// y at u (inputs() elements).
  double evaluate(std::span<const double> u) const;
  /// y and dy/du (reverse mode: about three times the cost of evaluate, for any
  /// inputs()).
  double evaluate(std::span<const double> u, std::span<double> gradient) const;

 private:
  void run(std::span<const double> u, double* result) const;
  void reverse(const double* result, double* adjoint, std::span<double> gradient) const;

  std::vector<Instruction> code_;
  std::vector<Table> tables_;
  std::int32_t inputs_ = 0;
};

/// y at x, and its slope there (that of the segment to the right at a point).
struct TableValue {
  double y, slope;
};
TableValue look_up(const Program::Table& table, double x);

}  // namespace arrayspice
