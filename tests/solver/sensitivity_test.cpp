// SPDX-License-Identifier: Apache-2.0
// Adjoint derivatives against a finite difference of the operating point.
#include "solver/sensitivity.hpp"

#include <gtest/gtest.h>

#include "analytic_system.hpp"

namespace arrayspice {
namespace {

// A diode-like divider with a current source at each node:
//   x1 + 0.1 (exp(x1 - x2) - 1) = i1,   2 x2 - 0.1 (exp(x1 - x2) - 1) = i2
using Three = AnalyticSystem<3>;
Three divider(double i1, double i2) {
  return Three(false, [=](const Three::Numbers& x, const Env&, Three::Numbers& f, auto&) {
    const auto i = Dual<3>(0.1) * (exp(x[1] - x[2]) - Dual<3>(1.0));
    f[1] = x[1] + i - Dual<3>(i1);
    f[2] = Dual<3>(2.0) * x[2] - i - Dual<3>(i2);
  });
}

double output(double i1, double i2) {
  Three system = divider(i1, i2);
  DirectSolver solver(system.pattern(), {});
  std::vector<double> x;
  EXPECT_TRUE(operating_point(system, solver, {}, x).ok());
  return 3.0 * x[1] - x[2];
}

TEST(Sensitivity, LambdaIsTheDerivativeToACurrentIntoEachNode) {
  Three system = divider(1.0, 0.5);
  DirectSolver solver(system.pattern(), {});
  std::vector<double> x;
  ASSERT_TRUE(operating_point(system, solver, {}, x).ok());
  const std::vector<OutputSelector> outputs{{{1, 3.0}, {2, -1.0}}};
  const Adjoints adjoints = solve_adjoints(system, solver, x, {}, outputs);
  ASSERT_TRUE(adjoints.ok());
  const double h = 1e-5;
  EXPECT_NEAR(adjoints.lambda[0][1],
              (output(1.0 + h, 0.5) - output(1.0 - h, 0.5)) / (2.0 * h), 1e-8);
  EXPECT_NEAR(adjoints.lambda[0][2],
              (output(1.0, 0.5 + h) - output(1.0, 0.5 - h)) / (2.0 * h), 1e-8);
}

TEST(Sensitivity, SingularJacobianIsReported) {
  Three system(true, [](const Three::Numbers& x, const Env&, Three::Numbers& f, auto&) {
    f[1] = x[1] - x[2];
    f[2] = x[2] - x[1];
  });
  DirectSolver solver(system.pattern(), {});
  const std::vector<OutputSelector> outputs{{{1, 1.0}}};
  const std::vector<double> x(3, 0.0);
  EXPECT_EQ(solve_adjoints(system, solver, x, {}, outputs).outcome, Outcome::Singular);
}

}  // namespace
}  // namespace arrayspice
