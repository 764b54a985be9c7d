// SPDX-License-Identifier: Apache-2.0
// Iterative solution of a circuit matrix in which wires were found (line_structure.hpp):
// an alternative to factoring it, chosen where arrays make fill-in expensive.
//
// With the inner unknowns e eliminated (their block is diagonal),
//
//     B = A_rr - A_re A_ee^-1 A_er,      B = lines + couplings,
//
// the preconditioner M is one symmetric block Gauss-Seidel sweep over the two colours
// with exact solves of every line:  T_0 z_0 = r_0;  T_1 z_1 = r_1 - B_10 z_0; T_0 z_0 =
// r_0 - B_01 z_1.  A symmetric B is solved by conjugate gradients, another by GMRES (Y.
// Saad, M. H. Schultz, SIAM J. Sci. Stat. Comput. 7 (1986)). The residual is recomputed
// from the matrix at the end, and one correction solve takes out what rounding left in
// the recursive one.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "solver/core_matrix.hpp"
#include "solver/lines/line_structure.hpp"

namespace arrayspice::lines {

class WiredCore final : public CoreFactor {
 public:
  /// `matrix` (its values may change) must outlive this.
  WiredCore(const CoreMatrix& matrix, LineStructure structure);

  /// Singular when an inner unknown or a line alone is: then factor the whole.
  FactorStatus factor() override;
  bool solve(std::span<double> b, std::int32_t count) override;
  /// Only a symmetric matrix: another gives up at once.
  bool solve_transposed(std::span<double> b) override {
    return symmetric_ && solve(b, 1);
  }
  /// Of the last call of solve(), over its right-hand sides.
  int last_iterations() const { return iterations_; }
  /// Numbers kept: what a direct method's factor would be compared with.
  std::int64_t nonzeros() const override {
    return static_cast<std::int64_t>(values_.size() + 3 * lower_.size());
  }
  std::int32_t singular_column() const override { return -1; }

 private:
  using Vector = std::vector<double>;
  /// A value of B: of A, or -A_ie A_ej / A_ee through an inner unknown e.
  struct Direct {
    std::int32_t target, slot;
  };
  struct Through {
    std::int32_t target, left, pivot, right;
  };
  struct Entry {
    std::int32_t position, slot;
  };
  /// An inner unknown: its column and its row of A.
  struct Inner {
    std::int32_t unknown = -1, pivot = -1;
    std::vector<Entry> column, row;
  };

  bool solve_one(std::span<double> b);
  void number_unknowns();
  void collect_inner();
  void build_pattern();
  void find_mates();
  std::int32_t line_slot(std::int32_t row, std::int32_t column) const;
  template <class Visit>
  void visit_entries(const Visit& visit) const;
  void load_values();
  bool is_symmetric() const;
  bool factor_lines();
  void solve_lines(std::int32_t first, std::int32_t last, Vector& x) const;
  void subtract_couplings(std::int32_t first, std::int32_t last, const Vector& z,
                          Vector& out) const;
  void precondition(const Vector& r, Vector& z) const;
  void multiply(const Vector& x, Vector& y) const;
  bool krylov(Vector& r, Vector& x, double stop);
  bool conjugate_gradients(Vector& r, Vector& x, double stop);
  bool gmres(Vector& r, Vector& x, double stop);

  const CoreMatrix& a_;
  LineStructure lines_;
  std::int32_t n_ = 0;  // unknowns that are not inner
  std::vector<std::int32_t>
      position_;                       // by unknown of A: place in order, -1 - k if inner
  std::vector<std::int32_t> line_of_;  // by position
  std::vector<Inner> inner_;
  std::vector<std::int32_t> mates_;  // slot of a_ji for the slot of a_ij, or -1

  // B by rows: 3 i + {0, 1, 2} are the neighbours on the line (below, diagonal, above),
  // couplings follow from 3 n.
  std::vector<std::int32_t> starts_, columns_;
  std::vector<Direct> direct_;
  std::vector<Through> through_;
  Vector values_;
  Vector lower_, inverse_, upper_;  // factored lines: L unit lower, inverse pivots, U
  bool symmetric_ = false;
  int iterations_ = 0;
};

}  // namespace arrayspice::lines
