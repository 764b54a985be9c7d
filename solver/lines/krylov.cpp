// SPDX-License-Identifier: Apache-2.0
#include "solver/lines/krylov.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

namespace arrayspice::lines {

namespace {

constexpr double kTiny = std::numeric_limits<double>::min();
/// No halving of the residual in so many iterations: rounding is all that is left.
constexpr int kPatience = 12;

/// y -= c x; y may be longer.
void subtract(double c, const Vector& x, Vector& y) {
  for (std::size_t k = 0; k < x.size(); ++k) y[k] -= c * x[k];
}

/// Says when to stop.
class Watch {
 public:
  Watch(const KrylovLimits& limits, double start)
      : limits_(limits), start_(start), best_(start) {}

  bool goes_on(double residual) {
    if (residual <= limits_.stop) return stop(KrylovEnd::Reached);
    if (!std::isfinite(residual)) return stop(KrylovEnd::Refused);
    if (residual < 0.5 * best_) {
      best_ = residual;
      best_at_ = result.iterations;
    }
    if (result.iterations >= limits_.most || result.iterations >= best_at_ + kPatience)
      return stop(KrylovEnd::Stalled);
    if (result.iterations > 0 && limits_.worthwhile &&
        !limits_.worthwhile(result.iterations, residual / start_))
      return stop(KrylovEnd::Refused);
    return true;
  }

  KrylovResult result;

 private:
  bool stop(KrylovEnd end) {
    result.end = end;
    return false;
  }

  const KrylovLimits& limits_;
  double start_, best_;
  int best_at_ = 0;
};

/// The Hessenberg matrix of GMRES, kept triangular by Givens rotations.
class Triangle {
 public:
  explicit Triangle(double residual) : g_{residual} {}

  double residual() const { return std::abs(g_.back()); }

  /// Adds a column of k + 2 elements; false when it is dependent on the others.
  bool add(Vector column) {
    const std::size_t k = columns_.size();
    for (std::size_t i = 0; i < k; ++i) rotate(i, column[i], column[i + 1]);
    const double length = std::hypot(column[k], column[k + 1]);
    if (!(length > 0.0)) return false;
    rotations_.push_back({column[k] / length, column[k + 1] / length});
    rotate(k, column[k], column[k + 1]);
    g_.push_back(0.0);
    rotate(k, g_[k], g_[k + 1]);
    columns_.push_back(std::move(column));
    return true;
  }

  /// Coefficients of the basis vectors in the solution.
  Vector coefficients() const {
    Vector y(g_.begin(), g_.end() - 1);
    for (std::size_t k = y.size(); k-- > 0;) {
      y[k] /= columns_[k][k];
      for (std::size_t i = 0; i < k; ++i) y[i] -= columns_[k][i] * y[k];
    }
    return y;
  }

 private:
  void rotate(std::size_t k, double& a, double& b) const {
    const auto [cosine, sine] = rotations_[k];
    const double turned = cosine * a + sine * b;
    b = cosine * b - sine * a;
    a = turned;
  }

  std::vector<Vector> columns_;
  std::vector<std::array<double, 2>> rotations_;
  Vector g_;
};

}  // namespace

double dot(const Vector& a, const Vector& b) {
  constexpr std::size_t kSums = 8;  // independent, so that they can be formed together
  std::array<double, kSums> sums{};
  std::size_t k = 0;
  for (; k + kSums <= a.size(); k += kSums)
    for (std::size_t s = 0; s < kSums; ++s) sums[s] += a[k + s] * b[k + s];
  for (; k < a.size(); ++k) sums[0] += a[k] * b[k];
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) +
         ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

double norm(const Vector& a) { return std::sqrt(dot(a, a)); }

KrylovResult conjugate_gradients(const SearchMap& apply, const LinearMap& precondition,
                                 const KrylovLimits& limits, Vector& r, Vector& x) {
  const std::size_t n = r.size();
  Vector z(n), p(n, 0.0), t(n, 0.0), s(n);
  double residual = norm(r), rz = 0.0;
  Watch watch(limits, residual);
  for (; watch.goes_on(residual); ++watch.result.iterations) {
    precondition(r, z);
    const double next = dot(r, z);
    const double beta = rz == 0.0 ? 0.0 : next / rz;
    rz = next;
    for (std::size_t i = 0; i < n; ++i) {
      p[i] = z[i] + beta * p[i];
      t[i] = r[i] + beta * t[i];
    }
    apply(p, t, s);
    const double energy = dot(p, s);
    if (!(energy > 0.0) || !(rz > 0.0)) return watch.result;  // not positive definite
    const double alpha = rz / energy;
    for (std::size_t i = 0; i < n; ++i) {
      x[i] += alpha * p[i];
      r[i] -= alpha * s[i];
    }
    residual = norm(r);
  }
  return watch.result;
}

KrylovResult gmres(const LinearMap& apply, const LinearMap& precondition,
                   const KrylovLimits& limits, Vector& r, Vector& x) {
  const std::size_t n = r.size();
  Triangle triangle(norm(r));
  Watch watch(limits, triangle.residual());
  std::vector<Vector> basis;
  basis.push_back(std::move(r));
  for (double& v : basis[0]) v /= std::max(triangle.residual(), kTiny);
  for (; watch.goes_on(triangle.residual()); ++watch.result.iterations) {
    Vector next(n), column;
    apply(basis.back(), next);
    for (const Vector& v : basis) {
      column.push_back(dot(v, next));
      subtract(column.back(), v, next);
    }
    column.push_back(norm(next));
    const double length = column.back();
    if (!std::isfinite(length) || !triangle.add(std::move(column))) break;
    for (double& v : next) v /= std::max(length, kTiny);
    basis.push_back(std::move(next));
  }
  r.assign(n, 0.0);
  if (watch.result.end == KrylovEnd::Refused) return watch.result;
  const Vector y = triangle.coefficients();
  for (std::size_t k = 0; k < y.size(); ++k) subtract(-y[k], basis[k], r);
  precondition(r, basis[0]);
  subtract(-1.0, basis[0], x);
  return watch.result;
}

}  // namespace arrayspice::lines
