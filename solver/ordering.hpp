// SPDX-License-Identifier: Apache-2.0
// Fill-reducing orders of a symmetric pattern, and the fill they really give.
//
// Minimum degree (AMD) costs next to nothing; nested dissection (METIS) costs more than
// one factorisation of a crossbar but halves the work of all that follow. So dissection
// is tried once the work already done equals what the attempt would cost (which bounds
// the loss to a factor of two, whatever comes), and kept only if its fill, counted, is
// lower.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "solver/core_matrix.hpp"

namespace arrayspice {

/// Nonzeros and floating-point operations of a Cholesky factor.
struct Fill {
  double nonzeros = 0;
  double flops = 0;
};

/// Undirected graph without self loops: neighbours of k are
/// adjacent[starts[k]] .. adjacent[starts[k + 1] - 1].
struct Graph {
  std::vector<std::int32_t> starts{0};
  std::vector<std::int32_t> adjacent;
  std::int32_t size() const { return static_cast<std::int32_t>(starts.size()) - 1; }
};

/// The graph of A + A^T.
Graph symmetric_graph(std::int32_t n, std::span<const std::int32_t> starts,
                      std::span<const std::int32_t> rows);
Permutation minimum_degree(const Graph& graph);
Permutation nested_dissection(const Graph& graph);
/// Exact fill of the order, in O(nonzeros of the factor).
Fill count_fill(const Graph& graph, const Permutation& order);
/// What nested_dissection() costs, in floating-point operations of a factorisation.
double dissection_cost(std::int32_t n);

struct Ordering {
  std::string name = "amd";
  std::string reason;
  Permutation order;
  Fill fill;
  bool dissection_tried = false;
};

Ordering order_by_degree(const Graph& graph);
/// Replaces the order when dissection gives fewer operations; notes both in `reason`.
void try_dissection(const Graph& graph, Ordering& ordering);

}  // namespace arrayspice
