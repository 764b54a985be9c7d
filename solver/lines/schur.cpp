// SPDX-License-Identifier: Apache-2.0
#include "solver/lines/schur.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <numeric>
#include <utility>

namespace arrayspice::lines {

namespace {

/// Where the iteration without a coarse grid needs more than this, the grid pays
/// (docs/performance.md).
constexpr double kManyIterations = 22.0;

/// BiCGStab starts afresh when r and its shadow are this close to orthogonal.
constexpr double kBreakdown = 1e-14;

std::int64_t pad(std::int64_t n) { return (n + kWidth - 1) / kWidth * kWidth; }

/// Padding lines carry nothing: they are cut off from everything.
void pad_family(Family& family, std::int64_t lines) {
  for (auto* values :
       {&family.segment, &family.first_end, &family.last_end, &family.shunt})
    values->resize(lines, 0.0);
}

double sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

}  // namespace

SchurSolver::SchurSolver(Grid grid, int threads)
    : grid_(std::move(grid)),
      rows_(pad(grid_.rows)),
      columns_(pad(grid_.columns)),
      team_(std::make_unique<Team>(threads)) {
  pad_family(grid_.word, rows_);
  pad_family(grid_.bit, columns_);
  for (Buffer* b : {&word_factor_, &bit_factor_, &z_, &p_, &r_, &x_}) *b = Buffer(size());
  for (int k = 0; k < team_->threads(); ++k) scratch_.emplace_back(columns_ * kWidth);
  lay_out_varied_wires();
}

void SchurSolver::lay_out_varied_wires() {
  const std::int64_t m = grid_.rows, n = grid_.columns;
  if (!grid_.word.varied.empty()) {
    word_varied_ = Buffer(size());
    for (std::int64_t i = 0; i < m; ++i)
      for (std::int64_t j = 0; j + 1 < n; ++j)
        word_varied_[word_index(i, j)] = grid_.word.varied[i * (n - 1) + j];
  }
  if (!grid_.bit.varied.empty()) {
    bit_varied_ = Buffer(size());
    for (std::int64_t j = 0; j < n; ++j)
      for (std::int64_t i = 0; i + 1 < m; ++i)
        bit_varied_[index(i, j)] = grid_.bit.varied[j * (m - 1) + i];
  }
}

double SchurSolver::memory(double rows, double columns, bool symmetric) {
  return (symmetric ? 6.0 : 9.0) * (rows + 15.0) * (columns + 15.0) * sizeof(double);
}

void SchurSolver::factor(const Buffer& in, const Buffer& out) {
  assert(in.size() == size() && out.size() == size());
  in_ = bit_cells_ = &in;
  out_ = &out;
  forget_factors();
  partial_.assign(panels(), 0.0);
  shorted_.assign(rows_ / kWidth, 0.0);
  team_->for_each(rows_ / kWidth, [&](int, std::int64_t k) { factor_word_group(k); });
  take_shorts();
  team_->for_each(panels(), [&](int, std::int64_t k) { factor_bit_panel(k); });
  mean_conductance_ = sum(partial_) / static_cast<double>(grid_.rows * grid_.columns);
}

void SchurSolver::refactor(const std::vector<std::int64_t>& rows,
                           const std::vector<std::int64_t>& columns) {
  forget_factors();
  partial_.assign(panels(), 0.0);
  const auto blocks = [](const std::vector<std::int64_t>& lines) {
    std::vector<std::int64_t> result;
    for (const std::int64_t line : lines) result.push_back(line / kWidth);
    std::sort(result.begin(), result.end());
    result.erase(std::unique(result.begin(), result.end()), result.end());
    return result;
  };
  for (const std::int64_t k : blocks(rows)) factor_word_group(k);
  if (has_shorts_ || any_short()) return factor(*in_, *out_);
  for (const std::int64_t k : blocks(columns)) factor_bit_panel(k);
}

/// Sixteen lines at a time, so that the loops over k vectorise and a tile stays in cache.
void SchurSolver::factor_word_group(std::int64_t group) {
  using Lane = std::array<double, kWidth>;
  const Family& line = grid_.word;
  const std::int64_t i0 = group * kWidth;
  Lane load, shorted{};
  std::copy_n(&line.first_end[i0], kWidth, load.begin());
  for (std::int64_t j = 0; j < grid_.columns; ++j) {
    const std::int64_t at = word_index(i0, j);
    const double* onward = j + 1 == grid_.columns ? &line.last_end[i0]
                           : word_varied_.empty() ? &line.segment[i0]
                                                  : &word_varied_[at];
    const double* d = out_->data() + index(i0, j);
    double* m = &word_factor_[at];
    for (std::int64_t k = 0; k < kWidth; ++k) {
      const double e = d[k * kWidth] + line.shunt[i0 + k] + load[k];
      m[k] = e + onward[k] > 0.0 ? 1.0 / (e + onward[k]) : 0.0;  // 0: padding
      load[k] = onward[k] * e * m[k];
      const double share = d[k * kWidth] * m[k];
      shorted[k] = share > shorted[k] ? share : shorted[k];
    }
  }
  shorted_[group] = *std::max_element(shorted.begin(), shorted.end());
}

void SchurSolver::factor_bit_panel(std::int64_t panel) {
  using Lane = std::array<double, kWidth>;
  const Family& line = grid_.bit;
  const std::int64_t j0 = panel * kWidth;
  Lane load, total{};
  std::copy_n(&line.first_end[j0], kWidth, load.begin());
  for (std::int64_t i = 0; i < grid_.rows; ++i) {
    const std::int64_t at = index(i, j0);
    const double* onward = i + 1 == grid_.rows   ? &line.last_end[j0]
                           : bit_varied_.empty() ? &line.segment[j0]
                                                 : &bit_varied_[at];
    const double* d = this->load().data() + at;
    double* m = &bit_factor_[at];
    for (std::int64_t k = 0; k < kWidth; ++k) {
      const double e = d[k] + line.shunt[j0 + k] + load[k];
      m[k] = e + onward[k] > 0.0 ? 1.0 / (e + onward[k]) : 0.0;  // 0: padding
      load[k] = onward[k] * e * m[k];
      total[k] += d[k];
    }
  }
  partial_[panel] = std::accumulate(total.begin(), total.end(), 0.0);
}

/// Null when no bit line has one, which saves work.
const double* SchurSolver::bit_shunt() const {
  const std::vector<double>& shunt = grid_.bit.shunt;
  const bool none =
      std::all_of(shunt.begin(), shunt.end(), [](double g) { return g == 0.0; });
  return none ? nullptr : shunt.data();
}

/// One pass over all word lines (WordPass); returns p'S p when the result is Difference.
double SchurSolver::word_pass(WordResult result, bool update, double beta,
                              const double* inject, double* z, double* p) {
  const WordPass pass{
      .rows = rows_,
      .columns = columns_,
      .used_rows = grid_.rows,
      .in = in_->data(),
      .out = out_->data(),
      .word = {word_factor_.data(), grid_.word.segment.data(), word_varied_.data()},
      .inject = inject,
      .update = update,
      .beta = beta,
      .z = z,
      .p = p,
      .bit_segment = grid_.bit.segment.data(),
      .bit_varied = bit_varied_.data(),
      .bit_shunt = bit_shunt(),
      .result = result};
  partial_.assign(rows_ / kWidth, 0.0);
  team_->for_each(rows_ / kWidth, [&](int thread, std::int64_t group) {
    const WordSums sums = word_line_pass(pass, group, scratch_[thread].data());
    partial_[group] = sums.vertical - sums.pu;
  });
  const double inner = sum(partial_);
  if (result != WordResult::Difference) return 0.0;
  partial_.assign(panels(), 0.0);
  team_->for_each(panels(),
                  [&](int, std::int64_t panel) { partial_[panel] = edge_energy(panel); });
  return inner + sum(partial_);
}

/// What the groups of a word pass leave out of p'S p: the ends of the bit lines and the
/// segments between two groups.
double SchurSolver::edge_energy(std::int64_t panel) const {
  using Lane = std::array<double, kWidth>;
  const Family& line = grid_.bit;
  const std::int64_t j0 = panel * kWidth;
  const double* p = p_.data() + index(0, j0);
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

/// First: r <- t + u, x <- 0. Else: r <- r - alpha S p, x <- x + alpha p. Then
/// z <- M^-1 r.
SchurSolver::Sums SchurSolver::bit_pass(double alpha, const Buffer* first,
                                        bool with_coarse) {
  const BitPass pass{
      .rows = rows_,
      .used_rows = grid_.rows,
      .bit = {bit_factor_.data(), grid_.bit.segment.data(), bit_varied_.data()},
      .first_end = grid_.bit.first_end.data(),
      .last_end = grid_.bit.last_end.data(),
      .shunt = bit_shunt(),
      .alpha = alpha,
      .z = z_.data(),
      .p = p_.data(),
      .r = r_.data(),
      .x = x_.data()};
  partial_.assign(panels(), 0.0);
  partial2_.assign(panels(), 0.0);
  team_->for_each(panels(), [&](int, std::int64_t panel) {
    const BitSums sums =
        first ? bit_line_start(pass, first->data(), panel) : bit_line_pass(pass, panel);
    partial_[panel] = sums.rz;
    partial2_[panel] = sums.rr;
    if (with_coarse) coarse_->restrict_panel(panel, r_.data() + panel * panel_size());
  });
  Sums total{sum(partial_), sum(partial2_)};
  if (with_coarse) {
    total.rz += coarse_->solve();
    team_->for_each(panels(), [&](int, std::int64_t panel) {
      coarse_->interpolate_panel(panel, z_.data() + panel * panel_size());
    });
  }
  return total;
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

SolveReport SchurSolver::solve(const Buffer& s, const Buffer& t,
                               const SolveOptions& options) {
  return solve_or_factor(s, t, options, false);
}

SolveReport SchurSolver::solve_transposed(const Buffer& s, const Buffer& t,
                                          const SolveOptions& options) {
  return solve_or_factor(s, t, options, true);
}

SolveReport SchurSolver::iterate(const Buffer& s, const Buffer& t,
                                 const SolveOptions& options) {
  return in_ == out_ ? solve_symmetric(s, t, options) : solve_unsymmetric(s, t, options);
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

SolveReport SchurSolver::solve_symmetric(const Buffer& s, const Buffer& t,
                                         const SolveOptions& options) {
  SolveReport report;
  report.coarse_grid = predict_coarse(options.coarse) && prepare_coarse();
  // u = D T_w^-1 s, r = t + u = g
  word_pass(WordResult::Current, false, 0.0, s.data(), z_.data(), nullptr);
  Sums now = bit_pass(0.0, &t, report.coarse_grid);
  const double start = norm2(now);
  const double stop = std::max(options.tolerance * options.tolerance * start,
                               options.absolute * options.absolute);
  double beta = 0.0;
  while (norm2(now) > stop && report.iterations < options.max_iterations) {
    const Round round(*team_, pace_);
    const double energy =
        word_pass(WordResult::Difference, true, beta, nullptr, z_.data(), p_.data());
    if (!(energy > 0.0)) break;
    const Sums next = bit_pass(now.rz / energy, nullptr, report.coarse_grid);
    beta = next.rz / now.rz;
    now = next;
    ++report.iterations;
  }
  report.converged = norm2(now) <= stop;
  report.residual = start > 0.0 ? std::sqrt(norm2(now) / start) : 0.0;
  report.scale = std::sqrt(start);
  return report;
}

void SchurSolver::solve_bit_lines(Buffer& z) {
  const FactoredLines bit{bit_factor_.data(), grid_.bit.segment.data(),
                          bit_varied_.data()};
  team_->for_each(panels(), [&](int, std::int64_t panel) {
    bit_line_solve(bit, rows_, grid_.rows, panel, z.data());
  });
}

/// result = M^-1 S y, M the bit lines with load() in the place of the cells.
void SchurSolver::apply_preconditioned(Buffer& y, Buffer& result) {
  word_pass(WordResult::Current, false, 0.0, nullptr, result.data(), y.data());
  if (has_shorts_) {
    const Buffer& cells = *bit_cells_;
    for_each_element([&](std::int64_t k) { result[k] -= (cells[k] - load_[k]) * y[k]; });
  }
  solve_bit_lines(result);
  for_each_element([&](std::int64_t k) { result[k] = y[k] - result[k]; });
}

template <class Update>
void SchurSolver::for_each_element(const Update& update) {
  team_->for_each(panels(), [&](int, std::int64_t panel) {
    for (std::int64_t k = panel * panel_size(); k < (panel + 1) * panel_size(); ++k)
      update(k);
  });
}

double SchurSolver::dot(const Buffer& a, const Buffer& b) {
  partial_.assign(panels(), 0.0);
  team_->for_each(panels(), [&](int, std::int64_t panel) {
    const double* x = a.data() + panel * panel_size();
    const double* y = b.data() + panel * panel_size();
    std::array<double, kWidth> lanes{};
    for (std::int64_t k = 0; k < panel_size(); k += kWidth)
      for (std::int64_t l = 0; l < kWidth; ++l) lanes[l] += x[k + l] * y[k + l];
    partial_[panel] = std::accumulate(lanes.begin(), lanes.end(), 0.0);
  });
  return sum(partial_);
}

SolveReport SchurSolver::solve_unsymmetric(const Buffer& s, const Buffer& t,
                                           const SolveOptions& options) {
  for (Buffer* b : {&shadow_, &v_, &t_})
    if (b->empty()) *b = Buffer(size());
  // r = M^-1 g
  word_pass(WordResult::Current, false, 0.0, s.data(), z_.data(), nullptr);
  x_.fill(0.0);
  for_each_element([&](std::int64_t k) { r_[k] = t.empty() ? z_[k] : t[k] + z_[k]; });
  solve_bit_lines(r_);
  const double start = dot(r_, r_);
  const double stop = options.tolerance * options.tolerance * start;
  double rho = 0.0, rr = start, shadow = 0.0;
  SolveReport report;
  while (rr > stop && report.iterations < options.max_iterations) {
    const Round round(*team_, pace_);
    // At first, and where the shadow has lost sight of r: start from r.
    if (!(std::abs(rho) > kBreakdown * std::sqrt(shadow * rr))) {
      shadow_.copy(r_);
      p_.copy(r_);
      rho = shadow = rr;
    }
    ++report.iterations;
    apply_preconditioned(p_, v_);
    const double alpha = rho / dot(shadow_, v_);
    if (!std::isfinite(alpha)) break;
    for_each_element([&](std::int64_t k) { r_[k] -= alpha * v_[k]; });
    rr = dot(r_, r_);
    if (rr <= stop) {  // half a step is enough: the other half would divide 0 by 0
      for_each_element([&](std::int64_t k) { x_[k] += alpha * p_[k]; });
      ++report.iterations;
      break;
    }
    apply_preconditioned(r_, t_);
    const double tt = dot(t_, t_);
    const double omega = tt > 0.0 ? dot(t_, r_) / tt : 0.0;  // else r is 0
    for_each_element([&](std::int64_t k) {
      x_[k] += alpha * p_[k] + omega * r_[k];
      r_[k] -= omega * t_[k];
    });
    rr = dot(r_, r_);
    const double next = omega != 0.0 ? dot(shadow_, r_) : 0.0;
    if (next != 0.0) {
      const double beta = next / rho * (alpha / omega);
      for_each_element(
          [&](std::int64_t k) { p_[k] = r_[k] + beta * (p_[k] - omega * v_[k]); });
    }
    rho = next;
  }
  report.converged = rr <= stop;
  report.residual = start > 0.0 ? std::sqrt(rr / start) : 0.0;
  report.scale = std::sqrt(start);
  return report;
}

void SchurSolver::word_voltages(const Buffer& s, Buffer& w) {
  const bool swapped = std::exchange(word_of_transposed_, false);
  if (swapped) std::swap(in_, out_);
  word_pass(WordResult::Voltage, false, 0.0, s.data(), w.data(), x_.data());
  if (swapped) std::swap(in_, out_);
}

}  // namespace arrayspice::lines
