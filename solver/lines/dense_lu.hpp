// SPDX-License-Identifier: Apache-2.0
// LU factors of a small dense matrix, row by row in place, with row exchanges.
#pragma once

#include <cmath>
#include <cstdint>
#include <utility>

namespace arrayspice::lines {

/// swaps[k]: the row that step k exchanged with row k. False when singular.
inline bool factor_dense(double* a, std::int32_t n, std::int32_t* swaps) {
  for (std::int32_t k = 0; k < n; ++k) {
    std::int32_t pivot = k;
    for (std::int32_t i = k + 1; i < n; ++i)
      if (std::abs(a[i * n + k]) > std::abs(a[pivot * n + k])) pivot = i;
    swaps[k] = pivot;
    if (a[pivot * n + k] == 0.0 || !std::isfinite(a[pivot * n + k])) return false;
    if (pivot != k)
      for (std::int32_t j = 0; j < n; ++j) std::swap(a[k * n + j], a[pivot * n + j]);
    for (std::int32_t i = k + 1; i < n; ++i) {
      const double factor = a[i * n + k] /= a[k * n + k];
      for (std::int32_t j = k + 1; j < n; ++j) a[i * n + j] -= factor * a[k * n + j];
    }
  }
  return true;
}

/// b <- A^-1 b for `count` right-hand sides, b[i * count + c].
inline void solve_dense(const double* a, std::int32_t n, const std::int32_t* swaps,
                        double* b, std::int32_t count) {
  for (std::int32_t k = 0; k < n; ++k)
    for (std::int32_t c = 0; swaps[k] != k && c < count; ++c)
      std::swap(b[k * count + c], b[swaps[k] * count + c]);
  for (std::int32_t k = 1; k < n; ++k)
    for (std::int32_t j = 0; j < k; ++j)
      for (std::int32_t c = 0; c < count; ++c)
        b[k * count + c] -= a[k * n + j] * b[j * count + c];
  for (std::int32_t k = n - 1; k >= 0; --k)
    for (std::int32_t c = 0; c < count; ++c) {
      double sum = b[k * count + c];
      for (std::int32_t j = k + 1; j < n; ++j) sum -= a[k * n + j] * b[j * count + c];
      b[k * count + c] = sum / a[k * n + k];
    }
}

}  // namespace arrayspice::lines
