// SPDX-License-Identifier: Apache-2.0
#include "solver/lines/residual.hpp"

#include <algorithm>

#include "solver/lines/kernels.hpp"

// Highway compiles this file once per instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "solver/lines/residual.cpp"
#include "hwy/foreach_target.h"  // must come before highway.h
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace arrayspice::lines::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::CappedTag<double, 8>;
using Vec = hn::Vec<Lanes>;
constexpr Lanes kLanes;
constexpr std::int64_t kL = hn::MaxLanes(Lanes());
constexpr std::int64_t kParts = kWidth / kL;

HWY_INLINE double sum(Vec v) { return hn::GetLane(hn::SumOfLanes(kLanes, v)); }
HWY_INLINE Vec square(Vec v) { return hn::Mul(v, v); }

/// The cells of one row within a panel, with what is left and right of them.
class PanelRow {
 public:
  PanelRow(const ResidualPass& a, std::int64_t panel)
      : a_(a),
        word_(a.grid->word),
        bit_(a.grid->bit),
        first_column_(panel * kWidth),
        used_(std::min(kWidth, a.grid->columns - panel * kWidth)),
        stride_(a.padded_rows * kWidth) {
    for (std::int64_t k = 0; k < kWidth; ++k) in_use_[k] = k < used_ ? 1.0 : 0.0;
    std::copy_n(in_use_, kWidth, weight_);
  }

  /// Lays out the word line's voltages and conductances from the neighbour on the left
  /// to that on the right; a terminal is the neighbour of an end.
  HWY_INLINE void at(std::int64_t row) {
    i_ = row;
    k0_ = first_column_ * a_.padded_rows + row * kWidth;
    const double* w = a_.w + k0_;
    std::copy_n(w, kWidth, voltage_ + 1);
    if (word_.varied.empty())
      std::fill_n(conductance_, kWidth + 1, word_.segment[i_]);
    else
      varied_segments();
    const bool starts = first_column_ == 0;
    const bool ends = first_column_ + used_ == a_.grid->columns;
    voltage_[0] = starts ? a_.word_terminal[i_] : w[kWidth - 1 - stride_];
    if (starts) conductance_[0] = word_.first_end[i_];
    voltage_[used_ + 1] = ends ? a_.word_terminal[i_] : w[stride_];
    if (ends) conductance_[used_] = word_.last_end[i_];
    const bool single = a_.grid->columns == 1;
    if (starts) weight_[0] = end_weight(0, single ? word_.segment[i_] : conductance_[1]);
    if (ends && !single) weight_[used_ - 1] = end_weight(used_, conductance_[used_ - 1]);
  }

  HWY_INLINE Vec cell_current(std::int64_t part) const {
    const std::int64_t at = k0_ + part * kL;
    if (a_.i) return hn::Load(kLanes, a_.i + at);
    return hn::Mul(hn::Load(kLanes, a_.conductance + at),
                   hn::Sub(hn::Load(kLanes, a_.w + at), hn::Load(kLanes, a_.b + at)));
  }

  HWY_INLINE Vec word_residual(std::int64_t part, Vec cell) const {
    const std::int64_t k = part * kL;
    const Vec left = hn::LoadU(kLanes, voltage_ + k);
    const Vec here = hn::LoadU(kLanes, voltage_ + k + 1);
    const Vec right = hn::LoadU(kLanes, voltage_ + k + 2);
    const Vec from_left =
        hn::Mul(hn::LoadU(kLanes, conductance_ + k), hn::Sub(left, here));
    const Vec to_right =
        hn::Mul(hn::LoadU(kLanes, conductance_ + k + 1), hn::Sub(here, right));
    Vec f = hn::Sub(hn::Sub(from_left, to_right), cell);
    f = hn::NegMulAdd(hn::Set(kLanes, word_.shunt[i_]), here, f);
    if (a_.word_inject) f = hn::Add(f, hn::Load(kLanes, a_.word_inject + k0_ + k));
    f = hn::Mul(f, hn::LoadU(kLanes, in_use_ + k));
    if (a_.fw) hn::Store(f, kLanes, a_.fw + k0_ + k);
    return f;
  }

  /// `above`: current down into this row; afterwards into the next.
  HWY_INLINE Vec bit_residual(std::int64_t part, Vec cell, Vec& above) const {
    const std::int64_t k = part * kL, column = first_column_ + k;
    const bool last = i_ + 1 == a_.grid->rows;
    const Vec here = hn::Load(kLanes, a_.b + k0_ + k);
    const Vec next = last ? hn::LoadU(kLanes, a_.bit_terminal + column)
                          : hn::Load(kLanes, a_.b + k0_ + kWidth + k);
    const Vec below =
        hn::Mul(hn::LoadU(kLanes, conductance_below(k)), hn::Sub(here, next));
    Vec f = hn::Add(hn::Sub(above, below), cell);
    f = hn::NegMulAdd(hn::LoadU(kLanes, &bit_.shunt[column]), here, f);
    if (a_.bit_inject) f = hn::Add(f, hn::Load(kLanes, a_.bit_inject + k0_ + k));
    above = below;
    if (a_.fb) hn::Store(f, kLanes, a_.fb + k0_ + k);
    return f;
  }

  /// How much of F at a node counts in sums. Beside a driver that conducts far better
  /// than the wire, most of F flows back into the driver; rounding of its voltage makes a
  /// large F there that means nothing.
  HWY_INLINE Vec weight(std::int64_t part) const {
    return hn::LoadU(kLanes, weight_ + part * kL);
  }

  /// Sum of the squares of c w and c b, c half the conductance of the wires at a node.
  HWY_INLINE Vec wire_scale(std::int64_t part) const {
    const std::int64_t k = part * kL;
    const Vec word = hn::Mul(hn::Add(hn::LoadU(kLanes, conductance_ + k),
                                     hn::LoadU(kLanes, conductance_ + k + 1)),
                             hn::Mul(hn::LoadU(kLanes, voltage_ + k + 1), weight(part)));
    const Vec bit = hn::Mul(hn::Add(hn::LoadU(kLanes, conductance_above(k)),
                                    hn::LoadU(kLanes, conductance_below(k))),
                            hn::Load(kLanes, a_.b + k0_ + k));
    return hn::Mul(hn::Set(kLanes, 0.25), hn::MulAdd(word, word, square(bit)));
  }

 private:
  const double* conductance_above(std::int64_t k) const {
    if (i_ == 0) return &bit_.first_end[first_column_ + k];
    return a_.bit_varied ? a_.bit_varied + k0_ - kWidth + k
                         : &bit_.segment[first_column_ + k];
  }
  const double* conductance_below(std::int64_t k) const {
    if (i_ + 1 == a_.grid->rows) return &bit_.last_end[first_column_ + k];
    return a_.bit_varied ? a_.bit_varied + k0_ + k : &bit_.segment[first_column_ + k];
  }
  double end_weight(std::int64_t end, double wire) const {
    return wire > 0.0 && wire < conductance_[end] ? wire / conductance_[end] : 1.0;
  }
  void varied_segments() {
    for (std::int64_t k = 0; k <= kWidth; ++k) {
      const std::int64_t segment = first_column_ + k - 1;
      const bool exists = segment >= 0 && segment + 1 < a_.grid->columns;
      conductance_[k] =
          exists ? word_.varied[i_ * (a_.grid->columns - 1) + segment] : 0.0;
    }
  }

  const ResidualPass& a_;
  const Family& word_;
  const Family& bit_;
  std::int64_t first_column_, used_, stride_;
  std::int64_t i_ = 0, k0_ = 0;
  double in_use_[kWidth];
  double weight_[kWidth];
  double voltage_[kWidth + 2] = {};
  double conductance_[kWidth + 1] = {};
};

ResidualSums residual_pass(const ResidualPass& a, std::int64_t panel) {
  Vec above[kParts], zero = hn::Zero(kLanes);
  Vec word2 = zero, bit2 = zero, i2 = zero, wires2 = zero;
  for (std::int64_t part = 0; part < kParts; ++part) {
    const std::int64_t column = panel * kWidth + part * kL;
    const Vec b = hn::Load(kLanes, a.b + panel * a.padded_rows * kWidth + part * kL);
    above[part] = hn::Mul(hn::LoadU(kLanes, &a.grid->bit.first_end[column]),
                          hn::Sub(hn::LoadU(kLanes, a.bit_terminal + column), b));
  }
  PanelRow row(a, panel);
  for (std::int64_t i = 0; i < a.grid->rows; ++i) {
    row.at(i);
    for (std::int64_t part = 0; part < kParts; ++part) {
      const Vec cell = row.cell_current(part);
      const Vec fw = row.word_residual(part, cell);
      const Vec fb = row.bit_residual(part, cell, above[part]);
      word2 = hn::Add(word2, square(hn::Mul(row.weight(part), fw)));
      bit2 = hn::Add(bit2, square(fb));
      i2 = hn::MulAdd(cell, cell, i2);
      wires2 = hn::Add(wires2, row.wire_scale(part));
    }
  }
  return {sum(word2), sum(bit2), sum(i2), sum(wires2)};
}

}  // namespace arrayspice::lines::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace arrayspice::lines {
HWY_EXPORT(residual_pass);

ResidualSums residual_pass(const ResidualPass& pass, std::int64_t panel) {
  return HWY_DYNAMIC_DISPATCH(residual_pass)(pass, panel);
}
}  // namespace arrayspice::lines
#endif
