// SPDX-License-Identifier: Apache-2.0
// Behavioural elements inside a circuit: residuals, Jacobian entries against difference
// quotients, and the charge of a nonlinear capacitance in closed form.
#include "devices/behavioral.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "devices/circuit.hpp"

namespace arrayspice {
namespace {

using Op = Program::Op;
using Kind = BehavioralInput::Kind;

/// y = 2 u0 u1 + u2 + 1
Program bilinear() {
  return Program({{Op::Input, 0},
                  {Op::Input, 1},
                  {Op::Multiply, 0, 1},
                  {Op::Constant, -1, -1, -1, 2.0},
                  {Op::Multiply, 2, 3},
                  {Op::Input, 2},
                  {Op::Add, 4, 5},
                  {Op::Constant, -1, -1, -1, 1.0},
                  {Op::Add, 6, 7}},
                 3);
}

struct BehavioralTest : ::testing::TestWithParam<BehavioralKind> {
  Circuit circuit;
  UnknownId a = circuit.node("a"), b = circuit.node("b"), c = circuit.node("c");

  BehavioralBlock& add(BehavioralKind kind, std::string_view name, double m = 1.0) {
    auto block = std::make_unique<BehavioralBlock>(kind);
    BehavioralBlock& made = *block;
    const BlockId id = circuit.add_block(std::move(block));
    circuit.add_device(id, name, std::array{a, b}, std::array{Assignment{0, m}});
    return made;
  }
  Evaluation at(std::span<const double> x, const Env& env) {
    Evaluation e;
    circuit.evaluate(x, env, Want::ResidualAndJacobian, e);
    return e;
  }
};

std::vector<double> point(const Circuit& circuit) {
  std::vector<double> x{0.0};
  for (std::int32_t k = 1; k < circuit.unknowns(); ++k) x.push_back(0.3 * k - 0.5);
  return x;
}

TEST_P(BehavioralTest, HasTheJacobianOfItsResidual) {
  add(GetParam(), "b1", 2.0)
      .define(0, bilinear(),
              std::array{BehavioralInput{Kind::Unknown, a, b},
                         BehavioralInput{Kind::Unknown, c, kGround},
                         BehavioralInput{Kind::Time}});
  circuit.finalize();
  for (const double scale : {1.0, 0.4}) {
    const Env env{.time = 3.0, .source_scale = scale};
    const auto x = point(circuit);
    const Evaluation e = at(x, env);
    const double h = 1e-6;
    for (UnknownId column = 1; column < circuit.unknowns(); ++column) {
      auto right = x, left = x;
      right[column] += h;
      left[column] -= h;
      const Evaluation er = at(right, env), el = at(left, env);
      for (UnknownId row = 1; row < circuit.unknowns(); ++row) {
        const auto slot = circuit.pattern().slot(row, column);
        EXPECT_NEAR(slot < 0 ? 0.0 : e.g[slot], (er.f[row] - el.f[row]) / (2 * h), 1e-8)
            << row << ", " << column;
        EXPECT_NEAR(slot < 0 ? 0.0 : e.capacitance(slot),
                    (er.q[row] - el.q[row]) / (2 * h), 1e-8)
            << row << ", " << column;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, BehavioralTest,
                         ::testing::Values(BehavioralKind::Current,
                                           BehavioralKind::Voltage,
                                           BehavioralKind::Resistance,
                                           BehavioralKind::Charge));

TEST_F(BehavioralTest, CurrentFlowsFromPThroughTheElementToM) {
  add(BehavioralKind::Current, "b1", 3.0)
      .define(0, Program({{Op::Constant, -1, -1, -1, 2.0}}, 0), {});
  circuit.finalize();
  const auto x = point(circuit);
  const Evaluation e = at(x, {});
  EXPECT_EQ(e.f[a], 6.0);
  EXPECT_EQ(e.f[b], -6.0);
  EXPECT_EQ(circuit.pin_current(0, 0, x, {}), 6.0);
}

TEST_F(BehavioralTest, SourceSteppingKeepsConductances) {
  // i = 5 + v: at scale 0 only v is left.
  add(BehavioralKind::Current, "b1")
      .define(
          0,
          Program({{Op::Input, 0}, {Op::Constant, -1, -1, -1, 5.0}, {Op::Add, 0, 1}}, 1),
          std::array{BehavioralInput{Kind::Unknown, a, b}});
  circuit.finalize();
  auto x = point(circuit);
  EXPECT_DOUBLE_EQ(at(x, {.source_scale = 0.0}).f[a], x[a] - x[b]);
  EXPECT_DOUBLE_EQ(at(x, {.source_scale = 0.5}).f[a], 2.5 + x[a] - x[b]);
}

TEST_F(BehavioralTest, CapacitanceGivesTheIntegralOfCOverV) {
  // C(v) = 1 + v + v^2  ->  q = v + v^2/2 + v^3/3
  auto& block = add(BehavioralKind::Capacitance, "c1", 2.0);
  block.define(0,
               Program({{Op::Input, 0},
                        {Op::Multiply, 0, 0},
                        {Op::Add, 0, 1},
                        {Op::Constant, -1, -1, -1, 1.0},
                        {Op::Add, 2, 3}},
                       1),
               std::array{BehavioralInput{Kind::Unknown, b, a}});  // -v: C = 1 - v + v^2
  circuit.finalize();
  std::vector<double> x(circuit.unknowns(), 0.0);
  x[a] = 2.0;
  x[b] = 0.5;
  const double v = 1.5;
  const Evaluation e = at(x, {});
  EXPECT_NEAR(e.q[a], 2 * (v - v * v / 2 + v * v * v / 3), 1e-13);
  EXPECT_NEAR(e.c[circuit.pattern().slot(a, b)], -2 * (1 - v + v * v), 1e-13);
  EXPECT_EQ(e.f[a], 0.0);
}

TEST_F(BehavioralTest, CapacitanceMayNotDependOnOtherNodes) {
  auto& block = add(BehavioralKind::Capacitance, "c1");
  const Program y({{Op::Input, 0}}, 1);
  EXPECT_THROW(block.define(0, y, std::array{BehavioralInput{Kind::Unknown, c, kGround}}),
               std::invalid_argument);
}

TEST_F(BehavioralTest, KnowsHowItConnectsItsPins) {
  auto& block = add(BehavioralKind::Current, "b1");
  const Program y({{Op::Input, 0}}, 1);
  EXPECT_EQ(block.branches(0)[0].kind, BranchKind::Current);
  block.define(0, y, std::array{BehavioralInput{Kind::Unknown, a, b}});
  EXPECT_EQ(block.branches(0)[0].kind, BranchKind::Conductance);
  EXPECT_EQ(add(BehavioralKind::Voltage, "b2").branches(0)[0].kind, BranchKind::Voltage);
  EXPECT_EQ(add(BehavioralKind::Charge, "b3").branches(0)[0].kind, BranchKind::Open);
}

TEST_F(BehavioralTest, ReadsTimeAndTemperatureInCelsius) {
  add(BehavioralKind::Current, "b1")
      .define(
          0, Program({{Op::Input, 0}, {Op::Input, 1}, {Op::Add, 0, 1}}, 2),
          std::array{BehavioralInput{Kind::Time}, BehavioralInput{Kind::Temperature}});
  circuit.finalize();
  EXPECT_NEAR(at(point(circuit), {.time = 2.0, .temperature = 310.15}).f[a], 39.0, 1e-12);
}

}  // namespace
}  // namespace arrayspice
