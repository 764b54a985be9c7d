// SPDX-License-Identifier: Apache-2.0
// The operating point against closed forms, and every rung of the ladder.
#include <gtest/gtest.h>

#include <cmath>

#include "analytic_system.hpp"
#include "solver/analysis.hpp"
#include "solver/continuation.hpp"

namespace arrayspice {
namespace {

constexpr double kVt = 0.025864925786328753;

template <std::size_t N>
Summary solve(AnalyticSystem<N>& system, std::vector<double>& x,
              OperatingPointOptions options = {}) {
  DirectSolver solver(system.pattern(), {}, system.conductive());
  return operating_point(system, solver, options, x);
}

// 5 V, 1 kOhm, diode with Is = 1e-14 A, not limited: the Lambert W solution.
using Two = AnalyticSystem<2>;
Two diode(double source, double resistance) {
  return Two(false, [=](const Two::Numbers& x, const Env& env, Two::Numbers& f, auto&) {
    f[1] = (x[1] - Dual<2>(source * env.source_scale)) / Dual<2>(resistance) +
           Dual<2>(1e-14) * (exp(x[1] / Dual<2>(kVt)) - Dual<2>(1.0)) +
           Dual<2>(env.gmin) * x[1];
  });
}

TEST(OperatingPoint, DiodeAgreesWithLambertWToTwelveDigits) {
  Two system = diode(5.0, 1e3);
  std::vector<double> x;
  const Summary s = solve(system, x);
  ASSERT_TRUE(s.ok()) << s.message;
  EXPECT_NEAR(x[1], 0.6928878323821923, 1e-12);
  EXPECT_LT(s.worst_residual, 1e-12);
  EXPECT_EQ(s.added_gmin, 0.0);
}

TEST(OperatingPoint, LinearCircuitTakesOneFactorisationWhateverItsSources) {
  double source = 3.0;
  Two system(true, [&](const Two::Numbers& x, const Env&, Two::Numbers& f, auto&) {
    f[1] = (x[1] - Dual<2>(source)) * Dual<2>(1e-3) + x[1] * Dual<2>(5e-4);
  });
  DirectSolver solver(system.pattern(), {}, system.conductive());
  std::vector<double> x;
  ASSERT_TRUE(operating_point(system, solver, {}, x).ok());
  EXPECT_DOUBLE_EQ(x[1], 2.0);
  source = 6.0;
  const Summary s = operating_point(system, solver, {}, x);
  EXPECT_DOUBLE_EQ(x[1], 4.0);
  EXPECT_EQ(s.iterations, 1);
  EXPECT_LE(solver.stats().factorisations, 1);
}

// f = x^3 - 3x + 2 s with s = 1: the real root is -2, but Newton from x = 1 (where f' =
// 0) or between the extrema wanders.
TEST(OperatingPoint, ReportsSingularMatrixWithItsUnknown) {
  AnalyticSystem<3> system(true, [](const auto& x, const Env&, auto& f, auto&) {
    f[1] = x[1] - x[2] - Dual<3>(1.0);
    f[2] = x[2] - x[1];
  });
  std::vector<double> x;
  const Summary s = solve(system, x);
  EXPECT_EQ(s.outcome, Outcome::Singular);
  ASSERT_FALSE(s.worst.empty());
  EXPECT_NE(s.message.find("x"), std::string::npos);
}

TEST(OperatingPoint, NoSolutionIsNotConverged) {
  // 1 mA into a device that carries at most 0.1 mA: i = 1e-4 tanh(v).
  Two system(false, [](const Two::Numbers& x, const Env& env, Two::Numbers& f, auto&) {
    f[1] = Dual<2>(1e-4) * tanh(x[1]) - Dual<2>(1e-3 * env.source_scale);
  });
  std::vector<double> x;
  const Summary s = solve(system, x);
  EXPECT_FALSE(s.ok());
  EXPECT_FALSE(s.message.empty());
}

// atan(1000 (x - 5)) from 0: Newton alone overshoots more and more; a shunt makes the
// slope at the start, so gmin stepping or a later rung gets there.
TEST(OperatingPoint, LadderHelpsWhereNewtonDiverges) {
  Two system(false, [](const Two::Numbers& x, const Env& env, Two::Numbers& f, auto&) {
    f[1] = atan(Dual<2>(10.0) * (x[1] - Dual<2>(5.0 * env.source_scale)));
  });
  std::vector<double> x;
  OperatingPointOptions alone;
  alone.aids = false;
  EXPECT_FALSE(solve(system, x, alone).ok());
  x.clear();
  const Summary s = solve(system, x);
  ASSERT_TRUE(s.ok()) << s.message;
  EXPECT_NE(s.rung, Rung::Newton);
  EXPECT_NEAR(x[1], 5.0, 1e-12);
}

/// Does one rung, from x = 0, get near the solution?
template <class System>
bool reaches(System& system, bool (*rung)(OperatingPointSearch&, std::vector<double>&)) {
  DirectSolver solver(system.pattern(), {}, system.conductive());
  const OperatingPointOptions options;
  Newton newton(system, solver, options.tolerances);
  OperatingPointSearch search{system, newton, options, {}};
  std::vector<double> x(static_cast<std::size_t>(system.unknowns()), 0.0);
  return rung(search, x);
}

// x2 is no node (the output of a controlled source): atan(10 (x2 - x1^2)) = 0 with x1 =
// sqrt 5 from the source. Newton's first step puts x1 there and leaves x2 at 0, where the
// arctangent is flat; conductances to ground do not reach x2.
TEST(OperatingPoint, SourceSteppingHelpsWhereConductancesDoNot) {
  AnalyticSystem<3> system(false, [](const auto& x, const Env& env, auto& f, auto&) {
    f[1] = x[1] - Dual<3>(std::sqrt(5.0) * env.source_scale);
    f[2] = atan(Dual<3>(10.0) * (x[2] - x[1] * x[1]));
  });
  system.quantities[2] = Quantity::Current;
  OperatingPointOptions alone;
  alone.aids = false;
  std::vector<double> x;
  EXPECT_FALSE(solve(system, x, alone).ok());
  EXPECT_FALSE(reaches(system, step_gmin));
  EXPECT_TRUE(reaches(system, step_sources));
  x.clear();
  const Summary s = solve(system, x);
  ASSERT_TRUE(s.ok()) << s.message;
  EXPECT_EQ(s.rung, Rung::SourceStepping);
  EXPECT_NEAR(x[2], 5.0, 1e-12);
}

// The state of a device drifts as dx/dt = s - r(x), where r has a peak of 0.9 at 1,
// falls, and reaches s = 1 in a steep step near 20. Once the drive has passed 0.9 the
// branch from 0 ends, and a conductance to ground does not reach a state: only time leads
// across the valley.
TEST(OperatingPoint, PseudoTransientCrossesAValleyWhereTheBranchHasEnded) {
  Two system(false, [](const Two::Numbers& x, const Env& env, Two::Numbers& f, auto& q) {
    const Dual<2> peak = Dual<2>(1.8) * x[1] / (Dual<2>(1.0) + x[1] * x[1]);
    const Dual<2> step =
        Dual<2>(0.6) + Dual<2>(0.4) * atan(Dual<2>(50.0) * (x[1] - Dual<2>(20.0)));
    f[1] = peak + step - Dual<2>(env.source_scale);
    q[1] = x[1];
  });
  system.quantities[1] = Quantity::State;
  OperatingPointOptions alone;
  alone.aids = false;
  std::vector<double> x;
  EXPECT_FALSE(solve(system, x, alone).ok());
  EXPECT_FALSE(reaches(system, step_gmin));
  EXPECT_FALSE(reaches(system, step_sources));
  x.clear();
  const Summary s = solve(system, x);
  ASSERT_TRUE(s.ok()) << s.message;
  EXPECT_EQ(s.rung, Rung::PseudoTransient);
  EXPECT_NEAR(x[1], 20.0, 0.1);
}

// 1 mA into a device that carries at most 0.9 mA, falling to nothing: a voltage that ran
// away to where its currents are rounding is no solution.
TEST(OperatingPoint, RunningAwayIsNotConvergence) {
  Two system(false, [](const Two::Numbers& x, const Env& env, Two::Numbers& f, auto&) {
    f[1] = Dual<2>(1.8e-3) * x[1] / (Dual<2>(1.0) + x[1] * x[1]) -
           Dual<2>(1e-3 * env.source_scale);
  });
  std::vector<double> x;
  EXPECT_FALSE(solve(system, x).ok()) << x[1];
}

// Two stable states, +-1, and an unstable one at 0: v - v^3 in feedback.
Two bistable() {
  return Two(false, [](const Two::Numbers& x, const Env&, Two::Numbers& f, auto&) {
    f[1] = Dual<2>(1e-3) * (x[1] * x[1] * x[1] - x[1]);
  });
}

TEST(OperatingPoint, NodesetPicksTheBranchAndIsReleased) {
  for (const double hint : {0.8, -1.3}) {
    Two system = bistable();
    std::vector<double> x;
    OperatingPointOptions options;
    options.nodeset = {{1, hint}};
    const Summary s = solve(system, x, options);
    ASSERT_TRUE(s.ok());
    EXPECT_NEAR(x[1], hint > 0.0 ? 1.0 : -1.0, 1e-12);
  }
}

TEST(OperatingPoint, ForcedNodeIsHeldExactly) {
  AnalyticSystem<3> system(true, [](const auto& x, const Env&, auto& f, auto&) {
    f[1] = (x[1] - Dual<3>(3.0)) * Dual<3>(1e-3) + (x[1] - x[2]) * Dual<3>(1e-3);
    f[2] = (x[2] - x[1]) * Dual<3>(1e-3) + x[2] * Dual<3>(1e-3);
  });
  std::vector<double> x;
  OperatingPointOptions options;
  options.forced = {{2, 0.5}};
  ASSERT_TRUE(solve(system, x, options).ok());
  EXPECT_DOUBLE_EQ(x[2], 0.5);
  EXPECT_DOUBLE_EQ(x[1], 1.75);
}

TEST(OperatingPoint, NotANumberNamesTheUnknown) {
  Two system(false, [](const Two::Numbers& x, const Env&, Two::Numbers& f, auto&) {
    f[1] = log(x[1] - Dual<2>(1.0));
  });
  std::vector<double> x;
  const Summary s = solve(system, x);
  EXPECT_FALSE(s.ok());
  EXPECT_NE(s.message.find("x1"), std::string::npos) << s.message;
}

TEST(OperatingPoint, SweepPointFollowsTheBranchUpToTheFold) {
  // i = v^3 - v: from the left branch the current can rise to 2/(3 sqrt 3) only.
  double current = -0.6;
  Two system(false, [&](const Two::Numbers& x, const Env&, Two::Numbers& f, auto&) {
    f[1] = Dual<2>(1e-3) * (x[1] * x[1] * x[1] - x[1] - Dual<2>(current));
  });
  DirectSolver solver(system.pattern(), {}, system.conductive());
  std::vector<double> x;
  OperatingPointOptions options;
  ASSERT_TRUE(operating_point(system, solver, options, x).ok());
  options.is_sweep_point = true;
  double jump = -1.0;
  for (; current < 0.6; current += 0.002) {
    const double before = x[1];
    ASSERT_TRUE(operating_point(system, solver, options, x).ok()) << current;
    if (before < 0.0 && x[1] > 0.0) jump = current;
  }
  EXPECT_NEAR(jump, 2.0 / (3.0 * std::sqrt(3.0)), 0.003);
}

}  // namespace
}  // namespace arrayspice
