// SPDX-License-Identifier: Apache-2.0
// Krylov methods on plain vectors. The matrix and its preconditioner are functions; all
// sums are formed in a fixed order, so that results do not depend on anything but the
// input.
#pragma once

#include <functional>
#include <vector>

namespace arrayspice::lines {

using Vector = std::vector<double>;
/// out = F in.
using LinearMap = std::function<void(const Vector& in, Vector& out)>;

struct KrylovLimits {
  double stop = 0.0;  ///< of the residual's 2-norm
  int most = 50;      ///< iterations
  /// Asked after every iteration with their number and the residual over its start: is it
  /// worth going on? Empty: yes.
  std::function<bool(int iterations, double reduction)> worthwhile;
};

enum class KrylovEnd {
  Reached,  ///< the residual is small enough
  Stalled,  ///< by rounding, or the most iterations are done: what was gained counts
  Refused   ///< not worthwhile, or the method broke down
};

struct KrylovResult {
  KrylovEnd end = KrylovEnd::Refused;
  int iterations = 0;
};

double dot(const Vector& a, const Vector& b);
double norm(const Vector& a);

/// x += A^-1 r by conjugate gradients; r is the recursive residual then. z = M^-1 r, and
/// s = A p for a search direction p, given also t = M p (which often holds a part of A
/// p).
using SearchMap = std::function<void(const Vector& p, const Vector& t, Vector& s)>;
KrylovResult conjugate_gradients(const SearchMap& apply, const LinearMap& precondition,
                                 const KrylovLimits& limits, Vector& r, Vector& x);

/// x += A^-1 r by GMRES (Y. Saad, M. H. Schultz, SIAM J. Sci. Stat. Comput. 7 (1986))
/// with the preconditioner on the right; `apply` is A M^-1. r is used up.
KrylovResult gmres(const LinearMap& apply, const LinearMap& precondition,
                   const KrylovLimits& limits, Vector& r, Vector& x);

}  // namespace arrayspice::lines
