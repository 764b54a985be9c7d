// SPDX-License-Identifier: Apache-2.0
// e^x - 1 as straight-line code, which compilers vectorise over the cells of an array
// (cell_law.cpp); the C library's is a call.
#pragma once

#include <bit>
#include <cstdint>

namespace arrayspice {

/// e^x - 1 for |x| <= 700, to 2 units in the last place.
///
/// With k = round(x/ln 2) and r = x - k ln 2, |r| <= ln(2)/2:
///     e^x - 1 = 2^k (e^r - 1) + (2^k - 1),
/// e^r - 1 by its Taylor series to r^13, whose rest is below 2e-17 of it.
inline double exp_minus_one(double x) {
  constexpr double kInverseLn2 = 1.4426950408889634;
  constexpr double kLn2High = 0x1.62e42feep-1;  // 33 bits: k times it is exact
  constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
  constexpr double kRound = 0x1.8p52;  // adding it leaves k in the lowest bits
  const double shifted = x * kInverseLn2 + kRound;
  const double k = shifted - kRound;
  const double r = (x - k * kLn2High) - k * kLn2Low;
  double q = 1.0 / 6227020800.0;
  q = q * r + 1.0 / 479001600.0;
  q = q * r + 1.0 / 39916800.0;
  q = q * r + 1.0 / 3628800.0;
  q = q * r + 1.0 / 362880.0;
  q = q * r + 1.0 / 40320.0;
  q = q * r + 1.0 / 5040.0;
  q = q * r + 1.0 / 720.0;
  q = q * r + 1.0 / 120.0;
  q = q * r + 1.0 / 24.0;
  q = q * r + 1.0 / 6.0;
  q = q * r + 0.5;
  const double p = r + r * r * q;
  const auto exponent =
      (std::bit_cast<std::uint64_t>(shifted) << 52U) + std::bit_cast<std::uint64_t>(1.0);
  const double power = std::bit_cast<double>(exponent);
  return power * p + (power - 1.0);
}

}  // namespace arrayspice
