// SPDX-License-Identifier: Apache-2.0
#include "solver/lines/schur.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "solver/lines/kernels.hpp"

namespace arrayspice::lines {

namespace {

std::int64_t pad(std::int64_t n) { return (n + kWidth - 1) / kWidth * kWidth; }

/// Padding lines carry nothing: they are cut off from everything.
void pad_family(Family& family, std::int64_t lines) {
  family.segment.resize(lines, 0.0);
  family.first_end.resize(lines, 0.0);
  family.last_end.resize(lines, 0.0);
}

}  // namespace

SchurSolver::SchurSolver(Grid grid)
    : grid_(std::move(grid)), rows_(pad(grid_.rows)), columns_(pad(grid_.columns)) {
  pad_family(grid_.word, rows_);
  pad_family(grid_.bit, columns_);
  for (Buffer* b : {&cell_, &word_factor_, &bit_factor_, &z_, &p_, &r_, &x_})
    *b = Buffer(size());
  scratch_ = Buffer(columns_ * kWidth);
}

std::int64_t SchurSolver::index(std::int64_t row, std::int64_t column) const {
  return column / kWidth * rows_ * kWidth + row * kWidth + column % kWidth;
}

void SchurSolver::factor(const Buffer& cells) {
  assert(cells.size() == size());
  std::copy_n(cells.data(), size(), cell_.data());
  factor_word_lines();
  factor_bit_lines();
}

/// Sixteen lines at a time, so that the loops over k vectorise and a tile stays in cache.
void SchurSolver::factor_word_lines() {
  const Family& line = grid_.word;
  for (std::int64_t i0 = 0; i0 < grid_.rows; i0 += kWidth) {
    std::array<double, kWidth> load, m;
    std::copy_n(&line.first_end[i0], kWidth, load.begin());
    for (std::int64_t j = 0; j < grid_.columns; ++j) {
      const double* onward =
          j + 1 < grid_.columns ? &line.segment[i0] : &line.last_end[i0];
      const double* d = &cell_[index(i0, j)];
      for (std::int64_t k = 0; k < kWidth; ++k) {
        const double e = d[k * kWidth] + load[k];
        m[k] = e + onward[k] > 0.0 ? 1.0 / (e + onward[k]) : 0.0;  // 0: padding
        load[k] = line.segment[i0 + k] * e * m[k];
      }
      std::copy_n(m.begin(), kWidth, &word_factor_[i0 * columns_ + j * kWidth]);
    }
  }
}

void SchurSolver::factor_bit_lines() {
  const Family& line = grid_.bit;
  for (std::int64_t j0 = 0; j0 < grid_.columns; j0 += kWidth) {
    std::array<double, kWidth> load;
    std::copy_n(&line.first_end[j0], kWidth, load.begin());
    for (std::int64_t i = 0; i < grid_.rows; ++i) {
      const double* onward = i + 1 < grid_.rows ? &line.segment[j0] : &line.last_end[j0];
      const double* d = &cell_[index(i, j0)];
      double* m = &bit_factor_[index(i, j0)];
      for (std::int64_t k = 0; k < kWidth; ++k) {
        const double e = d[k] + load[k];
        m[k] = e + onward[k] > 0.0 ? 1.0 / (e + onward[k]) : 0.0;  // 0: padding
        load[k] = line.segment[j0 + k] * e * m[k];
      }
    }
  }
}

/// p <- z + beta p, w = T_w^-1 (D p + inject), z <- D (w - p) or w; returns p'S p.
double SchurSolver::word_pass(double beta, const double* inject, bool write_voltage) {
  const WordPass pass{rows_,
                      columns_,
                      grid_.rows,
                      cell_.data(),
                      word_factor_.data(),
                      grid_.word.segment.data(),
                      inject,
                      beta,
                      z_.data(),
                      p_.data(),
                      grid_.bit.segment.data(),
                      write_voltage,
                      scratch_.data()};
  double energy = 0.0;
  for (std::int64_t group = 0; group < rows_ / kWidth; ++group) {
    const WordSums sums = word_line_pass(pass, group);
    energy += sums.vertical - sums.pu;
  }
  return energy + end_energy();
}

double SchurSolver::end_energy() const {
  double energy = 0.0;
  for (std::int64_t j = 0; j < grid_.columns; ++j) {
    const double first = p_[index(0, j)], last = p_[index(grid_.rows - 1, j)];
    energy +=
        grid_.bit.first_end[j] * first * first + grid_.bit.last_end[j] * last * last;
  }
  return energy;
}

/// r <- r - alpha S p, x <- x + alpha p, z <- T_b^-1 r.
SchurSolver::Sums SchurSolver::bit_pass(double alpha) {
  const BitPass pass{rows_,
                     grid_.rows,
                     bit_factor_.data(),
                     grid_.bit.segment.data(),
                     grid_.bit.first_end.data(),
                     grid_.bit.last_end.data(),
                     alpha,
                     z_.data(),
                     p_.data(),
                     r_.data(),
                     x_.data()};
  Sums total;
  for (std::int64_t panel = 0; panel < columns_ / kWidth; ++panel) {
    const BitSums sums = bit_line_pass(pass, panel);
    total.rz += sums.rz;
    total.rr += sums.rr;
  }
  return total;
}

SolveReport SchurSolver::solve(const Buffer& s, const Buffer& t,
                               const SolveOptions& options) {
  for (Buffer* b : {&z_, &p_, &x_}) b->fill(0.0);
  if (t.size() == size())
    std::copy_n(t.data(), size(), r_.data());
  else
    r_.fill(0.0);

  // With x = p = 0 the first passes leave r = t + D T_w^-1 s = g and z = T_b^-1 g.
  word_pass(0.0, s.data(), false);
  Sums now = bit_pass(1.0);
  const double start = now.rr;
  const double stop = options.tolerance * options.tolerance * start;
  SolveReport report;
  double beta = 0.0;
  while (now.rr > stop && report.iterations < options.max_iterations) {
    const double energy = word_pass(beta, nullptr, false);
    const Sums next = bit_pass(now.rz / energy);
    beta = next.rz / now.rz;
    now = next;
    ++report.iterations;
  }
  report.converged = now.rr <= stop;
  report.residual = start > 0.0 ? std::sqrt(now.rr / start) : 0.0;
  return report;
}

void SchurSolver::word_voltages(const Buffer& s, Buffer& w) {
  std::copy_n(x_.data(), size(), z_.data());
  word_pass(0.0, s.data(), true);
  std::copy_n(z_.data(), size(), w.data());
}

}  // namespace arrayspice::lines
