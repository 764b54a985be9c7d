// SPDX-License-Identifier: Apache-2.0
#include "devices/operation.hpp"

namespace arrayspice {

namespace {

using detail::kLargestExponent;
using detail::kNearestToOne;
using detail::kTiny;
using detail::nonzero;
using detail::sign;
using Op = Program::Op;

/// 1/sqrt(x), large but finite at 0.
double inverse_sqrt(double x) { return 1.0 / std::sqrt(std::max(x, 1e-24)); }

/// d(|a|^b) = b |a|^(b-1) sgn(a) da + |a|^b ln|a| db, with y = |a|^b.
Partials power_partials(double a, double b, double y) {
  const double magnitude = std::max(std::abs(a), kTiny);
  const double da = b == 0.0 ? 0.0 : b * detail::total_power(std::abs(a), b - 1.0);
  return {da * (a < 0.0 ? -1.0 : 1.0), y == 0.0 ? 0.0 : y * std::log(magnitude)};
}

/// |x|^b sgn(x) has the derivative of |x|^b without the sign; pow has it with the sign of
/// y.
Partials pow_partials(Op op, double a, double b, double y) {
  if (op == Op::Pow && a < 0.0 && b != std::trunc(b)) return {};  // no value: 0
  Partials p = power_partials(a, b, std::abs(y));
  if (op == Op::Pwr) return {std::abs(p.a) * sign(b), p.b * sign(y)};
  if (op == Op::Pow && y < 0.0) return {-p.a, -p.b};
  return p;
}

Partials trigonometric(Op op, double a, double b, double y) {
  switch (op) {
    case Op::Sin:
      return {std::cos(a)};
    case Op::Cos:
      return {-std::sin(a)};
    case Op::Tan:
      return {1.0 + y * y};
    case Op::Asin:
      return {std::abs(a) < 1.0 ? inverse_sqrt(1.0 - a * a) : 0.0};
    case Op::Acos:
      return {std::abs(a) < 1.0 ? -inverse_sqrt(1.0 - a * a) : 0.0};
    case Op::Atan:
      return {1.0 / (1.0 + a * a)};
    case Op::Atan2: {
      const double r2 = std::max(a * a + b * b, kTiny);
      return {b / r2, -a / r2};
    }
    default:
      return {};
  }
}

Partials hyperbolic(Op op, double a, double y) {
  switch (op) {
    case Op::Sinh:
      return {std::abs(a) <= kLargestExponent ? std::sqrt(1.0 + y * y) : 0.5e99};
    case Op::Cosh:
      return {std::abs(a) <= kLargestExponent ? std::sinh(a) : sign(a) * 0.5e99};
    case Op::Tanh:
      return {1.0 - y * y};
    case Op::Asinh:
      return {1.0 / std::sqrt(1.0 + a * a)};
    case Op::Acosh:
      return {a > 1.0 ? inverse_sqrt(a * a - 1.0) : 0.0};
    case Op::Atanh:
      return {std::abs(a) < kNearestToOne ? 1.0 / (1.0 - a * a) : 0.0};
    default:
      return {};
  }
}

Partials arithmetic(Op op, double a, double b, double y) {
  switch (op) {
    case Op::Negate:
      return {-1.0};
    case Op::Add:
      return {1.0, 1.0};
    case Op::Subtract:
      return {1.0, -1.0};
    case Op::Multiply:
      return {b, a};
    case Op::Divide:
      return {1.0 / nonzero(b), -y / nonzero(b)};
    case Op::Modulo:
      return {1.0, -std::trunc(a / nonzero(b))};
    case Op::Abs:
      return {a < 0.0 ? -1.0 : 1.0};
    case Op::Hypot:
      return {a / nonzero(y), b / nonzero(y)};
    case Op::Exp:
      return {a <= kLargestExponent ? y : 1e99};
    case Op::Log:
      return {std::abs(a) < kTiny ? 0.0 : 1.0 / a};
    case Op::Log10:
      return {std::abs(a) < kTiny ? 0.0 : 1.0 / (a * std::log(10.0))};
    case Op::Sqrt:
      return {sign(a) * 0.5 * inverse_sqrt(std::abs(a))};
    default:
      return {};
  }
}

/// Steps have slope 0; selections pass the slope of the operand they chose.
Partials piecewise(Op op, double a, double b, double c, double y) {
  switch (op) {
    case Op::Select:
      return a != 0.0 ? Partials{0.0, 1.0} : Partials{0.0, 0.0, 1.0};
    case Op::Min:
    case Op::Max:
      return y == a ? Partials{1.0} : Partials{0.0, 1.0};
    case Op::Ramp:
      return {a > 0.0 ? 1.0 : 0.0};
    case Op::Ramp1:
      return {a > 0.0 && a < 1.0 ? 1.0 : 0.0};
    case Op::Limit:
      if (y == a) return {1.0};
      return y == c ? Partials{0.0, 0.0, 1.0} : Partials{0.0, 1.0};
    default:
      (void)b;
      return {};
  }
}

}  // namespace

Partials partials(Op op, double a, double b, double c, double y) {
  switch (op) {
    case Op::Power:
    case Op::Pow:
    case Op::Pwr:
      return pow_partials(op, a, b, y);
    case Op::Negate:
    case Op::Add:
    case Op::Subtract:
    case Op::Multiply:
    case Op::Divide:
    case Op::Modulo:
    case Op::Abs:
    case Op::Hypot:
    case Op::Exp:
    case Op::Log:
    case Op::Log10:
    case Op::Sqrt:
      return arithmetic(op, a, b, y);
    case Op::Sinh:
    case Op::Cosh:
    case Op::Tanh:
    case Op::Asinh:
    case Op::Acosh:
    case Op::Atanh:
      return hyperbolic(op, a, y);
    case Op::Sin:
    case Op::Cos:
    case Op::Tan:
    case Op::Asin:
    case Op::Acos:
    case Op::Atan:
    case Op::Atan2:
      return trigonometric(op, a, b, y);
    default:
      return piecewise(op, a, b, c, y);
  }
}

int arity(Op op) {
  switch (op) {
    case Op::Constant:
    case Op::Input:
      return 0;
    case Op::Select:
    case Op::Limit:
      return 3;
    case Op::Add:
    case Op::Subtract:
    case Op::Multiply:
    case Op::Divide:
    case Op::Modulo:
    case Op::Power:
    case Op::Pow:
    case Op::Pwr:
    case Op::Less:
    case Op::LessEqual:
    case Op::Greater:
    case Op::GreaterEqual:
    case Op::Equal:
    case Op::NotEqual:
    case Op::And:
    case Op::Or:
    case Op::Atan2:
    case Op::Min:
    case Op::Max:
    case Op::Hypot:
      return 2;
    default:
      return 1;
  }
}

}  // namespace arrayspice
