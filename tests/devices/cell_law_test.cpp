// SPDX-License-Identifier: Apache-2.0
#include "devices/cell_law.hpp"

#include <gtest/gtest.h>

#include "devices/cubic_cell.hpp"
#include "devices/sinh_cell.hpp"

namespace arrayspice {
namespace {

lines::Buffer buffer(std::initializer_list<double> values) {
  lines::Buffer b(static_cast<std::int64_t>(values.size()));
  std::copy(values.begin(), values.end(), b.data());
  return b;
}

TEST(DeviceCellLaw, GivesCurrentAndSlopeOfTheDevice) {
  const lines::Buffer g = buffer({1e-5, 1e-4, 0.0});
  DeviceCellLaw<SinhCell> law({.v0 = 0.25}, g, Env{});
  const lines::Buffer w = buffer({0.5, 0.1, 0.2}), b = buffer({0.2, 0.2, 0.0});
  lines::Buffer i(3), d(3);
  law.evaluate(0, 3, w.data(), b.data(), {i.data(), d.data(), d.data()});
  EXPECT_NEAR(i[0], 1e-5 * 0.25 * std::sinh(1.2), 1e-19);
  EXPECT_NEAR(d[0], 1e-5 * std::cosh(1.2), 1e-19);
  EXPECT_NEAR(i[1], -1e-4 * 0.25 * std::sinh(0.4), 1e-19);
  EXPECT_EQ(i[2], 0.0) << "a cell without conductance carries no current";
  EXPECT_EQ(d[2], 0.0);
}

TEST(DeviceCellLaw, PreparesWhatAnInstanceDerives) {
  DeviceCellLaw<CubicCell> law({}, buffer({1e-4}), Env{});
  const lines::Buffer w = buffer({0.2}), b = buffer({0.0});
  lines::Buffer i(1), d(1);
  law.evaluate(0, 1, w.data(), b.data(), {i.data(), d.data(), d.data()});
  EXPECT_NE(i[0], 1e-4 * 0.2) << "the derived quadratic and cubic terms are missing";
}

}  // namespace
}  // namespace arrayspice
