// SPDX-License-Identifier: Apache-2.0
#include "solver/cholmod.hpp"

#include <cholmod.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <new>
#include <stdexcept>

namespace arrayspice {
namespace {

/// Smallest ratio of the extreme pivots that is taken for positive definite without
/// doubt; below, LU with its better test decides.
constexpr double kSmallestRcond = 1e-14;
/// Fronts of crossbars are small: dense kernels pay only for very large ones.
[[maybe_unused]] constexpr double kSupernodalFlops = 1e10;

class CholmodFactor final : public CoreFactor {
 public:
  CholmodFactor(const CoreMatrix& a, const Ordering& ordering) : a_(a) {
    cholmod_start(&common_);
    common_.print = 0;
    common_.error_handler = nullptr;
    common_.nmethods = 1;
    common_.method[0].ordering = CHOLMOD_GIVEN;
    common_.postorder = 1;
    common_.quick_return_if_not_posdef = 1;
    common_.supernodal = CHOLMOD_SIMPLICIAL;
#ifdef ARRAYSPICE_GPL
    if (ordering.fill.flops > kSupernodalFlops) common_.supernodal = CHOLMOD_SUPERNODAL;
#endif
    common_.final_ll = 1;  // L L^T, not L D L^T: that would not notice a negative pivot
    view_ = lower_triangle();
    Permutation perm = ordering.order;
    factor_ = cholmod_analyze_p(&view_, perm.data(), nullptr, 0, &common_);
    check();
  }
  ~CholmodFactor() override {
    cholmod_free_factor(&factor_, &common_);
    for (cholmod_dense** d : {&x_, &y_, &e_}) cholmod_free_dense(d, &common_);
    cholmod_finish(&common_);
  }
  CholmodFactor(const CholmodFactor&) = delete;
  CholmodFactor& operator=(const CholmodFactor&) = delete;

  FactorStatus factor() override {
    cholmod_factorize(&view_, factor_, &common_);
    if (common_.status == CHOLMOD_NOT_POSDEF) return FactorStatus::Singular;
    if (common_.status != CHOLMOD_DSMALL) check();
    return cholmod_rcond(factor_, &common_) < kSmallestRcond ? FactorStatus::Singular
                                                             : FactorStatus::Ok;
  }

  bool solve(std::span<double> b, std::int32_t count) override {
    cholmod_dense rhs{};
    rhs.nrow = rhs.d = static_cast<std::size_t>(a_.n);
    rhs.ncol = static_cast<std::size_t>(count);
    rhs.nzmax = rhs.nrow * rhs.ncol;
    rhs.x = b.data();
    rhs.xtype = CHOLMOD_REAL;
    rhs.dtype = CHOLMOD_DOUBLE;
    cholmod_solve2(CHOLMOD_A, factor_, &rhs, nullptr, &x_, nullptr, &y_, &e_, &common_);
    check();
    const auto* x = static_cast<const double*>(x_->x);
    std::copy(x, x + rhs.nzmax, b.begin());
    return true;
  }
  bool solve_transposed(std::span<double> b) override { return solve(b, 1); }
  std::int64_t nonzeros() const override {
    return static_cast<std::int64_t>(common_.lnz);
  }
  std::int32_t singular_column() const override { return -1; }

 private:
  /// CHOLMOD is told to look at the lower triangle only.
  cholmod_sparse lower_triangle() const {
    cholmod_sparse s{};
    s.nrow = s.ncol = static_cast<std::size_t>(a_.n);
    s.nzmax = a_.rows.size();
    s.p = const_cast<std::int32_t*>(a_.starts.data());
    s.i = const_cast<std::int32_t*>(a_.rows.data());
    s.x = const_cast<double*>(a_.values.data());
    s.stype = -1;
    s.itype = CHOLMOD_INT;
    s.xtype = CHOLMOD_REAL;
    s.dtype = CHOLMOD_DOUBLE;
    s.sorted = s.packed = 1;
    return s;
  }

  void check() const {
    if (common_.status == CHOLMOD_OUT_OF_MEMORY) throw std::bad_alloc();
    if (common_.status == CHOLMOD_TOO_LARGE)
      throw std::length_error("the factors exceed CHOLMOD's 32-bit indices");
    assert(common_.status == CHOLMOD_OK);
  }

  const CoreMatrix& a_;
  cholmod_common common_{};
  cholmod_sparse view_{};
  cholmod_factor* factor_ = nullptr;
  cholmod_dense *x_ = nullptr, *y_ = nullptr, *e_ = nullptr;  // kept between solves
};

}  // namespace

std::unique_ptr<CoreFactor> make_cholmod(const CoreMatrix& matrix,
                                         const Ordering& ordering) {
  return std::make_unique<CholmodFactor>(matrix, ordering);
}

bool is_symmetric_positive(const CoreMatrix& a) {
  // Column j of the lower triangle meets row j of the upper one: walking the columns in
  // order, the entries above the diagonal of each column appear in the order in which
  // `next` passes over the entries below it.
  constexpr double kRounding = 8.0 * std::numeric_limits<double>::epsilon();
  std::vector<std::int32_t> next(a.n);
  for (std::int32_t j = 0; j < a.n; ++j) {
    const auto first = a.rows.begin() + a.starts[j],
               last = a.rows.begin() + a.starts[j + 1];
    const auto diagonal = std::lower_bound(first, last, j);
    if (diagonal == last || *diagonal != j) return false;
    const auto at = static_cast<std::int32_t>(diagonal - a.rows.begin());
    if (!(a.values[at] > 0.0)) return false;
    next[j] = at + 1;
    for (std::int32_t p = a.starts[j]; p < at; ++p) {
      const std::int32_t i = a.rows[p], q = next[i]++;
      if (q >= a.starts[i + 1] || a.rows[q] != j) return false;
      const double upper = a.values[p], lower = a.values[q];
      if (std::abs(upper - lower) >
          kRounding * std::max(std::abs(upper), std::abs(lower)))
        return false;
    }
  }
  for (std::int32_t j = 0; j < a.n; ++j)
    if (next[j] != a.starts[j + 1]) return false;
  return true;
}

}  // namespace arrayspice
