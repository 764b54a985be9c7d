// SPDX-License-Identifier: Apache-2.0
// y = x m with the columns of m in the lanes: for those whose BLAS is the reference one.
#include "behavior/fused/lane_sweeps.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "behavior/fused/lane_products.cpp"
// clang-format off
#include "hwy/foreach_target.h"  // must come before highway.h
#include "behavior/fused/lane_law-inl.hpp"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace arrayspice::fused::HWY_NAMESPACE {

/// Rows first ... first + kRows - 1 of y, columns from j on that fill kVectors vectors.
template <int kRows, int kVectors>
HWY_INLINE void block(const ArraySpiceProduct& a, std::int64_t first, std::int64_t j) {
  Vec sum[kRows][kVectors];
  for (int r = 0; r < kRows; ++r)
    for (int v = 0; v < kVectors; ++v) sum[r][v] = hn::Zero(kTag);
  const float* x = a.x + first * a.inner;
  const float* m = a.m + j;
  for (std::int64_t k = 0; k < a.inner; ++k, m += a.columns) {
    Vec row[kVectors];
    for (int v = 0; v < kVectors; ++v) row[v] = load(m + v * kL);
    for (int r = 0; r < kRows; ++r)
      for (int v = 0; v < kVectors; ++v)
        sum[r][v] = hn::MulAdd(spread(x[r * a.inner + k]), row[v], sum[r][v]);
  }
  for (int r = 0; r < kRows; ++r)
    for (int v = 0; v < kVectors; ++v)
      store(sum[r][v], a.y + (first + r) * a.columns + j + v * kL);
}

void single(const ArraySpiceProduct& a, std::int64_t i, std::int64_t j) {
  float sum = 0.0F;
  for (std::int64_t k = 0; k < a.inner; ++k)
    sum += a.x[i * a.inner + k] * a.m[k * a.columns + j];
  a.y[i * a.columns + j] = sum;
}

template <int kRows>
void rows(const ArraySpiceProduct& a, std::int64_t first) {
  constexpr int kWide = kL >= 16 ? 2 : 1;  // sums that fit the registers
  std::int64_t j = 0;
  for (; j + kWide * kL <= a.columns; j += kWide * kL) block<kRows, kWide>(a, first, j);
  for (; j + kL <= a.columns; j += kL) block<kRows, 1>(a, first, j);
  for (; j < a.columns; ++j)
    for (std::int64_t r = 0; r < kRows; ++r) single(a, first + r, j);
}

void multiply(const ArraySpiceProduct& a) {
  constexpr std::int64_t kTogether = 8;
  std::int64_t i = 0;
  for (; i + kTogether <= a.batch; i += kTogether) rows<kTogether>(a, i);
  for (; i < a.batch; ++i) rows<1>(a, i);
}

}  // namespace arrayspice::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace arrayspice::fused {
HWY_EXPORT(multiply);
}  // namespace arrayspice::fused

void arrayspice_multiply(const ArraySpiceProduct* product) {
  using namespace arrayspice::fused;
  HWY_DYNAMIC_DISPATCH(multiply)(*product);
}
#endif
