// SPDX-License-Identifier: Apache-2.0
// Amplifiers and integrators at the bit lines: closed forms.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "mvm_products.hpp"

namespace arrayspice {
namespace {

TEST(MvmAmplifiers, FiniteGainOfTheAmplifierHasItsClosedForm) {
  // V_x = (sum G V - A offset ... ) with the offset o at the grounded input:
  //   V_x = (sum G_i V_i + A o / R_f) / (sum G_i + (1 + A) / R_f),   V_out = A (o - V_x)
  // without wires and clamp (clamp 1e4 V: tanh is linear to 1e-9).
  ArraySpec spec = square_array(8, 0.0);
  spec.array.columns = 3;
  spec.sense.kind = "tia";
  spec.sense.gain = 500.0;
  spec.sense.offset = 1e-3;
  spec.sense.clamp = 1e4;
  spec.sense.feedback_resistance = 2e3;
  const Matrix g = default_weights(spec), x = random_batch(spec, 2);
  const Matrix y = solve(spec, g, x);
  for (std::int64_t k = 0; k < 2; ++k) {
    for (std::int64_t j = 0; j < 3; ++j) {
      const double a = spec.sense.gain, gf = 1.0 / spec.sense.feedback_resistance;
      double current = 0.0, load = 0.0;
      for (std::int64_t i = 0; i < 8; ++i) {
        current += g(i, j) * x(k, i);
        load += g(i, j);
      }
      const double vx = (current + a * spec.sense.offset * gf) / (load + (1 + a) * gf);
      EXPECT_NEAR(y(k, j), a * (spec.sense.offset - vx), 1e-8);
    }
  }
}

TEST(MvmAmplifiers, TheAmplifierSaturatesAtItsClamp) {
  ArraySpec spec = square_array(4, 1.0);
  spec.sense.kind = "tia";
  spec.sense.clamp = 0.3;
  spec.sense.feedback_resistance = 1e6;
  Matrix x = uniform_matrix(3, 4, 0.2);
  for (std::int64_t i = 0; i < 4; ++i) x(1, i) = -0.2;  // from rail to rail and back
  const Matrix y = solve(spec, uniform_matrix(4, 4, kG), x);
  for (std::int64_t j = 0; j < 4; ++j) {
    EXPECT_NEAR(y(0, j), -0.3, 1e-9);
    EXPECT_NEAR(y(1, j), 0.3, 1e-9);
    EXPECT_NEAR(y(2, j), -0.3, 1e-9);
  }
}

/// Lines and circuit follow the integration with steps of their own, each accurate to
/// 1e-6 of the largest voltage.
TEST(MvmAmplifiers, IntegratorsOnLinesAreThoseOfTheCircuit) {
  for (const auto& [structure, model] :
       {std::pair{"1R", "ohmic"}, std::pair{"1R", "sinh"}, std::pair{"1T1R", "ohmic"}}) {
    for (const double farad : {0.0, 2e-15}) {
      ArraySpec spec = square_array(7, 20.0);
      spec.array.columns = 5;
      spec.cell.structure = structure;
      spec.cell.model = model;
      spec.sense.kind = "integrator";
      spec.sense.resistance = 50.0;
      spec.sense.gain = 1e3;
      spec.sense.offset = 1e-3;
      spec.sense.bandwidth = 3e9;
      spec.sense.clamp = 0.5;
      spec.driver.resistance = 100.0;
      spec.wire.word_line_capacitance = spec.wire.bit_line_capacitance = farad;
      spec.wire.coupling_capacitance = farad;
      const Matrix g = default_weights(spec), x = random_batch(spec, 2);
      ArraySolver lines(spec, g);
      const Matrix y = lines.multiply(x);
      EXPECT_EQ(lines.stats().method, "lines");
      EXPECT_EQ(lines.stats().by_circuit, 0) << lines.stats().by_circuit_reason;
      const Matrix circuit = solve(spec, g, x, MvmMethod::Circuit);
      double largest = 0.0;
      for (const double v : circuit.values) largest = std::max(largest, std::abs(v));
      EXPECT_GT(largest, 0.02);
      expect_near(y, circuit, 5e-6 * largest);
    }
  }
}

TEST(MvmAmplifiers, TheIntegratorCollectsTheCharge) {
  // V_out(T) = -T/C sum G V for an amplifier that is fast and strong: the errors are of
  // order 1/gain and of the settling time over T.
  ArraySpec spec = square_array(3, 0.0);
  spec.sense.kind = "integrator";
  spec.sense.gain = 1e7;
  spec.sense.bandwidth = 1e11;
  spec.sense.clamp = 1e3;
  const Matrix g = default_weights(spec), x = random_batch(spec, 1);
  const Matrix y = solve(spec, g, x);
  for (std::int64_t j = 0; j < 3; ++j) {
    double current = 0.0;
    for (std::int64_t i = 0; i < 3; ++i) current += g(i, j) * x(0, i);
    const double ideal =
        -current * spec.sense.integration_time / spec.sense.feedback_capacitance;
    EXPECT_NEAR(y(0, j), ideal, 1e-3 * std::abs(ideal) + 1e-6);
  }
}

// No wires, S the sum of a column's conductances, J that of its currents, C the feedback
// capacitance, t_u = 1/(2 pi gbw), y the output and -(y/A + t_u y') the input's voltage:
//   C t_u y'' + (C (1 + 1/A) + S t_u) y' + S/A y = -J,   y(0) = y'(0) = 0.
TEST(MvmAmplifiers, AFiniteIntegratorHasItsClosedForm) {
  ArraySpec spec = square_array(6, 0.0);
  spec.sense.kind = "integrator";
  spec.sense.gain = 40.0;
  spec.sense.bandwidth = 3e8;
  spec.sense.clamp = 1e4;  // never reached
  spec.sense.integration_time = 5e-9;
  const Matrix g = default_weights(spec), x = random_batch(spec, 2);
  const Matrix y = solve(spec, g, x);
  const double gain = spec.sense.gain, farad = spec.sense.feedback_capacitance;
  const double unit = 1.0 / (2.0 * std::numbers::pi * spec.sense.bandwidth);
  for (std::int64_t k = 0; k < 2; ++k) {
    for (std::int64_t j = 0; j < 6; ++j) {
      double load = 0.0, current = 0.0;
      for (std::int64_t i = 0; i < 6; ++i) {
        load += g(i, j);
        current += g(i, j) * x(k, i);
      }
      const double a = farad * unit, b = farad * (1.0 + 1.0 / gain) + load * unit;
      const double root = std::sqrt(b * b - 4.0 * a * load / gain);
      const double fast = (-b - root) / (2.0 * a), slow = load / gain / (a * fast);
      const double end = -current * gain / load, t = spec.sense.integration_time;
      const double expected =
          end *
          (1.0 - (fast * std::exp(slow * t) - slow * std::exp(fast * t)) / (fast - slow));
      EXPECT_NEAR(y(k, j) / expected, 1.0, 1e-5);
    }
  }
}

}  // namespace
}  // namespace arrayspice
