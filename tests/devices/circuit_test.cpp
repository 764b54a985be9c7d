// SPDX-License-Identifier: Apache-2.0
// Names, unknowns, pattern and bookkeeping of a circuit; what an instance costs.
#include "devices/circuit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "devices/diode.hpp"
#include "devices/resistor.hpp"
#include "devices/sinh_cell.hpp"
#include "tests/devices/test_circuit.hpp"

namespace arrayspice::testing {
namespace {

using ::testing::ElementsAre;

static_assert(sizeof(Resistor::Instance) <= 40, "a million of them must stay small");
static_assert(sizeof(SinhCell::Instance) == 8);
static_assert(sizeof(Diode::Instance) <= 32);

TEST(Circuit, GroundHasTwoNames) {
  Circuit c;
  EXPECT_EQ(c.node("0"), kGround);
  EXPECT_EQ(c.node("gnd"), kGround);
  EXPECT_EQ(c.unknowns(), 1);
  EXPECT_EQ(c.node("a"), 1);
  EXPECT_EQ(c.node("a"), 1);
  EXPECT_EQ(c.find_node("b"), std::nullopt);
}

TEST(Circuit, RefusesASecondDeviceOfTheSameName) {
  TestCircuit t;
  EXPECT_EQ(t.add("r1", "", {"a", "0"}, {{"r", 1.0}}), 0u);
  EXPECT_EQ(t.add("r1", "", {"a", "0"}, {{"r", 1.0}}), kNoDevice);
  EXPECT_EQ(t.circuit.devices(), 1u);
  EXPECT_EQ(t.circuit.device_name(0), "r1");
}

TEST(Circuit, KeepsTheTagOfADevice) {
  Circuit c;
  const BlockId r = c.add_block(std::make_unique<Block<Resistor>>());
  const DeviceId d = c.add_device(r, "r1", std::vector<UnknownId>{c.node("a"), kGround},
                                  std::vector<Assignment>{{0, 1.0}}, 1234567890123ull);
  EXPECT_EQ(c.device_tag(d), 1234567890123ull);
}

TEST(Circuit, NamesInternalUnknownsByDeviceAndPin) {
  TestCircuit t;
  t.add("v1", "", {"a", "0"});
  t.add("d1", "d", {"a", "0"}, {}, {{"rs", 1.0}});
  EXPECT_EQ(t.circuit.unknown_name(1), "a");
  EXPECT_EQ(t.circuit.unknown_name(t.branch("v1")), "v1#branch");
  EXPECT_EQ(t.circuit.unknown_name(t.circuit.device_pins(1)[2]), "d1#anode'");
  EXPECT_THAT(t.circuit.devices_at(1, 9), ElementsAre("v1", "d1"));
  EXPECT_THAT(t.circuit.devices_at(1, 1), ElementsAre("v1"));
}

TEST(Circuit, MarksSlotsThatOnlyChargesFill) {
  TestCircuit t;
  t.add("c1", "", {"a", "b"}, {{"c", 1.0}});
  t.add("r1", "", {"b", "0"}, {{"r", 1.0}});
  t.circuit.finalize();
  const SparsePattern& p = t.circuit.pattern();
  const UnknownId a = t.circuit.node("a"), b = t.circuit.node("b");
  EXPECT_FALSE(t.circuit.conductive()[p.slot(a, b)]);
  EXPECT_TRUE(t.circuit.conductive()[p.slot(b, b)]);
  EXPECT_TRUE(t.circuit.linear());
}

TEST(Circuit, GroundRowReadsZero) {
  TestCircuit t;
  t.add("r1", "", {"a", "0"}, {{"r", 1.0}});
  t.circuit.finalize();
  Evaluation e;
  t.circuit.evaluate(std::vector<double>{0.25, 1.0}, {}, Want::ResidualAndJacobian, e);
  EXPECT_EQ(e.f[kGround], 0.25);
  EXPECT_EQ(e.g[t.circuit.pattern().slot(kGround, kGround)], 1.0);
}

TEST(Circuit, ChangedParametersTakeEffect) {
  TestCircuit t;
  t.add("v1", "", {"a", "0"}, {{"dc", 1.0}});
  const DeviceId r = t.add("r1", "", {"a", "0"}, {{"r", 1.0}});
  t.solve();
  EXPECT_DOUBLE_EQ(t.i("v1"), -1.0);
  t.circuit.set_parameter(r, {0, 4.0});
  EXPECT_EQ(t.circuit.parameter(r, 0), 4.0);
  t.solve();
  EXPECT_DOUBLE_EQ(t.i("v1"), -0.25);
}

TEST(Circuit, FollowsTheTemperatureOfItsEnvironment) {
  TestCircuit t;
  t.add("r1", "r", {"a", "0"}, {{"r", 1.0}}, {{"tc1", 0.01}});
  t.circuit.finalize();
  Env env;
  env.temperature = 400.15;
  Evaluation e;
  t.circuit.evaluate(std::vector<double>{0.0, 1.0}, env, Want::ResidualAndJacobian, e);
  EXPECT_DOUBLE_EQ(e.f[1], 0.5);
  EXPECT_DOUBLE_EQ(e.g[t.circuit.pattern().slot(1, 1)], 0.5);
}

TEST(Circuit, LimitedDevicesExtendTheirTangent) {
  // At 5 V the diode is linearised where limiting put it: f(x) = f(v*) + g(v*) (x - v*).
  SingleDevice d('d', "d", {}, {});
  Evaluation e;
  d.set_pins({0.7, 0.0});
  d.circuit().evaluate(d.x(), d.env(), Want::ResidualAndJacobian, e);
  d.circuit().evaluate(d.x(), d.env(), Want::ResidualAndJacobian, e);
  d.set_pins({5.0, 0.0});
  d.circuit().evaluate(d.x(), d.env(), Want::ResidualAndJacobian, e);
  EXPECT_TRUE(e.limited);
  const double vt = thermal_voltage(300.15);
  const double at = 0.7 + vt * std::log1p((5.0 - 0.7) / vt);
  const double g = 1e-14 / vt * std::exp(at / vt);
  EXPECT_NEAR(e.f[d.pin(0)], 1e-14 * std::expm1(at / vt) + g * (5.0 - at),
              1e-9 * e.f[d.pin(0)]);
}

TEST(Circuit, TakesTheEarliestBreakpointOfItsSources) {
  TestCircuit t;
  t.drive(t.add("v1", "", {"a", "0"}), Waveform::Pulse{0, 1, 3.0, 1, 1, 1, 0});
  t.drive(t.add("i1", "", {"a", "0"}), Waveform::Pulse{0, 1, 2.0, 5, 1, 1, 0});
  EXPECT_EQ(t.circuit.next_breakpoint(0.0), 2.0);
  EXPECT_EQ(t.circuit.next_breakpoint(2.0), 3.0);
}

}  // namespace
}  // namespace arrayspice::testing
