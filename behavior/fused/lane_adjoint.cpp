// SPDX-License-Identifier: Apache-2.0
// Backward: sweeps of the transposed equations at a state, bit lines first
// (docs/line-model.md, "Gradients").
#include "behavior/fused/lane_sweeps.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "behavior/fused/lane_adjoint.cpp"
// clang-format off
#include "hwy/foreach_target.h"  // must come before highway.h
#include "behavior/fused/lane_law-inl.hpp"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace arrayspice::fused::HWY_NAMESPACE {

/// The adjoint of one group of inputs. The slopes d do not change, so the first sweep
/// keeps the factors c m of both families of lines for those after it.
template <class CellLaw>
class Adjoint {
 public:
  Adjoint(const ArraySpiceArray& array, const CellLaw& law, Memory& memory)
      : a_(array),
        law_(law),
        rows_(array.rows),
        columns_(array.columns),
        d_(memory.take(cells())),
        lw_(memory.take(cells())),
        lb_(memory.take(cells())),
        word_factor_(memory.take(cells())),
        bit_factor_(memory.take(cells())),
        carry_(memory.take(columns_ * kLanes)),
        q_(memory.take(columns_ * kLanes)),
        y_(memory.take(columns_ * kLanes)),
        weights(memory.take(columns_ * kLanes)),
        by_input(memory.take(rows_ * kLanes)) {}

  static std::int64_t floats(const ArraySpiceArray& a) {
    return Memory::size(kLanes * (5 * a.rows * a.columns + 4 * a.columns + a.rows), 10);
  }

  /// v: (cells, lanes) of the group and part.
  void run(const float* v, std::int64_t sweeps, std::int64_t part,
           float* by_conductance) {
    find_factors(v, part);
    for (std::int64_t k = 0; k < sweeps; ++k) {
      if (k > 0) eliminate_bits(part);
      for (std::int64_t i = rows_; i-- > 0;) {
        substitute_bits(i, part);
        k == 0 ? solve_words<true>(i, part) : solve_words<false>(i, part);
      }
    }
    for (std::int64_t i = 0; i < rows_; ++i) add_row(v, i, part, by_conductance);
  }

 private:
  std::int64_t cells() const { return rows_ * columns_ * kLanes; }
  static std::int64_t at(std::int64_t k, std::int64_t part) {
    return k * kLanes + part * kL;
  }

  /// What the weight of column j injects into the bit line at row i.
  HWY_INLINE Vec drive(std::int64_t i, std::int64_t j, std::int64_t part) const {
    const float ends =
        (i == 0 ? a_.bit.alpha[j] : 0.0F) + (i + 1 == rows_ ? a_.bit.beta[j] : 0.0F);
    return hn::Mul(spread(ends), load(weights + at(j, part)));
  }

  /// Slopes, factors of the bit lines, and their elimination with lw = 0.
  void find_factors(const float* v, std::int64_t part) {
    const Vec c = spread(a_.bit.c);
    for (std::int64_t i = 0; i < rows_; ++i)
      for (std::int64_t j = 0; j < columns_; ++j) {
        const std::int64_t k = at(i * columns_ + j, part), column = at(j, part);
        const Vec d = law_.at(i * columns_ + j, load(v + k)).d;
        store(d, d_ + k);
        const Vec e = hn::Add(d, i == 0 ? spread(a_.bit.alpha[j]) : load(q_ + column));
        const Vec beyond = i + 1 == rows_ ? spread(a_.bit.beta[j]) : c;
        const Vec m = inverse(hn::Add(e, beyond)), cm = hn::Mul(c, m);
        store(cm, bit_factor_ + k);
        store(hn::Mul(cm, e), q_ + column);
        const Vec carried = i == 0 ? hn::Zero(kTag) : load(carry_ + column);
        const Vec y = hn::Mul(hn::Add(drive(i, j, part), carried), m);
        store(y, lb_ + k);
        store(hn::Mul(c, y), carry_ + column);
      }
  }

  void eliminate_bits(std::int64_t part) {
    const Vec per_c = spread(1.0F / a_.bit.c);
    for (std::int64_t i = 0; i < rows_; ++i)
      for (std::int64_t j = 0; j < columns_; ++j) {
        const std::int64_t k = at(i * columns_ + j, part), column = at(j, part);
        Vec r = hn::Mul(load(d_ + k), load(lw_ + k));
        if (i == 0 || i + 1 == rows_) r = hn::Add(r, drive(i, j, part));
        r = hn::Mul(r, per_c);
        if (i > 0) r = hn::Add(r, load(carry_ + column));  // of y, not of c y
        const Vec y = hn::Mul(r, load(bit_factor_ + k));
        store(y, lb_ + k);
        store(y, carry_ + column);
      }
  }

  HWY_INLINE void substitute_bits(std::int64_t i, std::int64_t part) {
    if (i + 1 == rows_) return;
    for (std::int64_t j = 0; j < columns_; ++j) {
      const std::int64_t k = at(i * columns_ + j, part);
      const Vec below = load(lb_ + k + columns_ * kLanes);
      store(hn::MulAdd(load(bit_factor_ + k), below, load(lb_ + k)), lb_ + k);
    }
  }

  /// lw of row i from lb; the first time also the factors.
  template <bool kFirst>
  HWY_INLINE void solve_words(std::int64_t i, std::int64_t part) {
    const Vec c = spread(a_.word.c), per_c = spread(1.0F / a_.word.c);
    Vec q = spread(a_.word.alpha[i]), y = hn::Zero(kTag);
    for (std::int64_t j = 0; j < columns_; ++j) {
      const std::int64_t k = at(i * columns_ + j, part);
      const Vec d = load(d_ + k);
      Vec cm;
      if constexpr (kFirst) {
        const Vec e = hn::Add(d, q);
        const Vec beyond = j + 1 == columns_ ? spread(a_.word.beta[i]) : c;
        cm = hn::Mul(c, inverse(hn::Add(e, beyond)));
        q = hn::Mul(cm, e);
        store(cm, word_factor_ + k);
      } else {
        cm = load(word_factor_ + k);
      }
      y = hn::Mul(hn::MulAdd(hn::Mul(d, load(lb_ + k)), per_c, y), cm);
      store(y, y_ + at(j, part));
    }
    for (std::int64_t j = columns_; j-- > 0;) {
      const std::int64_t k = at(i * columns_ + j, part);
      if (j + 1 < columns_)
        y = hn::MulAdd(load(word_factor_ + k), y, load(y_ + at(j, part)));
      store(y, lw_ + k);
    }
  }

  void add_row(const float* v, std::int64_t i, std::int64_t part, float* by_conductance) {
    for (std::int64_t j = 0; j < columns_; ++j) {
      const std::int64_t cell = i * columns_ + j, k = at(cell, part);
      const Vec l = hn::Sub(load(lb_ + k), load(lw_ + k));
      const Vec by_g = hn::Mul(l, law_.by_conductance(cell, load(v + k)));
      by_conductance[cell] += hn::GetLane(hn::SumOfLanes(kTag, by_g));
    }
    const Vec left = load(lw_ + at(i * columns_, part));
    const Vec right = load(lw_ + at((i + 1) * columns_ - 1, part));
    store(hn::MulAdd(spread(a_.word.alpha[i]), left,
                     hn::Mul(spread(a_.word.beta[i]), right)),
          by_input + at(i, part));
  }

  const ArraySpiceArray& a_;
  const CellLaw& law_;
  const std::int64_t rows_, columns_;
  float *d_, *lw_, *lb_, *word_factor_, *bit_factor_;  // cells
  float *carry_, *q_, *y_;                             // columns

 public:
  float* weights;   // columns
  float* by_input;  // rows
};

template <class CellLaw>
void adjoint_groups(const ArraySpiceArray& a, const ArraySpiceAdjoint& run,
                    const CellLaw& law) {
  const std::int64_t cells = a.rows * a.columns;
  Memory memory(Adjoint<CellLaw>::floats(a));
  Adjoint<CellLaw> adjoint(a, law, memory);
  std::fill_n(run.by_conductance, cells, 0.0F);
  for (std::int64_t first = 0; first < run.batch; first += kLanes) {
    to_lanes(run.weights, run.batch, first, a.columns, a.columns, adjoint.weights);
    for (std::int64_t part = 0; part < kLanes / kL; ++part)
      adjoint.run(run.v + first * cells, run.sweeps, part, run.by_conductance);
    from_lanes(adjoint.by_input, run.batch, first, a.rows, run.by_input);
  }
}

void find_adjoint(const ArraySpiceArray& array, const ArraySpiceAdjoint& run) {
  with_law(array.law, [&](const auto& law) { adjoint_groups(array, run, law); });
}

}  // namespace arrayspice::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace arrayspice::fused {
HWY_EXPORT(find_adjoint);
}  // namespace arrayspice::fused

void arrayspice_adjoint(const ArraySpiceArray* array, const ArraySpiceAdjoint* adjoint) {
  using namespace arrayspice::fused;
  HWY_DYNAMIC_DISPATCH(find_adjoint)(*array, *adjoint);
}
#endif
