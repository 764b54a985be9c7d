// SPDX-License-Identifier: Apache-2.0
#include "solver/peel.hpp"

#include <algorithm>
#include <numeric>

namespace arrayspice {

Peel::Peel(const SparsePattern& pattern, std::span<const std::uint8_t> active)
    : starts_{0}, x_(pattern.size()) {
  const auto starts = pattern.column_starts();
  const auto rows = pattern.row_indices();
  starts_.reserve(static_cast<std::size_t>(pattern.size()) + 1);
  entries_.reserve(pattern.nonzeros());
  for (std::int32_t j = 0; j < pattern.size(); ++j) {
    for (std::int32_t p = starts[j]; p < starts[j + 1]; ++p)
      if (active.empty() || active[p]) entries_.push_back({rows[p], p});
    starts_.push_back(static_cast<std::int32_t>(entries_.size()));
  }
  find_singletons(pattern.size());
  number_core(pattern.size());
}

namespace {

/// Entries left in every row (or column) and the sum of where they are: when one is left,
/// the sum is its place.
struct Lines {
  std::vector<std::int32_t> count;
  std::vector<std::int64_t> places;
  std::vector<char> gone;

  explicit Lines(std::int32_t n) : count(n, 0), places(n, 0), gone(n, 0) {}
  void add(std::int32_t line, std::int32_t place) {
    ++count[line];
    places[line] += place;
  }
  /// Removes an entry; is the line a singleton now?
  bool take(std::int32_t line, std::int32_t place) {
    places[line] -= place;
    return --count[line] == 1 && !gone[line];
  }
  bool is_singleton(std::int32_t line) const { return !gone[line] && count[line] == 1; }
};

}  // namespace

void Peel::find_singletons(std::int32_t n) {
  Lines rows(n), columns(n);
  for (std::int32_t j = 0; j < n; ++j)
    for (const Entry& e : column(j)) {
      rows.add(e.row, j);
      columns.add(j, e.row);
    }
  const std::vector<std::int32_t> row_starts = [&] {
    std::vector<std::int32_t> starts(static_cast<std::size_t>(n) + 1, 0);
    std::partial_sum(rows.count.begin(), rows.count.end(), starts.begin() + 1);
    return starts;
  }();
  std::vector<std::int32_t> columns_of(entries_.size()), next(row_starts);
  for (std::int32_t j = 0; j < n; ++j)
    for (const Entry& e : column(j)) columns_of[next[e.row]++] = j;

  std::vector<std::pair<std::int32_t, bool>> waiting;  // line, is it a row?
  for (std::int32_t k = 0; k < n; ++k) {
    if (rows.is_singleton(k)) waiting.push_back({k, true});
    if (columns.is_singleton(k)) waiting.push_back({k, false});
  }
  for (std::size_t head = 0; head < waiting.size(); ++head) {
    const auto [line, is_row] = waiting[head];
    if (!(is_row ? rows : columns).is_singleton(line)) continue;
    const auto other = static_cast<std::int32_t>((is_row ? rows : columns).places[line]);
    const std::int32_t i = is_row ? line : other, j = is_row ? other : line;
    const auto at = std::find_if(column(j).begin(), column(j).end(),
                                 [i](const Entry& e) { return e.row == i; });
    (is_row ? before_ : after_).push_back({i, j, at->slot});
    rows.gone[i] = columns.gone[j] = 1;
    for (const Entry& e : column(j))
      if (rows.take(e.row, j)) waiting.push_back({e.row, true});
    for (std::int32_t p = row_starts[i]; p < row_starts[i + 1]; ++p)
      if (columns.take(columns_of[p], i)) waiting.push_back({columns_of[p], false});
  }
}

void Peel::number_core(std::int32_t n) {
  core_row_number_.assign(n, 0);
  std::vector<char> peeled_column(n, 0);
  for (const auto* pivots : {&before_, &after_})
    for (const Pivot& p : *pivots) {
      core_row_number_[p.row] = -1;
      peeled_column[p.column] = 1;
    }
  // A peeled pair need not be on the diagonal (row: branch of a source, column: its
  // node), so rows and columns are numbered apart. Rows whose own column is in the core
  // come first, in its order: a symmetric core must be numbered symmetrically.
  core_columns_.reserve(n - before_.size() - after_.size());
  core_rows_.reserve(core_columns_.capacity());
  for (std::int32_t j = 0; j < n; ++j)
    if (!peeled_column[j]) core_columns_.push_back(j);
  std::vector<std::int32_t> spare;
  for (std::int32_t i = 0; i < n; ++i)
    if (core_row_number_[i] == 0 && peeled_column[i]) spare.push_back(i);
  auto next_spare = spare.begin();
  for (const std::int32_t j : core_columns_)
    core_rows_.push_back(core_row_number_[j] == 0 ? j : *next_spare++);
  for (std::size_t k = 0; k < core_rows_.size(); ++k)
    core_row_number_[core_rows_[k]] = static_cast<std::int32_t>(k);
}

CoreMatrix Peel::core() {
  const auto by_row = [](const Entry& a, const Entry& b) { return a.row < b.row; };
  CoreMatrix core;
  core.n = static_cast<std::int32_t>(core_columns_.size());
  std::vector<Entry> inside;
  core_slots_.clear();
  core_slots_.reserve(entries_.size());
  core.rows.reserve(entries_.size());
  core.starts.reserve(core_columns_.size() + 1);
  for (const std::int32_t j : core_columns_) {
    inside.clear();
    for (const Entry& e : column(j))
      if (core_row_number_[e.row] >= 0)
        inside.push_back({core_row_number_[e.row], e.slot});
    if (!std::is_sorted(inside.begin(), inside.end(), by_row))
      std::sort(inside.begin(), inside.end(), by_row);
    for (const auto& [row, slot] : inside) {
      core.rows.push_back(row);
      core_slots_.push_back(slot);
    }
    core.starts.push_back(static_cast<std::int32_t>(core.rows.size()));
  }
  core.values.resize(core.rows.size());
  return core;
}

std::int32_t Peel::load(std::span<const double> values, CoreMatrix& core) const {
  for (const auto* pivots : {&before_, &after_})
    for (const Pivot& p : *pivots)
      if (values[p.slot] == 0.0) return p.column;
  for (std::size_t k = 0; k < core_slots_.size(); ++k)
    core.values[k] = values[core_slots_[k]];
  return -1;
}

void Peel::forward(std::span<const double> values, std::span<double> b,
                   std::span<double> core_b) const {
  for (const Pivot& p : before_) {
    // The row is used up: its place keeps the unknown until backward().
    const double x = b[p.row] / values[p.slot];
    for (const Entry& e : column(p.column)) b[e.row] -= values[e.slot] * x;
    b[p.row] = x;
  }
  for (std::size_t k = 0; k < core_rows_.size(); ++k) core_b[k] = b[core_rows_[k]];
}

void Peel::backward(std::span<const double> values, std::span<const double> core_x,
                    std::span<double> b) const {
  for (const Pivot& p : before_) x_[p.column] = b[p.row];
  for (std::size_t k = 0; k < core_columns_.size(); ++k) {
    const std::int32_t j = core_columns_[k];
    x_[j] = core_x[k];
    for (const Entry& e : column(j))
      if (core_row_number_[e.row] < 0) b[e.row] -= values[e.slot] * x_[j];
  }
  for (auto p = after_.rbegin(); p != after_.rend(); ++p) {
    x_[p->column] = b[p->row] / values[p->slot];
    for (const Entry& e : column(p->column)) b[e.row] -= values[e.slot] * x_[p->column];
  }
  std::copy(x_.begin(), x_.end(), b.begin());
}

void Peel::forward_transposed(std::span<const double> values, std::span<double> b,
                              std::span<double> core_b) const {
  // x_ holds y by row; a row not yet known counts as 0.
  std::fill(x_.begin(), x_.end(), 0.0);
  const auto known = [&](std::int32_t j) {
    double sum = 0.0;
    for (const Entry& e : column(j)) sum += values[e.slot] * x_[e.row];
    return sum;
  };
  for (const Pivot& p : after_)
    x_[p.row] = (b[p.column] - known(p.column)) / values[p.slot];
  for (std::size_t k = 0; k < core_columns_.size(); ++k)
    core_b[k] = b[core_columns_[k]] - known(core_columns_[k]);
}

void Peel::backward_transposed(std::span<const double> values,
                               std::span<const double> core_y,
                               std::span<double> b) const {
  for (std::size_t k = 0; k < core_rows_.size(); ++k) x_[core_rows_[k]] = core_y[k];
  for (auto p = before_.rbegin(); p != before_.rend(); ++p) {
    double sum = b[p->column];
    for (const Entry& e : column(p->column))
      if (e.slot != p->slot) sum -= values[e.slot] * x_[e.row];
    x_[p->row] = sum / values[p->slot];
  }
  std::copy(x_.begin(), x_.end(), b.begin());
}

}  // namespace arrayspice
