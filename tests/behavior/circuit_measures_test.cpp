// SPDX-License-Identifier: Apache-2.0
// What is measured on the circuit, against closed forms, golden values and direct solves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "behavior/cell_table.hpp"
#include "behavior/extract.hpp"
#include "behavior/nonlinearity.hpp"
#include "behavior/settling.hpp"
#include "behavior/small_signal.hpp"
#include "devices/constants.hpp"
#include "netlists/failure.hpp"

namespace arrayspice {
namespace {

ArraySpec array_of(std::int64_t rows, std::int64_t columns, double segment) {
  ArraySpec spec;
  spec.array = {"current-domain", rows, columns, 1};
  spec.wire.word_line_resistance = spec.wire.bit_line_resistance = segment;
  return spec;
}

Matrix uniform_cells(const ArraySpec& spec, double g) {
  return {spec.array.rows, spec.array.columns,
          std::vector<double>(
              static_cast<std::size_t>(spec.array.rows * spec.array.columns), g)};
}

TEST(ArrayProbe, FindsTheGoldenValuesAndTheirCellVoltages) {
  const ArraySpec spec = array_of(8, 8, 10.0);
  const auto probe = make_circuit_probe(spec, uniform_cells(spec, 1e-4));
  probe->solve(std::vector(8, 0.2));
  const std::vector<double> y = probe->outputs();
  EXPECT_NEAR(y[0] / 160e-6, 0.967793404, 1e-9);
  EXPECT_NEAR(y[7] / 160e-6, 0.941956940, 1e-9);
  const Matrix v = probe->cell_voltages();
  for (std::int64_t j = 0; j < 8; ++j) {
    double sum = 0.0;
    for (std::int64_t i = 0; i < 8; ++i) sum += 1e-4 * v(i, j);
    EXPECT_NEAR(sum, y[static_cast<std::size_t>(j)], 1e-14);
  }
}

TEST(EffectiveConductance, TimesTheInputsIsTheOutputOfALinearArray) {
  ArraySpec spec = array_of(7, 5, 20.0);
  spec.driver.resistance = 30.0;
  spec.sense.resistance = 40.0;
  const auto probe = make_circuit_probe(spec, default_weights(spec));
  std::vector<double> x;
  for (int i = 0; i < 7; ++i) x.push_back(0.03 * i - 0.05);
  probe->solve(x);
  const std::vector<double> y = probe->outputs();
  const Matrix g = probe->effective_conductance();
  for (std::int64_t j = 0; j < 5; ++j) {
    double sum = 0.0;
    for (std::int64_t i = 0; i < 7; ++i) sum += g(i, j) * x[static_cast<std::size_t>(i)];
    EXPECT_NEAR(sum / y[static_cast<std::size_t>(j)], 1.0, 1e-10) << j;
  }
}

TEST(EffectiveConductance, IsTheDerivativeOfANonlinearArray) {
  ArraySpec spec = array_of(4, 3, 50.0);
  spec.cell.model = "sinh";
  spec.input.maximum = 0.5;
  const auto probe = make_circuit_probe(spec, default_weights(spec));
  const std::vector<double> x{0.5, 0.1, 0.3, 0.4};
  probe->solve(x);
  const Matrix g = probe->effective_conductance();
  constexpr double h = 1e-4;
  for (std::size_t i = 0; i < 4; ++i) {
    std::vector<double> up = x, down = x;
    up[i] += h;
    down[i] -= h;
    probe->solve(up);
    const std::vector<double> above = probe->outputs();
    probe->solve(down);
    const std::vector<double> below = probe->outputs();
    for (std::size_t j = 0; j < 3; ++j)  // the central difference errs by h^2 f'''/6
      EXPECT_NEAR(g(static_cast<std::int64_t>(i), static_cast<std::int64_t>(j)) /
                      ((above[j] - below[j]) / (2.0 * h)),
                  1.0, 1e-5);
  }
}

TEST(ThermalNoise, IsThatOfTheResistanceBehindTheOutput) {
  // One cell: 4kT/R of the whole chain driver - wire - cell - wire - sense.
  ArraySpec spec = array_of(1, 1, 100.0);
  spec.driver.resistance = 500.0;
  spec.sense.resistance = 300.0;
  const auto probe = make_circuit_probe(spec, uniform_cells(spec, 1e-4));
  const double resistance = 1e4 + 2 * 100.0 + 500.0 + 300.0;
  EXPECT_NEAR(thermal_noise(*probe, 300.0)[0],
              std::sqrt(4.0 * kBoltzmann * 300.0 / resistance), 1e-20);
}

TEST(CellTable, IsTheMeasuredChordRatioOfASinhCell) {
  ArraySpec spec = array_of(3, 3, 1.0);
  spec.cell.model = "sinh";
  spec.input.maximum = 0.5;
  const MeasuredCell cell = measure_cell(spec, 1e-5);
  EXPECT_LE(cell.error, 1e-5);
  for (const double v : {-0.5, -0.123, 0.0, 0.01, 0.333, 0.5}) {
    const double exact = v == 0.0 ? 1.0 : 0.25 * std::sinh(v / 0.25) / v;
    EXPECT_NEAR(cell.table.ratio(v, 3.7e-5), exact, 2e-5 * exact) << v;
  }
}

TEST(CellTable, OfAnAccessTransistorSaturates) {
  ArraySpec spec = array_of(3, 3, 1.0);
  spec.cell.structure = "1T1R";
  const MeasuredCell cell = measure_cell(spec, 1e-4);
  // Near 0 V the transistor is a resistor of 1/(KP W/L (VG - VT)) in series.
  const double channel = 3e-4 * 10.0 * (1.8 - 0.4);
  EXPECT_NEAR(cell.table.ratio(1e-3, 1e-4), channel / (channel + 1e-4), 1e-3);
  EXPECT_LT(cell.table.ratio(0.2, 1e-4), cell.table.ratio(0.01, 1e-4));
}

TEST(Nonlinearity, OfAnOhmicArrayIsNothing) {
  const ArraySpec spec = array_of(5, 4, 10.0);
  const auto probe = make_circuit_probe(spec, default_weights(spec));
  const Nonlinearity n = measure_nonlinearity(*probe, std::vector(5, 0.2), 9);
  EXPECT_THAT(n.inl, testing::Each(testing::Lt(1e-9)));
}

TEST(Nonlinearity, OfASinhCellIsThatOfItsFormula) {
  ArraySpec spec = array_of(1, 1, 0.0);
  spec.cell.model = "sinh";
  spec.input.maximum = 0.5;
  const auto probe = make_circuit_probe(spec, uniform_cells(spec, 1e-5));
  const Nonlinearity n = measure_nonlinearity(*probe, {0.5}, 5);
  double worst = 0.0;
  for (const double x : {0.25, 0.5, 0.75})
    worst = std::max(worst, std::abs(std::sinh(2.0 * x) / std::sinh(2.0) - x));
  EXPECT_NEAR(n.inl[0], worst, 1e-9);
}

TEST(Settling, OfOneCellIsThatOfAnRc) {
  // Driver 10 kOhm into 1 pF at the word line; the cell and the rest load it.
  ArraySpec spec = array_of(1, 1, 0.0);
  spec.driver.resistance = 1e4;
  spec.wire.word_line_resistance = 0.0;
  spec.wire.word_line_capacitance = 1e-12;
  const double tau = 1e-12 / (1e-4 + 1e-5);
  const StepResponse step = measure_settling(spec, uniform_cells(spec, 1e-5), {0.2}, {});
  EXPECT_NEAR(step.settling_time[0] / (tau * std::log(512.0)), 1.0, 2e-3);
  EXPECT_NEAR(step.half_time[0] / (tau * std::log(2.0)), 1.0, 2e-3);
}

TEST(Settling, WithoutCapacitanceIsAtOnce) {
  const ArraySpec spec = array_of(2, 2, 1.0);
  const StepResponse step =
      measure_settling(spec, uniform_cells(spec, 1e-5), {0.2, 0.2}, {});
  EXPECT_THAT(step.settling_time, testing::ElementsAre(0.0, 0.0));
  EXPECT_TRUE(step.waveform.columns.empty());
}

TEST(Extract, VariationOfManyCellsAveragesOut) {
  // The sum of m independent cells spreads by sigma/sqrt(m); 60 samples estimate it to
  // 1/sqrt(2 * 59) = 9 % (one sigma) per column, 3 % over the mean of 12 columns.
  ArraySpec spec = array_of(16, 12, 0.0);
  spec.variation.conductance_sigma = 0.2;
  ExtractOptions options;
  options.samples = 60;
  const Extraction e = extract(spec, uniform_cells(spec, 5e-5), options, {});
  double mean = 0.0;
  for (const double s : e.variation.columns[3]) mean += s / 12.0;
  EXPECT_NEAR(mean, 0.2 / 4.0, 0.1 * 0.05);
}

TEST(Extract, VariationDoesNotDependOnTheNumberOfThreads) {
  ArraySpec spec = array_of(6, 4, 5.0);
  spec.variation.conductance_sigma = 0.2;
  const auto sigma = [&](int threads) {
    const ExtractOptions options{
        .bits = 8, .points = 3, .samples = 70, .threads = threads};
    return extract(spec, default_weights(spec), options, {}).variation;
  };
  const Table one = sigma(1), three = sigma(3);
  EXPECT_EQ(one.columns, three.columns);
}

// Without wires, with S the sum of a column's conductances, V_x at the amplifier's input:
//   V_out = -A V_x,  V_x = sum G V / (S + (1 + A) G_f),  and in time
//   tau_u dV_out/dt = -V_out (1/A + G_f/(S + G_f)) - sum G V / (S + G_f).
struct Amplified {
  ArraySpec spec = array_of(5, 3, 0.0);
  Matrix g;
  Amplified() {
    spec.sense.kind = "tia";
    spec.sense.gain = 200.0;
    spec.sense.bandwidth = 1e8;
    spec.sense.clamp = 1e4;  // never reached
    spec.sense.feedback_resistance = 2e3;
    g = default_weights(spec);
  }
  double load(std::int64_t j) const {
    double sum = 0.0;
    for (std::int64_t i = 0; i < 5; ++i) sum += g(i, j);
    return sum;
  }
  double feedback() const { return 1.0 / spec.sense.feedback_resistance; }
};

TEST(Extract, OfAnAmplifiedArrayGivesTheVoltageGainsOfItsClosedForm) {
  const Amplified a;
  const double gain = a.spec.sense.gain;
  const Extraction e = extract(a.spec, a.g, {}, {});
  for (std::int64_t j = 0; j < 3; ++j) {
    const double below = a.load(j) + (1.0 + gain) * a.feedback();
    for (std::int64_t i = 0; i < 5; ++i) {
      const double expected = -gain * a.g(i, j) / below;
      EXPECT_NEAR(e.effective_conductance(i, j) / expected, 1.0, 1e-7);
      EXPECT_NEAR(e.ir_drop(i, j), 1.0 - a.load(j) / below, 1e-9);
    }
  }
}

TEST(Extract, OfAnAmplifiedArraySettlesWithTheClosedLoopsTimeConstant) {
  const Amplified a;
  const Extraction e = extract(a.spec, a.g, {}, {});
  const double unit = 1.0 / (2.0 * kPi * a.spec.sense.bandwidth);
  for (std::int64_t j = 0; j < 3; ++j) {
    const double tau =
        unit / (1.0 / a.spec.sense.gain + a.feedback() / (a.load(j) + a.feedback()));
    const double t = e.settling.columns[1][static_cast<std::size_t>(j)];
    EXPECT_NEAR(t / (tau * std::log(512.0)), 1.0, 2e-3);  // half an LSB of 8 bits
  }
}

/// -t/Cf sum G V, less what the finite gain and the wires take.
TEST(Extract, OfAnIntegratorComparesItsProductsWithTheIdealOnes) {
  ArraySpec spec = array_of(2, 2, 1.0);
  spec.sense.kind = "integrator";
  spec.sense.bandwidth = 1e11;
  const Extraction e = extract(spec, uniform_cells(spec, 1e-5), {}, {});
  const auto figure = [&](const std::string& name) {
    for (const KeyFigure& f : e.figures)
      if (f.name == name) return f.value;
    return std::nan("");
  };
  EXPECT_NEAR(figure("gain"), 0.99, 0.02);
  EXPECT_LT(figure("error_rms"), 1e-3);
  // A ramp is within half an LSB of 8 bits of its end so much before.
  EXPECT_NEAR(figure("latency"), spec.sense.integration_time * (1.0 - 1.0 / 512.0),
              1e-3 * spec.sense.integration_time);
  EXPECT_GT(figure("energy"), 0.0);
  EXPECT_EQ(e.products.columns.size(), 2u);
}

}  // namespace
}  // namespace arrayspice
