// SPDX-License-Identifier: Apache-2.0
#include "solver/lines/line_blocks.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "solver/klu.hpp"

namespace arrayspice::lines {

LineBlocks::LineBlocks(const RowPattern& pattern, const LineStructure& lines,
                       const std::vector<std::uint8_t>& in_border)
    : panels_(make_panels(lines, in_border)) {
  slots_.resize(pattern.columns.size());
  place_entries(pattern);
  place_border(pattern);
  values_.resize(first_border_value_ + border_.rows.size());
  border_.values.resize(border_.rows.size());
  z_.assign(size(), 0.0);
}

void LineBlocks::place_entries(const RowPattern& pattern) {
  enum Where { kLine, kLower, kUpper, kBorder };
  const auto& position = panels_.position;
  const auto& above = panels_.above;
  const auto level = [&](std::int32_t p) {
    return (p >= panels_.position_ends[kFirst]) + (p >= panels_.position_ends[kOdd]) +
           (p >= panels_.border_end);
  };
  const auto in_border = [&](std::int32_t p) {
    return p >= panels_.border_begin && p < panels_.border_end;
  };
  const auto where = [&](std::int32_t i, std::int32_t j) {
    const std::int32_t p = position[i], q = position[j];
    if (in_border(p) && in_border(q)) return kBorder;
    if (i == j || above[i] == j || above[j] == i) return kLine;
    return level(q) < level(p) ? kLower : kUpper;
  };
  for (Couplings* c : {&lower_, &upper_})
    c->starts.assign(static_cast<std::size_t>(size()) + 1, 0);
  const auto visit = [&](const auto& act) {
    for (std::int32_t i = 0; i < pattern.size(); ++i)
      for (std::int32_t k = pattern.starts[i]; k < pattern.starts[i + 1]; ++k)
        act(k, i, pattern.columns[k], where(i, pattern.columns[k]));
  };
  visit([&](std::int32_t, std::int32_t i, std::int32_t, Where w) {
    if (w == kLower) ++lower_.starts[position[i] + 1];
    if (w == kUpper) ++upper_.starts[position[i] + 1];
    kept_lower_ += w == kLower && position[i] < kept();
  });
  lower_.first_value = 3 * size();
  for (Couplings* c : {&lower_, &upper_}) {
    std::partial_sum(c->starts.begin(), c->starts.end(), c->starts.begin());
    c->columns.resize(c->starts.back());
  }
  upper_.first_value = lower_.first_value + lower_.starts.back();
  first_border_value_ = upper_.first_value + upper_.starts.back();
  std::vector<std::int32_t> next_lower(lower_.starts), next_upper(upper_.starts);
  visit([&](std::int32_t k, std::int32_t i, std::int32_t j, Where w) {
    const std::int32_t p = position[i];
    if (w == kLine) slots_[k] = p + size() * (i == j ? 1 : above[i] == j ? 0 : 2);
    if (w != kLower && w != kUpper) return;
    Couplings& c = w == kLower ? lower_ : upper_;
    const std::int32_t at = (w == kLower ? next_lower : next_upper)[p]++;
    c.columns[at] = position[j];
    slots_[k] = c.first_value + at;
  });
}

/// The border's matrix by columns; its pattern is symmetric, so rows serve as columns.
void LineBlocks::place_border(const RowPattern& pattern) {
  const std::int32_t begin = panels_.border_begin;
  std::vector<std::int32_t> rows_of;
  for (std::int32_t i = 0; i < pattern.size(); ++i)
    if (panels_.position[i] >= begin && panels_.position[i] < panels_.border_end)
      rows_of.push_back(i);
  border_.n = static_cast<std::int32_t>(rows_of.size());
  const auto number = [&](std::int32_t row) {
    const std::int32_t p = panels_.position[row];
    return p >= begin && p < panels_.border_end ? p - begin : -1;
  };
  for (const std::int32_t i : rows_of) {
    for (std::int32_t k = pattern.starts[i]; k < pattern.starts[i + 1]; ++k)
      if (number(pattern.columns[k]) >= 0)
        border_.rows.push_back(number(pattern.columns[k]));
    border_.starts.push_back(static_cast<std::int32_t>(border_.rows.size()));
  }
  std::vector<std::int32_t> next(border_.starts);
  for (const std::int32_t i :
       rows_of)  // entry (i, j): columns j meet their rows in order
    for (std::int32_t k = pattern.starts[i]; k < pattern.starts[i + 1]; ++k)
      if (const std::int32_t j = number(pattern.columns[k]); j >= 0)
        slots_[k] = first_border_value_ + next[j]++;
}

std::span<double> LineBlocks::clear_values() {
  std::fill(values_.begin(), values_.end(), 0.0);
  for (const std::int32_t p : panels_.padding) values_[size() + p] = 1.0;
  return values_;
}

FactorStatus LineBlocks::factor() {
  positive_ = true;
  for (const Panel& panel : panels_.panels)
    if (!factor_panel(panel)) return FactorStatus::Singular;
  return border_.n > 0 ? factor_border() : FactorStatus::Ok;
}

/// T = L U on every line, without pivoting: wires dominate their diagonal.
bool LineBlocks::factor_panel(const Panel& panel) {
  double* lower = values_.data();
  double* inverse = lower + size();
  const double* upper = inverse + size();
  bool regular = true;
  const std::int32_t last = panel.first + panel.steps * panel.width;
  for (std::int32_t p = panel.first; p < last; ++p) {
    const std::int32_t q = p - panel.width;
    double pivot = inverse[p];
    if (q >= panel.first) {
      lower[p] *= inverse[q];
      pivot -= lower[p] * upper[q];
    }
    inverse[p] = 1.0 / pivot;
    regular &= std::isfinite(inverse[p]);
    positive_ &= pivot > 0.0;
  }
  return regular;
}

FactorStatus LineBlocks::factor_border() {
  std::copy(values_.begin() + first_border_value_, values_.end(), border_.values.begin());
  if (!border_factor_) {
    Ordering decided;
    border_factor_ = make_klu(border_, false, decided);
  }
  return border_factor_->factor();
}

namespace {

/// One panel of exactly eight lines: lanes in registers.
void solve_eight(const double* lower, const double* inverse, const double* upper,
                 double* x, std::int32_t steps) {
  constexpr std::int32_t w = 8;
  for (std::int32_t k = 1; k < steps; ++k)
    for (std::int32_t lane = 0; lane < w; ++lane)
      x[k * w + lane] -= lower[k * w + lane] * x[(k - 1) * w + lane];
  double carry[w] = {};
  for (std::int32_t k = steps - 1; k >= 0; --k)
    for (std::int32_t lane = 0; lane < w; ++lane) {
      const std::int32_t p = k * w + lane;
      x[p] = carry[lane] = (x[p] - upper[p] * carry[lane]) * inverse[p];
    }
}

}  // namespace

void LineBlocks::solve_lines(std::size_t level, Vector& x) const {
  const double* lower = values_.data();
  const double* inverse = lower + size();
  const double* upper = inverse + size();
  const std::int32_t begin = level == 0 ? 0 : panels_.level_ends[level - 1];
  for (std::int32_t k = begin; k < panels_.level_ends[level]; ++k) {
    const auto [first, steps, width] = panels_.panels[k];
    if (width == 8) {
      solve_eight(lower + first, inverse + first, upper + first, x.data() + first, steps);
      continue;
    }
    const std::int32_t last = first + steps * width;
    for (std::int32_t p = first + width; p < last; ++p) x[p] -= lower[p] * x[p - width];
    for (std::int32_t p = last - 1; p >= first; --p)
      x[p] = (p + width < last ? x[p] - upper[p] * x[p + width] : x[p]) * inverse[p];
  }
}

/// out_i = in_i + sign * (couplings of row i with z) for positions [first, last).
template <int sign>
void LineBlocks::add(const Couplings& c, std::int32_t first, std::int32_t last,
                     const Vector& z, const Vector& in, Vector& out) const {
  const double* values = values_.data() + c.first_value;
  for (std::int32_t i = first; i < last; ++i) {
    double sum = in[i];
    for (std::int32_t k = c.starts[i]; k < c.starts[i + 1]; ++k)
      sum += sign * values[k] * z[c.columns[k]];
    out[i] = sum;
  }
}

/// z_e = -T_e^-1 B_ek z_k.
void LineBlocks::solve_eliminated(Vector& z) const {
  std::fill(z.begin() + kept(), z.end(), 0.0);
  add<-1>(lower_, kept(), size(), z, z, z);
  solve_lines(kEliminated, z);
}

void LineBlocks::eliminate(Vector& r) const {
  std::copy(r.begin() + kept(), r.end(), z_.begin() + kept());
  std::fill(z_.begin(), z_.begin() + kept(), 0.0);
  solve_lines(kEliminated, z_);
  add<-1>(upper_, 0, kept(), z_, r, r);
}

void LineBlocks::complete(const Vector& r, Vector& x) const {
  std::copy(r.begin() + kept(), r.end(), x.begin() + kept());
  add<-1>(lower_, kept(), size(), x, x, x);
  solve_lines(kEliminated, x);
}

void LineBlocks::precondition(const Vector& r, Vector& z) const {
  std::copy(r.begin(), r.begin() + kept(), z.begin());
  solve_lines(kFirst, z);
  if (panels_.border_end == panels_.position_ends[kFirst]) return;
  add<-1>(lower_, panels_.position_ends[kFirst], panels_.position_ends[kOdd], z, z, z);
  solve_lines(kOdd, z);
  if (border_.n == 0) return;
  add<-1>(lower_, panels_.border_begin, panels_.border_end, z, z, z);
  border_factor_->solve(
      std::span(z).subspan(panels_.border_begin, static_cast<std::size_t>(border_.n)), 1);
}

void LineBlocks::apply(const Vector& r, Vector& w) const {
  precondition(r, z_);
  solve_eliminated(z_);
  add<1>(upper_, 0, kept(), z_, r, w);
}

void LineBlocks::apply_schur(const Vector& p, const Vector& t, Vector& s) const {
  std::copy(p.begin(), p.begin() + kept(), z_.begin());
  solve_eliminated(z_);
  add<1>(upper_, 0, kept(), z_, t, s);
}

}  // namespace arrayspice::lines
