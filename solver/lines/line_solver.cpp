// SPDX-License-Identifier: Apache-2.0
#include "solver/lines/line_solver.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "solver/lines/kernels.hpp"

namespace arrayspice::lines {

namespace {

/// A solution is corrected while |F| is above this many times what was asked for.
constexpr double kSlack = 2.0;
constexpr int kMostCorrections = 2;
/// A converged iteration whose |F| is above this (over the cell currents) is a failure.
constexpr double kFailed = 1e-9;

/// Where vectors come from memory, inputs in step share what cells and factors take of
/// it: 24 of 112 bytes. Smaller arrays would leave the caches (docs/performance.md).
constexpr std::int64_t kBlock = 4, kCellsForBlocks = std::int64_t{1} << 20;

}  // namespace

LineSolver::LineSolver(Grid grid, int threads, Reading reading)
    : schur_(std::move(grid), threads), reading_(reading) {
  const std::int64_t padded_columns = schur_.panels() * kWidth;
  word_terminal_.assign(schur_.panel_size() / kWidth, 0.0);
  bit_terminal_.assign(padded_columns, 0.0);
  for (Buffer* b : {&cells_, &w_, &b_}) *b = Buffer(size());
}

double LineSolver::memory(double rows, double columns, bool ohmic) {
  const double buffers = ohmic ? 3.0 : 3.0 + 8.0;
  return SchurSolver::memory(rows, columns, true) +
         buffers * (rows + 15.0) * (columns + 15.0) * sizeof(double);
}

void LineSolver::set_cells(std::span<const double> conductance) {
  assert(static_cast<std::int64_t>(conductance.size()) == rows() * columns());
  for (std::int64_t i = 0; i < rows(); ++i)
    for (std::int64_t j = 0; j < columns(); ++j)
      cells_[index(i, j)] = conductance[i * columns() + j];
  remove_end_law();
  schur_.factor(cells_, cells_);
  cells_are_factored_ = true;
}

/// Newton's method leaves the slopes of another law behind.
void LineSolver::use_cells() {
  if (remove_end_law() || !cells_are_factored_) schur_.factor(cells_, cells_);
  cells_are_factored_ = true;
}

void LineSolver::change_cells(std::span<const CellChange> changes) {
  std::vector<std::int64_t> changed_rows, changed_columns;
  for (const CellChange& change : changes) {
    cells_[index(change.row, change.column)] = change.conductance;
    changed_rows.push_back(change.row);
    changed_columns.push_back(change.column);
  }
  if (cells_are_factored_) schur_.refactor(changed_rows, changed_columns);
}

void LineSolver::drive(std::span<const double> inputs) {
  const Family& word = schur_.grid().word;
  double norm2 = 0.0;
  for (std::int64_t i = 0; i < rows(); ++i) {
    word_terminal_[i] = inputs[i];
    if (word.is_held(i)) continue;
    const double first = word.first_end[i] * inputs[i];
    const double last = word.last_end[i] * inputs[i];
    norm2 += columns() > 1 ? first * first + last * last : std::pow(first + last, 2);
  }
  source_norm_ = std::sqrt(norm2);
}

/// A terminal at V behind the conductance g injects g V at the cell next to it.
void LineSolver::inject_drive(Buffer& source) {
  const Family& word = schur_.grid().word;
  schur_.team().for_each(schur_.panels(), [&](int, std::int64_t panel) {
    std::fill_n(source.data() + panel * schur_.panel_size(), schur_.panel_size(), 0.0);
  });
  for (std::int64_t i = 0; i < rows(); ++i) {
    source[index(i, 0)] += word.first_end[i] * word_terminal_[i];
    source[index(i, columns() - 1)] += word.last_end[i] * word_terminal_[i];
  }
}

/// A perfect end has its line's voltage.
void LineSolver::hold_driven_lines(Buffer& w) const {
  const Family& word = schur_.grid().word;
  if (!word.is_perfect()) return;
  for (std::int64_t i = 0; i < rows(); ++i)
    if (word.is_held(i))
      for (std::int64_t j = 0; j < columns(); ++j) w[index(i, j)] = word_terminal_[i];
}

void LineSolver::read_outputs(std::span<double> outputs) const {
  const Family& bit = schur_.grid().bit;
  if (reading_ == Reading::Voltage) {
    for (std::int64_t j = 0; j < columns(); ++j) outputs[j] = b_[index(rows() - 1, j)];
    return;
  }
  for (std::int64_t j = 0; j < columns(); ++j)
    outputs[j] = bit.first_end[j] * (b_[index(0, j)] - bit_terminal_[j]) +
                 bit.last_end[j] * (b_[index(rows() - 1, j)] - bit_terminal_[j]);
}

SolveReport LineSolver::solve(std::span<const double> inputs, std::span<double> outputs,
                              const SolveOptions& options) {
  use_cells();
  drive(inputs);
  inject_drive(w_);  // which becomes the solution in place
  SolveReport report = schur_.solve(w_, {}, options);
  finish(w_, outputs, options, report);
  return report;
}

/// From the solution for b to the outputs.
void LineSolver::finish(const Buffer& source, std::span<double> outputs,
                        const SolveOptions& options, SolveReport& report) {
  schur_.word_voltages(source, w_);
  schur_.take_bit_voltages(b_);
  correct(options, balance(w_, b_, nullptr, false), report);
  read_outputs(outputs);
}

std::int64_t LineSolver::inputs_in_a_block(std::int64_t rows, std::int64_t columns) {
  return rows * columns >= kCellsForBlocks ? kBlock : 1;
}

std::vector<SolveReport> LineSolver::solve_block(std::span<const double> inputs,
                                                 std::span<double> outputs,
                                                 const SolveOptions& options) {
  use_cells();
  const std::size_t count = inputs.size() / rows();
  const auto input = [&](std::size_t k) { return inputs.subspan(k * rows(), rows()); };
  const auto output = [&](std::size_t k) {
    return outputs.subspan(k * columns(), columns());
  };
  std::vector<SolveReport> reports(count);
  std::vector<const Buffer*> sources;
  if (count > 1 && schur_.can_share(options)) {
    while (sources_.size() < count) sources_.emplace_back(size());
    for (std::size_t k = 0; k < count; ++k) {
      drive(input(k));
      inject_drive(sources_[k]);
      sources.push_back(&sources_[k]);
    }
    reports = schur_.solve_together(sources, options);
  }
  for (std::size_t k = 0; k < count; ++k) {
    if (!reports[k].converged) {
      reports[k] = solve(input(k), output(k), options);
      continue;
    }
    drive(input(k));
    schur_.take(k);
    finish(sources_[k], output(k), options, reports[k]);
  }
  return reports;
}

SolveReport LineSolver::solve_again(std::span<const double> inputs,
                                    std::span<double> outputs,
                                    const SolveOptions& options) {
  use_cells();
  drive(inputs);
  hold_driven_lines(w_);
  SolveReport report{.converged = true};
  correct(options, balance(w_, b_, nullptr), report);
  read_outputs(outputs);
  return report;
}

/// Solves for what the present voltages leave of F until it is as small as asked for:
/// relative to the currents of the cells, because the right-hand side of the Schur system
/// is no measure where a short joins two lines.
void LineSolver::correct(const SolveOptions& options, Balance now, SolveReport& report) {
  double floor = 0.0;  // the rounding of larger voltages before stays in the new ones
  for (int k = 0; k <= kMostCorrections && report.converged; ++k) {
    const double wanted = std::max(options.tolerance * now.i, options.absolute);
    floor = std::max(floor, now.floor);
    if (now.f <= kSlack * (wanted + floor)) break;
    if (!now.kept) balance(w_, b_, nullptr);
    SolveOptions rest = options;
    rest.absolute = wanted + floor;
    if (wanted > 0.0) rest.tolerance = 0.0;
    const SolveReport correction = solve_for(fw_, fb_, rest);
    report.iterations += correction.iterations;
    report.coarse_grid |= correction.coarse_grid;
    report.factor_nonzeros = std::max(report.factor_nonzeros, correction.factor_nonzeros);
    report.converged = correction.converged;
    add_solution();
    const double before = now.f;
    now = balance(w_, b_, nullptr, false);
    if (!(now.f < 0.5 * before)) break;
  }
  const double scale = source_norm_ > 0.0 ? source_norm_ : now.i;
  report.residual = scale > 0.0 ? now.f / scale : now.f;
  const double wanted = std::max(options.tolerance * now.i, options.absolute);
  const double failed = std::max(kFailed * now.i, kSlack * (wanted + floor));
  report.converged = report.converged && now.f <= failed;
}

/// What currents (s, t) into the nodes change: word_change(), bit_change().
SolveReport LineSolver::solve_for(const Buffer& s, const Buffer& t,
                                  const SolveOptions& options) {
  if (coupling_.any()) return coupled_->solve(coupling_, s, t, options);
  const SolveReport report = schur_.solve(s, t, options);
  if (dw_.empty()) dw_ = Buffer(size());
  schur_.word_voltages(s, dw_);
  return report;
}

const Buffer& LineSolver::word_change() const {
  return coupling_.any() ? coupled_->word_voltages() : dw_;
}

const Buffer& LineSolver::bit_change() const {
  return coupling_.any() ? coupled_->bit_voltages() : schur_.bit_voltages();
}

void LineSolver::add_solution() {
  const Buffer &dw = word_change(), &db = bit_change();
  for (std::int64_t k = 0; k < size(); ++k) {
    w_[k] += dw[k];
    b_[k] += db[k];
  }
}

void LineSolver::set_shunts(std::span<const double> word, std::span<const double> bit) {
  Grid& grid = schur_.change_grid();
  std::copy(word.begin(), word.end(), grid.word.shunt.begin());
  std::copy(bit.begin(), bit.end(), grid.bit.shunt.begin());
  schur_.factor(cells_, cells_);
}

void LineSolver::set_coupling(const Coupling& coupling) {
  coupling_ = coupling;
  if (coupling.any() && !coupled_) coupled_ = std::make_unique<CoupledSolver>(schur_);
}

void LineSolver::set_injection(const Buffer* word, const Buffer* bit) {
  word_inject_ = word;
  bit_inject_ = bit;
}

LineSolver::NodeVoltages LineSolver::respond(const Buffer& word, const Buffer& bit,
                                             const SolveOptions& options) {
  solve_for(word, bit, options);
  return {&word_change(), &bit_change()};
}

void LineSolver::set_state(const Buffer& word, const Buffer& bit) {
  w_.copy(word);
  b_.copy(bit);
}

void LineSolver::voltages(std::span<double> word, std::span<double> bit) const {
  for (std::int64_t i = 0; i < rows(); ++i)
    for (std::int64_t j = 0; j < columns(); ++j) {
      word[i * columns() + j] = w_[index(i, j)];
      bit[i * columns() + j] = b_[index(i, j)];
    }
}

/// The transposed system is that of an array driven at the ends of its bit lines:
///     T_w y = out x,   T_b x = in y + t,   t: the ends' conductances times the weights,
/// or the weights themselves of voltages.
/// What t does alone (x = T_b^-1 t, large where ends conduct well) is taken out first, so
/// that the tolerance is relative to the currents of the cells. Where there are shorts
/// the bit lines are solved with a load in place of `in`: (load - in) x is left of t.
///
/// Kirchhoff's law for a whole bit line, sum t = sum (ends x) + sum in (x - y) + sum
/// (shunt x), gives the derivative with respect to its terminal, the ends' conductances
/// times (x - weight), without the cancellation; of voltages without the weight.
bool LineSolver::gradient(std::span<const double> weights, const Gradient& wanted,
                          const SolveOptions& options) {
  const Family &word = schur_.grid().word, &bit = schur_.grid().bit;
  for (Buffer* buffer : {&dw_, &fw_, &fb_})
    if (buffer->empty()) *buffer = Buffer(size());
  Buffer &alone = fb_, &inject = fw_;
  alone.fill(0.0);
  const bool of_voltage = reading_ == Reading::Voltage;
  for (std::int64_t j = 0; j < columns(); ++j) {
    if (!of_voltage) alone[index(0, j)] += bit.first_end[j] * weights[j];
    alone[index(rows() - 1, j)] += (of_voltage ? 1.0 : bit.last_end[j]) * weights[j];
  }
  schur_.solve_bit_lines(alone);
  for (std::int64_t k = 0; k < size(); ++k) inject[k] = schur_.out()[k] * alone[k];
  Buffer left;
  if (&schur_.load() != &schur_.in()) {
    left = Buffer(size());
    for (std::int64_t k = 0; k < size(); ++k)
      left[k] = (schur_.load()[k] - schur_.in()[k]) * alone[k];
  }
  if (!schur_.solve_transposed(inject, left, options).converged) return false;
  schur_.word_voltages(inject, dw_);
  const Buffer& rest = schur_.bit_voltages();
  for (std::size_t j = 0; j < wanted.by_terminal.size(); ++j)
    wanted.by_terminal[j] = of_voltage ? weights[j] : 0.0;
  for (std::int64_t i = 0; i < rows(); ++i) {
    for (std::int64_t j = 0; j < columns(); ++j) {
      const std::int64_t k = index(i, j);
      const double bit_line = alone[k] + rest[k], across = bit_line - dw_[k];
      if (!wanted.by_current.empty()) wanted.by_current[i * columns() + j] = across;
      if (!wanted.by_terminal.empty())
        wanted.by_terminal[j] -= schur_.in()[k] * across + bit.shunt[j] * bit_line;
    }
    if (!wanted.by_input.empty())
      wanted.by_input[i] = word.first_end[i] * dw_[index(i, 0)] +
                           word.last_end[i] * dw_[index(i, columns() - 1)];
  }
  return true;
}

bool LineSolver::effective_conductance(std::span<double> effective,
                                       const SolveOptions& options) {
  if (rows() <= columns()) {
    const std::int64_t block = inputs_in_a_block(rows(), columns());
    for (std::int64_t i = 0; i < rows(); i += block) {
      const std::int64_t count = std::min(block, rows() - i);
      std::vector<double> units(count * rows(), 0.0);
      for (std::int64_t k = 0; k < count; ++k) units[k * rows() + i + k] = 1.0;
      for (const SolveReport& report : solve_block(
               units, effective.subspan(i * columns(), count * columns()), options))
        if (!report.converged) return false;
    }
    return true;
  }
  std::vector<double> unit(columns(), 0.0), by_input(rows());
  for (std::int64_t j = 0; j < columns(); ++j) {
    unit[j] = 1.0;
    if (!gradient(unit, {.by_input = by_input}, options)) return false;
    unit[j] = 0.0;
    for (std::int64_t i = 0; i < rows(); ++i) effective[i * columns() + j] = by_input[i];
  }
  return true;
}

}  // namespace arrayspice::lines
