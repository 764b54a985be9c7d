// SPDX-License-Identifier: Apache-2.0
// Matrix-vector products: published ratios, closed forms, and properties that hold for
// every array, by lines and by circuit.
#include "behavior/mvm.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "mvm_products.hpp"
#include "netlists/failure.hpp"
#include "solver/analysis.hpp"

namespace arrayspice {
namespace {

constexpr MvmMethod kBoth[] = {MvmMethod::Lines, MvmMethod::Circuit};

/// Uniform 10 kohm cells, all inputs 0.2 V: column currents over the ideal current.
std::vector<double> uniform_ratios(std::int64_t n, double wire_over_cell,
                                   MvmMethod method) {
  const ArraySpec spec = square_array(n, wire_over_cell / kG);
  Matrix y = solve(spec, uniform_matrix(n, n, kG), uniform_matrix(1, n, 0.2), method);
  for (double& value : y.values) value /= kG * 0.2 * static_cast<double>(n);
  return y.values;
}

struct Published {
  std::int64_t n;
  double wire_over_cell, near, far, mean;
};
// A direct and an iterative solver and ngspice agree on all digits.
constexpr Published kPublished[] = {
    {2, 1e-4, 0.999550215, 0.999450295, 0.999500255},
    {2, 1e-3, 0.995521394, 0.994529344, 0.995025369},
    {4, 1e-4, 0.998851513, 0.998252960, 0.998502351},
    {4, 1e-3, 0.988649364, 0.982791608, 0.985231775},
    {8, 1e-4, 0.996663454, 0.993886400, 0.994927639},
    {8, 1e-3, 0.967793404, 0.941956940, 0.951631468},
    {16, 1e-5, 0.998906466, 0.997710095, 0.998133779},
    {16, 1e-4, 0.989194635, 0.977549518, 0.981670877},
    {16, 1e-3, 0.903293784, 0.812290823, 0.844308686},
    {32, 1e-5, 0.996123444, 0.991220453, 0.992905328},
    {32, 1e-4, 0.962812980, 0.918458662, 0.933659216},
    {32, 1e-3, 0.733892087, 0.524074313, 0.594486638},
    {64, 1e-5, 0.985639614, 0.966361149, 0.972879277},
    {64, 1e-4, 0.875717680, 0.740062898, 0.785460461},
    {64, 1e-3, 0.460275236, 0.208391283, 0.287415664},
    {128, 1e-5, 0.947071388, 0.878459658, 0.901392390},
    {128, 1e-4, 0.661933548, 0.411156884, 0.492293845},
    {128, 1e-3, 0.238216729, 0.054875883, 0.103344096},
};

TEST(Mvm, UniformArraysHaveThePublishedRatios) {
  for (const Published& p : kPublished) {
    for (const MvmMethod method : kBoth) {
      if (p.n > 64 && method == MvmMethod::Circuit) continue;  // slow
      const auto ratio = uniform_ratios(p.n, p.wire_over_cell, method);
      double mean = 0.0;
      for (const double r : ratio) mean += r / static_cast<double>(p.n);
      EXPECT_NEAR(ratio.front(), p.near, 1e-9) << p.n << ' ' << p.wire_over_cell;
      EXPECT_NEAR(ratio.back(), p.far, 1e-9) << p.n << ' ' << p.wire_over_cell;
      EXPECT_NEAR(mean, p.mean, 1e-9) << p.n << ' ' << p.wire_over_cell;
    }
  }
}

TEST(Mvm, RandomBinaryArraysLoseWhatIsPublished) {
  // 64 x 64, G in {1, 100} uS, V in {0, 0.2} V, each with p = 1/2: mean ratio 0.870 and
  // range 0.835 to 0.938 for 1 ohm. Another draw: the mean to 0.01, the range to 0.02.
  const ArraySpec spec = square_array(64, 1.0);
  Matrix g = default_weights(spec);
  for (double& value : g.values) value = value > 5e-5 ? 1e-4 : 1e-6;
  Matrix x = random_batch(spec, 1);
  for (double& value : x.values) value = value > 0.0 ? 0.2 : 0.0;
  const Matrix y = solve(spec, g, x);
  double mean = 0.0, low = 1.0, high = 0.0;
  for (std::int64_t j = 0; j < 64; ++j) {
    double ideal = 0.0;
    for (std::int64_t i = 0; i < 64; ++i) ideal += g(i, j) * x(0, i);
    mean += y(0, j) / ideal / 64;
    low = std::min(low, y(0, j) / ideal);
    high = std::max(high, y(0, j) / ideal);
  }
  EXPECT_NEAR(mean, 0.870, 0.01);
  EXPECT_NEAR(low, 0.835, 0.02);
  EXPECT_NEAR(high, 0.938, 0.02);
}

TEST(Mvm, SmallWireResistanceLosesTheFirstOrderClosedForm) {
  // Mean loss -> (N + 1)(2N + 1)/3 Rw/R; the next term is of the loss squared.
  for (const std::int64_t n : {4, 16, 32}) {
    const double ratio = 1e-8;
    const double expected = static_cast<double>((n + 1) * (2 * n + 1)) / 3.0 * ratio;
    double loss = 0.0;
    for (const double r : uniform_ratios(n, ratio, MvmMethod::Auto))
      loss += (1.0 - r) / static_cast<double>(n);
    EXPECT_NEAR(loss / expected, 1.0, 2 * expected + 1e-6);
  }
}

TEST(Mvm, TwoByTwoHasItsExactRationalCurrents) {
  ArraySpec spec = square_array(2, 1.0);
  const Matrix g{2, 2, {1e-4, 5e-5, 2.5e-5, 1e-5}}, x{1, 2, {0.2, 0.1}};
  for (const MvmMethod method : kBoth) {
    const Matrix y = solve(spec, g, x, method);
    EXPECT_NEAR(y(0, 0) / 2.2492102761666497e-5, 1.0, 1e-12);
    EXPECT_NEAR(y(0, 1) / 1.0996796021561503e-5, 1.0, 1e-12);
  }
}

TEST(Mvm, WithoutWireResistanceTheProductIsIdeal) {
  const ArraySpec spec = square_array(9, 0.0);
  const Matrix g = default_weights(spec), x = random_batch(spec, 3);
  Matrix ideal{3, 9, std::vector<double>(27, 0.0)};
  for (std::int64_t k = 0; k < 3; ++k)
    for (std::int64_t i = 0; i < 9; ++i)
      for (std::int64_t j = 0; j < 9; ++j) ideal(k, j) += x(k, i) * g(i, j);
  expect_near(solve(spec, g, x), ideal, 1e-14);
}

TEST(Mvm, LinesAndCircuitAgreeOnEveryGeometry) {
  for (const char* driver : {"left", "both"}) {
    for (const char* sense : {"bottom", "both"}) {
      for (const char* model : {"ohmic", "sinh", "cubic"}) {
        ArraySpec spec = square_array(6, 20.0);
        spec.array.columns = 5;
        spec.wire.bit_line_resistance = 7.0;
        spec.driver = {100.0, driver};
        spec.sense.resistance = 30.0;
        spec.sense.sides = sense;
        spec.cell.model = model;
        for (const char* structure : {"1R", "1T1R"}) {
          spec.cell.structure = structure;
          const Matrix g = default_weights(spec), x = random_batch(spec, 4);
          expect_near(solve(spec, g, x, MvmMethod::Lines),
                      solve(spec, g, x, MvmMethod::Circuit), 1e-10);
        }
      }
    }
  }
}

struct Hard {
  const char* name;
  std::function<void(ArraySpec&)> change;
};

/// Arrays on which Newton's method or the linear solver could stumble; six of a kind of
/// conductances are stuck, absent or shorted.
std::vector<Hard> hard_arrays() {
  return {
      {"saturated transistors", [](ArraySpec& s) { s.access.gate_voltage = 0.6; }},
      {"transistors that are off", [](ArraySpec& s) { s.access.gate_voltage = 0.2; }},
      {"body effect and channel-length modulation",
       [](ArraySpec& s) {
         s.access.body_effect = 0.5;
         s.access.channel_length_modulation = 0.2;
       }},
      {"long wires",
       [](ArraySpec& s) {
         s.wire.word_line_resistance = s.wire.bit_line_resistance = 100.0;
       }},
      {"far drivers", [](ArraySpec& s) { s.driver.resistance = 1e4; }},
  };
}

TEST(Mvm, HardArraysHaveTheSameOutputsByLinesAndByCircuit) {
  for (const Hard& hard : hard_arrays()) {
    for (const char* structure : {"1R", "1T1R"}) {
      for (const char* sense : {"virtual-ground", "tia"}) {
        SCOPED_TRACE(std::string(hard.name) + ", " + structure + ", " + sense);
        ArraySpec spec = square_array(9, 10.0);
        spec.array.columns = 7;
        spec.cell = {.structure = structure, .model = "sinh", .parameters = {}};
        spec.sense.kind = sense;
        spec.sense.offset = 2e-3;
        spec.input.maximum = 1.0;
        hard.change(spec);
        Matrix g = default_weights(spec);
        for (std::int64_t k = 0; k < 63; k += 9) g.values[k] = k % 2 ? 0.0 : 1e-2;
        const Matrix x = random_batch(spec, 6);
        ArraySolver solver(spec, g);
        const Matrix lines = solver.multiply(x);
        EXPECT_EQ(solver.stats().method, "lines");
        EXPECT_TRUE(solver.stats().by_circuit == 0 || spec.access.gate_voltage == 0.2);
        const Matrix circuit = solve(spec, g, x, MvmMethod::Circuit);
        double largest = 0.0;
        for (const double y : circuit.values) largest = std::max(largest, std::abs(y));
        for (std::size_t k = 0; k < lines.values.size(); ++k)
          ASSERT_NEAR(lines.values[k], circuit.values[k], 1e-8 * largest + 1e-12);
      }
    }
  }
}

TEST(Mvm, HalfSelectedCellsSeeHalfTheVoltage) {
  // The V/2 scheme in two solves of an array whose unselected lines rest at half the
  // voltage: shifted by it, inputs are +-V/2.
  ArraySpec spec = square_array(12, 5.0);
  spec.cell.model = "sinh";
  spec.input.maximum = 1.0;
  Matrix x = uniform_matrix(2, 12, -0.5);
  x(0, 3) = x(1, 7) = 0.5;
  for (const char* structure : {"1R", "1T1R"}) {
    spec.cell.structure = structure;
    const Matrix g = default_weights(spec);
    expect_near(solve(spec, g, x, MvmMethod::Lines),
                solve(spec, g, x, MvmMethod::Circuit), 1e-10);
  }
}

TEST(Mvm, WhatTheLinesLeaveIsSolvedAsACircuit) {
  // At -2 V the bulk junctions of the transistors conduct, which a cell law cannot hold.
  ArraySpec spec = square_array(4, 1.0);
  spec.cell.structure = "1T1R";
  spec.access.gate_voltage = -1.0;
  spec.input.maximum = 2.0;
  const Matrix g = default_weights(spec);
  Matrix x = uniform_matrix(3, 4, 0.1);
  for (std::int64_t i = 0; i < 4; ++i) x(1, i) = -2.0;
  ArraySolver solver(spec, g);
  const Matrix y = solver.multiply(x);
  EXPECT_EQ(solver.stats().method, "lines");
  EXPECT_EQ(solver.stats().by_circuit, 1);
  EXPECT_THAT(solver.stats().by_circuit_reason, ::testing::HasSubstr("bulk"));
  const Matrix circuit = solve(spec, g, x, MvmMethod::Circuit);
  for (std::size_t k = 0; k < y.values.size(); ++k)
    EXPECT_NEAR(y.values[k], circuit.values[k], 1e-15);
  EXPECT_THROW(solve(spec, g, x, MvmMethod::Lines), Failure);
}

TEST(Mvm, ThreadsWithinASolveGiveTheSameBits) {
  ArraySpec spec = square_array(256, 1.0);
  const Matrix x = random_batch(spec, 1);
  for (const char* structure : {"1R", "1T1R"}) {
    spec.cell.structure = structure;
    const Matrix g = default_weights(spec);
    EXPECT_EQ(solve(spec, g, x, MvmMethod::Lines, 1).values,
              solve(spec, g, x, MvmMethod::Lines, 3).values);
  }
}

TEST(Mvm, TheEffectiveMatrixTakesASolveForEachLineOfTheShorterSide) {
  ArraySpec spec = square_array(20, 50.0);
  spec.array.columns = 6;
  const Matrix g = default_weights(spec), x = random_batch(spec, 7);
  ArraySolver solver(spec, g);
  const Matrix y = solver.multiply(x);
  EXPECT_TRUE(solver.stats().effective_matrix);
  EXPECT_EQ(solver.stats().solves, 6);
  expect_near(y, solve(spec, g, x, MvmMethod::Circuit), 1e-11);
}

TEST(Mvm, LinearArraysSuperpose) {
  const ArraySpec spec = square_array(7, 50.0);
  const Matrix g = default_weights(spec);
  Matrix x = random_batch(spec, 3);
  for (std::int64_t i = 0; i < 7; ++i) x(2, i) = 0.5 * (x(0, i) - x(1, i));
  for (const MvmMethod method : kBoth) {
    const Matrix y = solve(spec, g, x, method);
    for (std::int64_t j = 0; j < 7; ++j)
      EXPECT_NEAR(y(2, j), 0.5 * (y(0, j) - y(1, j)), 1e-12 * std::abs(y(0, 0)));
  }
}

TEST(Mvm, ABatchLargerThanTheArrayGivesTheSameAsOneByOne) {
  const ArraySpec spec = square_array(5, 50.0);
  const Matrix g = default_weights(spec), x = random_batch(spec, 40);
  const Matrix all = solve(spec, g, x);
  for (std::int64_t k = 0; k < 40; ++k) {
    const Matrix one{1, 5, {&x.values[5 * k], &x.values[5 * k] + 5}};
    expect_near(solve(spec, g, one), {1, 5, {&all.values[5 * k], &all.values[5 * k] + 5}},
                1e-11);
  }
}

TEST(Mvm, TransposingASymmetricSetUpIsReciprocal) {
  // Reciprocity: the current out of bit line j for 1 V at word line i of a resistive
  // network equals that out of terminal i for 1 V at j. Turning the array (transposed and
  // both orders reversed) exchanges drivers and sense circuits.
  const std::int64_t n = 6;
  ArraySpec spec = square_array(n, 40.0);
  spec.input.maximum = 1.0;
  const Matrix g = default_weights(spec);
  Matrix turned = g, unit = uniform_matrix(n, n, 0.0);
  for (std::int64_t i = 0; i < n; ++i) {
    unit(i, i) = 1.0;
    for (std::int64_t j = 0; j < n; ++j) turned(i, j) = g(n - 1 - j, n - 1 - i);
  }
  const Matrix response = solve(spec, g, unit), other = solve(spec, turned, unit);
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = 0; j < n; ++j)
      EXPECT_NEAR(response(i, j), other(n - 1 - j, n - 1 - i), 1e-12 * kG);
}

TEST(Mvm, PowerOfTheSourcesIsThatOfTheResistors) {
  // Tellegen: sum of v i over all devices is 0 for any solution that obeys Kirchhoff.
  const ArraySpec spec = square_array(5, 100.0);
  ArrayCircuit array = build_array(spec, default_weights(spec));
  set_inputs(array, random_inputs(5, -0.2, 0.2));
  DirectSolver solver(array.circuit->pattern(), {}, array.circuit->conductive());
  std::vector<double> x(static_cast<std::size_t>(array.circuit->unknowns()), 0.0);
  ASSERT_TRUE(operating_point(*array.circuit, solver, {}, x).ok());
  double sum = 0.0, delivered = 0.0;
  for (DeviceId id = 0; id < array.circuit->devices(); ++id) {
    const auto pins = array.circuit->device_pins(id);
    const double power =
        (x[pins[0]] - x[pins[1]]) * array.circuit->pin_current(id, 0, x, {});
    sum += power;
    if (power < 0.0) delivered -= power;
  }
  EXPECT_GT(delivered, 0.0);
  EXPECT_NEAR(sum / delivered, 0.0, 1e-12);
}

TEST(Mvm, AnAccessTransistorIsItsOnResistance) {
  // Triode: i = beta (vgs - vt - vds/2) vds with the source at 0 V (no wires); in series
  // with G:  G (V - u) = beta (vg - vt - u/2) u, the smaller root.
  ArraySpec spec = square_array(1, 0.0);
  spec.cell.structure = "1T1R";
  const double beta = spec.access.transconductance * spec.access.width_over_length;
  const double overdrive = spec.access.gate_voltage - spec.access.threshold;
  const Matrix y = solve(spec, uniform_matrix(1, 1, kG), uniform_matrix(1, 1, 0.2));
  const double b = kG + beta * overdrive;
  const double u = (b - std::sqrt(b * b - 2.0 * beta * kG * 0.2)) / beta;
  EXPECT_NEAR(y(0, 0), kG * (0.2 - u), 1e-10 * y(0, 0));
}

TEST(Mvm, TheResultDoesNotDependOnTheNumberOfThreads) {
  ArraySpec spec = square_array(6, 20.0);
  spec.cell.model = "sinh";
  const Matrix g = default_weights(spec), x = random_batch(spec, 100);
  for (const MvmMethod method : kBoth)
    EXPECT_EQ(solve(spec, g, x, method, 1).values, solve(spec, g, x, method, 3).values);
}

TEST(Mvm, WhatTheArraySolverCannotDoIsRefused) {
  ArraySpec spec = square_array(2, 1.0);
  spec.sense.kind = "integrator";
  spec.sense.sides = "both";
  EXPECT_THROW(
      solve(spec, uniform_matrix(2, 2, kG), uniform_matrix(1, 2, 0.1), MvmMethod::Lines),
      Failure);
}

ArraySpec open_array(std::int64_t n) {
  ArraySpec spec = square_array(n, 2.0);
  spec.array.type = "resistive-division";
  spec.cell.structure = "open";
  spec.sense.kind = "buffer";
  spec.driver.resistance = spec.sense.resistance = 30.0;
  return spec;
}

TEST(Mvm, OpenBitLinesWithManyInputsAreProductsWithTheirMatrix) {
  for (const double load : {0.0, 1e-3}) {
    ArraySpec spec = open_array(12);
    spec.sense.load_conductance = load;
    const Matrix g = default_weights(spec), x = random_batch(spec, 13);
    ArraySolver solver(spec, g);
    const Matrix y = solver.multiply(x);
    EXPECT_TRUE(solver.stats().effective_matrix);
    EXPECT_EQ(solver.stats().method, "lines");
    const Matrix first{1, 12, {x.values.begin(), x.values.begin() + 12}};
    const Matrix alone = solve(spec, g, first, MvmMethod::Lines);
    expect_near(alone, {1, 12, {y.values.begin(), y.values.begin() + 12}}, 1e-11);
    expect_near(alone, solve(spec, g, first, MvmMethod::Circuit), 1e-10);
  }
}

TEST(Mvm, AnOpenBitLineWithoutCellsIsAnError) {
  ArraySpec spec = open_array(3);
  spec.cell.minimum = 0.0;
  Matrix g = uniform_matrix(3, 3, kG);
  for (std::int64_t i = 0; i < 3; ++i) g(i, 1) = 0.0;
  for (const MvmMethod method : {MvmMethod::Auto, MvmMethod::Lines, MvmMethod::Circuit})
    EXPECT_THROW(solve(spec, g, uniform_matrix(1, 3, 0.1), method), Failure);
}

TEST(Mvm, ProgressCanStopIt) {
  ArraySpec spec = square_array(2, 1.0);
  MvmOptions options;
  options.progress = [](std::int64_t, std::int64_t) { return false; };
  try {
    ArraySolver(spec, uniform_matrix(2, 2, kG), options)
        .multiply(uniform_matrix(1, 2, 0.1));
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Exit::Interrupted);
  }
}

}  // namespace
}  // namespace arrayspice
