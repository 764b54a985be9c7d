// SPDX-License-Identifier: Apache-2.0
#include "solver/peel.hpp"

#include <algorithm>

namespace arrayspice {

Peel::Peel(const SparsePattern& pattern, std::span<const std::uint8_t> active)
    : starts_{0}, x_(pattern.size()) {
  const auto starts = pattern.column_starts();
  const auto rows = pattern.row_indices();
  for (std::int32_t j = 0; j < pattern.size(); ++j) {
    for (std::int32_t p = starts[j]; p < starts[j + 1]; ++p)
      if (active.empty() || active[p]) entries_.push_back({rows[p], p});
    starts_.push_back(static_cast<std::int32_t>(entries_.size()));
  }
  find_singletons(pattern.size());
  number_core(pattern.size());
}

void Peel::find_singletons(std::int32_t n) {
  // Remaining entries per line, and the sum of their column (row) numbers: when one entry
  // is left, the sum names it.
  std::vector<std::int32_t> row_count(n, 0), column_count(n, 0);
  std::vector<std::int64_t> columns_of_row(n, 0), rows_of_column(n, 0);
  std::vector<std::vector<std::int32_t>> row_columns(n);
  for (std::int32_t j = 0; j < n; ++j)
    for (const Entry& e : column(j)) {
      ++row_count[e.row];
      ++column_count[j];
      columns_of_row[e.row] += j;
      rows_of_column[j] += e.row;
      row_columns[e.row].push_back(j);
    }

  std::vector<char> row_gone(n, 0), column_gone(n, 0);
  std::vector<std::pair<std::int32_t, bool>> waiting;  // line, is it a row?
  for (std::int32_t k = 0; k < n; ++k) {
    if (row_count[k] == 1) waiting.push_back({k, true});
    if (column_count[k] == 1) waiting.push_back({k, false});
  }
  const auto remove = [&](std::int32_t i, std::int32_t j) {
    row_gone[i] = column_gone[j] = 1;
    for (const Entry& e : column(j)) {
      columns_of_row[e.row] -= j;
      if (--row_count[e.row] == 1 && !row_gone[e.row]) waiting.push_back({e.row, true});
    }
    for (const std::int32_t k : row_columns[i]) {
      rows_of_column[k] -= i;
      if (--column_count[k] == 1 && !column_gone[k]) waiting.push_back({k, false});
    }
  };
  for (std::size_t next = 0; next < waiting.size(); ++next) {
    const auto [line, is_row] = waiting[next];
    if (is_row ? row_gone[line] || row_count[line] != 1
               : column_gone[line] || column_count[line] != 1)
      continue;
    const auto other =
        static_cast<std::int32_t>(is_row ? columns_of_row[line] : rows_of_column[line]);
    const std::int32_t i = is_row ? line : other;
    const std::int32_t j = is_row ? other : line;
    const auto in_column = column(j);
    const auto at = std::find_if(in_column.begin(), in_column.end(),
                                 [&](const Entry& e) { return e.row == i; });
    (is_row ? before_ : after_).push_back({i, j, at->slot});
    remove(i, j);
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
  for (const std::int32_t j : core_columns_) {
    std::vector<std::pair<std::int32_t, std::int32_t>> inside;
    for (const Entry& e : column(j))
      if (core_row_number_[e.row] >= 0)
        inside.push_back({core_row_number_[e.row], e.slot});
    std::sort(inside.begin(), inside.end());
    for (const auto& [row, slot] : inside) core_slots_.push_back(slot);
  }
}

CoreMatrix Peel::core() const {
  CoreMatrix core;
  core.n = static_cast<std::int32_t>(core_columns_.size());
  for (const std::int32_t j : core_columns_) {
    for (const Entry& e : column(j))
      if (core_row_number_[e.row] >= 0) core.rows.push_back(core_row_number_[e.row]);
    std::sort(core.rows.begin() + core.starts.back(), core.rows.end());
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
    x_[p.column] = b[p.row] / values[p.slot];
    for (const Entry& e : column(p.column)) b[e.row] -= values[e.slot] * x_[p.column];
  }
  for (std::size_t k = 0; k < core_rows_.size(); ++k) core_b[k] = b[core_rows_[k]];
}

void Peel::backward(std::span<const double> values, std::span<const double> core_x,
                    std::span<double> b) const {
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
