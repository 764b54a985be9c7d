// SPDX-License-Identifier: Apache-2.0
#include "solver/lines/reduced_matrix.hpp"

#include <algorithm>
#include <numeric>

#include "solver/lines/dense_lu.hpp"

namespace arrayspice::lines {

ReducedMatrix::ReducedMatrix(const CoreMatrix& matrix, const Groups& groups)
    : a_(matrix), place_(matrix.n, 0), members_(groups.members) {
  for (const std::int32_t m : members_) place_[m] = -1;
  std::int32_t next = 0;
  for (std::int32_t& p : place_)
    if (p == 0) p = next++;
  is_whole_ = members_.empty() && take_pattern();
  if (is_whole_) return;
  collect(groups);
  build_pattern();
  find_targets();
}

/// Without groups B is A. Its pattern by columns, when symmetric, is one by rows, and an
/// entry's place by rows is that of its mirror image by columns. False when a mirror
/// image or a diagonal entry is missing.
bool ReducedMatrix::take_pattern() {
  targets_.resize(a_.rows.size());
  std::vector<std::int32_t> next(a_.starts.begin(), a_.starts.end() - 1);
  for (std::int32_t j = 0; j < a_.n; ++j) {
    bool has_diagonal = false;
    for (std::int32_t k = a_.starts[j]; k < a_.starts[j + 1]; ++k) {
      const std::int32_t i = a_.rows[k], mirror = next[i]++;
      if (mirror == a_.starts[i + 1] || a_.rows[mirror] != j) return false;
      targets_[k] = mirror;
      has_diagonal |= i == j;
    }
    if (!has_diagonal) return false;
  }
  pattern_ = {a_.starts, a_.rows};
  groups_.push_back({});
  return true;
}

namespace {

constexpr std::size_t kAhead = 8;  // groups

/// The element of list[first..] with this value, which is added when it is new.
std::int32_t element(std::vector<std::int32_t>& list, std::int32_t first,
                     std::int32_t value) {
  const auto at = std::find(list.begin() + first, list.end(), value);
  const auto k = static_cast<std::int32_t>(at - list.begin()) - first;
  if (at == list.end()) list.push_back(value);
  return k;
}

}  // namespace

void ReducedMatrix::collect(const Groups& groups) {
  std::vector<std::int32_t> group_of(a_.n, -1), local(a_.n, 0);
  for (std::int32_t g = 0; g < groups.size(); ++g)
    for (std::int32_t k = groups.starts[g]; k < groups.starts[g + 1]; ++k) {
      group_of[members_[k]] = g;
      local[members_[k]] = k - groups.starts[g];
    }
  // A_er by group: columns of A are met in order, so a counting sort keeps them
  // ascending.
  std::vector<std::int32_t> right_starts(groups.starts.size() + 1, 0);
  const auto visit_right = [&](const auto& visit) {
    for (std::int32_t j = 0; j < a_.n; ++j)
      for (std::int32_t k = a_.starts[j]; place_[j] >= 0 && k < a_.starts[j + 1]; ++k)
        if (const std::int32_t i = a_.rows[k]; place_[i] < 0) visit(i, j, k);
  };
  visit_right([&](std::int32_t i, std::int32_t, std::int32_t) {
    ++right_starts[group_of[i] + 2];
  });
  std::partial_sum(right_starts.begin(), right_starts.end(), right_starts.begin());
  right_.resize(right_starts.back());
  visit_right([&](std::int32_t i, std::int32_t j, std::int32_t k) {
    right_[right_starts[group_of[i] + 1]++] = {place_[j], local[i], k};
  });

  const auto size = [](const auto& v) { return static_cast<std::int32_t>(v.size()); };
  std::int32_t targets = 0, factors = 0;
  for (std::int32_t g = 0;; ++g) {
    groups_.push_back({groups.starts[g], size(inside_), size(left_), right_starts[g],
                       size(rows_), size(columns_), targets, factors});
    if (g == groups.size()) break;
    const Starts& at = groups_.back();
    for (std::int32_t m = groups.starts[g]; m < groups.starts[g + 1]; ++m)
      for (std::int32_t k = a_.starts[members_[m]]; k < a_.starts[members_[m] + 1]; ++k) {
        const std::int32_t i = a_.rows[k];
        if (place_[i] < 0)
          inside_.push_back({local[i], m - at.member, k});
        else
          left_.push_back({element(rows_, at.row, place_[i]), m - at.member, k});
      }
    for (std::int32_t k = at.right; k < right_starts[g + 1]; ++k)
      right_[k].outer = element(columns_, at.column, right_[k].outer);
    const std::int32_t m = groups.starts[g + 1] - at.member;
    targets += (size(rows_) - at.row) * (size(columns_) - at.column);
    factors += m * m;
  }
  factors_.resize(factors);
  swaps_.resize(members_.size());
}

/// Calls visit(row, column) for every term of B, for the diagonal, and for the mirror
/// image of terms that may lack it.
template <class Visit>
void ReducedMatrix::visit_pairs(const Visit& visit) const {
  std::vector<std::int32_t> next(a_.starts.begin(), a_.starts.end() - 1);
  for (std::int32_t j = 0; j < a_.n; ++j) {
    if (place_[j] < 0) continue;
    visit(place_[j], place_[j]);
    for (std::int32_t k = a_.starts[j]; k < a_.starts[j + 1]; ++k) {
      const std::int32_t i = a_.rows[k];
      if (place_[i] < 0 || i == j) continue;
      visit(place_[i], place_[j]);
      std::int32_t& mate = next[i];  // columns j come in order, and so do their mates
      while (mate < a_.starts[i + 1] && a_.rows[mate] < j) ++mate;
      if (mate == a_.starts[i + 1] || a_.rows[mate] != j) visit(place_[j], place_[i]);
    }
  }
  for (std::size_t g = 0; g < group_count(); ++g) {
    const View v = view(g);
    for (std::int32_t i = v.at.row; i < v.next.row; ++i)
      for (std::int32_t j = v.at.column; j < v.next.column; ++j) {
        visit(rows_[i], columns_[j]);
        visit(columns_[j], rows_[i]);
      }
  }
}

void ReducedMatrix::build_pattern() {
  const auto n =
      static_cast<std::int32_t>(a_.n - static_cast<std::int32_t>(members_.size()));
  starts_.assign(static_cast<std::size_t>(n) + 1, 0);
  visit_pairs([&](std::int32_t row, std::int32_t) { ++starts_[row + 1]; });
  std::partial_sum(starts_.begin(), starts_.end(), starts_.begin());
  auto& columns = columns_of_rows_;
  columns.resize(starts_.back());
  std::vector<std::int32_t> next(starts_.begin(), starts_.end() - 1);
  visit_pairs(
      [&](std::int32_t row, std::int32_t column) { columns[next[row]++] = column; });
  auto kept = columns.begin();
  for (std::int32_t i = 0; i < n; ++i) {
    const auto first = columns.begin() + starts_[i],
               last = columns.begin() + starts_[i + 1];
    if (!std::is_sorted(first, last)) std::sort(first, last);
    starts_[i] = static_cast<std::int32_t>(kept - columns.begin());
    kept = std::unique_copy(first, last, kept);
  }
  starts_[n] = static_cast<std::int32_t>(kept - columns.begin());
  columns.erase(kept, columns.end());
  pattern_ = {starts_, columns};
}

std::int32_t ReducedMatrix::slot(std::int32_t row, std::int32_t column) const {
  const auto first = pattern_.columns.begin() + pattern_.starts[row];
  const auto last = pattern_.columns.begin() + pattern_.starts[row + 1];
  return static_cast<std::int32_t>(std::lower_bound(first, last, column) -
                                   pattern_.columns.begin());
}

void ReducedMatrix::find_targets() {
  targets_.assign(a_.rows.size(), -1);
  std::vector<std::int32_t> next(pattern_.starts.begin(), pattern_.starts.end() - 1);
  for (std::int32_t j = 0; j < a_.n; ++j)
    for (std::int32_t k = a_.starts[j]; place_[j] >= 0 && k < a_.starts[j + 1]; ++k) {
      const std::int32_t row = place_[a_.rows[k]];
      if (row < 0) continue;
      while (pattern_.columns[next[row]] < place_[j]) ++next[row];
      targets_[k] = next[row];
    }
  group_targets_.reserve(groups_.back().target);
  for (std::size_t g = 0; g < group_count(); ++g)
    for (std::int32_t i = groups_[g].row; i < groups_[g + 1].row; ++i)
      for (std::int32_t j = groups_[g].column; j < groups_[g + 1].column; ++j)
        group_targets_.push_back(slot(rows_[i], columns_[j]));
}

void ReducedMatrix::relocate(std::span<const std::int32_t> slots,
                             std::span<const std::int32_t> rows) {
  for (auto* list : {&targets_, &group_targets_})
    for (std::int32_t& t : *list)
      if (t >= 0) t = slots[t];
  for (auto* list : {&place_, &rows_, &columns_})
    for (std::int32_t& p : *list)
      if (p >= 0) p = rows[p];
  pattern_ = {};
  starts_ = columns_of_rows_ = {};
}

bool ReducedMatrix::load(std::span<double> values) {
  for (std::size_t k = 0; k < targets_.size(); ++k)
    if (targets_[k] >= 0) values[targets_[k]] += a_.values[k];
  for (std::size_t g = 0; g < group_count(); ++g) {
    if (g + kAhead < group_count()) fetch(view(g + kAhead), values);
    if (!eliminate(view(g), values)) return false;
  }
  return true;
}

/// The values of a group lie anywhere in memory: they are asked for in good time.
[[gnu::always_inline]] inline void ReducedMatrix::fetch(const View& group,
                                                        std::span<double> values) const {
  for (std::int32_t k = group.at.inside; k < group.next.inside; ++k)
    __builtin_prefetch(&a_.values[inside_[k].slot]);
  for (std::int32_t k = group.at.left; k < group.next.left; ++k)
    __builtin_prefetch(&a_.values[left_[k].slot]);
  for (std::int32_t k = group.at.right; k < group.next.right; ++k)
    __builtin_prefetch(&a_.values[right_[k].slot]);
  for (std::int32_t k = group.at.target; k < group.next.target; ++k)
    __builtin_prefetch(&values[group_targets_[k]]);
}

bool ReducedMatrix::eliminate(const View& group, std::span<double> values) {
  const Starts &at = group.at, &next = group.next;
  const std::int32_t m = group.size(), columns = group.columns();
  double* factors = factors_.data() + at.factor;
  std::fill(factors, factors + m * m, 0.0);
  for (std::int32_t k = at.inside; k < next.inside; ++k)
    factors[inside_[k].outer * m + inside_[k].inner] += a_.values[inside_[k].slot];
  if (!factor_dense(factors, m, &swaps_[at.member])) return false;
  work_.assign(static_cast<std::size_t>(m) * columns, 0.0);
  for (std::int32_t k = at.right; k < next.right; ++k)
    work_[right_[k].inner * columns + right_[k].outer] += a_.values[right_[k].slot];
  solve_dense(factors, m, &swaps_[at.member], work_.data(), columns);
  for (std::int32_t k = at.left; k < next.left; ++k) {
    const double value = a_.values[left_[k].slot];
    const std::int32_t* targets = &group_targets_[at.target + left_[k].outer * columns];
    const double* solved = &work_[left_[k].inner * columns];
    for (std::int32_t j = 0; j < columns; ++j) values[targets[j]] -= value * solved[j];
  }
  return true;
}

void ReducedMatrix::reduce(std::span<const double> b, std::span<double> right) const {
  for (std::int32_t u = 0; u < a_.n; ++u)
    if (place_[u] >= 0) right[place_[u]] = b[u];
  for (std::size_t g = 0; g < group_count(); ++g) {
    const View v = view(g);
    solved_.clear();
    for (std::int32_t m = v.at.member; m < v.next.member; ++m)
      solved_.push_back(b[members_[m]]);
    solve_dense(&factors_[v.at.factor], v.size(), &swaps_[v.at.member], solved_.data(),
                1);
    for (std::int32_t k = v.at.left; k < v.next.left; ++k)
      right[rows_[v.at.row + left_[k].outer]] -=
          a_.values[left_[k].slot] * solved_[left_[k].inner];
  }
}

void ReducedMatrix::expand(std::span<const double> x, std::span<double> b) const {
  for (std::int32_t u = 0; u < a_.n; ++u)
    if (place_[u] >= 0) b[u] = x[place_[u]];
  for (std::size_t g = 0; g < group_count(); ++g) {
    const View v = view(g);
    solved_.clear();
    for (std::int32_t m = v.at.member; m < v.next.member; ++m)
      solved_.push_back(b[members_[m]]);
    for (std::int32_t k = v.at.right; k < v.next.right; ++k)
      solved_[right_[k].inner] -=
          a_.values[right_[k].slot] * x[columns_[v.at.column + right_[k].outer]];
    solve_dense(&factors_[v.at.factor], v.size(), &swaps_[v.at.member], solved_.data(),
                1);
    for (std::int32_t m = v.at.member; m < v.next.member; ++m)
      b[members_[m]] = solved_[m - v.at.member];
  }
}

}  // namespace arrayspice::lines
