// SPDX-License-Identifier: Apache-2.0
// What keeps Newton's method on the page: functions that stay finite for any argument,
// and the junction limiting of SPICE.
//
// Limiting after L. W. Nagel, "SPICE2: A Computer Program to Simulate Semiconductor
// Circuits", UCB/ERL M520 (1975), and T. L. Quarles, UCB/ERL M89/42 (1989), restated here
// as intervals that the new value is clamped to.
#pragma once

#include <algorithm>
#include <cmath>

#include "devices/elementary.hpp"
#include "solver/dual.hpp"

namespace arrayspice {

/// Beyond this argument exp and sinh go on as straight lines: e^80 = 5.5e34.
inline constexpr double kExponentLimit = 80.0;

/// exp(x), continued by its tangent above the limit.
template <class T>
T limited_exp(const T& x) {
  const double u = value_of(x);
  const double e = std::exp(std::min(u, kExponentLimit));
  return chain(x, u > kExponentLimit ? e * (1.0 + (u - kExponentLimit)) : e, e);
}

/// sinh(x), continued by its tangent beyond the limit. One expm1 gives sinh and cosh:
/// with m = e^u - 1,  sinh u = (m + m/(m+1))/2,  cosh u = 1 + m^2/(2(m+1)).
template <class T>
T limited_sinh(const T& x) {
  const double u = value_of(x);
  const double a = std::min(std::abs(u), kExponentLimit);
  const double m = exp_minus_one(a);
  const double cosh = 1.0 + 0.5 * m * m / (m + 1.0);
  const double sinh = 0.5 * (m + m / (m + 1.0)) + cosh * (std::abs(u) - a);
  return chain(x, std::copysign(sinh, u), cosh);
}

/// The voltage at which a junction i = is exp(v/vt) starts to be limited: where its
/// characteristic has the smallest radius of curvature.
inline double critical_voltage(double vt, double is) {
  return vt * std::log(vt / (std::sqrt(2.0) * is));
}

/// pn junction: a step that ends above v_critical is taken in current, not in voltage:
/// is e^(v/vt) follows its tangent at v_old to v_new, so v = v_old + vt ln(1 + dv/vt).
inline double limit_junction(double v_new, double v_old, double vt, double v_critical) {
  if (v_new <= v_critical || std::abs(v_new - v_old) <= 2.0 * vt) return v_new;
  if (v_old <= 0.0) return vt * std::log(v_new / vt);
  const double growth = 1.0 + (v_new - v_old) / vt;
  return growth > 0.0 ? v_old + vt * std::log(growth) : v_critical;
}

/// A conductor i = is e^(|v|/vt), the same in both directions.
inline double limit_two_way(double v_new, double v_old, double vt, double is) {
  const double sign = v_new < 0.0 ? -1.0 : 1.0;
  const double start = std::max(sign * v_old, 0.0);
  return sign * limit_junction(sign * v_new, start, vt, critical_voltage(vt, is));
}

/// Gate-source voltage of a transistor with threshold v_on: one iteration may not cross
/// more than the border of its region (off, near threshold, 3.5 V above it).
inline double limit_gate(double v_new, double v_old, double v_on) {
  const double reach = 2.0 * std::abs(v_old - v_on) + 2.0;
  if (v_old < v_on) return std::clamp(v_new, v_old - reach, v_on + 0.5);
  if (v_old < v_on + 3.5) return std::clamp(v_new, v_on - 0.5, v_on + 4.0);
  return std::clamp(v_new, v_on + 2.0, v_old + reach);
}

/// Drain-source voltage, not negative before: not far past 3.5 V either way.
inline double limit_drain(double v_new, double v_old) {
  if (v_old >= 3.5) return std::clamp(v_new, 2.0, 3.0 * v_old + 2.0);
  return std::clamp(v_new, -0.5, 4.0);
}

}  // namespace arrayspice
