// SPDX-License-Identifier: Apache-2.0
#include "solver/lines/line_structure.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace arrayspice::lines {

namespace {

constexpr double kStrong = 0.1;       // of the strongest coupling: part of a wire
constexpr double kNegligible = 1e-8;  // of the strongest coupling: no coupling at all
constexpr std::size_t kInnerNeighbours = 4;
// Gate lines act on word and bit lines alike but are not acted upon: a third of the
// couplings of a 1T1R array are such harmless conflicts.
constexpr double kMostConflicts = 0.4;

struct Edge {
  std::int32_t a, b;
  double weight;
};

/// Symmetric weights |a_ij| + |a_ji| as adjacency lists.
struct Weights {
  std::vector<std::int32_t> starts;
  std::vector<std::int32_t> neighbour;
  std::vector<double> weight;
  std::vector<double> strongest;

  std::int32_t size() const { return static_cast<std::int32_t>(strongest.size()); }
};

/// The transpose of the pattern, with values: rows ascending again.
CoreMatrix transpose(const CoreMatrix& a) {
  CoreMatrix t{a.n, std::vector<std::int32_t>(a.n + 1, 0),
               std::vector<std::int32_t>(a.rows.size()),
               std::vector<double>(a.rows.size())};
  for (const std::int32_t row : a.rows) ++t.starts[row + 1];
  std::partial_sum(t.starts.begin(), t.starts.end(), t.starts.begin());
  std::vector<std::int32_t> next(t.starts.begin(), t.starts.end() - 1);
  for (std::int32_t j = 0; j < a.n; ++j)
    for (std::int32_t k = a.starts[j]; k < a.starts[j + 1]; ++k) {
      t.rows[next[a.rows[k]]] = j;
      t.values[next[a.rows[k]]++] = a.values[k];
    }
  return t;
}

/// Merges column j of A with column j of its transpose.
Weights weights_of(const CoreMatrix& a) {
  const CoreMatrix t = transpose(a);
  Weights w;
  w.starts.push_back(0);
  w.strongest.assign(a.n, 0.0);
  for (std::int32_t j = 0; j < a.n; ++j) {
    std::int32_t k = a.starts[j], l = t.starts[j];
    const std::int32_t k_end = a.starts[j + 1], l_end = t.starts[j + 1];
    while (k < k_end || l < l_end) {
      const std::int32_t row =
          std::min(k < k_end ? a.rows[k] : a.n, l < l_end ? t.rows[l] : a.n);
      double weight = 0.0;
      if (k < k_end && a.rows[k] == row) weight += std::abs(a.values[k++]);
      if (l < l_end && t.rows[l] == row) weight += std::abs(t.values[l++]);
      if (row == j || weight == 0.0) continue;
      w.neighbour.push_back(row);
      w.weight.push_back(weight);
      w.strongest[j] = std::max(w.strongest[j], weight);
    }
    w.starts.push_back(static_cast<std::int32_t>(w.neighbour.size()));
  }
  return w;
}

/// Nodes to eliminate: weakly coupled to every neighbour, no two of them adjacent.
std::vector<std::uint8_t> find_inner(const Weights& w) {
  std::vector<std::uint8_t> inner(w.size(), 0);
  for (std::int32_t i = 0; i < w.size(); ++i) {
    const auto degree = static_cast<std::size_t>(w.starts[i + 1] - w.starts[i]);
    bool weak = degree >= 1 && degree <= kInnerNeighbours;
    for (std::int32_t k = w.starts[i]; weak && k < w.starts[i + 1]; ++k)
      weak =
          w.weight[k] < kStrong * w.strongest[w.neighbour[k]] && !inner[w.neighbour[k]];
    inner[i] = weak;
  }
  return inner;
}

/// Up to two line neighbours per unknown.
using Links = std::vector<std::array<std::int32_t, 2>>;

Links link_lines(const Weights& w, const std::vector<std::uint8_t>& inner) {
  std::vector<Edge> strong;
  for (std::int32_t i = 0; i < w.size(); ++i)
    for (std::int32_t k = w.starts[i]; k < w.starts[i + 1]; ++k) {
      const std::int32_t j = w.neighbour[k];
      if (j > i && !inner[i] && !inner[j] &&
          w.weight[k] >= kStrong * std::max(w.strongest[i], w.strongest[j]))
        strong.push_back({i, j, w.weight[k]});
    }
  std::stable_sort(strong.begin(), strong.end(),
                   [](const Edge& a, const Edge& b) { return a.weight > b.weight; });
  std::vector<std::int32_t> parent(w.size());
  std::iota(parent.begin(), parent.end(), 0);
  const auto root = [&](std::int32_t i) {
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
  };
  Links links(w.size(), {-1, -1});
  for (const Edge& e : strong) {
    if (links[e.a][1] >= 0 || links[e.b][1] >= 0 || root(e.a) == root(e.b)) continue;
    parent[root(e.a)] = root(e.b);
    links[e.a][links[e.a][0] >= 0] = e.b;
    links[e.b][links[e.b][0] >= 0] = e.a;
  }
  return links;
}

struct Line {
  std::vector<std::int32_t> unknowns;
  int colour = -1;
};

std::vector<Line> trace_lines(const Links& links, const std::vector<std::uint8_t>& inner,
                              std::vector<std::int32_t>& line_of) {
  std::vector<Line> found;
  line_of.assign(links.size(), -1);
  for (std::size_t start = 0; start < links.size(); ++start) {
    if (inner[start] || line_of[start] >= 0 || links[start][1] >= 0) continue;
    Line line;
    std::int32_t previous = -1;
    for (auto at = static_cast<std::int32_t>(start); at >= 0;) {
      line_of[at] = static_cast<std::int32_t>(found.size());
      line.unknowns.push_back(at);
      const auto next = links[at][0] == previous ? links[at][1] : links[at][0];
      previous = at;
      at = next;
    }
    found.push_back(std::move(line));
  }
  return found;
}

/// Unknowns that a coupling reaches: directly, or through one eliminated inner node.
template <class Visit>
void visit_couplings(const Weights& w, const std::vector<std::uint8_t>& inner,
                     std::int32_t from, const Visit& visit) {
  for (std::int32_t k = w.starts[from]; k < w.starts[from + 1]; ++k) {
    if (w.weight[k] < kNegligible * w.strongest[from]) continue;
    const std::int32_t to = w.neighbour[k];
    if (!inner[to]) {
      visit(to);
      continue;
    }
    for (std::int32_t m = w.starts[to]; m < w.starts[to + 1]; ++m)
      if (w.neighbour[m] != from) visit(w.neighbour[m]);
  }
}

/// Breadth first over lines, longest first.
void colour_lines(std::vector<Line>& found, const std::vector<std::int32_t>& line_of,
                  const Weights& w, const std::vector<std::uint8_t>& inner) {
  std::vector<std::int32_t> by_length(found.size());
  std::iota(by_length.begin(), by_length.end(), 0);
  std::stable_sort(by_length.begin(), by_length.end(),
                   [&](std::int32_t a, std::int32_t b) {
                     return found[a].unknowns.size() > found[b].unknowns.size();
                   });
  std::vector<std::int32_t> queue;
  for (const std::int32_t seed : by_length) {
    if (found[seed].colour >= 0) continue;
    found[seed].colour = 0;
    queue.assign(1, seed);
    for (std::size_t at = 0; at < queue.size(); ++at) {
      const int other = 1 - found[queue[at]].colour;
      for (const std::int32_t u : found[queue[at]].unknowns)
        visit_couplings(w, inner, u, [&](std::int32_t v) {
          Line& line = found[line_of[v]];
          if (line.colour >= 0) return;
          line.colour = other;
          queue.push_back(line_of[v]);
        });
    }
  }
}

/// Puts the lines of each colour in the order in which they meet the longest line of the
/// other colour, and turns each so that it meets them in that order: what is near in the
/// array becomes near in memory. Harmless where there is no array.
class Arranger {
 public:
  Arranger(std::vector<Line>& found, const std::vector<std::int32_t>& line_of,
           const Weights& w, const std::vector<std::uint8_t>& inner)
      : found_(found),
        line_of_(line_of),
        w_(w),
        inner_(inner),
        rank_(found.size(), kUnmet) {}

  /// Indices into `found`, arranged.
  std::vector<std::int32_t> arrange() {
    for (const int colour : {0, 1}) rank_along(longest(1 - colour));
    for (Line& line : found_)
      if (meets_backwards(line)) std::reverse(line.unknowns.begin(), line.unknowns.end());
    std::vector<std::int32_t> order(found_.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
      return std::pair(found_[a].colour, rank_[a]) <
             std::pair(found_[b].colour, rank_[b]);
    });
    return order;
  }

 private:
  static constexpr std::int32_t kUnmet = std::numeric_limits<std::int32_t>::max();

  const Line* longest(int colour) const {
    const Line* best = nullptr;
    for (const Line& line : found_)
      if (line.colour == colour &&
          (!best || line.unknowns.size() > best->unknowns.size()))
        best = &line;
    return best;
  }
  void rank_along(const Line* along) {
    if (!along) return;
    for (std::size_t at = 0; at < along->unknowns.size(); ++at)
      visit_couplings(w_, inner_, along->unknowns[at], [&](std::int32_t v) {
        const std::int32_t line = line_of_[v];
        if (found_[line].colour != along->colour)
          rank_[line] = std::min(rank_[line], static_cast<std::int32_t>(at));
      });
  }
  std::int32_t rank_met(std::int32_t unknown) const {
    std::int32_t least = kUnmet;
    visit_couplings(w_, inner_, unknown, [&](std::int32_t v) {
      if (line_of_[v] != line_of_[unknown]) least = std::min(least, rank_[line_of_[v]]);
    });
    return least;
  }
  bool meets_backwards(const Line& line) const {
    return rank_met(line.unknowns.front()) > rank_met(line.unknowns.back());
  }

  std::vector<Line>& found_;
  const std::vector<std::int32_t>& line_of_;
  const Weights& w_;
  const std::vector<std::uint8_t>& inner_;
  std::vector<std::int32_t> rank_;
};

}  // namespace

bool LineStructure::promising() const {
  const auto lines = static_cast<double>(starts.size()) - 1.0;
  const auto nodes = static_cast<double>(order.size());
  return lines > 0.0 && nodes >= 8.0 * lines && couplings > 0 &&
         static_cast<double>(conflicts) <=
             kMostConflicts * static_cast<double>(couplings);
}

LineStructure find_lines(const CoreMatrix& matrix) {
  const Weights w = weights_of(matrix);
  const std::vector<std::uint8_t> inner = find_inner(w);
  std::vector<std::int32_t> line_of;
  std::vector<Line> found = trace_lines(link_lines(w, inner), inner, line_of);
  colour_lines(found, line_of, w, inner);

  LineStructure result;
  for (std::int32_t i = 0; i < matrix.n; ++i)
    if (inner[i]) result.inner.push_back(i);
  result.starts.push_back(0);
  for (const std::int32_t k : Arranger(found, line_of, w, inner).arrange()) {
    const Line& line = found[k];
    result.order.insert(result.order.end(), line.unknowns.begin(), line.unknowns.end());
    result.starts.push_back(static_cast<std::int32_t>(result.order.size()));
    if (line.colour == 0)
      result.first_colour = static_cast<std::int32_t>(result.order.size());
  }
  for (const std::int32_t u : result.order)
    visit_couplings(w, inner, u, [&](std::int32_t v) {
      if (line_of[u] >= line_of[v]) return;
      ++result.couplings;
      result.conflicts += found[line_of[u]].colour == found[line_of[v]].colour;
    });
  return result;
}

}  // namespace arrayspice::lines
