// SPDX-License-Identifier: Apache-2.0
#include "behavior/test_set.hpp"

#include <algorithm>
#include <mutex>

#include "behavior/mvm.hpp"
#include "behavior/parallel.hpp"
#include "netlists/arrays/pairs.hpp"

namespace arrayspice {

namespace {

/// `size` values from the number-th piece of that size.
std::vector<double> piece(const std::vector<double>& all, std::int64_t size,
                          std::int64_t number) {
  const auto from = all.begin() + number * size;
  return {from, from + size};
}

}  // namespace

Matrix weights_of(const TestSet& set, const ArraySpec& spec, std::int64_t number) {
  const std::int64_t rows = spec.array.rows, columns = spec.array.columns;
  return {rows, columns, piece(set.w, rows * columns, number)};
}

Matrix inputs_of(const TestSet& set, const ArraySpec& spec, std::int64_t number) {
  return {1, spec.array.rows, piece(set.x, spec.array.rows, number)};
}

TestSet solve_test_set(const ArraySpec& spec, std::int64_t first, std::int64_t count,
                       const Matrix& given, int threads,
                       const std::function<void(double)>& progress) {
  return solve_test_set(
      spec, count, [&](std::int64_t k) { return test_vector(spec, first + k, given); },
      threads, progress);
}

TestSet solve_test_set(const ArraySpec& spec, std::int64_t count,
                       const std::function<TestVector(std::int64_t)>& source, int threads,
                       const std::function<void(double)>& progress) {
  const std::int64_t rows = spec.array.rows, columns = spec.array.columns;
  TestSet set;
  set.count = count;
  set.w.resize(static_cast<std::size_t>(count * rows * columns));
  set.x.resize(static_cast<std::size_t>(count * rows));
  set.y = {count, columns,
           std::vector<double>(static_cast<std::size_t>(count * columns))};
  set.kinds.resize(static_cast<std::size_t>(count));
  std::mutex mutex;
  std::int64_t done = 0;
  for_each_index(count, threads, [&](std::int64_t k) {
    const TestVector v = source(k);
    const Matrix y = ArraySolver(spec, physical_weights(spec, v.weights))
                         .multiply({1, rows, v.inputs});
    std::ranges::copy(v.weights.values, set.w.begin() + k * rows * columns);
    std::ranges::copy(v.inputs, set.x.begin() + k * rows);
    std::ranges::copy(y.values, set.y.values.begin() + k * columns);
    set.kinds[static_cast<std::size_t>(k)] = distribution_name(v.kind);
    const std::lock_guard lock(mutex);
    if (progress) progress(static_cast<double>(++done) / static_cast<double>(count));
  });
  return set;
}

void add_test_members(const TestSet& set, const ArraySpec& spec, NpzContents& out) {
  const auto matrix = [](const Matrix& m) {
    return NpyArray{{m.rows, m.columns}, m.values};
  };
  out.arrays["test/w"] = {{set.count, spec.array.rows, spec.array.columns}, set.w};
  out.arrays["test/x"] = {{set.count, spec.array.rows}, set.x};
  out.arrays["test/y"] = matrix(set.y);
  out.arrays["test/model"] = matrix(set.model);
}

}  // namespace arrayspice
