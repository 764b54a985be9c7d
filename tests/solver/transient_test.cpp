// SPDX-License-Identifier: Apache-2.0
// The transient against closed forms: order of convergence, damping, events.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "analytic_system.hpp"
#include "solver/analysis.hpp"

namespace arrayspice {
namespace {

using Two = AnalyticSystem<2>;
using Three = AnalyticSystem<3>;

struct Trace {
  std::vector<double> t;
  std::vector<std::vector<double>> x;
  Summary summary;
  LinearStats stats;
};

template <std::size_t N>
Trace run(AnalyticSystem<N>& system, TransientOptions options,
          std::vector<double> x = std::vector<double>(N, 0.0)) {
  Trace trace;
  DirectSolver solver(system.pattern(), {});
  trace.summary = transient(system, solver, options, x, [&](double t, auto point) {
    trace.t.push_back(t);
    trace.x.emplace_back(point.begin(), point.end());
    return true;
  });
  trace.stats = solver.stats();
  return trace;
}

/// C dv/dt = -v/R with RC = 1 s.
Two rc() {
  return Two(true,
             [](const Two::Numbers& x, const Env&, Two::Numbers& f, Two::Numbers& q) {
               f[1] = x[1];
               q[1] = x[1];
             });
}

double rc_error(Method method, double h) {
  Two system = rc();
  TransientOptions options;
  options.method = method;
  options.fixed_step = true;
  options.stop = 1.0;
  options.step = options.max_step = h;
  const Trace trace = run(system, options, {0.0, 1.0});
  EXPECT_TRUE(trace.summary.ok());
  EXPECT_DOUBLE_EQ(trace.t.back(), 1.0);
  return std::abs(trace.x.back()[1] - std::exp(-1.0));
}

TEST(Transient, HalvingTheStepDividesTheErrorByTwoToTheOrder) {
  for (const Method method : {Method::TrBdf2, Method::Trapezoidal, Method::Gear2})
    EXPECT_NEAR(rc_error(method, 1.0 / 64) / rc_error(method, 1.0 / 128), 4.0, 0.2);
  EXPECT_NEAR(rc_error(Method::BackwardEuler, 1.0 / 64) /
                  rc_error(Method::BackwardEuler, 1.0 / 128),
              2.0, 0.1);
}

TEST(Transient, FixedStepsOfALinearCircuitNeedOneFactorisation) {
  Two system = rc();
  TransientOptions options;
  options.fixed_step = true;
  options.stop = 1.0;
  options.step = options.max_step = 1.0 / 128;
  EXPECT_EQ(run(system, options, {0.0, 1.0}).stats.factorisations, 1);
}

TEST(Transient, AdaptiveStepsMeetTheToleranceWithFewFactorisations) {
  Two system = rc();
  TransientOptions options;
  options.stop = 5.0;
  options.step = options.max_step = 1.0;
  const Trace trace = run(system, options, {0.0, 1.0});
  ASSERT_TRUE(trace.summary.ok());
  for (std::size_t k = 0; k < trace.t.size(); ++k)
    EXPECT_NEAR(trace.x[k][1], std::exp(-trace.t[k]), 2e-3);
  EXPECT_LT(trace.t.size(), 80u);
  EXPECT_LT(trace.stats.factorisations, 30);
}

// q = C x with a current i = G x + 1e-3 G x^2: nearly linear.
TEST(Transient, KeptFactorsSaveFactorisationsAndGiveTheSame) {
  const auto run = [](bool keep, double& end) {
    AnalyticSystem<2> system(false, [](const auto& x, const Env&, auto& f, auto& q) {
      f[1] = Dual<2>(1e-3) * (x[1] + Dual<2>(1e-3) * x[1] * x[1] - Dual<2>(1.0));
      q[1] = Dual<2>(1e-9) * x[1];
    });
    TransientOptions options;
    options.stop = 5e-6;
    options.step = 5e-7;
    options.tolerances.reltol = 1e-6;
    options.keep_factors = keep;
    options.use_initial_conditions = true;
    DirectSolver solver(system.pattern(), {});
    std::vector<double> x(2, 0.0);
    const Summary s = transient(system, solver, options, x,
                                [](double, std::span<const double>) { return true; });
    EXPECT_TRUE(s.ok()) << s.message;
    end = x[1];
    return solver.stats().factorisations;
  };
  double fresh = 0.0, kept = 0.0;
  const auto many = run(false, fresh), few = run(true, kept);
  EXPECT_LT(10 * few, many);
  EXPECT_NEAR(kept, fresh, 1e-8);
}

TEST(Transient, TighterToleranceGivesLessError) {
  const auto error = [](double reltol) {
    Two system = rc();
    TransientOptions options;
    options.stop = options.step = options.max_step = 1.0;
    options.tolerances.reltol = reltol;
    return std::abs(run(system, options, {0.0, 1.0}).x.back()[1] - std::exp(-1.0));
  };
  EXPECT_LT(error(1e-5), 0.2 * error(1e-3));
  EXPECT_LT(error(1e-7), 2e-5);  // vntol = 1 uV per step remains
}

/// Capacitor across a source that ramps 0 -> 1 V within 1 ps at 1 us: unknowns v, i.
Three driven_capacitor() {
  Three system(true, [](const Three::Numbers& x, const Env& env, Three::Numbers& f,
                        Three::Numbers& q) {
    const double ramp = std::clamp((env.time - 1e-6) / 1e-12, 0.0, 1.0);
    f[1] = x[2];
    q[1] = Dual<3>(1e-9) * x[1];
    f[2] = x[1] - Dual<3>(ramp);
  });
  system.quantities[2] = Quantity::Current;
  system.breakpoints = {1e-6, 1e-6 + 1e-12};
  return system;
}

TEST(Transient, NothingRingsAfterACorner) {
  for (const Method method :
       {Method::TrBdf2, Method::Trapezoidal, Method::Gear2, Method::BackwardEuler}) {
    Three system = driven_capacitor();
    TransientOptions options;
    options.method = method;
    options.stop = 2e-6;
    options.step = 1e-8;
    const Trace trace = run(system, options);
    ASSERT_TRUE(trace.summary.ok()) << trace.summary.message;
    std::size_t after = 0;
    for (std::size_t k = 0; k < trace.t.size(); ++k) {
      if (trace.t[k] <= 1e-6 + 1e-12 || ++after <= 2) continue;
      EXPECT_LE(std::abs(trace.x[k][2]), 1e-12) << trace.t[k];
    }
  }
}

/// C dv/dt = -i, L di/dt = v with LC = 1/(2 pi)^2: period 1 s, never damped.
Three tank() {
  Three system(true, [](const Three::Numbers& x, const Env&, Three::Numbers& f,
                        Three::Numbers& q) {
    f[1] = x[2];
    q[1] = x[1];
    f[2] = -x[1];
    q[2] = x[2] * Dual<3>(0.25 / (std::numbers::pi * std::numbers::pi));
  });
  system.quantities[2] = Quantity::Current;
  return system;
}

TEST(Transient, TrapezoidalRuleKeepsTheAmplitudeOfALosslessTank) {
  Three system = tank();
  TransientOptions options;
  options.method = Method::Trapezoidal;
  options.stop = 200.0;
  options.step = options.max_step = 0.02;
  const Trace trace = run(system, options, {0.0, 1.0, 0.0});
  ASSERT_TRUE(trace.summary.ok());
  double peak = 0.0;
  for (std::size_t k = 0; k < trace.t.size(); ++k)
    if (trace.t[k] > 198.0) peak = std::max(peak, trace.x[k][1]);
  EXPECT_GT(peak, 0.998);  // 50 points a period: up to 1 - cos(pi/50) = 0.002 is missed
  EXPECT_LT(peak, 1.001);
}

/// x' = y, y' = mu (1 - x^2) y - x; period 162.83707109 s for mu = 100.
TEST(Transient, VanDerPolPeriodIsRightAtDefaultTolerances) {
  Three system(false, [](const Three::Numbers& x, const Env&, Three::Numbers& f,
                         Three::Numbers& q) {
    f[1] = -x[2];
    f[2] = x[1] - Dual<3>(100.0) * (Dual<3>(1.0) - x[1] * x[1]) * x[2];
    q[1] = x[1];
    q[2] = x[2];
  });
  TransientOptions options;
  options.stop = 700.0;
  options.step = 0.1;
  options.max_step = 0.5;
  const Trace trace = run(system, options, {0.0, 2.0, 0.0});
  ASSERT_TRUE(trace.summary.ok()) << trace.summary.message;
  std::vector<double> rises;
  for (std::size_t k = 1; k < trace.t.size(); ++k) {
    const double a = trace.x[k - 1][1], b = trace.x[k][1];
    if (a < 0.0 && b >= 0.0)
      rises.push_back(trace.t[k - 1] + (trace.t[k] - trace.t[k - 1]) * a / (a - b));
  }
  ASSERT_GE(rises.size(), 3u);
  EXPECT_NEAR(rises[2] - rises[1], 162.83707109, 1.6);
  RecordProperty("period", std::to_string(rises[2] - rises[1]));
  RecordProperty("steps", std::to_string(trace.summary.steps));
}

TEST(Transient, NarrowPulseInALongRunIsNotMissed) {
  // 1 mA for 1 ns into 1 pF: 1 V.
  Two system(true,
             [](const Two::Numbers& x, const Env& env, Two::Numbers& f, Two::Numbers& q) {
               f[1] = -Dual<2>(env.time > 0.3 && env.time <= 0.3 + 1e-9 ? 1e-3 : 0.0) +
                      x[1] * Dual<2>(1e-15);
               q[1] = x[1] * Dual<2>(1e-12);
             });
  system.breakpoints = {0.3, 0.3 + 1e-9};
  TransientOptions options;
  options.stop = 1.0;
  options.step = 1e-2;
  const Trace trace = run(system, options);
  ASSERT_TRUE(trace.summary.ok()) << trace.summary.message;
  const double length = (0.3 + 1e-9) - 0.3;
  EXPECT_NEAR(trace.x.back()[1], length * 1e9, 1e-3);
}

TEST(Transient, ConstantCircuitStaysConstantToTheLastBit) {
  Two system(true,
             [](const Two::Numbers& x, const Env&, Two::Numbers& f, Two::Numbers& q) {
               f[1] = (x[1] - Dual<2>(1.0)) * Dual<2>(1e-3);
               q[1] = x[1] * Dual<2>(1e-9);
             });
  TransientOptions options;
  options.stop = 1e-6;
  options.step = 1e-9;
  const Trace trace = run(system, options, {0.0, 1.0});
  for (const auto& x : trace.x) EXPECT_EQ(x[1], 1.0);
}

TEST(Transient, InitialChargeFixesTheVoltageUnderUic) {
  Two system = rc();
  system.initial_charge[1] = 0.25;
  TransientOptions options;
  options.use_initial_conditions = true;
  options.stop = options.step = 1.0;
  const Trace trace = run(system, options);
  EXPECT_EQ(trace.t.front(), 0.0);
  EXPECT_NEAR(trace.x.front()[1], 0.25, 1e-6);
  EXPECT_NEAR(trace.x.back()[1], 0.25 * std::exp(-1.0), 1e-4);
}

TEST(Transient, ResultsBeginExactlyAtStart) {
  Two system = rc();
  TransientOptions options;
  options.stop = 1.0;
  options.start = 0.37;
  options.step = 0.01;
  const Trace trace = run(system, options, {0.0, 1.0});
  EXPECT_EQ(trace.t.front(), 0.37);
  EXPECT_EQ(trace.t.back(), 1.0);
}

TEST(Transient, ObserverCanStop) {
  Two system = rc();
  TransientOptions options;
  options.stop = 1.0;
  options.step = 0.01;
  DirectSolver solver(system.pattern(), {});
  std::vector<double> x{0.0, 1.0};
  const Summary s =
      transient(system, solver, options, x, [](double t, auto) { return t < 0.5; });
  EXPECT_EQ(s.outcome, Outcome::Stopped);
}

TEST(Transient, GivesUpWithTimeStepAndUnknown) {
  // dx/dt = x^2 from 1 reaches infinity at t = 1.
  Two system(false,
             [](const Two::Numbers& x, const Env&, Two::Numbers& f, Two::Numbers& q) {
               f[1] = -(x[1] * x[1]);
               q[1] = x[1];
             });
  TransientOptions options;
  options.stop = 2.0;
  options.step = 0.1;
  const Trace trace = run(system, options, {0.0, 1.0});
  EXPECT_EQ(trace.summary.outcome, Outcome::StepTooSmall);
  EXPECT_NE(trace.summary.message.find("x1"), std::string::npos) << trace.summary.message;
}

}  // namespace
}  // namespace arrayspice
