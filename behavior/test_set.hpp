// SPDX-License-Identifier: Apache-2.0
// Circuit solves that a model is chosen on, judged on, and that its file carries.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "behavior/npz.hpp"
#include "behavior/test_vectors.hpp"
#include "netlists/arrays/array.hpp"

namespace arrayspice {

/// Circuit solves of arrays and inputs, each with its own weights, in the units of the
/// spec's weights, inputs and outputs.
struct TestSet {
  std::int64_t count = 0;
  std::vector<double> w;           ///< count x rows x columns
  std::vector<double> x;           ///< count x rows
  Matrix y;                        ///< count x columns: the circuit
  Matrix model;                    ///< count x columns: the model; empty: none yet
  std::vector<std::string> kinds;  ///< per solve: which distribution it is from
};

/// Weights (rows, columns) and inputs (1, rows) of one solve.
Matrix weights_of(const TestSet& set, const ArraySpec& spec, std::int64_t number);
Matrix inputs_of(const TestSet& set, const ArraySpec& spec, std::int64_t number);

/// The circuit on test vectors first .. first + count - 1 (test_vectors.hpp); spec
/// without variation. The result does not depend on the number of threads. Throws
/// Failure(Exit::Numeric) with a solve that does not converge.
TestSet solve_test_set(const ArraySpec& spec, std::int64_t first, std::int64_t count,
                       const Matrix& given, int threads,
                       const std::function<void(double)>& progress);

/// The same on the vectors that source gives for 0 .. count - 1, from any thread.
TestSet solve_test_set(const ArraySpec& spec, std::int64_t count,
                       const std::function<TestVector(std::int64_t)>& source, int threads,
                       const std::function<void(double)>& progress);

/// Members test/w, test/x, test/y, test/model.
void add_test_members(const TestSet& set, const ArraySpec& spec, NpzContents& out);

}  // namespace arrayspice
