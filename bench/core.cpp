// SPDX-License-Identifier: Apache-2.0
// When is iterating on the wires of a matrix cheaper than factoring it? Node matrices of
// shuffled n x n arrays, solved both ways; processor time, best of five.
//
//   core_bench [largest n]
//
//   first   ordering or looking for wires, and the first factors
//   next    factors of new values
//   solve   one solution, as exact as rounding allows
//   step    the same to 1e-8 (steps of Newton's method)
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "solver/linear_solver.hpp"

namespace {

using namespace arrayspice;

double milliseconds(const std::function<void()>& work) {
  const auto now = [] {
    std::timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e3 * static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_nsec);
  };
  const double start = now();
  work();
  return now() - start;
}

struct Matrix {
  SparsePattern pattern;
  std::vector<double> values;
};

/// Cells of 10 to 100 uS between word and bit lines, driven and sensed through 10 ohm;
/// with transistors: a conducting one in series, which makes the matrix unsymmetric.
class Array {
 public:
  Array(std::int32_t n, double ohm, bool transistors)
      : place_((transistors ? 3 : 2) * n * n) {
    std::iota(place_.begin(), place_.end(), 0);
    std::shuffle(place_.begin(), place_.end(), engine_);
    for (std::int32_t k = 0; k < n * n; ++k) {
      const std::int32_t w = k, b = n * n + k, m = 2 * n * n + k;
      connect(w, transistors ? m : b, draw(1e-5, 1e-4));
      if (transistors) add_transistor(m, b);
      if (k % n + 1 < n) connect(w, w + 1, 1.0 / ohm);
      if (k + n < n * n) connect(b, b + n, 1.0 / ohm);
      if (k % n == 0) entry(w, w, 0.1);
      if (k + n >= n * n) entry(b, b, 0.1);
    }
  }

  Matrix matrix() const {
    Matrix m{SparsePattern(static_cast<std::int32_t>(place_.size()), entries_), {}};
    m.values.assign(m.pattern.nonzeros(), 0.0);
    for (std::size_t k = 0; k < entries_.size(); ++k)
      m.values[m.pattern.slot(entries_[k].row, entries_[k].column)] += values_[k];
    return m;
  }

 private:
  double draw(double low, double high) {
    return std::uniform_real_distribution<>(low, high)(engine_);
  }
  void entry(std::int32_t row, std::int32_t column, double value) {
    entries_.push_back({place_[row], place_[column]});
    values_.push_back(value);
  }
  void connect(std::int32_t a, std::int32_t b, double g) {
    entry(a, a, g);
    entry(b, b, g);
    entry(a, b, -g);
    entry(b, a, -g);
  }
  void add_transistor(std::int32_t drain, std::int32_t source) {
    const double gds = draw(5e-4, 1e-3), gm = draw(0.0, 3e-4);
    entry(drain, drain, gds);
    entry(drain, source, -gds - gm);
    entry(source, drain, -gds);
    entry(source, source, gds + gm);
  }

  std::mt19937 engine_{1};
  std::vector<std::int32_t> place_;
  std::vector<SparsePattern::Entry> entries_;
  std::vector<double> values_;
};

void measure(Matrix m, Backend backend) {
  constexpr int kRuns = 5;
  DirectSolver solver(m.pattern, {backend});
  const double first = milliseconds([&] { solver.factor(m.values); });
  double next = std::numeric_limits<double>::max(), solve = next, step = next;
  for (int run = 0; run < kRuns; ++run) {
    for (const double tolerance : {0.0, 1e-8}) {
      std::vector<double> b(m.pattern.size(), 1e-5);
      const double taken = milliseconds([&] { solver.solve(b, tolerance); });
      (tolerance > 0.0 ? step : solve) = std::min(tolerance > 0.0 ? step : solve, taken);
    }
    for (double& v : m.values) v *= 1.001;
    next = std::min(next, milliseconds([&] { solver.factor(m.values); }));
  }
  const LinearStats& s = solver.stats();
  fmt::print(" {} | {:.1f} | {:.2f} | {:.3f} | {:.3f} |", s.backend, first, next, solve,
             step);
}

}  // namespace

int main(int argc, char** argv) {
  const int largest = argc > 1 ? std::atoi(argv[1]) : 256;
  fmt::print(
      "| n | cells | wire | by | first ms | next | solve | step | by | first | "
      "next | solve | step |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
  for (std::int32_t n = 16; n <= largest; n *= 2)
    for (const bool transistors : {false, true})
      for (const double ohm : {1.0, 10.0}) {
        const Matrix matrix = Array(n, ohm, transistors).matrix();
        fmt::print("| {} | {} | {} ohm |", n, transistors ? "1T1R" : "1R", ohm);
        measure(matrix, Backend::Array);
        measure(matrix, transistors ? Backend::Klu : Backend::Cholmod);
        fmt::print("\n");
      }
}
