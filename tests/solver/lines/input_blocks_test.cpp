// SPDX-License-Identifier: Apache-2.0
// Inputs that are solved in step have the outputs that each has by itself, bit by bit.
#include <gtest/gtest.h>

#include "array_reference.hpp"
#include "random_arrays.hpp"

namespace arrayspice::lines {
namespace {

void expect_same_bits(LineSolver& block, LineSolver& single, const Values& inputs,
                      const SolveOptions& options = {}) {
  const auto m = static_cast<std::size_t>(block.rows());
  const auto n = static_cast<std::size_t>(block.columns());
  const std::size_t count = inputs.size() / m;
  Values outputs(count * n), expected(n);
  const auto reports = block.solve_block(inputs, outputs, options);
  ASSERT_EQ(reports.size(), count);
  for (std::size_t k = 0; k < count; ++k) {
    const SolveReport report =
        single.solve(std::span(inputs).subspan(k * m, m), expected, options);
    EXPECT_EQ(reports[k].converged, report.converged);
    EXPECT_EQ(reports[k].iterations, report.iterations);
    EXPECT_EQ(reports[k].residual, report.residual);
    for (std::size_t j = 0; j < n; ++j) EXPECT_EQ(outputs[k * n + j], expected[j]) << k;
  }
}

/// Of `count` inputs, the second all zero, the third one large.
Values inputs_of(const RandomArray& array, std::int64_t count) {
  const std::int64_t m = array.grid.rows;
  Values inputs = random_values(count * m, -0.2, 0.2, 9);
  for (std::int64_t i = 0; i < m && count > 1; ++i) inputs[m + i] = 0.0;
  if (count > 2) inputs[2 * m] = 1e3;
  return inputs;
}

TEST(InputBlocks, HaveTheBitsOfSingleInputs) {
  for (unsigned seed = 0; seed < kRandomArrays; seed += 3) {
    const RandomArray array = random_array(seed);
    SCOPED_TRACE(array.description);
    LineSolver block(array.grid), single(array.grid);
    for (LineSolver* solver : {&block, &single}) solver->set_cells(array.cells);
    for (const std::int64_t count : {1, 4, 3})  // a block may follow a larger one
      expect_same_bits(block, single, inputs_of(array, count));
  }
}

TEST(InputBlocks, HaveTheSameBitsForAnyNumberOfThreads) {
  const RandomArray array = random_array(7);
  LineSolver block(array.grid, 3), single(array.grid);
  for (LineSolver* solver : {&block, &single}) solver->set_cells(array.cells);
  expect_same_bits(block, single, inputs_of(array, 4));
}

TEST(InputBlocks, LeaveWhatDoesNotConvergeToItself) {
  // Three iterations are too few for all but the input that is zero.
  const std::int64_t n = 70;
  const RandomArray array{
      "", one_sided(n, 10.0), random_values(n * n, 1e-5, 1e-4, 1), {}};
  LineSolver block(array.grid), single(array.grid);
  for (LineSolver* solver : {&block, &single}) solver->set_cells(array.cells);
  expect_same_bits(block, single, inputs_of(array, 3),
                   {.max_iterations = 3, .factor_bytes = 0.0});
  Values outputs(3 * n);
  for (const SolveReport& report :
       block.solve_block(inputs_of(array, 3), outputs, {.max_iterations = 3}))
    EXPECT_TRUE(report.converged);  // by factors
}

TEST(InputBlocks, AreSolvedOneByOneWithACoarseGrid) {
  const std::int64_t n = 70;
  const RandomArray array{
      "", one_sided(n, 10.0), random_values(n * n, 1e-5, 1e-4, 1), {}};
  LineSolver block(array.grid), single(array.grid);
  for (LineSolver* solver : {&block, &single}) solver->set_cells(array.cells);
  expect_same_bits(block, single, inputs_of(array, 3), {.coarse = Coarse::Always});
}

TEST(InputBlocks, AreForArraysThatLeaveTheCaches) {
  EXPECT_EQ(LineSolver::inputs_in_a_block(512, 512), 1);
  EXPECT_EQ(LineSolver::inputs_in_a_block(1024, 1024), 4);
}

}  // namespace
}  // namespace arrayspice::lines
