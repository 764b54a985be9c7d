// SPDX-License-Identifier: Apache-2.0
// Numbering along the devices, and that a circuit stays the same circuit.
#include "devices/arrangement.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <string>

#include "devices/behavioral.hpp"
#include "devices/circuit.hpp"
#include "devices/mosfet1.hpp"
#include "devices/resistor.hpp"
#include "devices/voltage_source.hpp"
#include "solver/analysis.hpp"

namespace arrayspice::testing {
namespace {

using ::testing::ElementsAre;

TEST(PlacesBy, SortsAndKeepsTheOrderOfEqualKeys) {
  const std::vector<UnknownId> keys{5, 0, 5, 3, 0};
  EXPECT_THAT(places_by(keys), ElementsAre(3u, 0u, 4u, 2u, 1u));
  EXPECT_TRUE(places_by({}).empty());
}

std::string numbered(std::string name, std::size_t k) {
  return name.append(std::to_string(k));
}

/// A square of resistors whose nodes are made, and whose devices are listed, in orders
/// that jump from place to place.
class Grid {
 public:
  explicit Grid(std::size_t side) {
    const BlockId r = circuit_.add_block(std::make_unique<Block<Resistor>>());
    for (std::size_t k = 0; k < side * side; ++k) node(k * 7919 % (side * side));
    for (std::size_t k = 0; k < side * side; ++k) {
      const std::size_t at = k * 13007 % (side * side);
      if (at % side + 1 < side) connect(r, at, at + 1);
      if (at + side < side * side) connect(r, at, at + side);
    }
  }

  Circuit& circuit() { return circuit_; }
  UnknownId node(std::size_t at) { return circuit_.node(numbered("n", at)); }
  /// Between nodes that a resistor joins.
  std::size_t largest_distance() {
    std::size_t largest = 0;
    for (DeviceId d = 0; d < circuit_.devices(); ++d) {
      const auto pins = circuit_.device_pins(d);
      largest = std::max<std::size_t>(largest, std::abs(pins[0] - pins[1]));
    }
    return largest;
  }

 private:
  void connect(BlockId r, std::size_t a, std::size_t b) {
    circuit_.add_device(r, numbered(numbered("r", a) + "_", b),
                        std::vector{node(a), node(b)},
                        std::vector<Assignment>{{0, 1.0 + static_cast<double>(a % 7)}});
  }

  Circuit circuit_;
};

TEST(Arrangement, NumbersNeighboursWithinAFrontOfEachOther) {
  Grid grid(150);
  const std::size_t nodes = 150 * 150;
  ASSERT_GT(grid.largest_distance(), nodes / 4);
  const std::vector<UnknownId> moved = grid.circuit().arrange();
  ASSERT_EQ(moved.size(), nodes + 1);
  EXPECT_EQ(moved[kGround], kGround);
  std::vector<UnknownId> all(nodes + 1);
  std::iota(all.begin(), all.end(), 0);
  EXPECT_TRUE(std::is_permutation(moved.begin(), moved.end(), all.begin()));
  // A step breadth first reaches at most the circumference of a diamond.
  EXPECT_LT(grid.largest_distance(), 2u * 2u * 150u);
}

TEST(Arrangement, LeavesASmallCircuitAlone) {
  Grid grid(20);
  const UnknownId before = grid.node(17);
  EXPECT_TRUE(grid.circuit().arrange().empty());
  EXPECT_EQ(grid.node(17), before);
}

TEST(Arrangement, KeepsNamesAndTheOrderOfNodes) {
  Grid grid(150);
  const std::vector<UnknownId> nodes(grid.circuit().nodes().begin(),
                                     grid.circuit().nodes().end());
  const std::string third = grid.circuit().unknown_name(nodes[2]);
  const auto moved = grid.circuit().arrange();
  EXPECT_EQ(grid.circuit().nodes()[2], moved[nodes[2]]);
  EXPECT_EQ(grid.circuit().unknown_name(grid.circuit().nodes()[2]), third);
}

/// Adds a drive, a transistor and an element that reads a distant node.
void add_devices(Grid& grid) {
  Circuit& c = grid.circuit();
  const BlockId v = c.add_block(std::make_unique<Block<VoltageSource>>());
  c.add_device(v, "v1", std::vector{grid.node(0), kGround},
               std::vector<Assignment>{{0, 1.0}});
  const BlockId m = c.add_block(std::make_unique<Block<Mosfet1>>());
  for (std::size_t k = 0; k < 40; ++k)
    c.add_device(m, numbered("m", k),
                 std::vector{grid.node(900 + 7 * k), grid.node(0), kGround, kGround}, {});
  auto law = std::make_unique<BehavioralBlock>(BehavioralKind::Current);
  BehavioralBlock& block = *law;
  const BlockId b = c.add_block(std::move(law));
  c.add_device(b, "b1", std::vector{grid.node(5000), kGround}, {});
  using Op = Program::Op;
  block.define(0, Program({{Op::Input, 0}, {Op::Multiply, 0, 0}}, 1),
               std::vector<BehavioralInput>{
                   {BehavioralInput::Kind::Unknown, grid.node(77), kGround}});
}

std::vector<double> voltages(Grid& grid) {
  Circuit& c = grid.circuit();
  c.finalize();
  DirectSolver solver(c.pattern(), {}, c.conductive());
  std::vector<double> x;
  EXPECT_TRUE(operating_point(c, solver, {}, x).ok());
  std::vector<double> result;
  for (const UnknownId u : c.nodes()) result.push_back(x[u]);
  result.push_back(x[c.branch_current(*c.find_device("v1"))]);
  return result;
}

TEST(Arrangement, ChangesNoSolution) {
  Grid plain(150), arranged(150);
  add_devices(plain);
  add_devices(arranged);
  ASSERT_FALSE(arranged.circuit().arrange().empty());
  const auto expected = voltages(plain), found = voltages(arranged);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t k = 0; k < found.size(); ++k)
    ASSERT_NEAR(found[k], expected[k], 1e-9 * std::abs(expected[k])) << k;
}

}  // namespace
}  // namespace arrayspice::testing
