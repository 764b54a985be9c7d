// SPDX-License-Identifier: Apache-2.0
#include "solver/ordering.hpp"

#include <amd.h>
#include <metis.h>

#include <array>
#include <cassert>
#include <cstdio>
#include <new>
#include <numeric>

namespace arrayspice {

Graph symmetric_graph(std::int32_t n, std::span<const std::int32_t> starts,
                      std::span<const std::int32_t> rows) {
  // Count and list both directions of every entry, then drop duplicates per vertex.
  Graph graph;
  graph.starts.assign(static_cast<std::size_t>(n) + 1, 0);
  for (std::int32_t j = 0; j < n; ++j)
    for (std::int32_t p = starts[j]; p < starts[j + 1]; ++p) {
      ++graph.starts[j + 1];
      ++graph.starts[rows[p] + 1];
    }
  std::partial_sum(graph.starts.begin(), graph.starts.end(), graph.starts.begin());
  std::vector<std::int32_t> all(graph.starts[n]), next(graph.starts);
  for (std::int32_t j = 0; j < n; ++j)
    for (std::int32_t p = starts[j]; p < starts[j + 1]; ++p) {
      all[next[j]++] = rows[p];
      all[next[rows[p]]++] = j;
    }

  std::vector<std::int32_t> seen_by(n, -1);
  std::int32_t first = 0;
  for (std::int32_t j = 0; j < n; ++j) {
    const std::int32_t last = graph.starts[j + 1];
    seen_by[j] = j;
    for (std::int32_t p = first; p < last; ++p) {
      if (seen_by[all[p]] == j) continue;
      seen_by[all[p]] = j;
      graph.adjacent.push_back(all[p]);
    }
    first = last;
    graph.starts[j + 1] = static_cast<std::int32_t>(graph.adjacent.size());
  }
  return graph;
}

Permutation minimum_degree(const Graph& graph) {
  Permutation order(graph.size());
  std::array<double, AMD_CONTROL> control{};
  std::array<double, AMD_INFO> info{};
  amd_defaults(control.data());
  const int status = amd_order(graph.size(), graph.starts.data(), graph.adjacent.data(),
                               order.data(), control.data(), info.data());
  if (status == AMD_OUT_OF_MEMORY) throw std::bad_alloc();
  assert(status == AMD_OK || status == AMD_OK_BUT_JUMBLED);
  return order;
}

Permutation nested_dissection(const Graph& graph) {
  Graph copy = graph;  // METIS takes pointers to non-const
  idx_t n = graph.size();
  Permutation order(n), position(n);
  std::array<idx_t, METIS_NOPTIONS> options{};
  METIS_SetDefaultOptions(options.data());
  options[METIS_OPTION_NUMBERING] = 0;
  options[METIS_OPTION_SEED] = 1;
  const int status = METIS_NodeND(&n, copy.starts.data(), copy.adjacent.data(), nullptr,
                                  options.data(), order.data(), position.data());
  if (status == METIS_ERROR_MEMORY) throw std::bad_alloc();
  return status == METIS_OK ? order : Permutation{};
}

Fill count_fill(const Graph& graph, const Permutation& order) {
  // Row k of L holds the vertices met when climbing the elimination tree from each
  // earlier neighbour of k until a vertex already met; the tree grows on the way (Liu
  // 1990).
  const std::int32_t n = graph.size();
  std::vector<std::int32_t> position(n), parent(n, -1), met(n, -1), column_count(n, 1);
  for (std::int32_t k = 0; k < n; ++k) position[order[k]] = k;
  for (std::int32_t k = 0; k < n; ++k) {
    met[k] = k;
    const std::int32_t v = order[k];
    for (std::int32_t p = graph.starts[v]; p < graph.starts[v + 1]; ++p) {
      std::int32_t i = position[graph.adjacent[p]];
      for (; i < k && met[i] != k; i = parent[i]) {
        if (parent[i] == -1) parent[i] = k;
        ++column_count[i];
        met[i] = k;
      }
    }
  }
  Fill fill;
  for (const double c : column_count) {
    fill.nonzeros += c;
    fill.flops += c * c;
  }
  return fill;
}

double dissection_cost(std::int32_t n) {
  // METIS takes about 5 us per unknown on crossbars, in which time a factorisation does
  // some 9000 operations.
  return 9000.0 * n;
}

Ordering order_by_degree(const Graph& graph) {
  Ordering result;
  result.order = minimum_degree(graph);
  result.fill = count_fill(graph, result.order);
  return result;
}

void try_dissection(const Graph& graph, Ordering& ordering) {
  ordering.dissection_tried = true;
  const Permutation order = nested_dissection(graph);
  if (order.empty()) return;
  const Fill fill = count_fill(graph, order);
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), "flops: amd %.2g, nested dissection %.2g",
                ordering.fill.flops, fill.flops);
  ordering.reason = text.data();
  if (fill.flops >= ordering.fill.flops) return;
  ordering.name = "nested dissection";
  ordering.order = order;
  ordering.fill = fill;
}

}  // namespace arrayspice
