// SPDX-License-Identifier: Apache-2.0
// Conjugate gradients on the Schur system of two-terminal cells, for one right-hand side
// or for several in step: then what a piece of a pass reads of cells and factors, 24 of
// 112 bytes, is still in a near cache for the others. Each has the same bits as by
// itself.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "solver/lines/schur.hpp"

namespace arrayspice::lines {

namespace {

/// Where the iteration without a coarse grid needs more than this, the grid pays
/// (docs/performance.md).
constexpr double kManyIterations = 22.0;

double sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

}  // namespace

void SchurSolver::allocate(Run& run) const {
  for (Buffer* b : {&run.z, &run.p, &run.r, &run.x})
    if (b->empty()) *b = Buffer(size());
}

/// What the groups of a word pass leave out of p'S p: the ends of the bit lines and the
/// segments between two groups.
double SchurSolver::edge_energy(std::int64_t panel, const Buffer& p_of_cells) const {
  using Lane = std::array<double, kWidth>;
  const Family& line = grid_.bit;
  const std::int64_t j0 = panel * kWidth;
  const double* p = p_of_cells.data() + index(0, j0);
  Lane energy{};
  const auto add = [&](const double* c, const double* a, const double* b) {
    for (std::int64_t k = 0; k < kWidth; ++k) {
      const double d = a[k] - (b ? b[k] : 0.0);
      energy[k] += c[k] * d * d;
    }
  };
  add(&line.first_end[j0], p, nullptr);
  add(&line.last_end[j0], p + (grid_.rows - 1) * kWidth, nullptr);
  for (std::int64_t i = kWidth; i < grid_.rows; i += kWidth)
    add(bit_varied_.empty() ? &line.segment[j0] : bit_varied_.data() + index(i - 1, j0),
        p + i * kWidth, p + (i - 1) * kWidth);
  return std::accumulate(energy.begin(), energy.end(), 0.0);
}

/// p <- z + beta p, z <- u, and the energy p'S p.
void SchurSolver::word_step(std::span<Run* const> runs, bool with_coarse) {
  std::vector<WordPass> passes;
  for (Run* run : runs) {
    passes.push_back(
        word_pass_of(WordResult::Difference, nullptr, run->z.data(), run->p.data()));
    passes.back().update = true;
    passes.back().beta = run->beta;
    if (with_coarse) passes.back().smooth = coarse_->smooth_part();
    run->partial.assign(rows_ / kWidth, 0.0);
    run->partial2.assign(panels(), 0.0);
  }
  team_->for_each(rows_ / kWidth, [&](int thread, std::int64_t group) {
    for (std::size_t k = 0; k < runs.size(); ++k) {
      const WordSums sums = word_line_pass(passes[k], group, scratch_[thread].data());
      runs[k]->partial[group] = sums.vertical - sums.pu;
    }
  });
  team_->for_each(panels(), [&](int, std::int64_t panel) {
    for (Run* run : runs) run->partial2[panel] = edge_energy(panel, run->p);
  });
  for (Run* run : runs) run->energy = sum(run->partial) + sum(run->partial2);
}

BitPass SchurSolver::bit_pass_of(Run& run) const {
  return {.rows = rows_,
          .used_rows = grid_.rows,
          .bit = {bit_factor_.data(), grid_.bit.segment.data(), bit_varied_.data()},
          .first_end = grid_.bit.first_end.data(),
          .last_end = grid_.bit.last_end.data(),
          .shunt = bit_shunt(),
          .alpha = run.energy > 0.0 ? run.now.rz / run.energy : 0.0,
          .z = run.z.data(),
          .p = run.p.data(),
          .r = run.r.data(),
          .x = run.x.data()};
}

/// First: r <- t + u, x <- 0. Else: r <- r - alpha S p, x <- x + alpha p. Then
/// z <- M^-1 r, but for the part of the coarse grid, which the next word pass adds as it
/// reads z. That grid is for one right-hand side at a time.
void SchurSolver::bit_step(std::span<Run* const> runs, const Buffer* first,
                           bool with_coarse) {
  std::vector<BitPass> passes;
  for (Run* run : runs) {
    passes.push_back(bit_pass_of(*run));
    run->partial.assign(panels(), 0.0);
    run->partial2.assign(panels(), 0.0);
  }
  team_->for_each(panels(), [&](int, std::int64_t panel) {
    for (std::size_t k = 0; k < runs.size(); ++k) {
      const BitSums sums = first ? bit_line_start(passes[k], first->data(), panel)
                                 : bit_line_pass(passes[k], panel);
      runs[k]->partial[panel] = sums.rz;
      runs[k]->partial2[panel] = sums.rr;
      if (with_coarse)
        coarse_->restrict_panel(panel, runs[k]->r.data() + panel * panel_size());
    }
  });
  for (Run* run : runs) {
    Sums next{sum(run->partial), sum(run->partial2)};
    if (with_coarse) next.rz += coarse_->solve();
    run->beta = first ? 0.0 : next.rz / run->now.rz;
    run->now = next;
  }
}

/// A fit to measured iterations at 1e-12, over sizes, wires and cells.
bool SchurSolver::predict_coarse(Coarse wanted) const {
  if (wanted != Coarse::Auto) return wanted == Coarse::Always;
  const auto load = [&](const Family& family, std::int64_t lines, std::int64_t cells) {
    const bool varied = !family.varied.empty();
    const std::vector<double>& segment = varied ? family.varied : family.segment;
    const std::int64_t count = varied ? lines * (cells - 1) : lines;
    double resistance = 0.0;
    for (std::int64_t k = 0; k < count; ++k)
      if (segment[k] > 0.0) resistance += 1.0 / segment[k];  // not the broken ones
    const auto n = static_cast<double>(cells);
    return n * std::sqrt(mean_conductance_ * resistance / static_cast<double>(count));
  };
  if (grid_.rows < 2 || grid_.columns < 2) return false;
  const double word = load(grid_.word, grid_.rows, grid_.columns);
  const double bit = load(grid_.bit, grid_.columns, grid_.rows);
  return 3.5 + 2.1 * std::sqrt(word * bit) > kManyIterations;
}

bool SchurSolver::prepare_coarse() {
  if (!coarse_) coarse_ = std::make_unique<CoarseGrid>(grid_, rows_, panels());
  if (!coarse_is_current_) coarse_is_current_ = coarse_->factor(*in_);
  return coarse_is_current_;
}

/// |r|^2. On perfect bit lines only the sum over a line counts, and r'z is the square of
/// it over what the line sees, 1/m of its last cell.
double SchurSolver::norm2(const Sums& sums) const {
  if (!grid_.bit.is_perfect()) return sums.rr;
  double least = bit_factor_[index(grid_.rows - 1, 0)];
  for (std::int64_t j = 1; j < grid_.columns; ++j)
    if (const double m = bit_factor_[index(grid_.rows - 1, j)]; m > 0.0)
      least = std::min(least, m);
  return least > 0.0 ? sums.rz / least : 0.0;
}

/// r = g of each: u = D T_w^-1 s, r = t + u.
void SchurSolver::start(std::span<Run* const> runs, std::span<const Buffer* const> s,
                        const Buffer& t, const SolveOptions& options, bool with_coarse) {
  std::vector<WordPass> passes;
  for (std::size_t k = 0; k < runs.size(); ++k)
    passes.push_back(
        word_pass_of(WordResult::Current, s[k]->data(), runs[k]->z.data(), nullptr));
  team_->for_each(rows_ / kWidth, [&](int thread, std::int64_t group) {
    for (const WordPass& pass : passes)
      word_line_pass(pass, group, scratch_[thread].data());
  });
  bit_step(runs, &t, with_coarse);
  for (Run* run : runs) {
    run->iterations = 0;
    run->energy = 0.0;
    run->start = norm2(run->now);
    run->stop = std::max(options.tolerance * options.tolerance * run->start,
                         options.absolute * options.absolute);
  }
}

/// Until all have arrived, or cannot go on.
void SchurSolver::iterate_together(std::vector<Run*> runs, const SolveOptions& options,
                                   bool with_coarse) {
  for (;;) {
    std::erase_if(runs, [&](const Run* run) {
      return !(norm2(run->now) > run->stop) || run->iterations >= options.max_iterations;
    });
    if (runs.empty()) return;
    const Round round(*team_, pace_);
    word_step(runs, with_coarse);
    std::erase_if(runs, [](const Run* run) { return !(run->energy > 0.0); });
    bit_step(runs, nullptr, with_coarse);
    for (Run* run : runs) ++run->iterations;
  }
}

SolveReport SchurSolver::report_of(const Run& run) const {
  SolveReport report;
  const double left = norm2(run.now);
  report.iterations = run.iterations;
  report.converged = left <= run.stop;
  report.residual = run.start > 0.0 ? std::sqrt(left / run.start) : 0.0;
  report.scale = std::sqrt(run.start);
  return report;
}

SolveReport SchurSolver::solve_symmetric(const Buffer& s, const Buffer& t,
                                         const SolveOptions& options) {
  const bool with_coarse = predict_coarse(options.coarse) && prepare_coarse();
  Run* const run = &run_;
  const Buffer* const source = &s;
  start({&run, 1}, {&source, 1}, t, options, with_coarse);
  iterate_together({run}, options, with_coarse);
  SolveReport report = report_of(run_);
  report.coarse_grid = with_coarse;
  return report;
}

bool SchurSolver::can_share(const SolveOptions& options) const {
  return in_ == out_ && !factors_ && !predict_coarse(options.coarse);
}

std::vector<SolveReport> SchurSolver::solve_together(std::span<const Buffer* const> s,
                                                     const SolveOptions& options) {
  word_of_transposed_ = false;
  block_.resize(std::max(block_.size(), s.size()));
  std::vector<Run*> runs;
  for (std::size_t k = 0; k < s.size(); ++k) {
    runs.push_back(&block_[k]);
    allocate(block_[k]);
  }
  start(runs, s, {}, options, false);
  iterate_together(runs, options, false);
  std::vector<SolveReport> reports;
  for (const Run* run : runs) reports.push_back(report_of(*run));
  return reports;
}

}  // namespace arrayspice::lines
