// SPDX-License-Identifier: Apache-2.0
#include "solver/lines/line_solver.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <new>
#include <utility>

#include "solver/lines/kernels.hpp"

namespace arrayspice::lines {

namespace {

constexpr std::align_val_t kAlignment{64};
std::int64_t pad(std::int64_t n) { return (n + kWidth - 1) / kWidth * kWidth; }

/// Padding lines carry nothing: they are cut off from everything.
void pad_family(Family& family, std::int64_t lines) {
  family.segment.resize(lines, 0.0);
  family.first_end.resize(lines, 0.0);
  family.last_end.resize(lines, 0.0);
}

}  // namespace

Buffer::Buffer(std::int64_t size)
    : data_(static_cast<double*>(::operator new(size * sizeof(double), kAlignment))),
      size_(size) {
  fill(0.0);
}
Buffer::Buffer(Buffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
Buffer& Buffer::operator=(Buffer&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}
Buffer::~Buffer() { ::operator delete(data_, kAlignment); }
void Buffer::fill(double value) { std::fill_n(data_, size_, value); }

LineSolver::LineSolver(Grid grid)
    : grid_(std::move(grid)), rows_(pad(grid_.rows)), columns_(pad(grid_.columns)) {
  pad_family(grid_.word, rows_);
  pad_family(grid_.bit, columns_);
  const std::int64_t cells = rows_ * columns_;
  for (Buffer* b : {&cell_, &word_factor_, &bit_factor_, &z_, &p_, &r_, &x_})
    *b = Buffer(cells);
  scratch_ = Buffer(columns_ * kWidth);
  first_source_.resize(rows_);
  last_source_.resize(rows_);
}

std::int64_t LineSolver::memory(std::int64_t rows, std::int64_t columns) {
  return 7 * pad(rows) * pad(columns) * static_cast<std::int64_t>(sizeof(double));
}

std::int64_t LineSolver::panel_index(std::int64_t i, std::int64_t j) const {
  return j / kWidth * rows_ * kWidth + i * kWidth + j % kWidth;
}

void LineSolver::set_cells(std::span<const double> conductance) {
  assert(static_cast<std::int64_t>(conductance.size()) == grid_.rows * grid_.columns);
  for (std::int64_t i = 0; i < grid_.rows; ++i)
    for (std::int64_t j = 0; j < grid_.columns; ++j)
      cell_.data()[panel_index(i, j)] = conductance[i * grid_.columns + j];
  factor_word_lines();
  factor_bit_lines();
}

void LineSolver::factor_word_lines() {
  std::vector<double> e(rows_), m(rows_, 0.0);
  for (std::int64_t j = 0; j < grid_.columns; ++j) {
    for (std::int64_t i = 0; i < grid_.rows; ++i) {
      const double c = grid_.word.segment[i];
      const double load = j == 0 ? grid_.word.first_end[i] : c * e[i] * m[i];
      e[i] = cell_.data()[panel_index(i, j)] + load;
      m[i] = 1.0 / (e[i] + (j + 1 < grid_.columns ? c : grid_.word.last_end[i]));
      const std::int64_t group = i / kWidth;
      word_factor_.data()[(group * columns_ + j) * kWidth + i % kWidth] = m[i];
    }
  }
}

void LineSolver::factor_bit_lines() {
  std::vector<double> e(columns_), m(columns_, 0.0);
  for (std::int64_t i = 0; i < grid_.rows; ++i) {
    for (std::int64_t j = 0; j < grid_.columns; ++j) {
      const double c = grid_.bit.segment[j];
      const double load = i == 0 ? grid_.bit.first_end[j] : c * e[j] * m[j];
      const std::int64_t at = panel_index(i, j);
      e[j] = cell_.data()[at] + load;
      m[j] = 1.0 / (e[j] + (i + 1 < grid_.rows ? c : grid_.bit.last_end[j]));
      bit_factor_.data()[at] = m[j];
    }
  }
}

void LineSolver::inject(std::span<const double> inputs) {
  for (std::int64_t i = 0; i < grid_.rows; ++i) {
    first_source_[i] = grid_.word.first_end[i] * inputs[i];
    last_source_[i] = grid_.word.last_end[i] * inputs[i];
  }
}

/// p <- z + beta p, z <- D (w - p); returns p'S p.
double LineSolver::word_pass(double beta, bool drive, bool write_voltage) {
  const WordPass pass{rows_,
                      columns_,
                      grid_.rows,
                      grid_.columns,
                      cell_.data(),
                      word_factor_.data(),
                      grid_.word.segment.data(),
                      drive ? first_source_.data() : nullptr,
                      drive ? last_source_.data() : nullptr,
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

double LineSolver::end_energy() const {
  double energy = 0.0;
  for (std::int64_t j = 0; j < grid_.columns; ++j) {
    const double first = p_.data()[panel_index(0, j)];
    const double last = p_.data()[panel_index(grid_.rows - 1, j)];
    energy +=
        grid_.bit.first_end[j] * first * first + grid_.bit.last_end[j] * last * last;
  }
  return energy;
}

SolveReport LineSolver::solve(std::span<const double> inputs, std::span<double> outputs,
                              const SolveOptions& options) {
  inject(inputs);
  for (Buffer* b : {&z_, &p_, &r_, &x_}) b->fill(0.0);
  const auto bit_pass = [&](double alpha) {
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
    BitSums total;
    for (std::int64_t panel = 0; panel < columns_ / kWidth; ++panel) {
      const BitSums sums = bit_line_pass(pass, panel);
      total.rz += sums.rz;
      total.rr += sums.rr;
    }
    return total;
  };

  // With x = p = r = 0 the first passes leave r = g and z = T_b^-1 g.
  word_pass(0.0, true, false);
  BitSums now = bit_pass(1.0);
  const double stop = options.tolerance * options.tolerance * now.rr;
  const double start = now.rr;
  SolveReport report;
  double beta = 0.0;
  while (now.rr > stop && report.iterations < options.max_iterations) {
    const double energy = word_pass(beta, false, false);
    const BitSums next = bit_pass(now.rz / energy);
    beta = next.rz / now.rz;
    now = next;
    ++report.iterations;
  }
  report.converged = now.rr <= stop;
  report.residual = start > 0.0 ? std::sqrt(now.rr / start) : 0.0;
  for (std::int64_t j = 0; j < grid_.columns; ++j)
    outputs[j] = grid_.bit.first_end[j] * x_.data()[panel_index(0, j)] +
                 grid_.bit.last_end[j] * x_.data()[panel_index(grid_.rows - 1, j)];
  return report;
}

void LineSolver::voltages(std::span<const double> inputs, std::span<double> word,
                          std::span<double> bit) {
  inject(inputs);
  std::copy_n(x_.data(), rows_ * columns_, z_.data());
  word_pass(0.0, true, true);
  for (std::int64_t i = 0; i < grid_.rows; ++i)
    for (std::int64_t j = 0; j < grid_.columns; ++j) {
      word[i * grid_.columns + j] = z_.data()[panel_index(i, j)];
      bit[i * grid_.columns + j] = x_.data()[panel_index(i, j)];
    }
}

}  // namespace arrayspice::lines
