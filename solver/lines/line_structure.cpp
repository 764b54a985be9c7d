// SPDX-License-Identifier: Apache-2.0
#include "solver/lines/line_structure.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>

#include "solver/lines/union_find.hpp"

namespace arrayspice::lines {

namespace {

constexpr double kStrong = 0.1;       // of the strongest coupling: part of a wire
constexpr double kEqual = 0.5;        // of the strongest coupling: as good as a wire
constexpr double kNegligible = 1e-8;  // of the strongest coupling: tells no colour

class LineFinder {
 public:
  LineFinder(const RowPattern& pattern, std::span<const double> values,
             const std::vector<std::uint8_t>& in_border)
      : b_(pattern),
        values_(values),
        in_border_(in_border),
        strongest_(pattern.size(), 0.0),
        links_(pattern.size(), {-1, -1}),
        line_of_(pattern.size(), -1),
        place_(pattern.size(), -1) {}

  LineStructure find() {
    link();
    trace();
    colour();
    choose_levels();
    return arrange();
  }

 private:
  static constexpr std::int32_t kUnmet = std::numeric_limits<std::int32_t>::max();
  struct Edge {
    std::int32_t a, b;
    double weight;
  };

  std::int32_t lines() const { return static_cast<std::int32_t>(starts_.size()) - 1; }
  std::int32_t length(std::int32_t line) const {
    return starts_[line + 1] - starts_[line];
  }

  /// Calls visit(i, j, |b_ij|) for the couplings of row i with rows in no border.
  template <class Visit>
  void visit_row(std::int32_t i, const Visit& visit) const {
    for (std::int32_t k = b_.starts[i]; k < b_.starts[i + 1]; ++k)
      if (const std::int32_t j = b_.columns[k]; j != i && !in_border_[j])
        visit(i, j, std::abs(values_[k]));
  }
  template <class Visit>
  void visit_line(std::int32_t line, const Visit& visit) const {
    for (std::int32_t p = starts_[line]; p < starts_[line + 1]; ++p)
      visit_row(order_[p], visit);
  }

  // --- lines

  template <class Visit>
  void visit_strong(const Visit& visit) const {
    for (std::int32_t i = 0; i < b_.size(); ++i)
      if (!in_border_[i])
        visit_row(i, [&](std::int32_t, std::int32_t j, double weight) {
          if (j > i && weight > 0.0 &&
              weight >= kStrong * std::max(strongest_[i], strongest_[j]))
            visit(Edge{i, j, weight});
        });
  }

  /// A sort is needed only for nodes that have a choice.
  void link() {
    for (std::int32_t i = 0; i < b_.size(); ++i)
      if (!in_border_[i])
        visit_row(i, [&](std::int32_t, std::int32_t j, double weight) {
          strongest_[i] = std::max(strongest_[i], weight);
          strongest_[j] = std::max(strongest_[j], weight);
        });
    std::vector<std::uint8_t> choices(b_.size(), 0);
    const auto count = [&](std::int32_t i) { choices[i] += choices[i] < 3; };
    visit_strong([&](const Edge& e) {
      count(e.a);
      count(e.b);
    });
    UnionFind joined(b_.size());
    const auto take = [&](const Edge& e) {
      if (links_[e.a][1] >= 0 || links_[e.b][1] >= 0 || !joined.join(e.a, e.b)) {
        strong_couplings_ +=
            e.weight >= kEqual * std::max(strongest_[e.a], strongest_[e.b]);
        return;
      }
      links_[e.a][links_[e.a][0] >= 0] = e.b;
      links_[e.b][links_[e.b][0] >= 0] = e.a;
    };
    std::vector<Edge> ambiguous;
    visit_strong([&](const Edge& e) {
      if (choices[e.a] > 2 || choices[e.b] > 2)
        ambiguous.push_back(e);
      else
        take(e);
    });
    std::stable_sort(ambiguous.begin(), ambiguous.end(),
                     [](const Edge& a, const Edge& b) { return a.weight > b.weight; });
    for (const Edge& e : ambiguous) take(e);
  }

  void trace() {
    starts_.push_back(0);
    order_.reserve(b_.size());
    for (std::int32_t start = 0; start < b_.size(); ++start) {
      if (in_border_[start] || line_of_[start] >= 0 || links_[start][1] >= 0) continue;
      std::int32_t previous = -1;
      for (std::int32_t at = start; at >= 0;) {
        line_of_[at] = lines();
        place_[at] = static_cast<std::int32_t>(order_.size());
        order_.push_back(at);
        const auto next = links_[at][0] == previous ? links_[at][1] : links_[at][0];
        previous = at;
        at = next;
      }
      starts_.push_back(static_cast<std::int32_t>(order_.size()));
    }
    links_ = {};
    by_length_.resize(lines());
    std::iota(by_length_.begin(), by_length_.end(), 0);
    std::stable_sort(
        by_length_.begin(), by_length_.end(),
        [&](std::int32_t a, std::int32_t b) { return length(a) > length(b); });
  }

  // --- colours

  /// Breadth first over lines, longest first; weak couplings when no other is left.
  void colour() {
    colour_.assign(lines(), -1);
    for (const std::int32_t seed : by_length_) {
      if (colour_[seed] >= 0) continue;
      colour_[seed] = 0;
      ++coloured_;
      std::vector<std::int32_t> reached{seed};
      std::size_t strong = 0;
      for (std::size_t weak = 0; weak < reached.size(); ++weak) {
        for (; strong < reached.size(); ++strong)
          reach_from(reached[strong], kNegligible, reached);
        if (coloured_ == lines()) return;
        reach_from(reached[weak], 0.0, reached);
      }
    }
  }
  void reach_from(std::int32_t line, double least, std::vector<std::int32_t>& reached) {
    visit_line(line, [&](std::int32_t i, std::int32_t j, double weight) {
      const std::int32_t other = line_of_[j];
      if (colour_[other] >= 0 || weight < least * strongest_[i]) return;
      colour_[other] = 1 - colour_[line];
      ++coloured_;
      reached.push_back(other);
    });
  }

  // --- levels

  bool is_free(std::int32_t line, const std::vector<std::uint8_t>& taken) const {
    bool free = true;
    visit_line(line, [&](std::int32_t i, std::int32_t j, double) {
      const std::int32_t other = line_of_[j];
      free &= other == line ? std::abs(place_[i] - place_[j]) == 1 : !taken[other];
    });
    return free;
  }

  /// Lines of one colour without couplings among them, greedily, longest first.
  std::vector<std::uint8_t> independent(int colour, std::int64_t& nodes) const {
    std::vector<std::uint8_t> taken(lines(), 0);
    nodes = 0;
    for (const std::int32_t line : by_length_) {
      if (colour_[line] != colour || !is_free(line, taken)) continue;
      taken[line] = 1;
      nodes += length(line);
    }
    return taken;
  }

  void choose_levels() {
    std::array<std::int64_t, 2> nodes{};
    const auto first = independent(0, nodes[0]), second = independent(1, nodes[1]);
    const int eliminated = nodes[0] > nodes[1] ? 0 : 1;
    const auto& taken = eliminated == 0 ? first : second;
    for (std::int32_t line = 0; line < lines(); ++line)
      level_.push_back(taken[line]                   ? kEliminated
                       : colour_[line] == eliminated ? kOdd
                                                     : kFirst);
  }

  // --- arrangement

  /// Puts the lines of each level in the order in which they meet the longest line of
  /// the other side, and turns each so that it meets them in that order: what is near in
  /// the array becomes near in memory.
  LineStructure arrange() {
    rank_.assign(lines(), kUnmet);
    for (const bool eliminated : {false, true}) rank_along(longest(eliminated));
    LineStructure result;
    result.strong_couplings = strong_couplings_;
    std::vector<std::int32_t> arranged(lines());
    std::iota(arranged.begin(), arranged.end(), 0);
    std::stable_sort(
        arranged.begin(), arranged.end(), [&](std::int32_t a, std::int32_t b) {
          return std::pair(level_[a], rank_[a]) < std::pair(level_[b], rank_[b]);
        });
    result.order.reserve(order_.size());
    for (const std::int32_t line : arranged) {
      const auto first = order_.begin() + starts_[line];
      const auto last = order_.begin() + starts_[line + 1];
      if (rank_met(*first) > rank_met(*(last - 1))) std::reverse(first, last);
      result.order.insert(result.order.end(), first, last);
      result.starts.push_back(static_cast<std::int32_t>(result.order.size()));
      ++result.level_ends[level_[line]];
    }
    std::partial_sum(result.level_ends.begin(), result.level_ends.end(),
                     result.level_ends.begin());
    for (std::int32_t line = 0; line < lines(); ++line)
      visit_line(line, [&](std::int32_t, std::int32_t j, double) {
        result.couplings += line_of_[j] > line;
      });
    return result;
  }
  std::int32_t longest(bool eliminated) const {
    const auto at = std::find_if(
        by_length_.begin(), by_length_.end(),
        [&](std::int32_t line) { return (level_[line] == kEliminated) == eliminated; });
    return at == by_length_.end() ? -1 : *at;
  }
  void rank_along(std::int32_t along) {
    if (along < 0) return;
    visit_line(along, [&](std::int32_t i, std::int32_t j, double) {
      const std::int32_t line = line_of_[j];
      if ((level_[line] == kEliminated) != (level_[along] == kEliminated))
        rank_[line] = std::min(rank_[line], place_[i] - starts_[along]);
    });
  }
  std::int32_t rank_met(std::int32_t row) const {
    std::int32_t least = kUnmet;
    visit_row(row, [&](std::int32_t, std::int32_t j, double) {
      if (line_of_[j] != line_of_[row]) least = std::min(least, rank_[line_of_[j]]);
    });
    return least;
  }

  const RowPattern& b_;
  std::span<const double> values_;
  const std::vector<std::uint8_t>& in_border_;
  std::vector<double> strongest_;
  std::vector<std::array<std::int32_t, 2>> links_;  // neighbours along the line
  std::vector<std::int32_t> line_of_, place_;       // by row: its line, place in order_
  std::vector<std::int32_t> order_, starts_, by_length_;
  std::vector<int> colour_;
  std::int32_t coloured_ = 0;  // lines that have a colour
  std::vector<Level> level_;
  std::vector<std::int32_t> rank_;
  std::int64_t strong_couplings_ = 0;
};

}  // namespace

LineStructure find_lines(const RowPattern& pattern, std::span<const double> values,
                         const std::vector<std::uint8_t>& in_border) {
  return LineFinder(pattern, values, in_border).find();
}

}  // namespace arrayspice::lines
