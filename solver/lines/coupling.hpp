// SPDX-License-Identifier: Apache-2.0
// Conductances between neighbouring lines of a family, cell by cell: what capacitances
// between the lines are in a time step.
//
// With M the array whose lines carry them to ground (their diagonal, as shunts) and E
// their other ends, (E w)_ij = c_(i-1) w_(i-1)j + c_i w_(i+1)j, the system is
//
//     (M - E) x = f
//
// M is what the line solver solves; generalised conjugate residuals, preconditioned with
// rough solutions of M and truncated to a few directions (S. C. Eisenstat, H. C. Elman
// and M. H. Schultz, SIAM J. Numer. Anal. 20 (1983)), do the rest: they need no symmetry
// and let the preconditioner vary.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "solver/lines/schur.hpp"

namespace arrayspice::lines {

/// S, between each cell's node and that of the next line: by line, of all lines but the
/// last; empty: none.
struct Coupling {
  std::vector<double> word, bit;
  bool any() const { return !word.empty() || !bit.empty(); }
};

/// Sums over neighbouring lines, c_left v_left + c_right v_right, added to `f`, panel by
/// panel.
void add_from_neighbours(SchurSolver& schur, const Coupling& coupling, const Buffer& w,
                         const Buffer& b, Buffer& fw, Buffer& fb);

class CoupledSolver {
 public:
  /// Uses the factors and the cells that `schur` has at the time of a solve.
  explicit CoupledSolver(SchurSolver& schur);

  /// Solves for currents (s, t) into the nodes; the tolerance is on |f| of all nodes.
  SolveReport solve(const Coupling& coupling, const Buffer& s, const Buffer& t,
                    const SolveOptions& options);
  const Buffer& word_voltages() const { return x_.w; }
  const Buffer& bit_voltages() const { return x_.b; }

 private:
  struct Field {
    Buffer w, b;
  };
  struct Direction {
    Field z, image;      // image = (M - E) z
    double norm2 = 0.0;  // of the image
  };
  static constexpr std::size_t kKept = 2;

  Field make_field() const;
  double dot(const Field& a, const Field& b);
  void add(double factor, const Field& a, Field& to);
  void precondition(Direction& next, SolveReport& report, const SolveOptions& options);
  void apply(const Coupling& coupling, const Field& z, Field& image);

  SchurSolver& schur_;
  Field x_, rest_;
  Buffer cell_current_;
  std::array<Direction, kKept> directions_;
  std::vector<double> no_terminal_, partial_;
};

}  // namespace arrayspice::lines
