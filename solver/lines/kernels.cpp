// SPDX-License-Identifier: Apache-2.0
#include "solver/lines/kernels.hpp"

// Highway compiles this file once per instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "solver/lines/kernels.cpp"
#include "hwy/foreach_target.h"  // must come before highway.h
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace arrayspice::lines::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::CappedTag<double, 8>;
using Vec = hn::Vec<Lanes>;
constexpr Lanes kLanes;
constexpr std::int64_t kL = hn::MaxLanes(Lanes());
constexpr std::int64_t kParts = kWidth / kL;  // vectors that make a row of 16

HWY_INLINE double sum(Vec v) { return hn::GetLane(hn::SumOfLanes(kLanes, v)); }

/// v[k] holds row k of a kL x kL tile; afterwards column k.
HWY_INLINE void transpose([[maybe_unused]] Vec* v) {
#if HWY_TARGET != HWY_SCALAR
  if constexpr (kL >= 2) {
    for (std::int64_t k = 0; k < kL; k += 2) {
      const Vec a = v[k], b = v[k + 1];
      v[k] = hn::InterleaveLower(kLanes, a, b);
      v[k + 1] = hn::InterleaveUpper(kLanes, a, b);
    }
  }
#if HWY_MAX_BYTES >= 64
  if constexpr (kL >= 8) {
    for (std::int64_t k = 0; k < kL; k += 4) {
      for (std::int64_t s = k; s < k + 2; ++s) {
        const Vec a = v[s], b = v[s + 2];
        v[s] = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(b), a);
        v[s + 2] = hn::OddEvenBlocks(b, hn::SwapAdjacentBlocks(a));
      }
    }
  }
#endif
#if HWY_MAX_BYTES >= 32
  if constexpr (kL >= 4) {
    for (std::int64_t k = 0; k < kL / 2; ++k) {
      const Vec a = v[k], b = v[k + kL / 2];
      v[k] = hn::ConcatLowerLower(kLanes, b, a);
      v[k + kL / 2] = hn::ConcatUpperUpper(kLanes, b, a);
    }
  }
#endif
#endif
}

/// Forward half for one tile of kL columns: p <- z + beta p, right-hand sides D p,
/// transposed, eliminated; y goes to scratch.
struct Forward {
  Vec carry[kParts];  // y of the previous column, lanes are rows
  Vec vertical;       // sum of (p_i - p_{i-1})^2 weighted by the bit segments
};

HWY_INLINE void forward_tile(const WordPass& a, std::int64_t group, std::int64_t column,
                             const Vec* c, Forward& state) {
  const std::int64_t i0 = group * kWidth;
  const std::int64_t base = (column / kWidth) * a.rows * kWidth + column % kWidth;
  const Vec beta = hn::Set(kLanes, a.beta);
  const Vec bit_c = hn::LoadU(kLanes, a.bit_segment + column);
  Vec above =
      i0 > 0 ? hn::LoadU(kLanes, a.p + base + (i0 - 1) * kWidth) : hn::Zero(kLanes);
  for (std::int64_t part = 0; part < kParts; ++part) {
    Vec tile[kL];
    for (std::int64_t k = 0; k < kL; ++k) {
      const std::int64_t at = base + (i0 + part * kL + k) * kWidth;
      const Vec p =
          hn::MulAdd(beta, hn::Load(kLanes, a.p + at), hn::Load(kLanes, a.z + at));
      hn::Store(p, kLanes, a.p + at);
      const std::int64_t i = i0 + part * kL + k;
      if (i > 0 && i < a.used_rows) {
        const Vec d = hn::Sub(p, above);
        state.vertical = hn::MulAdd(hn::Mul(bit_c, d), d, state.vertical);
      }
      above = p;
      tile[k] = hn::Mul(hn::Load(kLanes, a.cell + at), p);
      if (a.inject) tile[k] = hn::Add(tile[k], hn::Load(kLanes, a.inject + at));
    }
    transpose(tile);
    const double* factor = a.factor + (group * a.columns + column) * kWidth + part * kL;
    double* y = a.scratch + column * kWidth + part * kL;
    for (std::int64_t k = 0; k < kL; ++k) {
      const Vec m = hn::Load(kLanes, factor + k * kWidth);
      state.carry[part] =
          hn::MulAdd(hn::Mul(c[part], m), state.carry[part], hn::Mul(m, tile[k]));
      hn::Store(state.carry[part], kLanes, y + k * kWidth);
    }
  }
}

/// Backward half for one tile: w, transposed back, and u = D (w - p).
HWY_INLINE Vec backward_tile(const WordPass& a, std::int64_t group, std::int64_t column,
                             const Vec* c, Vec* next, Vec pu) {
  const std::int64_t i0 = group * kWidth;
  const std::int64_t base = (column / kWidth) * a.rows * kWidth + column % kWidth;
  for (std::int64_t part = 0; part < kParts; ++part) {
    const double* factor = a.factor + (group * a.columns + column) * kWidth + part * kL;
    const double* y = a.scratch + column * kWidth + part * kL;
    Vec tile[kL];
    for (std::int64_t k = kL - 1; k >= 0; --k) {
      const Vec m = hn::Load(kLanes, factor + k * kWidth);
      next[part] =
          hn::MulAdd(hn::Mul(c[part], m), next[part], hn::Load(kLanes, y + k * kWidth));
      tile[k] = next[part];
    }
    transpose(tile);
    for (std::int64_t k = 0; k < kL; ++k) {
      const std::int64_t at = base + (i0 + part * kL + k) * kWidth;
      const Vec p = hn::Load(kLanes, a.p + at);
      const Vec u = hn::Mul(hn::Load(kLanes, a.cell + at), hn::Sub(tile[k], p));
      pu = hn::MulAdd(p, u, pu);
      hn::Store(a.write_voltage ? tile[k] : u, kLanes, a.z + at);
    }
  }
  return pu;
}

WordSums word_line_pass(const WordPass& a, std::int64_t group) {
  Vec c[kParts], next[kParts];
  Forward state;
  state.vertical = hn::Zero(kLanes);
  for (std::int64_t part = 0; part < kParts; ++part) {
    c[part] = hn::LoadU(kLanes, a.segment + group * kWidth + part * kL);
    state.carry[part] = hn::Zero(kLanes);
    next[part] = hn::Zero(kLanes);
  }
  for (std::int64_t column = 0; column < a.columns; column += kL)
    forward_tile(a, group, column, c, state);
  Vec pu = hn::Zero(kLanes);
  for (std::int64_t column = a.columns - kL; column >= 0; column -= kL)
    pu = backward_tile(a, group, column, c, next, pu);
  return {sum(pu), sum(state.vertical)};
}

/// Two panel columns vectors at once would only lengthen the code: the kParts recurrences
/// are independent and overlap in the pipeline.
BitSums bit_line_pass(const BitPass& a, std::int64_t panel) {
  const std::int64_t base = panel * a.rows * kWidth;
  const std::int64_t last = a.used_rows - 1;
  const Vec alpha = hn::Set(kLanes, a.alpha);
  Vec rr = hn::Zero(kLanes), rz = hn::Zero(kLanes);
  Vec c[kParts], carry[kParts], from_above[kParts];
  for (std::int64_t part = 0; part < kParts; ++part) {
    c[part] = hn::LoadU(kLanes, a.segment + panel * kWidth + part * kL);
    const Vec p0 = hn::Load(kLanes, a.p + base + part * kL);
    from_above[part] =
        hn::Mul(hn::LoadU(kLanes, a.first_end + panel * kWidth + part * kL), p0);
    carry[part] = hn::Zero(kLanes);
  }
  for (std::int64_t i = 0; i <= last; ++i) {
    for (std::int64_t part = 0; part < kParts; ++part) {
      const std::int64_t at = base + i * kWidth + part * kL;
      const Vec p = hn::Load(kLanes, a.p + at);
      // Current down the segment below, or into the terminal after the last cell.
      const Vec below =
          i < last
              ? hn::Mul(c[part], hn::Sub(p, hn::Load(kLanes, a.p + at + kWidth)))
              : hn::Mul(hn::LoadU(kLanes, a.last_end + panel * kWidth + part * kL), p);
      const Vec sp =
          hn::Sub(hn::Add(from_above[part], below), hn::Load(kLanes, a.z + at));
      from_above[part] = hn::Neg(below);
      const Vec r = hn::NegMulAdd(alpha, sp, hn::Load(kLanes, a.r + at));
      hn::Store(r, kLanes, a.r + at);
      hn::Store(hn::MulAdd(alpha, p, hn::Load(kLanes, a.x + at)), kLanes, a.x + at);
      rr = hn::MulAdd(r, r, rr);
      const Vec m = hn::Load(kLanes, a.factor + at);
      carry[part] = hn::MulAdd(hn::Mul(c[part], m), carry[part], hn::Mul(m, r));
      hn::Store(carry[part], kLanes, a.z + at);
    }
  }
  Vec below[kParts];
  for (std::int64_t part = 0; part < kParts; ++part) below[part] = hn::Zero(kLanes);
  for (std::int64_t i = last; i >= 0; --i) {
    for (std::int64_t part = 0; part < kParts; ++part) {
      const std::int64_t at = base + i * kWidth + part * kL;
      const Vec m = hn::Load(kLanes, a.factor + at);
      below[part] =
          hn::MulAdd(hn::Mul(c[part], m), below[part], hn::Load(kLanes, a.z + at));
      hn::Store(below[part], kLanes, a.z + at);
      rz = hn::MulAdd(below[part], hn::Load(kLanes, a.r + at), rz);
    }
  }
  return {sum(rz), sum(rr)};
}

const char* instruction_set() { return hwy::TargetName(HWY_TARGET); }

}  // namespace arrayspice::lines::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace arrayspice::lines {
HWY_EXPORT(word_line_pass);
HWY_EXPORT(bit_line_pass);
HWY_EXPORT(instruction_set);

WordSums word_line_pass(const WordPass& pass, std::int64_t group) {
  return HWY_DYNAMIC_DISPATCH(word_line_pass)(pass, group);
}
BitSums bit_line_pass(const BitPass& pass, std::int64_t panel) {
  return HWY_DYNAMIC_DISPATCH(bit_line_pass)(pass, panel);
}
const char* instruction_set() { return HWY_DYNAMIC_DISPATCH(instruction_set)(); }
}  // namespace arrayspice::lines
#endif
