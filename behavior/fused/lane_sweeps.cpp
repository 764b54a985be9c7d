// SPDX-License-Identifier: Apache-2.0
// Forward: a sweep is one pass over the rows, which eliminates a word line, substitutes
// back and at once eliminates the bit lines up to that row, and one pass back up.
#include "behavior/fused/lane_sweeps.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "behavior/fused/lane_sweeps.cpp"
// clang-format off
#include "hwy/foreach_target.h"  // must come before highway.h
#include "behavior/fused/lane_law-inl.hpp"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace arrayspice::fused::HWY_NAMESPACE {

constexpr int kTogether = 2;  // word lines: their eliminations are chains of divisions

/// The sweeps of one group of inputs; with vectors of fewer lanes, of one part of it.
template <class CellLaw>
class Sweeps {
 public:
  Sweeps(const ArraySpiceArray& array, const CellLaw& law, Memory& memory)
      : a_(array),
        law_(law),
        rows_(array.rows),
        columns_(array.columns),
        w(memory.take(rows_ * columns_ * kLanes)),
        b(memory.take(rows_ * columns_ * kLanes)),
        back_(memory.take(rows_ * columns_ * kLanes)),
        y_(memory.take(kTogether * columns_ * kLanes)),
        factor_(memory.take(kTogether * columns_ * kLanes)),
        bit_q_(memory.take(columns_ * kLanes)),
        bit_carry_(memory.take(columns_ * kLanes)),
        input(memory.take(rows_ * kLanes)) {}

  static std::int64_t floats(const ArraySpiceArray& a) {
    return Memory::size(
        kLanes * (3 * a.rows * a.columns + (2 * kTogether + 2) * a.columns + a.rows), 8);
  }

  void words(std::int64_t part) {
    for (std::int64_t i = 0; i < rows_; ++i) {
      eliminate_words<1>(i, part);
      substitute_words<1, false>(i, part);
    }
  }

  void sweep(std::int64_t part, bool all_bits) {
    for (std::int64_t j = 0; j < columns_; ++j) {
      store(spread(a_.bit.alpha[j]), bit_q_ + at(j, part));
      store(hn::Zero(kTag), bit_carry_ + at(j, part));
    }
    std::int64_t i = 0;
    for (; i + kTogether <= rows_; i += kTogether) {
      eliminate_words<kTogether>(i, part);
      substitute_words<kTogether, true>(i, part);
    }
    for (; i < rows_; ++i) {
      eliminate_words<1>(i, part);
      substitute_words<1, true>(i, part);
    }
    for (i = all_bits ? rows_ - 1 : 0; i-- > 0;) substitute_bits(i, part);
  }

 private:
  static std::int64_t at(std::int64_t k, std::int64_t part) {
    return k * kLanes + part * kL;
  }

  /// e + what lies beyond gives m; q and the carried current of the next node.
  struct Step {
    Vec y, m;
  };
  HWY_INLINE static Step eliminate(Vec d, Vec r, Vec beyond, Vec c, Vec& q, Vec& carry) {
    const Vec e = hn::Add(d, q);
    const Vec m = inverse(hn::Add(e, beyond));
    const Vec y = hn::Mul(hn::Add(r, carry), m);
    q = hn::Mul(hn::Mul(c, e), m);
    carry = hn::Mul(c, y);
    return {y, m};
  }

  /// Word lines first ... first + kRows - 1: y and c m go to scratch.
  template <int kRows>
  HWY_INLINE void eliminate_words(std::int64_t first, std::int64_t part) {
    const Vec c = spread(a_.word.c);
    Vec q[kRows], carry[kRows];
    for (int r = 0; r < kRows; ++r) {
      q[r] = spread(a_.word.alpha[first + r]);
      carry[r] = hn::Mul(q[r], load(input + at(first + r, part)));
    }
    for (std::int64_t j = 0; j < columns_; ++j) {
      const bool last = j + 1 == columns_;
      for (int r = 0; r < kRows; ++r) {
        const std::int64_t cell = (first + r) * columns_ + j;
        const Vec here = load(w + at(cell, part));
        const auto point = law_.at(cell, hn::Sub(here, load(b + at(cell, part))));
        Vec right = hn::MulSub(point.d, here, point.i), beyond = c;
        if (last) {
          beyond = spread(a_.word.beta[first + r]);
          right = hn::MulAdd(beyond, load(input + at(first + r, part)), right);
        }
        const Step step = eliminate(point.d, right, beyond, c, q[r], carry[r]);
        store(step.y, y_ + at(r * columns_ + j, part));
        store(hn::Mul(c, step.m), factor_ + at(r * columns_ + j, part));
      }
    }
  }

  template <int kRows, bool kBits>
  HWY_INLINE void substitute_words(std::int64_t first, std::int64_t part) {
    Vec x[kRows];
    for (int r = 0; r < kRows; ++r) x[r] = hn::Zero(kTag);
    for (std::int64_t j = columns_; j-- > 0;) {
      for (int r = 0; r < kRows; ++r) {
        const std::int64_t cell = (first + r) * columns_ + j;
        const std::int64_t k = at(r * columns_ + j, part);
        x[r] = j + 1 == columns_ ? load(y_ + k)
                                 : hn::MulAdd(load(factor_ + k), x[r], load(y_ + k));
        store(x[r], w + at(cell, part));
        if (kBits) eliminate_bit(first + r, j, x[r], part);
      }
    }
  }

  HWY_INLINE void eliminate_bit(std::int64_t i, std::int64_t j, Vec here,
                                std::int64_t part) {
    const std::int64_t cell = i * columns_ + j;
    const Vec c = spread(a_.bit.c), old = load(b + at(cell, part));
    const auto point = law_.at(cell, hn::Sub(here, old));
    Vec q = load(bit_q_ + at(j, part)), carry = load(bit_carry_ + at(j, part));
    const Vec beyond = i + 1 == rows_ ? spread(a_.bit.beta[j]) : c;
    const Step step =
        eliminate(point.d, hn::MulAdd(point.d, old, point.i), beyond, c, q, carry);
    store(q, bit_q_ + at(j, part));
    store(carry, bit_carry_ + at(j, part));
    store(step.y, b + at(cell, part));
    store(hn::Mul(c, step.m), back_ + at(cell, part));
  }

  HWY_INLINE void substitute_bits(std::int64_t i, std::int64_t part) {
    const std::int64_t row = columns_ * kLanes;
    for (std::int64_t j = 0; j < columns_; ++j) {
      const std::int64_t k = at(i * columns_ + j, part);
      store(hn::MulAdd(load(back_ + k), load(b + k + row), load(b + k)), b + k);
    }
  }

  const ArraySpiceArray& a_;
  const CellLaw& law_;
  const std::int64_t rows_, columns_;

 public:
  float *w, *b;  // cells

 private:
  float* back_;                               // cells: c m of the bit lines
  float *y_, *factor_, *bit_q_, *bit_carry_;  // columns

 public:
  float* input;  // rows
};

/// Fills w and b as the start says.
class Starter {
 public:
  Starter(const ArraySpiceArray& a, const ArraySpiceStart& s, Memory& memory)
      : a_(a), s_(s), states_(memory.take(s.modes * a.columns * kLanes)) {}
  static std::int64_t floats(const ArraySpiceArray& a, const ArraySpiceStart& s) {
    return Memory::size(s.modes * a.columns * kLanes, 1);
  }

  void fill(const ArraySpiceRun& run, std::int64_t first, const float* input, float* w,
            float* b) const {
    for (std::int64_t r = 0; r < s_.modes; ++r)
      to_lanes(s_.states + r * a_.columns, run.batch, first, a_.columns,
               s_.modes * a_.columns, states_ + r * a_.columns * kLanes);
    for (std::int64_t i = 0; i < a_.rows; ++i)
      for (std::int64_t part = 0; part < kLanes; part += kL)
        fill_row(i, load(input + i * kLanes + part), w + part, b + part, part);
  }

 private:
  void fill_row(std::int64_t i, Vec input, float* w, float* b, std::int64_t part) const {
    const Vec scaled = hn::Mul(input, spread(s_.rest ? 1.0F / s_.range : 0.0F));
    const Vec x[2] = {hn::Max(scaled, hn::Zero(kTag)),
                      hn::Max(hn::Neg(scaled), hn::Zero(kTag))};
    const bool has[2] = {some(x[0]), some(x[1])};
    for (std::int64_t j = 0; j < a_.columns; ++j) {
      const std::int64_t cell = i * a_.columns + j;
      Vec y = input;
      if (s_.rest) {
        y = spread(s_.rest[cell]);
        for (int side = 0; side < 2; ++side)
          if (has[side]) y = hn::Add(y, rise(side, cell, x[side]));
      }
      store(y, w + cell * kLanes);
      Vec bit = hn::Zero(kTag);
      for (std::int64_t r = 0; r < s_.modes; ++r)
        bit = hn::MulAdd(spread(s_.profiles[r * a_.rows * a_.columns + cell]),
                         load(states_ + (r * a_.columns + j) * kLanes + part), bit);
      store(bit, b + cell * kLanes);
    }
  }
  static bool some(Vec x) { return !hn::AllTrue(kTag, hn::Eq(x, hn::Zero(kTag))); }
  HWY_INLINE Vec rise(int side, std::int64_t cell, Vec x) const {
    Vec y = hn::Zero(kTag);
    for (std::int64_t k = s_.powers; k-- > 0;)
      y = hn::Mul(
          hn::Add(y,
                  spread(s_.rise[(side * s_.powers + k) * a_.rows * a_.columns + cell])),
          x);
    return y;
  }

  const ArraySpiceArray& a_;
  const ArraySpiceStart& s_;
  float* states_;
};

/// Output currents of one group, which go to run.outputs.
void read_outputs(const ArraySpiceArray& a, const ArraySpiceRun& run, std::int64_t first,
                  const float* b, float* lanes) {
  const std::int64_t last = (a.rows - 1) * a.columns;
  for (std::int64_t j = 0; j < a.columns; ++j)
    for (std::int64_t lane = 0; lane < kLanes; ++lane)
      lanes[j * kLanes + lane] = a.bit.beta[j] * b[(last + j) * kLanes + lane] +
                                 a.bit.alpha[j] * b[j * kLanes + lane];
  from_lanes(lanes, run.batch, first, a.columns, run.outputs);
}

template <class CellLaw>
void sweep_groups(const ArraySpiceArray& a, const ArraySpiceStart& start,
                  const ArraySpiceRun& run, const CellLaw& law) {
  const std::int64_t cells = a.rows * a.columns * kLanes;
  Memory memory(Sweeps<CellLaw>::floats(a) + Starter::floats(a, start) +
                Memory::size(a.columns * kLanes, 1));
  Sweeps<CellLaw> sweeps(a, law, memory);
  const Starter starter(a, start, memory);
  float* const outputs = memory.take(a.columns * kLanes);
  const bool open = std::all_of(a.bit.alpha, a.bit.alpha + a.columns,
                                [](float alpha) { return alpha == 0.0F; });
  const bool bits_wanted = run.v || run.b || !open;
  for (std::int64_t first = 0; first < run.batch; first += kLanes) {
    to_lanes(run.inputs, run.batch, first, a.rows, a.rows, sweeps.input);
    starter.fill(run, first, sweeps.input, sweeps.w, sweeps.b);
    for (std::int64_t part = 0; part < kLanes / kL; ++part)
      for (std::int64_t k = 0; k < run.sweeps; ++k)
        run.words_only ? sweeps.words(part)
                       : sweeps.sweep(part, bits_wanted || k + 1 < run.sweeps);
    if (run.outputs) read_outputs(a, run, first, sweeps.b, outputs);
    const std::int64_t group = first / kLanes * cells;
    if (run.b) std::copy_n(sweeps.b, cells, run.b + group);
    for (std::int64_t k = 0; run.v && k < cells; k += kL)
      store(hn::Sub(load(sweeps.w + k), load(sweeps.b + k)), run.v + group + k);
  }
}

void sweep(const ArraySpiceArray& array, const ArraySpiceStart& start,
           const ArraySpiceRun& run) {
  with_law(array.law, [&](const auto& law) { sweep_groups(array, start, run, law); });
}

const char* instruction_set() { return hwy::TargetName(HWY_TARGET); }

}  // namespace arrayspice::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace arrayspice::fused {
HWY_EXPORT(sweep);
HWY_EXPORT(instruction_set);
}  // namespace arrayspice::fused

int64_t arrayspice_fused_version() { return 1; }
int64_t arrayspice_lanes() { return 16; }
const char* arrayspice_instruction_set() {
  using namespace arrayspice::fused;
  return HWY_DYNAMIC_DISPATCH(instruction_set)();
}
void arrayspice_sweep(const ArraySpiceArray* array, const ArraySpiceStart* start,
                      const ArraySpiceRun* run) {
  using namespace arrayspice::fused;
  HWY_DYNAMIC_DISPATCH(sweep)(*array, *start, *run);
}
#endif
