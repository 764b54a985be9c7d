// SPDX-License-Identifier: Apache-2.0
#include "solver/peel.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace arrayspice {

Peel::Peel(const SparsePattern& pattern, std::span<const std::uint8_t> active)
    : pattern_(pattern), x_(pattern.size()) {
  if (std::find(active.begin(), active.end(), 0) != active.end())
    active_.assign(active.begin(), active.end());
  find_singletons(pattern.size());
  number_core(pattern.size());
  collect_columns();
}

/// Calls visit(row, slot) for every active entry of a column.
template <class Visit>
void Peel::visit_column(std::int32_t j, const Visit& visit) const {
  const auto starts = pattern_.column_starts();
  const auto rows = pattern_.row_indices();
  for (std::int32_t p = starts[j]; p < starts[j + 1]; ++p)
    if (active_.empty() || active_[p]) visit(rows[p], p);
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
    visit_column(j, [&](std::int32_t i, std::int32_t) {
      rows.add(i, j);
      columns.add(j, i);
    });
  std::vector<std::int32_t> row_starts(static_cast<std::size_t>(n) + 1, 0);
  std::partial_sum(rows.count.begin(), rows.count.end(), row_starts.begin() + 1);
  std::vector<std::int32_t> columns_of(row_starts.back()), next(row_starts);
  for (std::int32_t j = 0; j < n; ++j)
    visit_column(j, [&](std::int32_t i, std::int32_t) { columns_of[next[i]++] = j; });

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
    (is_row ? before_ : after_).push_back({i, j});
    rows.gone[i] = columns.gone[j] = 1;
    visit_column(j, [&](std::int32_t row, std::int32_t) {
      if (rows.take(row, j)) waiting.push_back({row, true});
    });
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

std::int32_t Peel::keep_outside(std::int32_t slot) {
  outside_slots_.push_back(slot);
  return static_cast<std::int32_t>(outside_slots_.size()) - 1;
}

void Peel::collect_columns() {
  for (auto* pivots : {&before_, &after_})
    for (Pivot& p : *pivots) {
      p.first_entry = static_cast<std::int32_t>(entries_.size());
      visit_column(p.column, [&](std::int32_t row, std::int32_t slot) {
        entries_.push_back({row, keep_outside(slot)});
        if (row == p.row) p.at = entries_.back().at;
      });
      p.entries = static_cast<std::int32_t>(entries_.size()) - p.first_entry;
    }
}

CoreMatrix Peel::core() {
  using Element = std::pair<std::int32_t, std::int32_t>;  // row, slot
  CoreMatrix core;
  core.n = static_cast<std::int32_t>(core_columns_.size());
  std::vector<Element> inside;
  core_slots_.clear();
  core_slots_.reserve(pattern_.nonzeros());
  core.rows.reserve(pattern_.nonzeros());
  core.starts.reserve(core_columns_.size() + 1);
  for (std::int32_t k = 0; k < core.n; ++k) {
    inside.clear();
    visit_column(core_columns_[k], [&](std::int32_t row, std::int32_t slot) {
      if (core_row_number_[row] >= 0)
        inside.push_back({core_row_number_[row], slot});
      else
        couplings_.push_back({k, row, keep_outside(slot)});
    });
    if (!std::is_sorted(inside.begin(), inside.end()))
      std::sort(inside.begin(), inside.end());
    for (const auto& [row, slot] : inside) {
      core.rows.push_back(row);
      core_slots_.push_back(slot);
    }
    core.starts.push_back(static_cast<std::int32_t>(core.rows.size()));
  }
  core.values.resize(core.rows.size());
  outside_.resize(outside_slots_.size());
  return core;
}

Peel::Loaded Peel::load(std::span<const double> values, CoreMatrix& core) {
  Loaded loaded;
  const auto take = [&](const std::vector<std::int32_t>& slots, std::vector<double>& to) {
    for (std::size_t k = 0; k < slots.size(); ++k) {
      const double value = values[slots[k]];
      loaded.changed |= value != to[k];
      loaded.finite &= std::isfinite(value);
      to[k] = value;
    }
  };
  take(core_slots_, core.values);
  take(outside_slots_, outside_);
  for (const auto* pivots : {&after_, &before_})
    for (auto p = pivots->rbegin(); p != pivots->rend(); ++p)
      if (outside_[p->at] == 0.0) loaded.zero_pivot = p->column;
  return loaded;
}

void Peel::forward(std::span<double> b, std::span<double> core_b) const {
  for (const Pivot& p : before_) {
    // The row is used up: its place keeps the unknown until backward().
    const double x = b[p.row] / outside_[p.at];
    for (const Entry& e : column(p)) b[e.row] -= outside_[e.at] * x;
    b[p.row] = x;
  }
  for (std::size_t k = 0; k < core_rows_.size(); ++k) core_b[k] = b[core_rows_[k]];
}

void Peel::backward(std::span<const double> core_x, std::span<double> b) const {
  for (const Pivot& p : before_) x_[p.column] = b[p.row];
  for (std::size_t k = 0; k < core_columns_.size(); ++k) x_[core_columns_[k]] = core_x[k];
  for (const Coupling& c : couplings_) b[c.row] -= outside_[c.at] * core_x[c.core_column];
  for (auto p = after_.rbegin(); p != after_.rend(); ++p) {
    const double x = x_[p->column] = b[p->row] / outside_[p->at];
    for (const Entry& e : column(*p)) b[e.row] -= outside_[e.at] * x;
  }
  std::copy(x_.begin(), x_.end(), b.begin());
}

void Peel::forward_transposed(std::span<double> b, std::span<double> core_b) const {
  // x_ holds y by row; a row not yet known counts as 0.
  std::fill(x_.begin(), x_.end(), 0.0);
  for (const Pivot& p : after_) {
    double sum = b[p.column];
    for (const Entry& e : column(p)) sum -= outside_[e.at] * x_[e.row];
    x_[p.row] = sum / outside_[p.at];
  }
  for (std::size_t k = 0; k < core_columns_.size(); ++k) core_b[k] = b[core_columns_[k]];
  for (const Coupling& c : couplings_)
    core_b[c.core_column] -= outside_[c.at] * x_[c.row];
}

void Peel::backward_transposed(std::span<const double> core_y,
                               std::span<double> b) const {
  for (std::size_t k = 0; k < core_rows_.size(); ++k) x_[core_rows_[k]] = core_y[k];
  for (auto p = before_.rbegin(); p != before_.rend(); ++p) {
    double sum = b[p->column];
    for (const Entry& e : column(*p))
      if (e.at != p->at) sum -= outside_[e.at] * x_[e.row];
    x_[p->row] = sum / outside_[p->at];
  }
  std::copy(x_.begin(), x_.end(), b.begin());
}

}  // namespace arrayspice
