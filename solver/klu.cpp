// SPDX-License-Identifier: Apache-2.0
#include "solver/klu.hpp"

#include <klu.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <new>
#include <stdexcept>
#include <utility>

namespace arrayspice {
namespace {

/// Below this ratio of the smallest to the largest (row-scaled) pivot the factors are
/// put to the test of probe().
constexpr double kSuspiciousPivots = 1e-12;
/// A refactorisation keeps the old pivots; they are given up when the growth of the
/// factors is worse than at their choice by this factor.
constexpr double kGrowthLimit = 1e-4;

class KluFactor final : public CoreFactor {
 public:
  KluFactor(const CoreMatrix& a, bool dissect, Ordering& decided)
      : a_(const_cast<CoreMatrix&>(a)), dissect_(dissect), decided_(&decided) {
    klu_defaults(&common_);
    common_.halt_if_singular = 0;
    common_.ordering = 3;
    common_.user_order = &KluFactor::order_block;
    common_.user_data = this;
    decided.order.clear();
    decided.dissection_tried = dissect;
    symbolic_ = klu_analyze(a_.n, a_.starts.data(), a_.rows.data(), &common_);
    check();
    if (!symbolic_) throw std::bad_alloc();  // the only way our ordering can fail
    common_.user_data = decided_ = nullptr;
  }
  KluFactor(const CoreMatrix& a, Permutation order) : a_(const_cast<CoreMatrix&>(a)) {
    klu_defaults(&common_);
    common_.halt_if_singular = 0;
    common_.btf = 0;
    symbolic_ = klu_analyze_given(a_.n, a_.starts.data(), a_.rows.data(), order.data(),
                                  order.data(), &common_);
    check();
    if (!symbolic_) throw std::bad_alloc();
  }
  ~KluFactor() override {
    klu_free_numeric(&numeric_, &common_);
    klu_free_symbolic(&symbolic_, &common_);
  }
  KluFactor(const KluFactor&) = delete;
  KluFactor& operator=(const KluFactor&) = delete;

  FactorStatus factor() override {
    singular_column_ = -1;
    if (numeric_ && refactor()) return FactorStatus::Ok;
    klu_free_numeric(&numeric_, &common_);
    numeric_ = klu_factor(starts(), rows(), values(), symbolic_, &common_);
    if (common_.status == KLU_SINGULAR) return singular(common_.singular_col);
    check();
    growth_ = growth();
    klu_rcond(symbolic_, numeric_, &common_);
    return common_.rcond < kSuspiciousPivots && !probe() ? singular(smallest_pivot())
                                                         : FactorStatus::Ok;
  }

  bool solve(std::span<double> b, std::int32_t count) override {
    klu_solve(symbolic_, numeric_, a_.n, count, b.data(), &common_);
    check();
    return true;
  }
  bool solve_transposed(std::span<double> b) override {
    klu_tsolve(symbolic_, numeric_, a_.n, 1, b.data(), &common_);
    check();
    return true;
  }
  std::int64_t nonzeros() const override {
    return static_cast<std::int64_t>(numeric_->lnz) + numeric_->unz + symbolic_->nzoff;
  }
  std::int32_t singular_column() const override { return singular_column_; }

 private:
  int* starts() { return a_.starts.data(); }
  int* rows() { return a_.rows.data(); }
  double* values() { return a_.values.data(); }

  static int order_block(int n, int* starts, int* rows, int* order, klu_common* common) {
    // Called by klu_analyze, C code: nothing may be thrown through it.
    auto& self = *static_cast<KluFactor*>(common->user_data);
    try {
      const Graph graph =
          symmetric_graph(n, std::span(starts, static_cast<std::size_t>(n) + 1),
                          std::span(rows, starts[n]));
      Ordering block = order_by_degree(graph);
      if (self.dissect_) try_dissection(graph, block);
      std::copy(block.order.begin(), block.order.end(), order);
      const double nonzeros = block.fill.nonzeros;
      if (block.order.size() > self.decided_->order.size())
        *self.decided_ = std::move(block);
      self.decided_->dissection_tried = self.dissect_;
      return static_cast<int>(std::min(nonzeros, 2e9));
    } catch (const std::bad_alloc&) {
      common->status = KLU_OUT_OF_MEMORY;
      return 0;
    }
  }

  bool refactor() {
    klu_refactor(starts(), rows(), values(), symbolic_, numeric_, &common_);
    if (common_.status != KLU_OK) return false;
    if (growth() < kGrowthLimit * growth_) return false;
    klu_rcond(symbolic_, numeric_, &common_);
    return common_.rcond >= kSuspiciousPivots;
  }

  double growth() {
    klu_rgrowth(starts(), rows(), values(), symbolic_, numeric_, &common_);
    return common_.rgrowth;
  }

  /// Pivots of very different size may be honest (1 mOhm beside 1 TOhm) or the rounding
  /// error of a zero. Solve A y = A x for a known x: the former gives x back.
  bool probe() {
    std::vector<double> x(a_.n), y(a_.n, 0.0);
    for (std::int32_t j = 0; j < a_.n; ++j) {
      x[j] = 1.0 + 0.5 * std::sin(1.0 + j);
      for (std::int32_t p = a_.starts[j]; p < a_.starts[j + 1]; ++p)
        y[a_.rows[p]] += a_.values[p] * x[j];
    }
    solve(y, 1);
    for (std::int32_t j = 0; j < a_.n; ++j)
      if (!(std::abs(y[j] - x[j]) < 0.5)) return false;
    return true;
  }

  std::int32_t smallest_pivot() const {
    const auto* pivots = static_cast<const double*>(numeric_->Udiag);
    const auto* at = std::min_element(pivots, pivots + a_.n, [](double u, double v) {
      return std::abs(u) < std::abs(v);
    });
    return symbolic_->Q[at - pivots];
  }

  FactorStatus singular(std::int32_t column) {
    klu_free_numeric(&numeric_, &common_);
    singular_column_ = column >= 0 && column < a_.n ? column : -1;
    return FactorStatus::Singular;
  }

  void check() const {
    if (common_.status == KLU_OUT_OF_MEMORY) throw std::bad_alloc();
    if (common_.status == KLU_TOO_LARGE)
      throw std::length_error("the factors exceed KLU's 32-bit indices");
    assert(common_.status == KLU_OK || common_.status == KLU_INVALID);
  }

  CoreMatrix& a_;
  bool dissect_ = false;
  Ordering* decided_ = nullptr;
  klu_common common_{};
  klu_symbolic* symbolic_ = nullptr;
  klu_numeric* numeric_ = nullptr;
  double growth_ = 0.0;
  std::int32_t singular_column_ = -1;
};

}  // namespace

std::unique_ptr<CoreFactor> make_klu(const CoreMatrix& matrix, bool dissect,
                                     Ordering& decided) {
  return std::make_unique<KluFactor>(matrix, dissect, decided);
}

std::unique_ptr<CoreFactor> make_klu(const CoreMatrix& matrix, Permutation order) {
  return std::make_unique<KluFactor>(matrix, std::move(order));
}

}  // namespace arrayspice
