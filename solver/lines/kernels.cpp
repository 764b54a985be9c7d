// SPDX-License-Identifier: Apache-2.0
#include "solver/lines/kernels.hpp"

// Highway compiles this file once per instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "solver/lines/kernels.cpp"
#include "hwy/cache_control.h"
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

/// What a pass is part of: the passes that take the time are compiled on their own.
enum class Step {
  Start,      ///< p = 0, the result is Current
  Iteration,  ///< p <- z + beta p, nothing injected, the result is Difference
  Corrected,  ///< the same, and z has a smooth part
  Any
};
constexpr bool is_iteration(Step step) {
  return step == Step::Iteration || step == Step::Corrected;
}

template <Step kStep>
HWY_INLINE Vec load_p(const WordPass& a, std::int64_t at) {
  const bool is_zero = kStep == Step::Start || (kStep == Step::Any && !a.p);
  return is_zero ? hn::Zero(kLanes) : hn::Load(kLanes, a.p + at);
}

/// Everything of a pass that is the same for all tiles of a group.
struct WordGroup {
  const WordPass& a;
  std::int64_t group;
  double* scratch;
  Vec c[kParts];
};

/// Conductance from the cell at `column` to the next, of the rows of a part.
template <bool kPlain>
HWY_INLINE Vec word_segment(const WordGroup& g, std::int64_t column, std::int64_t part) {
  if (kPlain || !g.a.word.varied) return g.c[part];
  return hn::Load(
      kLanes, g.a.word.varied + (g.group * g.a.columns + column) * kWidth + part * kL);
}

/// Conductance of the bit line above the cells at `at`.
template <bool kPlain>
HWY_INLINE Vec segment_above(const WordPass& a, std::int64_t at, Vec uniform) {
  if (kPlain || !a.bit_varied) return uniform;
  return hn::Load(kLanes, a.bit_varied + at - kWidth);
}

struct Forward {
  Vec carry[kParts];  // m y of the previous column, lanes are rows
  Vec vertical[2];    // energy of p in the bit lines' segments, in their shunts
};

/// z with its smooth part.
template <Step kStep>
HWY_INLINE Vec corrected_z(const WordPass& a, std::int64_t row, std::int64_t column,
                           std::int64_t at) {
  const Vec z = hn::Load(kLanes, a.z + at);
  const bool corrected =
      kStep == Step::Corrected || (kStep == Step::Any && a.smooth.values);
  if (!corrected) return z;
  const double* const low = a.smooth.values + a.smooth.node[row] * a.columns + column;
  const Vec s = hn::Set(kLanes, a.smooth.weight[row]);
  const Vec from = hn::Load(kLanes, low), to = hn::Load(kLanes, low + a.columns);
  return hn::Add(z, hn::MulAdd(s, hn::Sub(to, from), from));
}

/// p at the cells `at`, first updated where the step does so.
template <Step kStep>
HWY_INLINE Vec next_p(const WordPass& a, std::int64_t row, std::int64_t column,
                      std::int64_t at, Vec beta) {
  const bool update = is_iteration(kStep) || (kStep == Step::Any && a.update);
  if (!update) return load_p<kStep>(a, at);
  const Vec z = corrected_z<kStep>(a, row, column, at);
  const bool has_p = is_iteration(kStep) || a.beta != 0.0;
  const Vec p = has_p ? hn::MulAdd(beta, hn::Load(kLanes, a.p + at), z) : z;
  hn::Store(p, kLanes, a.p + at);
  return p;
}

/// in p + inject
template <Step kStep>
HWY_INLINE Vec right_side(const WordPass& a, std::int64_t at, Vec p) {
  if (kStep == Step::Start)
    return a.inject ? hn::Load(kLanes, a.inject + at) : hn::Zero(kLanes);
  const Vec in_p = hn::Mul(hn::Load(kLanes, a.in + at), p);
  if (is_iteration(kStep) || !a.inject) return in_p;
  return hn::Add(in_p, hn::Load(kLanes, a.inject + at));
}

/// Beyond this many cells the next panel is asked for early: panels lie too far apart for
/// a processor to guess that it will be next.
constexpr std::int64_t kFetchFrom = std::int64_t{1} << 19;

HWY_INLINE void fetch_next_panel(const WordPass& a, std::int64_t at) {
  const std::int64_t next = at + a.rows * kWidth;
  hwy::Prefetch(a.z + next);
  hwy::Prefetch(a.p + next);
  hwy::Prefetch(a.in + next);
}

/// Forward half for one tile of kL columns: right-hand sides, transposed, eliminated; m y
/// goes to scratch.
template <bool kPlain, Step kStep>
HWY_INLINE void forward_tile(const WordGroup& g, std::int64_t column, Forward& state) {
  const WordPass& a = g.a;
  const std::int64_t i0 = g.group * kWidth;
  const std::int64_t base = (column / kWidth) * a.rows * kWidth + column % kWidth;
  const Vec beta = hn::Set(kLanes, a.beta);
  const Vec bit_c = hn::LoadU(kLanes, a.bit_segment + column);
  const Vec shunt =
      a.bit_shunt ? hn::LoadU(kLanes, a.bit_shunt + column) : hn::Zero(kLanes);
  Vec above = hn::Zero(kLanes);
  const bool fetch = a.rows * a.columns >= kFetchFrom && column + kWidth < a.columns;
  for (std::int64_t part = 0; part < kParts; ++part) {
    Vec tile[kL];
    for (std::int64_t k = 0; k < kL; ++k) {
      const std::int64_t i = i0 + part * kL + k, at = base + i * kWidth;
      if (is_iteration(kStep) && fetch) fetch_next_panel(a, at);
      const Vec p = next_p<kStep>(a, i, column, at, beta);
      tile[k] = right_side<kStep>(a, at, p);
      if (kStep == Step::Start) continue;
      if (i > i0 && i < a.used_rows) {  // above i0 is another group's p
        const Vec d = hn::Sub(p, above);
        state.vertical[0] = hn::MulAdd(hn::Mul(segment_above<kPlain>(a, at, bit_c), d), d,
                                       state.vertical[0]);
      }
      if (a.bit_shunt)
        state.vertical[1] = hn::MulAdd(hn::Mul(shunt, p), p, state.vertical[1]);
      above = p;
    }
    transpose(tile);
    const double* factor =
        a.word.factor + (g.group * a.columns + column) * kWidth + part * kL;
    double* y = g.scratch + column * kWidth + part * kL;
    for (std::int64_t k = 0; k < kL; ++k) {
      const Vec m = hn::Load(kLanes, factor + k * kWidth);
      const Vec c = column + k > 0 ? word_segment<kPlain>(g, column + k - 1, part)
                                   : hn::Zero(kLanes);
      state.carry[part] =
          hn::MulAdd(hn::Mul(c, m), state.carry[part], hn::Mul(m, tile[k]));
      hn::Store(state.carry[part], kLanes, y + k * kWidth);
    }
  }
}

/// What the pass makes of w; adds p u to `pu`.
template <bool kPlain, Step kStep>
HWY_INLINE Vec result_of(const WordPass& a, std::int64_t at, Vec w, Vec& pu) {
  const bool difference =
      is_iteration(kStep) || (kStep == Step::Any && a.result == WordResult::Difference);
  if (!difference && kStep == Step::Any && a.result == WordResult::Voltage) return w;
  const Vec out = hn::Load(kLanes, a.out + at);
  if (!difference) return hn::Mul(out, w);
  const Vec p = load_p<kStep>(a, at);
  const Vec u = kPlain ? hn::Mul(out, hn::Sub(w, p))
                       : hn::NegMulAdd(hn::Load(kLanes, a.in + at), p, hn::Mul(out, w));
  pu = hn::MulAdd(p, u, pu);
  return u;
}

/// Backward half for one tile: w, transposed back, and what is asked of it.
template <bool kPlain, Step kStep>
HWY_INLINE Vec backward_tile(const WordGroup& g, std::int64_t column, Vec* next, Vec pu) {
  const WordPass& a = g.a;
  const std::int64_t i0 = g.group * kWidth;
  const std::int64_t base = (column / kWidth) * a.rows * kWidth + column % kWidth;
  for (std::int64_t part = 0; part < kParts; ++part) {
    const double* factor =
        a.word.factor + (g.group * a.columns + column) * kWidth + part * kL;
    const double* y = g.scratch + column * kWidth + part * kL;
    Vec tile[kL];
    for (std::int64_t k = kL - 1; k >= 0; --k) {
      const Vec m = hn::Load(kLanes, factor + k * kWidth);
      const Vec c = word_segment<kPlain>(g, column + k, part);
      next[part] =
          hn::MulAdd(hn::Mul(c, m), next[part], hn::Load(kLanes, y + k * kWidth));
      tile[k] = next[part];
    }
    transpose(tile);
    for (std::int64_t k = 0; k < kL; ++k) {
      const std::int64_t at = base + (i0 + part * kL + k) * kWidth;
      hn::Store(result_of<kPlain, kStep>(a, at, tile[k], pu), kLanes, a.z + at);
    }
  }
  return pu;
}

/// kPlain: two-terminal cells, uniform wires.
template <bool kPlain, Step kStep>
HWY_INLINE WordSums word_group(const WordPass& a, std::int64_t group, double* scratch) {
  WordGroup g{a, group, scratch, {}};
  Vec next[kParts];
  Forward state;
  state.vertical[0] = state.vertical[1] = hn::Zero(kLanes);
  for (std::int64_t part = 0; part < kParts; ++part) {
    g.c[part] = hn::LoadU(kLanes, a.word.segment + group * kWidth + part * kL);
    state.carry[part] = hn::Zero(kLanes);
    next[part] = hn::Zero(kLanes);
  }
  for (std::int64_t column = 0; column < a.columns; column += kL)
    forward_tile<kPlain, kStep>(g, column, state);
  Vec pu = hn::Zero(kLanes);
  for (std::int64_t column = a.columns - kL; column >= 0; column -= kL)
    pu = backward_tile<kPlain, kStep>(g, column, next, pu);
  return {sum(pu), sum(hn::Add(state.vertical[0], state.vertical[1]))};
}

WordSums word_line_pass(const WordPass& a, std::int64_t group, double* scratch) {
  const bool plain = a.in == a.out && !a.word.varied && !a.bit_varied;
  if (!plain) return word_group<false, Step::Any>(a, group, scratch);
  if (a.update && a.beta != 0.0 && !a.inject && a.result == WordResult::Difference)
    return a.smooth.values ? word_group<true, Step::Corrected>(a, group, scratch)
                           : word_group<true, Step::Iteration>(a, group, scratch);
  if (!a.update && !a.p && a.result == WordResult::Current)
    return word_group<true, Step::Start>(a, group, scratch);
  return word_group<true, Step::Any>(a, group, scratch);
}

/// Conductance below the cells at `at` of a panel.
template <bool kPlain>
HWY_INLINE Vec segment_below(const FactoredLines& bit, std::int64_t at, Vec uniform) {
  return kPlain || !bit.varied ? uniform : hn::Load(kLanes, bit.varied + at);
}

/// Two panel columns vectors at once would only lengthen the code: the kParts recurrences
/// are independent and overlap in the pipeline.
template <bool kPlain>
HWY_INLINE BitSums bit_panel(const BitPass& a, std::int64_t panel) {
  const std::int64_t base = panel * a.rows * kWidth;
  const std::int64_t last = a.used_rows - 1;
  const Vec alpha = hn::Set(kLanes, a.alpha);
  Vec rr = hn::Zero(kLanes);
  Vec c[kParts], before[kParts], carry[kParts], from_above[kParts], shunt[kParts];
  for (std::int64_t part = 0; part < kParts; ++part) {
    const std::int64_t column = panel * kWidth + part * kL;
    c[part] = hn::LoadU(kLanes, a.bit.segment + column);
    shunt[part] =
        !kPlain && a.shunt ? hn::LoadU(kLanes, a.shunt + column) : hn::Zero(kLanes);
    from_above[part] = hn::Mul(hn::LoadU(kLanes, a.first_end + column),
                               hn::Load(kLanes, a.p + base + part * kL));
    carry[part] = before[part] = hn::Zero(kLanes);
  }
  for (std::int64_t i = 0; i <= last; ++i) {
    for (std::int64_t part = 0; part < kParts; ++part) {
      const std::int64_t at = base + i * kWidth + part * kL;
      const Vec p = hn::Load(kLanes, a.p + at);
      const Vec onward = segment_below<kPlain>(a.bit, at, c[part]);
      // Current down the segment below, or into the terminal after the last cell.
      const Vec below =
          i < last
              ? hn::Mul(onward, hn::Sub(p, hn::Load(kLanes, a.p + at + kWidth)))
              : hn::Mul(hn::LoadU(kLanes, a.last_end + panel * kWidth + part * kL), p);
      Vec sp = hn::Sub(hn::Add(from_above[part], below), hn::Load(kLanes, a.z + at));
      if (!kPlain) sp = hn::MulAdd(shunt[part], p, sp);
      from_above[part] = hn::Neg(below);
      const Vec r = hn::NegMulAdd(alpha, sp, hn::Load(kLanes, a.r + at));
      hn::Store(r, kLanes, a.r + at);
      hn::Store(hn::MulAdd(alpha, p, hn::Load(kLanes, a.x + at)), kLanes, a.x + at);
      rr = hn::MulAdd(r, r, rr);
      const Vec m = hn::Load(kLanes, a.bit.factor + at);
      carry[part] = hn::MulAdd(hn::Mul(before[part], m), carry[part], hn::Mul(m, r));
      before[part] = onward;
      hn::Store(carry[part], kLanes, a.z + at);
    }
  }
  Vec rz = hn::Zero(kLanes), below[kParts];
  for (std::int64_t part = 0; part < kParts; ++part) below[part] = hn::Zero(kLanes);
  for (std::int64_t i = last; i >= 0; --i) {
    for (std::int64_t part = 0; part < kParts; ++part) {
      const std::int64_t at = base + i * kWidth + part * kL;
      const Vec m = hn::Load(kLanes, a.bit.factor + at);
      below[part] = hn::MulAdd(hn::Mul(segment_below<kPlain>(a.bit, at, c[part]), m),
                               below[part], hn::Load(kLanes, a.z + at));
      hn::Store(below[part], kLanes, a.z + at);
      rz = hn::MulAdd(below[part], hn::Load(kLanes, a.r + at), rz);
    }
  }
  return {sum(rz), sum(rr)};
}

BitSums bit_line_pass(const BitPass& a, std::int64_t panel) {
  return a.bit.varied || a.shunt ? bit_panel<false>(a, panel) : bit_panel<true>(a, panel);
}

/// Carries right-hand sides down a line, and solutions back up: T_b^-1 of one vector of
/// columns.
struct BitLine {
  const FactoredLines& bit;
  std::int64_t base;  ///< of the cells of row 0
  Vec c, carry, before;

  BitLine(const FactoredLines& lines, std::int64_t rows, std::int64_t panel,
          std::int64_t part)
      : bit(lines),
        base(panel * rows * kWidth + part * kL),
        c(hn::LoadU(kLanes, bit.segment + panel * kWidth + part * kL)),
        carry(hn::Zero(kLanes)),
        before(hn::Zero(kLanes)) {}
  HWY_INLINE Vec down(std::int64_t i, Vec r) {
    const Vec m = hn::Load(kLanes, bit.factor + base + i * kWidth);
    carry = hn::MulAdd(hn::Mul(before, m), carry, hn::Mul(m, r));
    before = segment_below<false>(bit, base + i * kWidth, c);
    return carry;
  }
  HWY_INLINE void turn() { carry = hn::Zero(kLanes); }
  HWY_INLINE Vec up(std::int64_t i, Vec y) {
    const std::int64_t at = base + i * kWidth;
    const Vec m = hn::Load(kLanes, bit.factor + at);
    return carry = hn::MulAdd(hn::Mul(segment_below<false>(bit, at, c), m), carry, y);
  }
};

BitSums bit_line_start(const BitPass& a, const double* t, std::int64_t panel) {
  Vec rr = hn::Zero(kLanes), rz = rr;
  for (std::int64_t part = 0; part < kParts; ++part) {
    BitLine line(a.bit, a.rows, panel, part);
    for (std::int64_t i = 0; i < a.used_rows; ++i) {
      const std::int64_t at = line.base + i * kWidth;
      Vec r = hn::Load(kLanes, a.z + at);
      if (t) r = hn::Add(r, hn::Load(kLanes, t + at));
      rr = hn::MulAdd(r, r, rr);
      hn::Store(r, kLanes, a.r + at);
      hn::Store(hn::Zero(kLanes), kLanes, a.x + at);
      hn::Store(line.down(i, r), kLanes, a.z + at);
    }
    line.turn();
    for (std::int64_t i = a.used_rows - 1; i >= 0; --i) {
      const std::int64_t at = line.base + i * kWidth;
      const Vec z = line.up(i, hn::Load(kLanes, a.z + at));
      hn::Store(z, kLanes, a.z + at);
      rz = hn::MulAdd(z, hn::Load(kLanes, a.r + at), rz);
    }
  }
  return {sum(rz), sum(rr)};
}

void bit_line_solve(const FactoredLines& bit, std::int64_t rows, std::int64_t used_rows,
                    std::int64_t panel, double* z) {
  for (std::int64_t part = 0; part < kParts; ++part) {
    BitLine line(bit, rows, panel, part);
    double* const column = z + line.base;
    for (std::int64_t i = 0; i < used_rows; ++i)
      hn::Store(line.down(i, hn::Load(kLanes, column + i * kWidth)), kLanes,
                column + i * kWidth);
    line.turn();
    for (std::int64_t i = used_rows - 1; i >= 0; --i)
      hn::Store(line.up(i, hn::Load(kLanes, column + i * kWidth)), kLanes,
                column + i * kWidth);
  }
}

const char* instruction_set() { return hwy::TargetName(HWY_TARGET); }

}  // namespace arrayspice::lines::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace arrayspice::lines {
HWY_EXPORT(word_line_pass);
HWY_EXPORT(bit_line_pass);
HWY_EXPORT(bit_line_start);
HWY_EXPORT(bit_line_solve);
HWY_EXPORT(instruction_set);

WordSums word_line_pass(const WordPass& pass, std::int64_t group, double* scratch) {
  return HWY_DYNAMIC_DISPATCH(word_line_pass)(pass, group, scratch);
}
BitSums bit_line_pass(const BitPass& pass, std::int64_t panel) {
  return HWY_DYNAMIC_DISPATCH(bit_line_pass)(pass, panel);
}
BitSums bit_line_start(const BitPass& pass, const double* t, std::int64_t panel) {
  return HWY_DYNAMIC_DISPATCH(bit_line_start)(pass, t, panel);
}
void bit_line_solve(const FactoredLines& bit, std::int64_t rows, std::int64_t used_rows,
                    std::int64_t panel, double* z) {
  HWY_DYNAMIC_DISPATCH(bit_line_solve)(bit, rows, used_rows, panel, z);
}
const char* instruction_set() { return HWY_DYNAMIC_DISPATCH(instruction_set)(); }
}  // namespace arrayspice::lines
#endif
