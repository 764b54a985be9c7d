// SPDX-License-Identifier: Apache-2.0
#include "solver/lines/line_solver.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <vector>

#include "solver/lines/kernels.hpp"

namespace arrayspice::lines {

namespace {
constexpr std::array<double, kWidth> kGrounded{};  // terminals of sixteen bit lines
}

LineSolver::LineSolver(Grid grid) : schur_(std::move(grid)) {
  for (Buffer* b : {&source_, &w_, &b_}) *b = Buffer(size());
}

double LineSolver::memory(double rows, double columns) {
  constexpr double kBuffers = 7 + 3 + 8;  // SchurSolver, linear part, Newton
  return kBuffers * (rows + 15) * (columns + 15) * sizeof(double);
}

void LineSolver::set_cells(std::span<const double> conductance) {
  assert(static_cast<std::int64_t>(conductance.size()) == rows() * columns());
  Buffer cells(size());
  for (std::int64_t i = 0; i < rows(); ++i)
    for (std::int64_t j = 0; j < columns(); ++j)
      cells[index(i, j)] = conductance[i * columns() + j];
  schur_.factor(cells);
}

/// A terminal at V behind the conductance g injects g V at the cell next to it.
void LineSolver::drive(std::span<const double> inputs) {
  const Family& word = schur_.grid().word;
  for (std::int64_t i = 0; i < rows(); ++i) {
    source_[index(i, 0)] = source_[index(i, columns() - 1)] = 0.0;
    source_[index(i, 0)] += word.first_end[i] * inputs[i];
    source_[index(i, columns() - 1)] += word.last_end[i] * inputs[i];
  }
}

void LineSolver::read_outputs(const Buffer& b, std::span<double> outputs) const {
  const Family& bit = schur_.grid().bit;
  for (std::int64_t j = 0; j < columns(); ++j)
    outputs[j] =
        bit.first_end[j] * b[index(0, j)] + bit.last_end[j] * b[index(rows() - 1, j)];
}

SolveReport LineSolver::solve(std::span<const double> inputs, std::span<double> outputs,
                              const SolveOptions& options) {
  drive(inputs);
  const SolveReport report = schur_.solve(source_, {}, options);
  state_is_in_schur_ = true;
  read_outputs(schur_.bit_voltages(), outputs);
  return report;
}

void LineSolver::voltages(std::span<double> word, std::span<double> bit) {
  if (state_is_in_schur_) {
    std::copy_n(schur_.bit_voltages().data(), size(), b_.data());
    schur_.word_voltages(source_, w_);
    state_is_in_schur_ = false;
  }
  for (std::int64_t i = 0; i < rows(); ++i)
    for (std::int64_t j = 0; j < columns(); ++j) {
      word[i * columns() + j] = w_[index(i, j)];
      bit[i * columns() + j] = b_[index(i, j)];
    }
}

bool LineSolver::effective_conductance(std::span<double> effective,
                                       const SolveOptions& options) {
  if (rows() <= columns()) {
    std::vector<double> unit(rows(), 0.0);
    for (std::int64_t i = 0; i < rows(); ++i) {
      unit[i] = 1.0;
      if (!solve(unit, effective.subspan(i * columns(), columns()), options).converged)
        return false;
      unit[i] = 0.0;
    }
    return true;
  }
  // Reciprocity: 1 V at the terminals of bit line j drives G_eff(i, j) into word line i.
  const Family &word = schur_.grid().word, &bit = schur_.grid().bit;
  Buffer s(size()), t(size());
  for (std::int64_t j = 0; j < columns(); ++j) {
    t[index(0, j)] += bit.first_end[j];
    t[index(rows() - 1, j)] += bit.last_end[j];
    if (!schur_.solve(s, t, options).converged) return false;
    schur_.word_voltages(s, w_);
    for (std::int64_t i = 0; i < rows(); ++i)
      effective[i * columns() + j] = word.first_end[i] * w_[index(i, 0)] +
                                     word.last_end[i] * w_[index(i, columns() - 1)];
    t[index(0, j)] = t[index(rows() - 1, j)] = 0.0;
  }
  return true;
}

/// F_w: current into each word-line node from its wire and terminal, less the cell's.
void LineSolver::word_imbalance(const Buffer& w) {
  const Family& line = schur_.grid().word;
  for (std::int64_t i = 0; i < rows(); ++i) {
    const double c = line.segment[i];
    double from_left = source_[index(i, 0)] - line.first_end[i] * w[index(i, 0)];
    if (columns() > 1) fw_[index(i, columns() - 1)] = source_[index(i, columns() - 1)];
    for (std::int64_t j = 0; j < columns(); ++j) {
      const std::int64_t k = index(i, j);
      const bool last = j + 1 == columns();
      const double to_right = last ? line.last_end[i] * w[k] - (j > 0 ? source_[k] : 0.0)
                                   : c * (w[k] - w[index(i, j + 1)]);
      fw_[k] = from_left - to_right - i_[k];
      from_left = to_right;
    }
  }
}

/// F_b: current into each bit-line node from its wire and terminals, plus the cell's.
/// Panel by panel, so that the loop over k vectorises; the padding stays zero.
void LineSolver::bit_imbalance(const Buffer& b) {
  const Family& line = schur_.grid().bit;
  for (std::int64_t j0 = 0; j0 < columns(); j0 += kWidth) {
    std::array<double, kWidth> from_above;
    for (std::int64_t k = 0; k < kWidth; ++k)
      from_above[k] = -line.first_end[j0 + k] * b[index(0, j0) + k];
    for (std::int64_t i = 0; i < rows(); ++i) {
      const bool last = i + 1 == rows();
      const double* here = b.data() + index(i, j0);
      const double* onward = last ? &line.last_end[j0] : &line.segment[j0];
      const double* next = last ? kGrounded.data() : here + kWidth;
      for (std::int64_t k = 0; k < kWidth; ++k) {
        const double below = onward[k] * (here[k] - next[k]);
        fb_[index(i, j0) + k] = from_above[k] - below + i_[index(i, j0) + k];
        from_above[k] = below;
      }
    }
  }
}

/// Evaluates the cells and |F| at w, b; remembers the norm of the cell currents.
double LineSolver::imbalance(const CellLaw& law, const Buffer& w, const Buffer& b) {
  for (std::int64_t k = 0; k < size(); ++k) v_[k] = w[k] - b[k];
  law.evaluate(v_, i_, d_);
  word_imbalance(w);
  bit_imbalance(b);
  double f2 = 0.0, i2 = 0.0;
  for (std::int64_t k = 0; k < size(); ++k) {
    f2 += fw_[k] * fw_[k] + fb_[k] * fb_[k];
    i2 += i_[k] * i_[k];
  }
  current_norm_ = std::sqrt(i2);
  return std::sqrt(f2);
}

/// What rounding of the wire currents c (w - w') leaves of F at best.
double LineSolver::rounding_floor() const {
  const Family &word = schur_.grid().word, &bit = schur_.grid().bit;
  double sum = 0.0;
  for (std::int64_t j0 = 0; j0 < columns(); j0 += kWidth)
    for (std::int64_t i = 0; i < rows(); ++i)
      for (std::int64_t k = index(i, j0); k < index(i, j0) + kWidth; ++k) {
        const double cw = word.segment[i] * w_[k];
        const double cb = bit.segment[j0] * b_[k];
        sum += cw * cw + cb * cb;
      }
  return 2.0 * std::numeric_limits<double>::epsilon() * std::sqrt(sum);
}

/// One Newton step with line search; false when no step length reduces |F|.
bool LineSolver::step(const CellLaw& law, const NewtonOptions& options, double forcing,
                      NewtonReport& report) {
  schur_.factor(d_);
  const SolveReport linear =
      schur_.solve(fw_, fb_, {forcing, options.max_linear_iterations});
  report.linear_iterations += linear.iterations;
  schur_.word_voltages(fw_, dw_);
  const Buffer& db = schur_.bit_voltages();
  double length = 1.0;
  for (int halving = 0; halving <= options.max_halvings; ++halving, length /= 2) {
    for (std::int64_t k = 0; k < size(); ++k) {
      try_w_[k] = w_[k] + length * dw_[k];
      try_b_[k] = b_[k] + length * db[k];
    }
    const double norm = imbalance(law, try_w_, try_b_);
    if (norm < (1.0 - 1e-4 * length) * norm_) {
      norm_ = norm;
      std::swap(w_, try_w_);
      std::swap(b_, try_b_);
      return true;
    }
  }
  norm_ = imbalance(law, w_, b_);
  return false;
}

NewtonReport LineSolver::solve(const CellLaw& law, std::span<const double> inputs,
                               std::span<double> outputs, const NewtonOptions& options) {
  if (v_.size() == 0)
    for (Buffer* b : {&v_, &i_, &d_, &fw_, &fb_, &dw_, &try_w_, &try_b_})
      *b = Buffer(size());
  drive(inputs);
  state_is_in_schur_ = false;
  w_.fill(0.0);
  b_.fill(0.0);
  norm_ = imbalance(law, w_, b_);
  NewtonReport report;
  double forcing = 1e-2;
  while (report.steps < options.max_steps) {
    const double enough = std::max(options.tolerance * current_norm_, rounding_floor());
    report.converged = norm_ <= enough;
    if (report.converged) break;
    const double before = norm_;
    ++report.steps;
    const double useful = 0.1 * enough / norm_;
    if (!step(law, options, std::max(std::min(forcing, 1e-2), useful), report)) {
      // Rounding may stop |F| a little above the floor; a true failure is far above.
      report.converged = norm_ <= 1e-9 * current_norm_;
      break;
    }
    forcing = 0.9 * (norm_ / before) * (norm_ / before);
  }
  report.residual = current_norm_ > 0.0 ? norm_ / current_norm_ : norm_;
  read_outputs(b_, outputs);
  return report;
}

}  // namespace arrayspice::lines
