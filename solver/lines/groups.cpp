// SPDX-License-Identifier: Apache-2.0
#include "solver/lines/groups.hpp"

#include <algorithm>
#include <cmath>

#include "solver/lines/union_find.hpp"

namespace arrayspice::lines {

namespace {

constexpr double kStrong = 0.1;  // of the strongest coupling at either end
constexpr double kOutweighs = 10.0;
constexpr std::int32_t kMostNeighbours = 8;  // of a node that is no hub
constexpr std::int32_t kMostSpecial = 32;    // unknowns in a special set
constexpr std::int32_t kMostLocal = 8;       // nodes in a component of strong couplings
constexpr std::int32_t kMostCouplings = 8;   // that leave such a component
constexpr std::int32_t kMostSpecialCouplings = 64;

enum class Kind : std::uint8_t { Plain, Special, Hub };

class GroupFinder {
 public:
  explicit GroupFinder(const CoreMatrix& a)
      : a_(a),
        diagonal_(a.n, 0.0),
        strongest_(a.n, 0.0),
        sets_(a.n),
        size_(a.n, 0),
        couplings_(a.n, 0) {}

  Groups find() {
    kind_.assign(a_.n, Kind::Plain);
    grouped_.assign(a_.n, 0);
    measure();
    mark_special();
    join();
    for (std::int32_t j = 0; j < a_.n; ++j) ++size_[sets_.find(j)];
    if (any_small()) {
      survey();
      choose();
      separate();
    }
    return list();
  }

 private:
  /// Calls visit(row, column, value) for every entry off the diagonal.
  template <class Visit>
  void visit_couplings(const Visit& visit) const {
    for (std::int32_t j = 0; j < a_.n; ++j)
      for (std::int32_t k = a_.starts[j]; k < a_.starts[j + 1]; ++k)
        if (a_.rows[k] != j) visit(a_.rows[k], j, a_.values[k]);
  }

  /// Diagonals, strongest couplings, and the hubs: nodes with many neighbours.
  void measure() {
    std::vector<std::int32_t> in_row(a_.n, 0);
    for (std::int32_t j = 0; j < a_.n; ++j)
      for (std::int32_t k = a_.starts[j]; k < a_.starts[j + 1]; ++k) {
        const std::int32_t i = a_.rows[k];
        const double size = std::abs(a_.values[k]);
        if (i == j) {
          diagonal_[j] = size;
        } else {
          ++in_row[i];
          strongest_[i] = std::max(strongest_[i], size);
          strongest_[j] = std::max(strongest_[j], size);
        }
      }
    for (std::int32_t j = 0; j < a_.n; ++j)
      if (std::max(in_row[j], a_.starts[j + 1] - a_.starts[j] - 1) > kMostNeighbours)
        kind_[j] = Kind::Hub;
  }

  void mark_special() {
    std::vector<std::uint8_t> pivotless(a_.n, 0);
    for (std::int32_t j = 0; j < a_.n; ++j) pivotless[j] = diagonal_[j] == 0.0;
    visit_couplings([&](std::int32_t i, std::int32_t j, double v) {
      if (std::abs(v) > kOutweighs * std::max(diagonal_[i], diagonal_[j]))
        pivotless[i] = 1;
    });
    if (std::find(pivotless.begin(), pivotless.end(), 1) == pivotless.end()) return;
    for (std::int32_t j = 0; j < a_.n; ++j) mark(pivotless[j], j);
    visit_couplings([&](std::int32_t i, std::int32_t j, double) {
      mark(pivotless[i], j);
      mark(pivotless[j], i);
    });
  }
  void mark(bool special, std::int32_t unknown) {
    if (special && kind_[unknown] == Kind::Plain) kind_[unknown] = Kind::Special;
  }

  bool is_strong(std::int32_t i, std::int32_t j, double v) const {
    return v != 0.0 && std::abs(v) >= kStrong * std::max(strongest_[i], strongest_[j]);
  }

  void join() {
    visit_couplings([&](std::int32_t i, std::int32_t j, double v) {
      if (kind_[i] != kind_[j] || kind_[i] == Kind::Hub) return;
      if (kind_[i] == Kind::Special || is_strong(i, j, v)) sets_.join(i, j);
    });
  }

  std::int32_t most_members(std::int32_t root) const {
    return kind_[root] == Kind::Special ? kMostSpecial : kMostLocal;
  }
  bool any_small() {
    for (std::int32_t j = 0; j < a_.n; ++j)
      if (kind_[j] != Kind::Hub && size_[j] > 0 && size_[j] <= most_members(j))
        return true;
    return false;
  }

  /// The couplings that leave every set, at its root.
  void survey() {
    std::vector<std::int32_t> by_row(a_.n, 0), by_column(a_.n, 0);
    visit_couplings([&](std::int32_t i, std::int32_t j, double) {
      const std::int32_t from = sets_.find(i), to = sets_.find(j);
      if (from == to) return;
      ++by_row[from];
      ++by_column[to];
    });
    for (std::int32_t j = 0; j < a_.n; ++j)
      couplings_[j] = std::max(by_row[j], by_column[j]);
  }

  void choose() {
    for (std::int32_t j = 0; j < a_.n; ++j) {
      if (sets_.find(j) != j || kind_[j] == Kind::Hub) continue;
      const bool special = kind_[j] == Kind::Special;
      grouped_[j] = size_[j] <= most_members(j) &&
                    couplings_[j] <= (special ? kMostSpecialCouplings : kMostCouplings);
    }
  }

  /// Of two adjacent groups one stays: the special one, or the first.
  void separate() {
    visit_couplings([&](std::int32_t i, std::int32_t j, double) {
      const std::int32_t a = sets_.find(i), b = sets_.find(j);
      if (a == b || !grouped_[a] || !grouped_[b]) return;
      const bool drop_b = kind_[a] == kind_[b] ? a < b : kind_[a] == Kind::Special;
      grouped_[drop_b ? b : a] = 0;
    });
  }

  Groups list() {
    Groups result;
    std::vector<std::int32_t> place(a_.n, -1);  // of a group, at its root
    for (std::int32_t j = 0; j < a_.n; ++j) {
      const std::int32_t root = sets_.find(j);
      if (!grouped_[root]) {
        if (kind_[j] != Kind::Plain) result.border.push_back(j);
        continue;
      }
      if (place[root] >= 0) continue;
      place[root] = result.starts.back();
      result.starts.push_back(place[root] + size_[root]);
    }
    result.members = std::vector<std::int32_t>(result.starts.back());
    for (std::int32_t j = 0; j < a_.n; ++j)
      if (grouped_[sets_.find(j)]) result.members[place[sets_.find(j)]++] = j;
    return result;
  }

  const CoreMatrix& a_;
  std::vector<double> diagonal_, strongest_;
  std::vector<Kind> kind_;
  UnionFind sets_;
  std::vector<std::int32_t> size_, couplings_;
  std::vector<std::uint8_t> grouped_;
};

}  // namespace

Groups find_groups(const CoreMatrix& matrix) { return GroupFinder(matrix).find(); }

}  // namespace arrayspice::lines
