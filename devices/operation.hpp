// SPDX-License-Identifier: Apache-2.0
// The operations of a Program: their values and partial derivatives.
//
// Domain::Plain is the C library: what a `.param` means, where a result that is not
// finite is an error. Domain::Total is what a behavioural source needs: finite everywhere
// and equal to Plain wherever that is defined and below 1e99:
//
//   log x, sqrt x   of |x| (ngspice manual, "Non-linear source")
//   x / 0           of a denominator of 1e-100
//   exp, sinh, cosh continued along the tangent beyond 227.96, where e^x = 1e99 (the
//                   limit of ngspice, which stays constant there and so loses the
//                   derivative)
//   asin, acos ...  at the nearest point of the domain
//   overflow        saturates at 1e300
#pragma once

#include <algorithm>
#include <cmath>

#include "devices/program.hpp"

namespace arrayspice {

enum class Domain { Plain, Total };

struct Partials {
  double a = 0.0, b = 0.0, c = 0.0;
};

namespace detail {

inline constexpr double kTiny = 1e-100;
inline constexpr double kHuge = 1e300;
inline constexpr double kLargestExponent = 227.95592420641054;  // ln 1e99
inline constexpr double kNearestToOne = 1.0 - 1e-12;            // |x| in atanh

inline double saturate(double x) { return std::clamp(x, -kHuge, kHuge); }
inline double sign(double x) { return static_cast<double>(x > 0.0) - (x < 0.0); }
inline double with_sign(double x, double magnitude) {
  return x < 0.0 ? -magnitude : magnitude;
}
inline double nonzero(double x) { return std::abs(x) < kTiny ? with_sign(x, kTiny) : x; }

inline double total_exp(double x) {
  if (x <= kLargestExponent) return std::exp(x);
  return saturate(1e99 * (1.0 + (x - kLargestExponent)));
}
inline double total_sinh(double x) {
  if (std::abs(x) <= kLargestExponent) return std::sinh(x);
  return with_sign(x, 0.5 * total_exp(std::abs(x)));
}
inline double total_cosh(double x) {
  if (std::abs(x) <= kLargestExponent) return std::cosh(x);
  return 0.5 * total_exp(std::abs(x));
}
/// a^b for a >= 0.
inline double total_power(double a, double b) {
  return std::min(std::pow(b < 0.0 ? std::max(a, kTiny) : a, b), kHuge);
}
/// The C library's a^b: negative a only with an integer b, otherwise 0.
inline double total_pow(double a, double b) {
  if (a >= 0.0) return total_power(a, b);
  const double r = std::pow(b < 0.0 ? nonzero(a) : a, b);
  return std::isnan(r) ? 0.0 : saturate(r);
}

/// The operations that Domain::Total continues; others are the same in both.
inline double total(Program::Op op, double a, double b) {
  using Op = Program::Op;
  switch (op) {
    case Op::Add:
      return saturate(a + b);
    case Op::Subtract:
      return saturate(a - b);
    case Op::Multiply:
      return saturate(a * b);
    case Op::Divide:
      return saturate(a / nonzero(b));
    case Op::Modulo:
      return std::fmod(a, nonzero(b));
    case Op::Power:
      return total_power(std::abs(a), b);
    case Op::Pow:
      return total_pow(a, b);
    case Op::Pwr:
      return sign(a) * total_power(std::abs(a), b);
    case Op::Exp:
      return total_exp(a);
    case Op::Sinh:
      return total_sinh(a);
    case Op::Cosh:
      return total_cosh(a);
    case Op::Log:
      return std::log(std::max(std::abs(a), kTiny));
    case Op::Log10:
      return std::log10(std::max(std::abs(a), kTiny));
    case Op::Sqrt:
      return std::sqrt(std::abs(a));
    case Op::Asin:
      return std::asin(std::clamp(a, -1.0, 1.0));
    case Op::Acos:
      return std::acos(std::clamp(a, -1.0, 1.0));
    case Op::Acosh:
      return std::acosh(std::max(a, 1.0));
    case Op::Atanh:
      return std::atanh(std::clamp(a, -kNearestToOne, kNearestToOne));
    case Op::Hypot:
      return std::min(std::hypot(a, b), kHuge);
    default:
      return 0.0;
  }
}

inline double plain(Program::Op op, double a, double b) {
  using Op = Program::Op;
  switch (op) {
    case Op::Add:
      return a + b;
    case Op::Subtract:
      return a - b;
    case Op::Multiply:
      return a * b;
    case Op::Divide:
      return a / b;
    case Op::Modulo:
      return std::fmod(a, b);
    case Op::Power:
      return std::pow(std::abs(a), b);
    case Op::Pow:
      return std::pow(a, b);
    case Op::Pwr:
      return sign(a) * std::pow(std::abs(a), b);
    case Op::Exp:
      return std::exp(a);
    case Op::Sinh:
      return std::sinh(a);
    case Op::Cosh:
      return std::cosh(a);
    case Op::Log:
      return std::log(a);
    case Op::Log10:
      return std::log10(a);
    case Op::Sqrt:
      return std::sqrt(a);
    case Op::Asin:
      return std::asin(a);
    case Op::Acos:
      return std::acos(a);
    case Op::Acosh:
      return std::acosh(a);
    case Op::Atanh:
      return std::atanh(a);
    case Op::Hypot:
      return std::hypot(a, b);
    default:
      return 0.0;
  }
}

}  // namespace detail

/// The value of an operation on one to three operands (not Constant, Input, Table).
template <Domain D>
double apply(Program::Op op, double a, double b = 0.0, double c = 0.0) {
  using Op = Program::Op;
  switch (op) {
    case Op::Negate:
      return -a;
    case Op::Not:
      return a == 0.0;
    case Op::Less:
      return a < b;
    case Op::LessEqual:
      return a <= b;
    case Op::Greater:
      return a > b;
    case Op::GreaterEqual:
      return a >= b;
    case Op::Equal:
      return a == b;
    case Op::NotEqual:
      return a != b;
    case Op::And:
      return a != 0.0 && b != 0.0;
    case Op::Or:
      return a != 0.0 || b != 0.0;
    case Op::Select:
      return a != 0.0 ? b : c;
    case Op::Sin:
      return std::sin(a);
    case Op::Cos:
      return std::cos(a);
    case Op::Tan:
      return std::tan(a);
    case Op::Atan:
      return std::atan(a);
    case Op::Atan2:
      return std::atan2(a, b);
    case Op::Tanh:
      return std::tanh(a);
    case Op::Asinh:
      return std::asinh(a);
    case Op::Abs:
      return std::abs(a);
    case Op::Min:
      return std::min(a, b);
    case Op::Max:
      return std::max(a, b);
    case Op::Sign:
      return detail::sign(a);
    case Op::Floor:
      return std::floor(a);
    case Op::Ceil:
      return std::ceil(a);
    case Op::Round:
      return std::nearbyint(a);  // halves to even, as ngspice's nint
    case Op::Truncate:
      return std::trunc(a);
    case Op::Step:
      return 0.5 * (1.0 + detail::sign(a));
    case Op::Ramp:
      return std::max(a, 0.0);
    case Op::Ramp1:
      return std::clamp(a, 0.0, 1.0);
    case Op::Limit:
      return std::min(std::max(a, b), c);
    default:
      return D == Domain::Total ? detail::total(op, a, b) : detail::plain(op, a, b);
  }
}

/// d/da, d/db, d/dc of the Total operation at a point where its value is `y`.
Partials partials(Program::Op op, double a, double b, double c, double y);

/// Operands of an operation: 0 to 3.
int arity(Program::Op op);

}  // namespace arrayspice
