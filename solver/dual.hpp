// SPDX-License-Identifier: Apache-2.0
// Forward-mode automatic differentiation: a value with its gradient in N directions.
//
// With e_k^2 = 0,  f(a + sum b_k e_k) = f(a) + f'(a) sum b_k e_k.  A device that writes
// its equations once for a scalar type T gets its exact Jacobian by being called with
// Dual<N>.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>

namespace arrayspice {

template <std::size_t N>
struct Dual {
  double value = 0.0;
  std::array<double, N> gradient{};

  constexpr Dual() = default;
  constexpr Dual(double v) : value(v) {}  // NOLINT: constants mix freely with duals
  /// The k-th independent variable.
  static constexpr Dual variable(double v, std::size_t k) {
    Dual d(v);
    d.gradient[k] = 1.0;
    return d;
  }

  constexpr Dual& operator+=(const Dual& b) {
    value += b.value;
    for (std::size_t k = 0; k < N; ++k) gradient[k] += b.gradient[k];
    return *this;
  }
  constexpr Dual& operator-=(const Dual& b) {
    value -= b.value;
    for (std::size_t k = 0; k < N; ++k) gradient[k] -= b.gradient[k];
    return *this;
  }
  constexpr Dual& operator*=(const Dual& b) { return *this = *this * b; }
  constexpr Dual& operator/=(const Dual& b) { return *this = *this / b; }

  friend constexpr Dual operator-(Dual a) { return chain(a, -a.value, -1.0); }
  friend constexpr Dual operator+(Dual a, const Dual& b) { return a += b; }
  friend constexpr Dual operator-(Dual a, const Dual& b) { return a -= b; }
  friend constexpr Dual operator*(const Dual& a, const Dual& b) {
    Dual r(a.value * b.value);
    for (std::size_t k = 0; k < N; ++k)
      r.gradient[k] = a.gradient[k] * b.value + a.value * b.gradient[k];
    return r;
  }
  friend constexpr Dual operator/(const Dual& a, const Dual& b) {
    const double inverse = 1.0 / b.value;
    Dual r(a.value * inverse);
    for (std::size_t k = 0; k < N; ++k)
      r.gradient[k] = (a.gradient[k] - r.value * b.gradient[k]) * inverse;
    return r;
  }
  friend constexpr auto operator<=>(const Dual& a, const Dual& b) {
    return a.value <=> b.value;
  }
  friend constexpr bool operator==(const Dual& a, const Dual& b) {
    return a.value == b.value;
  }

  /// f(a) with f'(a) = slope, by the chain rule.
  friend constexpr Dual chain(const Dual& a, double f, double slope) {
    Dual r(f);
    for (std::size_t k = 0; k < N; ++k) r.gradient[k] = slope * a.gradient[k];
    return r;
  }
  /// c ? a : b, member by member: compilers make vector blends of it.
  friend constexpr Dual select(bool c, const Dual& a, const Dual& b) {
    Dual r(c ? a.value : b.value);
    for (std::size_t k = 0; k < N; ++k) r.gradient[k] = c ? a.gradient[k] : b.gradient[k];
    return r;
  }
  friend Dual exp(const Dual& a) {
    const double e = std::exp(a.value);
    return chain(a, e, e);
  }
  friend Dual log(const Dual& a) { return chain(a, std::log(a.value), 1.0 / a.value); }
  friend Dual log1p(const Dual& a) {
    return chain(a, std::log1p(a.value), 1.0 / (1.0 + a.value));
  }
  friend Dual sqrt(const Dual& a) {
    const double s = std::sqrt(a.value);
    return chain(a, s, 0.5 / s);
  }
  friend Dual sin(const Dual& a) {
    return chain(a, std::sin(a.value), std::cos(a.value));
  }
  friend Dual cos(const Dual& a) {
    return chain(a, std::cos(a.value), -std::sin(a.value));
  }
  friend Dual sinh(const Dual& a) {
    return chain(a, std::sinh(a.value), std::cosh(a.value));
  }
  friend Dual cosh(const Dual& a) {
    return chain(a, std::cosh(a.value), std::sinh(a.value));
  }
  friend Dual tanh(const Dual& a) {
    const double t = std::tanh(a.value);
    return chain(a, t, 1.0 - t * t);
  }
  friend Dual atan(const Dual& a) {
    return chain(a, std::atan(a.value), 1.0 / (1.0 + a.value * a.value));
  }
  friend Dual abs(const Dual& a) { return a.value < 0.0 ? -a : a; }
  friend Dual pow(const Dual& a, double p) {
    return chain(a, std::pow(a.value, p), p * std::pow(a.value, p - 1.0));
  }
};

/// The same for a plain number, so that an equation may state its own derivative.
inline double chain(double, double f, double) { return f; }
inline double select(bool c, double a, double b) { return c ? a : b; }

/// The plain number behind a scalar: what a branch in a device equation may look at.
inline double value_of(double x) { return x; }
template <std::size_t N>
double value_of(const Dual<N>& x) {
  return x.value;
}

}  // namespace arrayspice
