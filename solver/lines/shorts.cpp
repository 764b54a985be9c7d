// SPDX-License-Identifier: Apache-2.0
// What a bit line feels of cells that conduct like the wires. Without the cell its word
// line is a conductance t from the cell to the terminals, t = left + shunt + right by
// elimination from both sides. The diagonal of S at the cell of conductance d is
//
//     d - d^2 (T_w^-1)_kk = d - d^2/(d + t) = d t/(d + t),
//
// d and t in series. Where the slopes differ it is in t/(out + t).
#include <algorithm>
#include <array>

#include "solver/lines/schur.hpp"

namespace arrayspice::lines {

namespace {
/// From this share of d in d + t on it matters.
constexpr double kShort = 0.05;
}  // namespace

bool SchurSolver::any_short() const {
  // The factors of a perfect line do not say what its cells see.
  return !grid_.word.is_perfect() &&
         *std::max_element(shorted_.begin(), shorted_.end()) > kShort;
}

void SchurSolver::take_shorts() {
  has_shorts_ = any_short();
  if (!has_shorts_) return;
  if (load_.empty()) load_ = Buffer(size());
  load_.copy(*in_);
  team_->for_each(rows_ / kWidth, [&](int, std::int64_t group) {
    if (shorted_[group] > kShort) relieve_shorts(group);
  });
}

/// From the right end of 16 word lines to the left, with the factors m of the sweep from
/// the left: what loads node l from there is c e m = c (1 - c m) of node l - 1.
void SchurSolver::relieve_shorts(std::int64_t group) {
  using Lane = std::array<double, kWidth>;
  const Family& line = grid_.word;
  const std::int64_t i0 = group * kWidth;
  Lane right;
  std::copy_n(&line.last_end[i0], kWidth, right.begin());
  for (std::int64_t j = grid_.columns - 1; j >= 0; --j) {
    const std::int64_t before = word_index(i0, std::max<std::int64_t>(j - 1, 0));
    const double* c = word_varied_.empty() ? &line.segment[i0] : &word_varied_[before];
    const double* m = &word_factor_[before];
    const double* d = out_->data() + index(i0, j);
    double* load = load_.data() + index(i0, j);  // so far `in`
    for (std::int64_t k = 0; k < kWidth; ++k) {
      const double g = d[k * kWidth];
      const double left = j > 0 ? c[k] * std::max(0.0, 1.0 - c[k] * m[k])  // rounding
                                : line.first_end[i0 + k];
      const double others = left + line.shunt[i0 + k] + right[k];
      if (g > kShort * (g + others)) load[k * kWidth] *= others / (g + others);
      const double here = g + line.shunt[i0 + k] + right[k];
      right[k] = here > 0.0 ? c[k] * here / (c[k] + here) : 0.0;
    }
  }
}

}  // namespace arrayspice::lines
