// SPDX-License-Identifier: Apache-2.0
#include "solver/lines/krylov.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <random>

namespace arrayspice::lines {
namespace {

/// A small dense matrix with its diagonal as preconditioner.
class Problem {
 public:
  Problem(std::size_t n, bool symmetric) : n_(n), a_(n * n) {
    std::mt19937 engine(3);
    std::uniform_real_distribution<> draw(-1.0, 1.0);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j)
        a_[i * n + j] = symmetric && j < i ? a_[j * n + i] : draw(engine);
    for (std::size_t i = 0; i < n; ++i)
      a_[i * n + i] = 1.2 * static_cast<double>(n) * (1.0 + static_cast<double>(i % 7));
  }
  std::size_t size() const { return n_; }
  double& operator()(std::size_t i, std::size_t j) { return a_[i * n_ + j]; }

  void multiply(const Vector& x, Vector& y) const {
    y.assign(n_, 0.0);
    for (std::size_t i = 0; i < n_; ++i)
      for (std::size_t j = 0; j < n_; ++j) y[i] += a_[i * n_ + j] * x[j];
  }
  void precondition(const Vector& r, Vector& z) const {
    z.resize(n_);
    for (std::size_t i = 0; i < n_; ++i) z[i] = r[i] / a_[i * n_ + i];
  }
  KrylovResult solve(bool by_cg, const KrylovLimits& limits, const Vector& b, Vector& x) {
    const LinearMap inverse = [&](const Vector& r, Vector& z) { precondition(r, z); };
    Vector r = b;
    if (by_cg)
      return conjugate_gradients(
          [&](const Vector& p, const Vector&, Vector& s) { multiply(p, s); }, inverse,
          limits, r, x);
    return gmres(
        [&](const Vector& v, Vector& w) {
          Vector z;
          precondition(v, z);
          multiply(z, w);
        },
        inverse, limits, r, x);
  }
  double residual(const Vector& b, const Vector& x) const {
    Vector ax;
    multiply(x, ax);
    for (std::size_t i = 0; i < n_; ++i) ax[i] = b[i] - ax[i];
    return norm(ax);
  }

 private:
  std::size_t n_;
  std::vector<double> a_;
};

Vector ones(std::size_t n) { return Vector(n, 1.0); }

class Methods : public ::testing::TestWithParam<bool> {};

TEST_P(Methods, ReachTheResidualAskedFor) {
  Problem problem(60, true);
  const Vector b = ones(60);
  for (const double stop : {1e-4, 1e-9}) {
    Vector x(60, 0.0);
    const KrylovResult result = problem.solve(GetParam(), {stop, 60, {}}, b, x);
    EXPECT_EQ(result.end, KrylovEnd::Reached);
    EXPECT_LE(problem.residual(b, x), 1.01 * stop);
    EXPECT_GT(result.iterations, 2);
    EXPECT_LT(result.iterations, 40);
  }
}

TEST_P(Methods, EndWhereRoundingDoesAndKeepWhatWasGained) {
  Problem problem(60, true);
  const Vector b = ones(60);
  Vector x(60, 0.0);
  const KrylovResult result = problem.solve(GetParam(), {0.0, 1000, {}}, b, x);
  EXPECT_NE(result.end, KrylovEnd::Refused);
  EXPECT_LT(result.iterations, 1000);
  EXPECT_LT(problem.residual(b, x), 1e-13);
}

TEST_P(Methods, StopWhenToldThatItIsNotWorthwhile) {
  Problem problem(60, true);
  Vector x(60, 0.0);
  const KrylovResult result = problem.solve(
      GetParam(), {1e-9, 60, [](int iterations, double) { return iterations < 3; }},
      ones(60), x);
  EXPECT_EQ(result.end, KrylovEnd::Refused);
  EXPECT_EQ(result.iterations, 3);
}

TEST_P(Methods, SolveForNothingInNoIteration) {
  Problem problem(10, true);
  Vector x(10, 0.0);
  const KrylovResult result =
      problem.solve(GetParam(), {0.0, 60, {}}, Vector(10, 0.0), x);
  EXPECT_EQ(result.end, KrylovEnd::Reached);
  EXPECT_EQ(result.iterations, 0);
  EXPECT_EQ(x, Vector(10, 0.0));
}

INSTANTIATE_TEST_SUITE_P(Krylov, Methods, ::testing::Bool());

TEST(Gmres, SolvesUnsymmetricMatrices) {
  Problem problem(60, false);
  const Vector b = ones(60);
  Vector x(60, 0.0);
  EXPECT_EQ(problem.solve(false, {1e-10, 60, {}}, b, x).end, KrylovEnd::Reached);
  EXPECT_LE(problem.residual(b, x), 2e-10);
}

TEST(ConjugateGradients, RefuseAnIndefiniteMatrix) {
  Problem problem(20, true);
  problem(4, 4) = -1.0;
  Vector x(20, 0.0);
  EXPECT_EQ(problem.solve(true, {1e-10, 60, {}}, ones(20), x).end, KrylovEnd::Refused);
}

TEST(Krylov, SumsAreThoseOfPlainLoops) {
  Vector a(37), b(37);
  for (std::size_t k = 0; k < a.size(); ++k) {
    a[k] = std::sin(static_cast<double>(k));
    b[k] = std::cos(static_cast<double>(3 * k));
  }
  double plain = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) plain += a[k] * b[k];
  EXPECT_NEAR(dot(a, b), plain, 1e-14);
  EXPECT_DOUBLE_EQ(norm(a), std::sqrt(dot(a, a)));
}

}  // namespace
}  // namespace arrayspice::lines
