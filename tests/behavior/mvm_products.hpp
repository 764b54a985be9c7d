// SPDX-License-Identifier: Apache-2.0
// Products of arrays for tests of mvm.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "behavior/mvm.hpp"
#include "netlists/arrays/random.hpp"
#include "tests/netlists/arrays/array_decks.hpp"

namespace arrayspice {

inline constexpr double kG = 1e-4;  // S

inline Matrix solve(const ArraySpec& spec, const Matrix& conductances,
                    const Matrix& inputs, MvmMethod method = MvmMethod::Auto,
                    int threads = 1) {
  MvmOptions options;
  options.method = method;
  options.threads = threads;
  return ArraySolver(spec, conductances, options).multiply(inputs);
}

inline Matrix random_batch(const ArraySpec& spec, std::int64_t batch) {
  Matrix x{batch, spec.array.rows, {}};
  for (std::int64_t k = 0; k < batch; ++k)
    for (std::int64_t i = 0; i < spec.array.rows; ++i)
      x.values.push_back(spec.input.maximum * (2 * uniform(5, Draw::Input, k, i) - 1));
  return x;
}

inline void expect_near(const Matrix& a, const Matrix& b, double relative) {
  ASSERT_EQ(a.values.size(), b.values.size());
  double largest = 0.0;
  for (const double value : b.values) largest = std::max(largest, std::abs(value));
  for (std::size_t k = 0; k < a.values.size(); ++k)
    ASSERT_NEAR(a.values[k], b.values[k], relative * largest) << "element " << k;
}

}  // namespace arrayspice
