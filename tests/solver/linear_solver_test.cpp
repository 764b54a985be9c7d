// SPDX-License-Identifier: Apache-2.0
// J x = b against dense LU, and which back end is chosen when.
#include "solver/linear_solver.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <limits>
#include <random>

namespace arrayspice {
namespace {

struct Sparse {
  SparsePattern pattern;
  std::vector<double> values;
  Eigen::MatrixXd dense;
};

Sparse sparse(const Eigen::MatrixXd& dense) {
  const auto n = static_cast<std::int32_t>(dense.rows());
  std::vector<SparsePattern::Entry> entries;
  std::vector<double> values;
  for (std::int32_t j = 0; j < n; ++j)
    for (std::int32_t i = 0; i < n; ++i)
      if (dense(i, j) != 0.0) {
        entries.push_back({i, j});
        values.push_back(dense(i, j));
      }
  return {SparsePattern(n, entries), values, dense};
}

Eigen::MatrixXd random_matrix(int n, double density, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> value(-1.0, 1.0), coin(0.0, 1.0);
  Eigen::MatrixXd a = Eigen::MatrixXd::Zero(n, n);
  for (int i = 0; i < n; ++i) {
    a(i, (i + 1) % n) = 3.0 + value(random);  // no zero-free diagonal
    for (int j = 0; j < n; ++j)
      if (coin(random) < density) a(i, j) += value(random);
  }
  return a;
}

/// Resistor grid of rows x columns nodes with a conductance to ground at each.
Eigen::MatrixXd grid(int rows, int columns, double to_ground) {
  Eigen::MatrixXd a = Eigen::MatrixXd::Zero(rows * columns, rows * columns);
  const auto join = [&](int p, int q) {
    a(p, p) += 1.0;
    a(q, q) += 1.0;
    a(p, q) -= 1.0;
    a(q, p) -= 1.0;
  };
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < columns; ++j) {
      a(i * columns + j, i * columns + j) += to_ground;
      if (i + 1 < rows) join(i * columns + j, (i + 1) * columns + j);
      if (j + 1 < columns) join(i * columns + j, i * columns + j + 1);
    }
  return a;
}

std::vector<double> ramp(std::int64_t n) {
  std::vector<double> b(n);
  for (std::int64_t k = 0; k < n; ++k) b[k] = std::sin(1.0 + static_cast<double>(k));
  return b;
}

double difference(const std::vector<double>& x, const Eigen::VectorXd& expected) {
  const Eigen::Map<const Eigen::VectorXd> got(x.data(), expected.size());
  return (got - expected).norm() / expected.norm();
}

void expect_solves(const Sparse& s, DirectSolver& solver, double tolerance = 1e-11) {
  ASSERT_EQ(solver.factor(s.values), FactorStatus::Ok);
  std::vector<double> b = ramp(s.dense.rows());
  const Eigen::VectorXd rhs = Eigen::Map<Eigen::VectorXd>(b.data(), s.dense.rows());
  solver.solve(b);
  EXPECT_LT(difference(b, s.dense.partialPivLu().solve(rhs)), tolerance);
  b = ramp(s.dense.rows());
  solver.solve_transposed(b);
  EXPECT_LT(difference(b, s.dense.transpose().partialPivLu().solve(rhs)), tolerance);
}

TEST(DirectSolver, SolvesRandomMatricesOfAnyDensity) {
  for (unsigned seed = 0; seed < 30; ++seed) {
    const Sparse s = sparse(random_matrix(5 + 3 * static_cast<int>(seed),
                                          seed % 3 == 0 ? 0.0 : 0.02 * (seed % 7), seed));
    DirectSolver solver(s.pattern, {});
    expect_solves(s, solver);
  }
}

TEST(DirectSolver, TakesCholeskyForAGridOfResistorsAndLuWhenAsked) {
  const Sparse s = sparse(grid(12, 9, 1e-3));
  DirectSolver cholesky(s.pattern, {}), lu(s.pattern, {Backend::Klu});
  expect_solves(s, cholesky);
  expect_solves(s, lu);
  EXPECT_EQ(cholesky.stats().backend, "cholmod");
  EXPECT_EQ(lu.stats().backend, "klu");
}

TEST(DirectSolver, FallsBackToLuWhenTheMatrixIsSymmetricButNotPositive) {
  Eigen::MatrixXd a = grid(6, 6, 0.0);
  a.diagonal().array() -= 0.5;  // indefinite, still a positive diagonal
  const Sparse s = sparse(a);
  DirectSolver solver(s.pattern, {});
  expect_solves(s, solver);
  EXPECT_EQ(solver.stats().backend, "klu");
}

// Grounded voltage source on node 0 (rows: nodes, then its branch):
//   [ A  e ]
//   [ e' 0 ]
TEST(DirectSolver, PeelsAGroundedSourceSoThatTheRestIsPositiveDefinite) {
  const int n = 20;
  Eigen::MatrixXd a = Eigen::MatrixXd::Zero(n + 1, n + 1);
  a.topLeftCorner(n, n) = grid(5, 4, 0.0);
  a(0, n) = a(n, 0) = 1.0;
  const Sparse s = sparse(a);
  DirectSolver solver(s.pattern, {});
  expect_solves(s, solver);
  EXPECT_EQ(solver.stats().peeled, 2);
  EXPECT_EQ(solver.stats().backend, "cholmod");
}

TEST(DirectSolver, PeelsATriangularMatrixCompletely) {
  Eigen::MatrixXd a = Eigen::MatrixXd::Identity(6, 6);
  a(3, 1) = 2.0;
  a(5, 3) = -1.0;
  a(0, 5) = 4.0;
  const Sparse s = sparse(a);
  DirectSolver solver(s.pattern, {});
  expect_solves(s, solver);
  EXPECT_EQ(solver.stats().backend, "none");
}

TEST(DirectSolver, SolvesManyRightHandSidesAsOneByOne) {
  const int n = 65, count = 70;  // a grid with a grounded source, more than one block
  Eigen::MatrixXd a = Eigen::MatrixXd::Zero(n, n);
  a.topLeftCorner(64, 64) = grid(8, 8, 0.1);
  a(0, 64) = a(64, 0) = 1.0;
  const Sparse s = sparse(a);
  for (const Backend backend : {Backend::Auto, Backend::Klu}) {
    DirectSolver solver(s.pattern, {backend});
    ASSERT_EQ(solver.factor(s.values), FactorStatus::Ok);
    std::vector<double> many = ramp(n * count);
    std::vector<double> one(many.begin() + 40 * n, many.begin() + 41 * n);
    solver.solve_many(many, count);
    solver.solve(one);
    for (int k = 0; k < n; ++k) EXPECT_NEAR(many[40 * n + k], one[k], 1e-13);
  }
}

TEST(DirectSolver, RefactorsChangedValuesAndKeepsEqualOnes) {
  for (const Backend backend : {Backend::Auto, Backend::Klu}) {
    Sparse s = sparse(grid(7, 7, 0.1));
    DirectSolver solver(s.pattern, {backend});
    expect_solves(s, solver);
    expect_solves(s, solver);
    EXPECT_EQ(solver.stats().factorisations, 1);
    for (double& v : s.values) v *= 3.0;
    s.dense *= 3.0;
    expect_solves(s, solver);
    EXPECT_EQ(solver.stats().factorisations, 2);
    EXPECT_EQ(solver.stats().analyses, 1);
  }
}

TEST(DirectSolver, PivotsAgainWhenTheOldPivotsBecomeBad) {
  Eigen::MatrixXd a = random_matrix(12, 0.4, 5);
  Sparse s = sparse(a);
  DirectSolver solver(s.pattern, {});
  expect_solves(s, solver);
  std::mt19937 random(3);
  std::uniform_real_distribution<double> decades(-9.0, 0.0);
  std::size_t k = 0;
  for (int j = 0; j < 12; ++j)
    for (int i = 0; i < 12; ++i)
      if (a(i, j) != 0.0) {
        a(i, j) *= std::pow(10.0, decades(random));
        s.values[k++] = a(i, j);
      }
  s.dense = a;
  ASSERT_EQ(solver.factor(s.values), FactorStatus::Ok);
  const Eigen::VectorXd exact = Eigen::VectorXd::Ones(12);
  const Eigen::VectorXd rhs = a * exact;
  std::vector<double> b(rhs.data(), rhs.data() + 12);
  solver.solve(b);
  const Eigen::VectorXd residual = a * Eigen::Map<Eigen::VectorXd>(b.data(), 12) - rhs;
  EXPECT_LT((residual.array() / (a.cwiseAbs() * exact).array()).abs().maxCoeff(), 1e-12);
}

TEST(DirectSolver, NamesTheUnknownOfAZeroPivot) {
  Eigen::MatrixXd a = grid(4, 4, 0.2);
  a.row(5).setZero();
  a.col(5).setZero();
  Sparse s = sparse(a);
  std::vector<SparsePattern::Entry> entries;
  for (int j = 0; j < 16; ++j)
    for (int i = 0; i < 16; ++i)
      if (grid(4, 4, 0.2)(i, j) != 0.0) entries.push_back({i, j});
  const SparsePattern pattern(16, entries);  // row and column 5 in the pattern, but zero
  std::vector<double> values;
  for (int j = 0; j < 16; ++j)
    for (int i = 0; i < 16; ++i)
      if (grid(4, 4, 0.2)(i, j) != 0.0) values.push_back(a(i, j));
  DirectSolver solver(pattern, {});
  EXPECT_EQ(solver.factor(values), FactorStatus::Singular);
  EXPECT_EQ(solver.singular_unknown(), 5);
}

TEST(DirectSolver, FindsAGridWithoutGroundSingular) {
  const Sparse s = sparse(grid(9, 7, 0.0));
  DirectSolver solver(s.pattern, {});
  EXPECT_EQ(solver.factor(s.values), FactorStatus::Singular);
  EXPECT_GE(solver.singular_unknown(), 0);
}

TEST(DirectSolver, FindsAnEmptyRowSingular) {
  const std::vector<SparsePattern::Entry> entries{{0, 0}, {0, 1}, {0, 2}, {2, 1}, {2, 2}};
  const SparsePattern pattern(3, entries);
  DirectSolver solver(pattern, {});
  EXPECT_EQ(solver.factor(std::vector{1.0, 1.0, 2.0, 1.0, 1.0}), FactorStatus::Singular);
}

// 1 mOhm from node 0 to 1 and 1 TOhm around: conductances over 15 decades are not
// singular.
TEST(DirectSolver, AcceptsHonestConductancesOfFifteenDecades) {
  Eigen::MatrixXd a(3, 3);
  const double big = 1e3, small = 1e-12;
  a << big + small, -small, 0.0, -small, 3.0 * small, -small, 0.0, -small, 2.0 * small;
  const Sparse s = sparse(a);
  DirectSolver solver(s.pattern, {});
  ASSERT_EQ(solver.factor(s.values), FactorStatus::Ok);
  const Eigen::Vector3d exact(1.0, 2.0, 3.0);
  const Eigen::VectorXd rhs = a * exact;
  std::vector<double> b(rhs.data(), rhs.data() + 3);
  solver.solve(b);
  for (int k = 0; k < 3; ++k) EXPECT_NEAR(b[k], exact[k], 1e-12);
}

TEST(DirectSolver, RefusesNotANumber) {
  Sparse s = sparse(grid(3, 3, 1.0));
  s.values[4] = std::numeric_limits<double>::quiet_NaN();
  DirectSolver solver(s.pattern, {});
  EXPECT_EQ(solver.factor(s.values), FactorStatus::NotFinite);
}

TEST(DirectSolver, IgnoresInactiveSlots) {
  // With the coupling inactive the matrix is diagonal: everything is peeled.
  const std::vector<SparsePattern::Entry> entries{{0, 0}, {1, 0}, {0, 1}, {1, 1}};
  const SparsePattern pattern(2, entries);
  const std::vector<std::uint8_t> active{1, 0, 0, 1};
  DirectSolver solver(pattern, {}, active);
  ASSERT_EQ(solver.factor(std::vector{2.0, 0.0, 0.0, 4.0}), FactorStatus::Ok);
  std::vector<double> b{2.0, 2.0};
  solver.solve(b);
  EXPECT_EQ(b[0], 1.0);
  EXPECT_EQ(b[1], 0.5);
  EXPECT_EQ(solver.stats().peeled, 2);
}

// A crossbar-like grid factored again and again: dissection is tried when it pays.
TEST(DirectSolver, TriesNestedDissectionOnceEnoughWorkWasDone) {
  const int rows = 60, columns = 60, n = rows * columns;
  std::vector<SparsePattern::Entry> entries;
  for (std::int32_t p = 0; p < n; ++p) {
    entries.push_back({p, p});
    if (p % columns + 1 < columns) {
      entries.push_back({p, p + 1});
      entries.push_back({p + 1, p});
    }
    if (p + columns < n) {
      entries.push_back({p, p + columns});
      entries.push_back({p + columns, p});
    }
  }
  const SparsePattern pattern(n, entries);
  std::vector<double> values(pattern.nonzeros(), -1.0);
  DirectSolver solver(pattern, {});
  for (int k = 0; k < 200 && solver.stats().analyses < 2; ++k) {
    for (std::int32_t p = 0; p < n; ++p) values[pattern.slot(p, p)] = 4.5 + k;
    ASSERT_EQ(solver.factor(values), FactorStatus::Ok);
  }
  EXPECT_EQ(solver.stats().analyses, 2);
  EXPECT_NE(solver.stats().reason.find("flops: amd"), std::string::npos);
  std::vector<double> b(n, 1.0);
  solver.solve(b);
  EXPECT_GT(b[0], 0.0);
}

}  // namespace
}  // namespace arrayspice
