// SPDX-License-Identifier: Apache-2.0
// What both directions of the fused sweeps share, compiled once per instruction set.
#include <algorithm>
#include <cstdint>

#include "behavior/fused/lane_sweeps.h"

#if defined(ARRAYSPICE_LANE_LAW_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ARRAYSPICE_LANE_LAW_INL
#undef ARRAYSPICE_LANE_LAW_INL
#else
#define ARRAYSPICE_LANE_LAW_INL
#endif

#include "hwy/aligned_allocator.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace arrayspice::fused::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
constexpr std::int64_t kLanes = 16;  // inputs of a group
using Tag = hn::CappedTag<float, kLanes>;
using Vec = hn::Vec<Tag>;
constexpr Tag kTag;
constexpr std::int64_t kL = hn::MaxLanes(Tag());

HWY_INLINE Vec spread(float x) { return hn::Set(kTag, x); }
HWY_INLINE Vec load(const float* p) { return hn::LoadU(kTag, p); }
HWY_INLINE void store(Vec x, float* p) { hn::StoreU(x, kTag, p); }
HWY_INLINE Vec inverse(Vec x) { return hn::Div(spread(1.0F), x); }

/// Current, slope and derivative by the conductance of cells with one form of P.
template <bool kPerCell, bool kEven, int kTerms>
class Law {
 public:
  explicit Law(const ArraySpiceLaw& law) : a_(law), per_volt_(spread(1.0F / law.range)) {
    for (int k = 0; k < kTerms && !kPerCell; ++k) shared_[k] = spread(law.p[k]);
  }

  struct Point {
    Vec i, d;
  };
  HWY_INLINE Point at(std::int64_t cell, Vec v) const {
    const Vec u = argument(v);
    Vec p = term(cell, kTerms - 1), slope = hn::Zero(kTag);
    for (int k = kTerms - 1; k-- > 0;) {
      slope = hn::MulAdd(slope, u, p);
      p = hn::MulAdd(p, u, term(cell, k));
    }
    Vec d = hn::MulAdd(hn::Mul(spread(kEven ? 2.0F : 1.0F), u), slope, p);
    if constexpr (!kPerCell) {
      const Vec scale = spread(a_.scale[cell]);
      p = hn::Mul(p, scale);
      d = hn::Mul(d, scale);
    }
    return {hn::Mul(v, p), hn::Max(d, hn::Zero(kTag))};
  }

  /// di/dg
  HWY_INLINE Vec by_conductance(std::int64_t cell, Vec v) const {
    const Vec u = argument(v);
    const float* p = kPerCell ? a_.p_by_g + cell * kTerms : a_.p;
    Vec y = spread(p[kTerms - 1]);
    for (int k = kTerms - 1; k-- > 0;) y = hn::MulAdd(y, u, spread(p[k]));
    if constexpr (!kPerCell) y = hn::Mul(y, spread(a_.scale_by_g[cell]));
    return hn::Mul(v, y);
  }

 private:
  HWY_INLINE Vec argument(Vec v) const {
    const Vec x = hn::Clamp(hn::Mul(v, per_volt_), spread(-1.0F), spread(1.0F));
    return kEven ? hn::Mul(x, x) : x;
  }
  HWY_INLINE Vec term(std::int64_t cell, int k) const {
    return kPerCell ? spread(a_.p[cell * kTerms + k]) : shared_[k];
  }

  const ArraySpiceLaw& a_;
  Vec per_volt_;
  Vec shared_[kPerCell ? 1 : kTerms];
};

/// Calls run with the law's form.
template <class Run>
void with_law(const ArraySpiceLaw& law, const Run& run) {
  if (!law.per_cell) {
    if (law.terms == 1) return run(Law<false, true, 1>(law));
    if (law.terms == 5) return run(Law<false, true, 5>(law));
    return run(Law<false, true, 9>(law));
  }
  if (!law.even) return run(Law<true, false, 9>(law));
  if (law.terms == 5) return run(Law<true, true, 5>(law));
  run(Law<true, true, 9>(law));
}

/// Aligned memory, parts of which do not fall onto the same lines of a cache.
class Memory {
 public:
  explicit Memory(std::int64_t floats)
      : all_(hwy::AllocateAligned<float>(static_cast<std::size_t>(floats))) {}
  float* take(std::int64_t floats) {
    float* const p = all_.get() + used_;
    used_ += floats + kApart;
    return p;
  }
  static std::int64_t size(std::int64_t floats, std::int64_t parts) {
    return floats + parts * kApart;
  }

 private:
  static constexpr std::int64_t kApart = 9 * kLanes;
  hwy::AlignedFreeUniquePtr<float[]> all_;
  std::int64_t used_ = 0;
};

/// Lanes of row k of (batch, width): zero where the batch ends.
inline void to_lanes(const float* values, std::int64_t batch, std::int64_t first,
                     std::int64_t width, std::int64_t stride, float* lanes) {
  const std::int64_t used = std::min(kLanes, batch - first);
  std::fill_n(lanes, width * kLanes, 0.0F);
  for (std::int64_t lane = 0; lane < used; ++lane)
    for (std::int64_t k = 0; k < width; ++k)
      lanes[k * kLanes + lane] = values[(first + lane) * stride + k];
}

inline void from_lanes(const float* lanes, std::int64_t batch, std::int64_t first,
                       std::int64_t width, float* values) {
  const std::int64_t used = std::min(kLanes, batch - first);
  for (std::int64_t lane = 0; lane < used; ++lane)
    for (std::int64_t k = 0; k < width; ++k)
      values[(first + lane) * width + k] = lanes[k * kLanes + lane];
}

}  // namespace arrayspice::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
