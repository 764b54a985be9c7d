// SPDX-License-Identifier: Apache-2.0
// Flash cell: i = i0 exp((vg - vth + dibl |vds|)/(n ut)) (1 - exp(-vds/ut)) below
// threshold.
#include <gtest/gtest.h>

#include <cmath>

#include "devices/constants.hpp"
#include "tests/devices/single_device.hpp"

namespace arrayspice::testing {
namespace {

double current(double vd, double vg, double vth, const Settings& model = {}) {
  SingleDevice cell('n', "flash_cell", model, {{"vth", vth}});
  cell.set_pins({vd, vg, 0.0, 0.0});
  return cell.f(0);
}

const double kUt = thermal_voltage(300.15);

TEST(FlashCell, IsExponentialBelowThreshold) {
  const double i0 = 2 * 1.8 * 1e-4 * kUt * kUt, vd = 0.5, vg = 0.3, vth = 1.0;
  const double lowered = vth - 0.05 * vd * std::tanh(vd / (4 * kUt));
  const double ideal =
      i0 * std::exp((vg - lowered) / (1.8 * kUt)) * -std::expm1(-vd / kUt);
  EXPECT_NEAR(current(vd, vg, vth), ideal, 2e-3 * ideal);
  EXPECT_EQ(current(0.0, vg, vth), 0.0);
}

TEST(FlashCell, ProgrammedThresholdsGiveRatiosOfCurrents) {
  const double ratio = current(0.5, 0.3, 1.0) / current(0.5, 0.3, 1.1);
  EXPECT_NEAR(ratio, std::exp(0.1 / (1.8 * kUt)), 5e-3 * ratio);
}

TEST(FlashCell, BarrierLoweringRaisesTheCurrentWithTheDrain) {
  const double ratio = current(1.0, 0.3, 1.0) / current(0.5, 0.3, 1.0);
  EXPECT_NEAR(ratio, std::exp(0.05 * 0.5 / (1.8 * kUt)), 0.01 * ratio);
  EXPECT_NEAR(current(1.0, 0.3, 1.0, {{"dibl", 0.0}}),
              current(0.5, 0.3, 1.0, {{"dibl", 0.0}}), 1e-16);
}

}  // namespace
}  // namespace arrayspice::testing
