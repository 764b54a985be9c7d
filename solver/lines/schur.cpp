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
  for (Buffer* b : {&word_factor_, &bit_factor_}) *b = Buffer(size());
  allocate(run_);
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

WordPass SchurSolver::word_pass_of(WordResult result, const double* inject, double* z,
                                   double* p) const {
  return {.rows = rows_,
          .columns = columns_,
          .used_rows = grid_.rows,
          .in = in_->data(),
          .out = out_->data(),
          .word = {word_factor_.data(), grid_.word.segment.data(), word_varied_.data()},
          .inject = inject,
          .update = false,
          .beta = 0.0,
          .z = z,
          .p = p,
          .bit_segment = grid_.bit.segment.data(),
          .bit_varied = bit_varied_.data(),
          .bit_shunt = bit_shunt(),
          .result = result};
}

/// One pass over all word lines.
void SchurSolver::word_pass(WordResult result, const double* inject, double* z,
                            double* p) {
  const WordPass pass = word_pass_of(result, inject, z, p);
  team_->for_each(rows_ / kWidth, [&](int thread, std::int64_t group) {
    word_line_pass(pass, group, scratch_[thread].data());
  });
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

void SchurSolver::solve_bit_lines(Buffer& z) {
  const FactoredLines bit{bit_factor_.data(), grid_.bit.segment.data(),
                          bit_varied_.data()};
  team_->for_each(panels(), [&](int, std::int64_t panel) {
    bit_line_solve(bit, rows_, grid_.rows, panel, z.data());
  });
}

/// result = M^-1 S y, M the bit lines with load() in the place of the cells.
void SchurSolver::apply_preconditioned(Buffer& y, Buffer& result) {
  word_pass(WordResult::Current, nullptr, result.data(), y.data());
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
  Buffer &z = run_.z, &p = run_.p, &r = run_.r, &x = run_.x;
  // r = M^-1 g
  word_pass(WordResult::Current, s.data(), z.data(), nullptr);
  x.fill(0.0);
  for_each_element([&](std::int64_t k) { r[k] = t.empty() ? z[k] : t[k] + z[k]; });
  solve_bit_lines(r);
  const double start = dot(r, r);
  const double stop = options.tolerance * options.tolerance * start;
  double rho = 0.0, rr = start, shadow = 0.0;
  SolveReport report;
  while (rr > stop && report.iterations < options.max_iterations) {
    const Round round(*team_, pace_);
    // At first, and where the shadow has lost sight of r: start from r.
    if (!(std::abs(rho) > kBreakdown * std::sqrt(shadow * rr))) {
      shadow_.copy(r);
      p.copy(r);
      rho = shadow = rr;
    }
    ++report.iterations;
    apply_preconditioned(p, v_);
    const double alpha = rho / dot(shadow_, v_);
    if (!std::isfinite(alpha)) break;
    for_each_element([&](std::int64_t k) { r[k] -= alpha * v_[k]; });
    rr = dot(r, r);
    if (rr <= stop) {  // half a step is enough: the other half would divide 0 by 0
      for_each_element([&](std::int64_t k) { x[k] += alpha * p[k]; });
      ++report.iterations;
      break;
    }
    apply_preconditioned(r, t_);
    const double tt = dot(t_, t_);
    const double omega = tt > 0.0 ? dot(t_, r) / tt : 0.0;  // else r is 0
    for_each_element([&](std::int64_t k) {
      x[k] += alpha * p[k] + omega * r[k];
      r[k] -= omega * t_[k];
    });
    rr = dot(r, r);
    const double next = omega != 0.0 ? dot(shadow_, r) : 0.0;
    if (next != 0.0) {
      const double beta = next / rho * (alpha / omega);
      for_each_element(
          [&](std::int64_t k) { p[k] = r[k] + beta * (p[k] - omega * v_[k]); });
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
  word_pass(WordResult::Voltage, s.data(), w.data(), run_.x.data());
  if (swapped) std::swap(in_, out_);
}

}  // namespace arrayspice::lines
