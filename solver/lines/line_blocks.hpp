// SPDX-License-Identifier: Apache-2.0
// The operators of the iteration on a matrix of lines. Ordered by levels (kept lines of
// the first colour, odd lines, border | eliminated lines) it is
//
//     B = D + L + U,   D = diag(T_first, T_odd, border, T_eliminated)
//
// T tridiagonal systems of lines, L and U the couplings below and above the diagonal
// blocks, U also those inside a block. M = D + L is solved forward, and B M^-1 r = r + U
// z with z = M^-1 r: every entry is used once. The eliminated level has no rows in U:
// start with its rows solved and their residual stays zero, so that iterations need the
// kept rows only; they work on the Schur complement
//
//     S = B_kk - B_ke T_e^-1 B_ek.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "solver/lines/line_panels.hpp"

namespace arrayspice::lines {

class LineBlocks {
 public:
  using Vector = std::vector<double>;

  LineBlocks(const RowPattern& pattern, const LineStructure& lines,
             const std::vector<std::uint8_t>& in_border);

  /// Where entry k of the pattern goes in values().
  const std::vector<std::int32_t>& slots() const { return slots_; }
  /// Where row k goes in vectors.
  const std::vector<std::int32_t>& positions() const { return panels_.position; }
  void forget_slots() { slots_ = {}; }

  /// All values, set to zero, to be filled in.
  std::span<double> clear_values();
  /// Singular when a line or the border alone is.
  FactorStatus factor();
  /// Every line has positive pivots.
  bool positive() const { return positive_; }
  /// The kept lines have no couplings among them: S has a symmetric preconditioner.
  bool is_two_coloured() const { return kept_lower_ == 0; }

  std::int32_t size() const { return panels_.size(); }
  std::int32_t kept() const { return panels_.border_end; }
  /// Entries used in one iteration.
  std::int64_t entries() const { return static_cast<std::int64_t>(values_.size()); }

  /// r_k -= B_ke T_e^-1 r_e for a vector of all rows.
  void eliminate(Vector& r) const;
  /// Given x_k, x_e <- T_e^-1 (r_e - B_ek x_k).
  void complete(const Vector& r, Vector& x) const;
  /// z_k = M_k^-1 r_k.
  void precondition(const Vector& r, Vector& z) const;
  /// w_k = S M_k^-1 r_k.
  void apply(const Vector& r, Vector& w) const;
  /// s_k = S p_k, given t_k = T_k p_k, for a two-coloured matrix.
  void apply_schur(const Vector& p, const Vector& t, Vector& s) const;

 private:
  struct Couplings {
    std::vector<std::int32_t> starts, columns;
    std::int32_t first_value = 0;
  };

  void place_entries(const RowPattern& pattern);
  void place_border(const RowPattern& pattern);
  template <int sign>
  void add(const Couplings& c, std::int32_t first, std::int32_t last, const Vector& z,
           const Vector& in, Vector& out) const;
  void solve_lines(std::size_t level, Vector& x) const;
  void solve_eliminated(Vector& z) const;
  bool factor_panel(const Panel& panel);
  FactorStatus factor_border();

  LinePanels panels_;
  std::vector<std::int32_t> slots_;
  Couplings lower_, upper_;
  std::int64_t kept_lower_ = 0;
  // Below, on and above the diagonal of every line, by position: then, factored, L (unit
  // lower), inverse pivots, U. Couplings and the border's values follow.
  Vector values_;
  CoreMatrix border_;
  std::int32_t first_border_value_ = 0;
  std::unique_ptr<CoreFactor> border_factor_;
  bool positive_ = false;
  mutable Vector z_;  // of all rows
};

}  // namespace arrayspice::lines
