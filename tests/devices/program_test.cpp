// SPDX-License-Identifier: Apache-2.0
// Programs: every operation's slope against a difference quotient, and finite results for
// whatever Newton may ask.
#include "devices/program.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>

#include "devices/operation.hpp"

namespace arrayspice {
namespace {

using Op = Program::Op;

std::vector<Op> operations() {
  std::vector<Op> all;
  for (int k = 0; k < Program::kOps; ++k) {
    const Op op = static_cast<Op>(k);
    if (op != Op::Constant && op != Op::Input && op != Op::Table) all.push_back(op);
  }
  return all;
}

/// op(u0, u1, u2)
Program single(Op op) {
  return Program({{Op::Input, 0}, {Op::Input, 1}, {Op::Input, 2}, {op, 0, 1, 2}}, 3);
}

// Central differences of a step h err by O(h^2 f''') + O(eps/h): 1e-8 with h = 1e-5 here.
void expect_gradient(const Program& program, std::array<double, 3> u, double tolerance) {
  std::array<double, 3> gradient;
  program.evaluate(u, gradient);
  for (std::size_t k = 0; k < 3; ++k) {
    const double h = 1e-5;
    auto right = u, left = u;
    right[k] += h;
    left[k] -= h;
    const double slope = (program.evaluate(right) - program.evaluate(left)) / (2 * h);
    EXPECT_NEAR(gradient[k], slope, tolerance * (1 + std::abs(slope)))
        << "operation " << static_cast<int>(program.code().back().op) << " at " << u[0]
        << ", " << u[1] << ", " << u[2] << " by " << k;
  }
}

TEST(Program, GivesTheExactGradientOfEveryOperation) {
  for (const Op op : operations()) {
    expect_gradient(single(op), {0.37, 0.81, 1.7}, 1e-8);
    expect_gradient(single(op), {0.81, -0.37, 1.7}, 1e-8);
    expect_gradient(single(op), {-0.37, 2.3, 0.9}, 1e-8);
    expect_gradient(single(op), {2.6, 2.0, 3.1}, 1e-7);
  }
}

TEST(Program, TakesPowersOfNegativeNumbers) {
  // An integer exponent: d/db does not exist, so it is not asked for.
  const Program cube({{Op::Input, 0}, {Op::Constant, -1, -1, -1, 3.0}, {Op::Pow, 0, 1}},
                     3);
  expect_gradient(cube, {-1.2, 0, 0}, 1e-8);
  EXPECT_DOUBLE_EQ(cube.evaluate(std::array{-2.0, 0.0, 0.0}), -8.0);
  EXPECT_DOUBLE_EQ(single(Op::Power).evaluate(std::array{-2.0, 3.0, 0.0}), 8.0);
  EXPECT_DOUBLE_EQ(single(Op::Pwr).evaluate(std::array{-2.0, 3.0, 0.0}), -8.0);
}

TEST(Program, IsFiniteForEveryOperationAtEveryCorner) {
  const std::array corners{0.0,   -0.0,   1e-300, -1e-300, 1.0,   -1.0,   0.5,   -0.5,
                           708.0, -708.0, 1e4,    -1e4,    1e150, -1e150, 1e300, -1e300};
  for (const Op op : operations()) {
    const Program program = single(op);
    for (const double a : corners)
      for (const double b : corners)
        for (const double c : {-1e300, 0.0, 1e300}) {
          std::array<double, 3> gradient;
          const double y = program.evaluate(std::array{a, b, c}, gradient);
          ASSERT_TRUE(std::isfinite(y)) << static_cast<int>(op) << ": " << a << " " << b;
          for (const double g : gradient)
            ASSERT_TRUE(std::isfinite(g))
                << static_cast<int>(op) << ": " << a << " " << b;
        }
  }
}

TEST(Program, EqualsTheCLibraryWhereThatIsDefined) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> u(0.01, 0.99);
  for (const Op op : operations())
    for (int n = 0; n < 50; ++n) {
      const double a = op == Op::Acosh ? 1 + u(random) : u(random), b = u(random);
      EXPECT_EQ(apply<Domain::Total>(op, a, b, 1.0), apply<Domain::Plain>(op, a, b, 1.0));
    }
}

TEST(Program, ContinuesTheExponentialAlongItsTangent) {
  const Program e({{Op::Input, 0}, {Op::Exp, 0}}, 1);
  std::array<double, 1> slope;
  EXPECT_DOUBLE_EQ(e.evaluate(std::array{100.0}), std::exp(100.0));
  EXPECT_NEAR(e.evaluate(std::array{800.0}, slope) / 1e99, 1 + 800 - 227.95592420641054,
              1e-9);
  EXPECT_DOUBLE_EQ(slope[0], 1e99);
  EXPECT_LT(e.evaluate(std::array{800.0}), e.evaluate(std::array{801.0}));
}

TEST(Program, InterpolatesTables) {
  const auto with = [](bool extrapolates) {
    return Program({{Op::Input, 0}, {Op::Table, 0, 0}}, 1,
                   {{{0.0, 1.0, 3.0}, {0.0, 2.0, 3.0}, extrapolates}});
  };
  std::array<double, 1> slope;
  EXPECT_DOUBLE_EQ(with(false).evaluate(std::array{2.0}, slope), 2.5);
  EXPECT_DOUBLE_EQ(slope[0], 0.5);
  EXPECT_DOUBLE_EQ(with(false).evaluate(std::array{9.0}, slope), 3.0);
  EXPECT_DOUBLE_EQ(slope[0], 0.0);
  EXPECT_DOUBLE_EQ(with(true).evaluate(std::array{9.0}, slope), 6.0);
  EXPECT_DOUBLE_EQ(slope[0], 0.5);
  EXPECT_DOUBLE_EQ(with(true).evaluate(std::array{-1.0}), -2.0);
}

TEST(Program, DoesNotCareHowLongItIs) {
  // y = x + x + ... : longer than what is evaluated on the stack.
  std::vector<Program::Instruction> code{{Op::Input, 0}};
  for (int k = 0; k < 1000; ++k) code.push_back({Op::Add, k, 0});
  std::array<double, 1> slope;
  const Program program(std::move(code), 1);
  EXPECT_EQ(program.evaluate(std::array{2.0}, slope), 2002.0);
  EXPECT_EQ(program.evaluate(std::array{2.0}), 2002.0);
  EXPECT_EQ(slope[0], 1001.0);
}

}  // namespace
}  // namespace arrayspice
