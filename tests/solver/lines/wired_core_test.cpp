// SPDX-License-Identifier: Apache-2.0
// Wires are found in shuffled matrices, and iterating on them gives what factoring gives.
#include "solver/lines/wired_core.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <random>

#include "solver/linear_solver.hpp"

namespace arrayspice {
namespace {

/// Conductances between numbered nodes, then written in a random order of the nodes.
class Network {
 public:
  Network(std::int32_t nodes, unsigned seed) : place_(nodes), engine_(seed) {
    std::iota(place_.begin(), place_.end(), 0);
    std::shuffle(place_.begin(), place_.end(), engine_);
  }
  void entry(std::int32_t row, std::int32_t column, double value) {
    entries_.push_back({place_[row], place_[column]});
    values_.push_back(value);
  }
  void ground(std::int32_t a, double g) { entry(a, a, g); }
  void connect(std::int32_t a, std::int32_t b, double g) {
    ground(a, g);
    ground(b, g);
    entry(a, b, -g);
    entry(b, a, -g);
  }
  double draw(double low, double high) {
    return std::uniform_real_distribution<>(low, high)(engine_);
  }
  SparsePattern pattern() const {
    return {static_cast<std::int32_t>(place_.size()), entries_};
  }
  std::vector<double> values(const SparsePattern& pattern) const {
    std::vector<double> sums(pattern.nonzeros(), 0.0);
    for (std::size_t k = 0; k < values_.size(); ++k)
      sums[pattern.slot(entries_[k].row, entries_[k].column)] += values_[k];
    return sums;
  }

 private:
  std::vector<std::int32_t> place_;
  std::mt19937 engine_;
  std::vector<SparsePattern::Entry> entries_;
  std::vector<double> values_;
};

using AddCell =
    std::function<void(Network&, std::int32_t w, std::int32_t b, std::int32_t k)>;

/// n x n array: word lines driven and bit lines sensed at their ends through 10 ohm.
Network array(std::int32_t n, std::int32_t extra, double segment,
              const AddCell& add_cell) {
  Network net(2 * n * n + extra, 7);
  for (std::int32_t i = 0; i < n; ++i)
    for (std::int32_t j = 0; j < n; ++j) {
      const std::int32_t k = i * n + j, w = k, b = n * n + k;
      add_cell(net, w, b, k);
      if (j + 1 < n) net.connect(w, w + 1, 1.0 / segment);
      if (i + 1 < n) net.connect(b, b + n, 1.0 / segment);
      if (j == 0) net.ground(w, 0.1);
      if (i + 1 == n) net.ground(b, 0.1);
    }
  return net;
}

void add_resistor(Network& net, std::int32_t w, std::int32_t b, std::int32_t) {
  net.connect(w, b, net.draw(1e-6, 1e-4));
}

/// A resistor in series with a transistor at a fixed gate: i = gds (vm - vb) - gm vb.
AddCell resistor_and_transistor(std::int32_t n) {
  return [n](Network& net, std::int32_t w, std::int32_t b, std::int32_t k) {
    const std::int32_t m = 2 * n * n + k;
    const double gds = net.draw(5e-4, 1e-3), gm = net.draw(0.0, 3e-4);
    net.connect(w, m, net.draw(1e-6, 1e-4));
    net.entry(m, m, gds);
    net.entry(m, b, -gds - gm);
    net.entry(b, m, -gds);
    net.entry(b, b, gds + gm);
  };
}

/// Solves with the array method and by factoring; returns the largest relative
/// difference.
double difference(const Network& net, LinearStats& stats) {
  const SparsePattern pattern = net.pattern();
  const std::vector<double> values = net.values(pattern);
  std::vector<double> by_wires(pattern.size()), by_factors;
  std::mt19937 engine(1);
  for (double& b : by_wires) b = std::uniform_real_distribution<>(-1e-3, 1e-3)(engine);
  by_factors = by_wires;
  DirectSolver wires(pattern, {Backend::Array}), factors(pattern, {Backend::Klu});
  EXPECT_EQ(wires.factor(values), FactorStatus::Ok);
  EXPECT_EQ(wires.solve(by_wires), FactorStatus::Ok);
  EXPECT_EQ(factors.factor(values), FactorStatus::Ok);
  EXPECT_EQ(factors.solve(by_factors), FactorStatus::Ok);
  stats = wires.stats();
  double largest = 0.0, worst = 0.0;
  for (const double x : by_factors) largest = std::max(largest, std::abs(x));
  for (std::size_t k = 0; k < by_factors.size(); ++k)
    worst = std::max(worst, std::abs(by_wires[k] - by_factors[k]));
  return worst / largest;
}

TEST(WiredCore, FindsTheWiresOfAShuffledArray) {
  LinearStats stats;
  EXPECT_LT(difference(array(24, 0, 1.0, add_resistor), stats), 1e-11);
  EXPECT_EQ(stats.backend, "array");
  EXPECT_EQ(stats.reason, "48 wires, 576 couplings, 0 inner nodes found");
  EXPECT_LE(stats.array_iterations, 10);
}

TEST(WiredCore, EliminatesTheNodeBetweenCellAndTransistor) {
  constexpr std::int32_t n = 20;
  LinearStats stats;
  EXPECT_LT(difference(array(n, n * n, 1.0, resistor_and_transistor(n)), stats), 1e-11);
  EXPECT_EQ(stats.reason, "40 wires, 400 couplings, 400 inner nodes found");
}

TEST(WiredCore, TakesOpenAndMissingCells) {
  LinearStats stats;
  const auto faulty = [](Network& net, std::int32_t w, std::int32_t b, std::int32_t k) {
    if (k % 5 == 0) return;                           // no cell at all
    if (k % 7 == 0) return net.connect(w, b, 1e-12);  // an open one
    add_resistor(net, w, b, k);
  };
  EXPECT_LT(difference(array(24, 0, 2.0, faulty), stats), 1e-11);
  EXPECT_EQ(stats.backend, "array");
}

TEST(WiredCore, FactorsWhenTheIterationIsHopeless) {
  LinearStats stats;
  const auto shorts = [](Network& net, std::int32_t w, std::int32_t b, std::int32_t k) {
    k % 3 == 0 ? net.connect(w, b, 5e3) : add_resistor(net, w, b, k);
  };
  EXPECT_LT(difference(array(24, 0, 1.0, shorts), stats), 1e-9);
}

TEST(WiredCore, FactorsWhenThatIsCheaperThanASlowIteration) {
  // Two cells in three conduct like wires: an iteration for every few of them.
  constexpr std::int32_t n = 36;
  const Network net =
      array(n, 0, 1.0, [](Network& a, std::int32_t w, std::int32_t b, std::int32_t k) {
        a.connect(w, b, k % 16 == 0 ? 20.0 : 1e-5);
      });
  const SparsePattern pattern = net.pattern();
  DirectSolver solver(pattern, {});
  ASSERT_EQ(solver.factor(net.values(pattern)), FactorStatus::Ok);
  EXPECT_EQ(solver.stats().backend, "array");
  std::vector<double> b(pattern.size(), 1e-3);
  ASSERT_EQ(solver.solve(b), FactorStatus::Ok);
  EXPECT_EQ(solver.stats().backend, "cholmod");
  EXPECT_TRUE(solver.stats().reason.starts_with("array of wires, but factoring is"))
      << solver.stats().reason;
}

TEST(WiredCore, KeepsIteratingWithOneMatrixWhereThatIsCheap) {
  const Network net = array(36, 0, 1.0, add_resistor);
  const SparsePattern pattern = net.pattern();
  DirectSolver solver(pattern, {});
  ASSERT_EQ(solver.factor(net.values(pattern)), FactorStatus::Ok);
  for (int k = 0; k < 100; ++k) {
    std::vector<double> b(pattern.size(), 1e-3);
    ASSERT_EQ(solver.solve(b), FactorStatus::Ok);
  }
  EXPECT_EQ(solver.stats().backend, "array") << solver.stats().reason;
}

TEST(WiredCore, StopsAtTheToleranceAskedFor) {
  const Network net = array(24, 0, 1.0, add_resistor);
  const SparsePattern pattern = net.pattern();
  const std::vector<double> values = net.values(pattern);
  DirectSolver solver(pattern, {Backend::Array});
  ASSERT_EQ(solver.factor(values), FactorStatus::Ok);
  std::vector<double> exact(pattern.size(), 1e-3), rough(exact);
  ASSERT_EQ(solver.solve(exact), FactorStatus::Ok);
  const auto iterations = solver.stats().array_iterations;
  ASSERT_EQ(solver.solve(rough, 1e-4), FactorStatus::Ok);
  EXPECT_LT(2 * (solver.stats().array_iterations - iterations), iterations);
  double worst = 0.0, largest = 0.0;
  for (std::size_t k = 0; k < exact.size(); ++k) {
    worst = std::max(worst, std::abs(exact[k] - rough[k]));
    largest = std::max(largest, std::abs(exact[k]));
  }
  EXPECT_GT(worst, 1e-13 * largest);
  EXPECT_LT(worst, 1e-2 * largest);
}

TEST(WiredCore, LinesKeepTheirPlacesWhenTransistorsAreOff) {
  // Nothing couples the lines yet: the wires are found all the same, and serve later.
  constexpr std::int32_t n = 20;
  std::vector<double> on, off;
  SparsePattern pattern;
  for (const double scale : {0.0, 1.0}) {
    const auto cell = [&](Network& net, std::int32_t w, std::int32_t b, std::int32_t k) {
      const std::int32_t m = 2 * n * n + k;
      const double gds = scale * net.draw(5e-4, 1e-3);
      net.connect(w, m, net.draw(1e-6, 1e-4));
      net.connect(m, b, gds);
    };
    const Network net = array(n, n * n, 1.0, cell);
    pattern = net.pattern();
    (scale == 0.0 ? off : on) = net.values(pattern);
  }
  DirectSolver solver(pattern, {Backend::Array});
  for (const auto* values : {&off, &on}) {
    ASSERT_EQ(solver.factor(*values), FactorStatus::Ok);
    std::vector<double> b(pattern.size(), 1e-3);
    ASSERT_EQ(solver.solve(b), FactorStatus::Ok);
  }
  EXPECT_EQ(solver.stats().backend, "array");
  EXPECT_EQ(solver.stats().analyses, 1);
  EXPECT_LE(solver.stats().array_iterations, 12);
}

TEST(WiredCore, FactorsWhereThereAreNoWires) {
  Network net(300, 3);
  for (std::int32_t k = 0; k < 300; ++k) net.ground(k, 1e-3);
  for (std::int32_t k = 0; k < 1500; ++k)
    net.connect(static_cast<std::int32_t>(net.draw(0, 149.9)),
                150 + static_cast<std::int32_t>(net.draw(0, 149.9)), net.draw(0.5, 1.0));
  LinearStats stats;
  EXPECT_LT(difference(net, stats), 1e-11);
  EXPECT_NE(stats.backend, "array");
  EXPECT_TRUE(stats.reason.starts_with("no array of wires found")) << stats.reason;
}

TEST(WiredCore, AdjointOfASymmetricArrayIsItsSolution) {
  const Network net = array(16, 0, 1.0, add_resistor);
  const SparsePattern pattern = net.pattern();
  DirectSolver solver(pattern, {Backend::Array});
  ASSERT_EQ(solver.factor(net.values(pattern)), FactorStatus::Ok);
  std::vector<double> x(pattern.size(), 0.0), y(pattern.size(), 0.0);
  x[5] = y[5] = 1.0;
  solver.solve(x);
  solver.solve_transposed(y);
  EXPECT_EQ(x, y);
}

TEST(WiredCore, AdjointOfAnUnsymmetricArrayIteratesOnItsTranspose) {
  constexpr std::int32_t n = 12;
  const Network net = array(n, n * n, 1.0, resistor_and_transistor(n));
  const SparsePattern pattern = net.pattern();
  const std::vector<double> values = net.values(pattern);
  DirectSolver wires(pattern, {Backend::Array}), factors(pattern, {Backend::Klu});
  ASSERT_EQ(wires.factor(values), FactorStatus::Ok);
  ASSERT_EQ(factors.factor(values), FactorStatus::Ok);
  std::vector<double> x(pattern.size(), 0.0), y(pattern.size(), 0.0);
  x[9] = y[9] = 1.0;
  ASSERT_EQ(wires.solve_transposed(x), FactorStatus::Ok);
  EXPECT_EQ(wires.stats().backend, "array") << wires.stats().reason;
  ASSERT_EQ(factors.solve_transposed(y), FactorStatus::Ok);
  for (std::size_t k = 0; k < x.size(); ++k)
    EXPECT_NEAR(x[k], y[k], 1e-11 * std::abs(y[9]));
}

}  // namespace
}  // namespace arrayspice
