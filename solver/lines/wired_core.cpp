// SPDX-License-Identifier: Apache-2.0
#include "solver/lines/wired_core.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "solver/sparse_pattern.hpp"

namespace arrayspice::lines {

namespace {

constexpr double kTolerance = 1e-13;  // on the residual of B, relative to the right side
constexpr double kTiny = std::numeric_limits<double>::min();
constexpr double kCorrection = 1e-3;  // by how much the correction solve reduces it again
constexpr std::size_t kMostIterations =
    80;  // a direct factorisation would have been quicker

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += a[k] * b[k];
  return sum;
}

double norm(const std::vector<double>& a) { return std::sqrt(dot(a, a)); }

/// y -= c x
void subtract(double c, const std::vector<double>& x, std::vector<double>& y) {
  for (std::size_t k = 0; k < y.size(); ++k) y[k] -= c * x[k];
}

/// Givens rotation of the pair (a, b).
void rotate(double cosine, double sine, double& a, double& b) {
  const double turned = cosine * a + sine * b;
  b = cosine * b - sine * a;
  a = turned;
}

}  // namespace

WiredCore::WiredCore(const CoreMatrix& matrix, LineStructure structure)
    : a_(matrix),
      lines_(std::move(structure)),
      n_(static_cast<std::int32_t>(lines_.order.size())) {
  number_unknowns();
  collect_inner();
  build_pattern();
  find_mates();
  for (Vector* v : {&lower_, &inverse_, &upper_}) v->resize(n_);
}

void WiredCore::number_unknowns() {
  position_.resize(a_.n);
  for (std::int32_t k = 0; k < n_; ++k) position_[lines_.order[k]] = k;
  for (std::size_t k = 0; k < lines_.inner.size(); ++k)
    position_[lines_.inner[k]] = -1 - static_cast<std::int32_t>(k);
  line_of_.resize(n_);
  for (std::size_t l = 0; l + 1 < lines_.starts.size(); ++l)
    for (std::int32_t k = lines_.starts[l]; k < lines_.starts[l + 1]; ++k)
      line_of_[k] = static_cast<std::int32_t>(l);
}

void WiredCore::collect_inner() {
  inner_.resize(lines_.inner.size());
  for (std::size_t k = 0; k < inner_.size(); ++k) inner_[k].unknown = lines_.inner[k];
  for (std::int32_t j = 0; j < a_.n; ++j)
    for (std::int32_t slot = a_.starts[j]; slot < a_.starts[j + 1]; ++slot) {
      const std::int32_t i = a_.rows[slot];
      if (i == j && position_[j] < 0) {
        inner_[-1 - position_[j]].pivot = slot;
      } else if (position_[j] < 0) {
        inner_[-1 - position_[j]].column.push_back({position_[i], slot});
      } else if (position_[i] < 0) {
        inner_[-1 - position_[i]].row.push_back({position_[j], slot});
      }
    }
}

/// Calls visit(row, column, what) for every term of B, what: a Direct or Through.
template <class Visit>
void WiredCore::visit_entries(const Visit& visit) const {
  for (std::int32_t j = 0; j < a_.n; ++j)
    for (std::int32_t slot = a_.starts[j]; slot < a_.starts[j + 1]; ++slot)
      if (position_[j] >= 0 && position_[a_.rows[slot]] >= 0)
        visit(position_[a_.rows[slot]], position_[j], Direct{-1, slot});
  for (const Inner& e : inner_)
    for (const Entry& left : e.column)
      for (const Entry& right : e.row)
        visit(left.position, right.position, Through{-1, left.slot, e.pivot, right.slot});
}

/// Slot of an entry that lies on a line, or -1.
std::int32_t WiredCore::line_slot(std::int32_t row, std::int32_t column) const {
  if (std::abs(row - column) > 1 || line_of_[row] != line_of_[column]) return -1;
  return 3 * row + 1 + (column - row);
}

void WiredCore::build_pattern() {
  std::vector<SparsePattern::Entry> entries;
  visit_entries([&](std::int32_t row, std::int32_t column, const auto&) {
    if (line_slot(row, column) < 0) entries.push_back({column, row});
  });
  const SparsePattern couplings(n_, entries);  // transposed: compressed rows
  starts_.assign(couplings.column_starts().begin(), couplings.column_starts().end());
  columns_.assign(couplings.row_indices().begin(), couplings.row_indices().end());
  const auto target = [&](std::int32_t row, std::int32_t column) {
    const std::int32_t slot = line_slot(row, column);
    return slot >= 0 ? slot : 3 * n_ + couplings.slot(column, row);
  };
  visit_entries([&](std::int32_t row, std::int32_t column, auto term) {
    term.target = target(row, column);
    if constexpr (std::is_same_v<decltype(term), Direct>)
      direct_.push_back(term);
    else
      through_.push_back(term);
  });
  values_.resize(3 * static_cast<std::size_t>(n_) + columns_.size());
}

/// The slot of a_ji for every a_ij: in column order, column i of A meets its rows in
/// turn.
void WiredCore::find_mates() {
  mates_.assign(a_.rows.size(), -1);
  std::vector<std::int32_t> next(a_.starts.begin(), a_.starts.end() - 1);
  for (std::int32_t j = 0; j < a_.n; ++j)
    for (std::int32_t slot = a_.starts[j]; slot < a_.starts[j + 1]; ++slot) {
      const std::int32_t i = a_.rows[slot];
      std::int32_t& k = next[i];
      while (k < a_.starts[i + 1] && a_.rows[k] < j) ++k;
      if (k < a_.starts[i + 1] && a_.rows[k] == j) mates_[slot] = k;
    }
}

bool WiredCore::is_symmetric() const {
  for (std::size_t slot = 0; slot < mates_.size(); ++slot) {
    const double here = a_.values[slot];
    const double there = mates_[slot] < 0 ? 0.0 : a_.values[mates_[slot]];
    if (std::abs(here - there) > 1e-14 * std::abs(here)) return false;
  }
  return true;
}

void WiredCore::load_values() {
  std::fill(values_.begin(), values_.end(), 0.0);
  for (const Direct& t : direct_) values_[t.target] += a_.values[t.slot];
  for (const Through& t : through_)
    values_[t.target] -= a_.values[t.left] * a_.values[t.right] / a_.values[t.pivot];
}

/// T = L U on every line, without pivoting: wires dominate their diagonal.
bool WiredCore::factor_lines() {
  bool positive = true;
  for (std::int32_t k = 0; k < n_; ++k) {
    const bool starts_line = k == 0 || line_of_[k] != line_of_[k - 1];
    lower_[k] = starts_line ? 0.0 : values_[3 * k] * inverse_[k - 1];
    upper_[k] = values_[3 * k + 2];
    const double pivot =
        values_[3 * k + 1] - (starts_line ? 0.0 : lower_[k] * upper_[k - 1]);
    if (pivot == 0.0 || !std::isfinite(pivot)) return false;
    positive &= pivot > 0.0;
    inverse_[k] = 1.0 / pivot;
  }
  symmetric_ = positive && is_symmetric();
  return true;
}

FactorStatus WiredCore::factor() {
  for (const Inner& e : inner_)
    if (e.pivot < 0 || a_.values[e.pivot] == 0.0) return FactorStatus::Singular;
  load_values();
  return factor_lines() ? FactorStatus::Ok : FactorStatus::Singular;
}

/// x <- T^-1 x for positions [first, last), which hold whole lines.
void WiredCore::solve_lines(std::int32_t first, std::int32_t last, Vector& x) const {
  double carry = 0.0;
  for (std::int32_t k = first; k < last; ++k) x[k] = carry = x[k] - lower_[k] * carry;
  carry = 0.0;
  for (std::int32_t k = last - 1; k >= first; --k)
    x[k] = carry = (x[k] - upper_[k] * carry) * inverse_[k];
}

/// out_i -= couplings of row i with z, for positions [first, last).
void WiredCore::subtract_couplings(std::int32_t first, std::int32_t last, const Vector& z,
                                   Vector& out) const {
  const double* values = values_.data() + 3 * static_cast<std::size_t>(n_);
  for (std::int32_t i = first; i < last; ++i) {
    double sum = 0.0;
    for (std::int32_t k = starts_[i]; k < starts_[i + 1]; ++k)
      sum += values[k] * z[columns_[k]];
    out[i] -= sum;
  }
}

/// z = M^-1 r. Each colour is zero in z while its own right-hand side is formed, so that
/// couplings within a colour stay out of the preconditioner.
void WiredCore::precondition(const Vector& r, Vector& z) const {
  const std::int32_t middle = lines_.first_colour;
  std::copy(r.begin(), r.begin() + middle, z.begin());
  solve_lines(0, middle, z);
  std::fill(z.begin() + middle, z.end(), 0.0);
  Vector second(r);
  subtract_couplings(middle, n_, z, second);
  std::copy(second.begin() + middle, second.end(), z.begin() + middle);
  solve_lines(middle, n_, z);
  std::fill(z.begin(), z.begin() + middle, 0.0);
  subtract_couplings(0, middle, z, second);
  std::copy(second.begin(), second.begin() + middle, z.begin());
  solve_lines(0, middle, z);
}

void WiredCore::multiply(const Vector& x, Vector& y) const {
  for (std::int32_t i = 0; i < n_; ++i) {
    y[i] = -values_[3 * i + 1] * x[i];
    if (i > 0) y[i] -= values_[3 * i] * x[i - 1];
    if (i + 1 < n_) y[i] -= values_[3 * i + 2] * x[i + 1];
  }
  subtract_couplings(0, n_, x, y);
  for (double& v : y) v = -v;
}

bool WiredCore::conjugate_gradients(Vector& r, Vector& x, double stop) {
  Vector z(n_), p(n_), bp(n_);
  precondition(r, z);
  double rz = dot(r, z);
  p = z;
  for (std::size_t k = 0; k < kMostIterations; ++k, ++iterations_) {
    if (norm(r) <= stop) return true;
    multiply(p, bp);
    const double energy = dot(p, bp);
    if (!(energy > 0.0)) return false;
    const double alpha = rz / energy;
    for (std::int32_t i = 0; i < n_; ++i) {
      x[i] += alpha * p[i];
      r[i] -= alpha * bp[i];
    }
    precondition(r, z);
    const double next = dot(r, z);
    const double beta = next / rz;
    rz = next;
    for (std::int32_t i = 0; i < n_; ++i) p[i] = z[i] + beta * p[i];
  }
  return false;
}

/// GMRES with the preconditioner on the right: V spans the Krylov space of B M^-1, the
/// Hessenberg matrix is kept triangular by Givens rotations, |g_k| is the residual norm.
bool WiredCore::gmres(Vector& r, Vector& x, double stop) {
  std::vector<Vector> basis{r};
  std::vector<Vector> h;  // column k of the triangular matrix
  Vector g{norm(r)}, cosine, sine, z(n_);
  if (g[0] == 0.0) return true;
  for (double& v : basis[0]) v /= g[0];
  while (std::abs(g.back()) > stop && h.size() < kMostIterations) {
    const std::size_t k = h.size();
    Vector next(n_), column(k + 2);
    precondition(basis[k], z);
    multiply(z, next);
    for (std::size_t i = 0; i <= k; ++i) {
      column[i] = dot(basis[i], next);
      subtract(column[i], basis[i], next);
    }
    column[k + 1] = norm(next);
    if (!std::isfinite(column[k + 1])) return false;
    for (double& v : next) v /= std::max(column[k + 1], kTiny);
    for (std::size_t i = 0; i < k; ++i)
      rotate(cosine[i], sine[i], column[i], column[i + 1]);
    const double length = std::hypot(column[k], column[k + 1]);
    if (length == 0.0) return false;
    cosine.push_back(column[k] / length);
    sine.push_back(column[k + 1] / length);
    rotate(cosine[k], sine[k], column[k], column[k + 1]);
    g.push_back(0.0);
    rotate(cosine[k], sine[k], g[k], g[k + 1]);
    h.push_back(std::move(column));
    basis.push_back(std::move(next));
    ++iterations_;
  }
  for (std::size_t k = h.size(); k-- > 0;) {
    g[k] /= h[k][k];
    for (std::size_t i = 0; i < k; ++i) g[i] -= h[k][i] * g[k];
  }
  Vector sum(n_, 0.0);
  for (std::size_t k = 0; k < h.size(); ++k) subtract(-g[k], basis[k], sum);
  precondition(sum, z);
  subtract(-1.0, z, x);
  return std::abs(g[h.size()]) <= stop;
}

/// x += B^-1 r until |r| <= stop; r is the recursive residual then.
bool WiredCore::krylov(Vector& r, Vector& x, double stop) {
  return symmetric_ ? conjugate_gradients(r, x, stop) : gmres(r, x, stop);
}

bool WiredCore::solve(std::span<double> b, std::int32_t count) {
  const std::size_t n = a_.n;
  int iterations = 0;
  for (std::int32_t k = 0; k < count; ++k) {
    if (!solve_one(b.subspan(k * n, n))) return false;
    iterations += iterations_;
  }
  iterations_ = iterations;
  return true;
}

bool WiredCore::solve_one(std::span<double> b) {
  iterations_ = 0;
  Vector right(n_), x(n_, 0.0), r, product(n_);
  for (std::int32_t k = 0; k < n_; ++k) right[k] = b[lines_.order[k]];
  for (const Inner& e : inner_)
    for (const Entry& left : e.column)
      right[left.position] -= a_.values[left.slot] / a_.values[e.pivot] * b[e.unknown];

  const double size = norm(right);
  r = right;
  if (size > 0.0 && !krylov(r, x, kTolerance * size)) return false;
  multiply(x, product);
  for (std::int32_t k = 0; k < n_; ++k) r[k] = right[k] - product[k];
  const double residual = norm(r);
  if (residual > 0.0) krylov(r, x, kCorrection * residual);
  if (!std::isfinite(residual) || residual > 100.0 * kTolerance * size) return false;

  for (std::int32_t k = 0; k < n_; ++k) b[lines_.order[k]] = x[k];
  for (const Inner& e : inner_) {
    double value = b[e.unknown];
    for (const Entry& right_entry : e.row)
      value -= a_.values[right_entry.slot] * x[right_entry.position];
    b[e.unknown] = value / a_.values[e.pivot];
  }
  return true;
}

}  // namespace arrayspice::lines
