// SPDX-License-Identifier: Apache-2.0
// Ill-posed circuits are found on the graph and named by their devices and nodes;
// well-posed ones, however odd, are left alone.
#include "devices/topology.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <sstream>

#include "devices/registry.hpp"

namespace arrayspice {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = TopologyFinding::Kind;

std::string numbered(std::string name, int k) { return name += std::to_string(k); }

/// Devices from lines such as "r1 a b"; the first letter selects the kind.
class Deck {
 public:
  explicit Deck(const std::string& lines) {
    std::istringstream in(lines);
    for (std::string line; std::getline(in, line);) add(line);
  }
  std::vector<std::string> findings(const TopologyOptions& options = {}) {
    std::vector<std::string> sentences;
    for (const TopologyFinding& f : check_topology(circuit, options))
      sentences.push_back(f.sentence);
    return sentences;
  }
  Circuit circuit;

 private:
  void add(const std::string& line) {
    std::istringstream words(line);
    std::string name, node;
    if (!(words >> name)) return;
    static const std::map<char, std::string_view> cards{
        {'d', "d"}, {'m', "nmos"}, {'s', "sw"}, {'n', "opamp"}};
    const auto card = cards.find(name[0]);
    const Registration* kind =
        find_registration(name[0], card == cards.end() ? "" : card->second, 1);
    std::vector<UnknownId> pins;
    for (std::size_t p = 0; p < kind->type().external_pins() && words >> node; ++p) {
      const bool current = kind->type().pins[p].quantity == Quantity::Current;
      pins.push_back(current ? circuit.branch_current(*circuit.find_device(node))
                             : circuit.node(node));
    }
    circuit.add_device(circuit.add_block(kind->make()), name, pins, {});
  }
};

TEST(Topology, AnOrdinaryCircuitHasNoFindings) {
  EXPECT_THAT(Deck("v1 in 0\nr1 in out\nc1 out 0\nd1 out 0\nl1 out x\nr2 x 0").findings(),
              IsEmpty());
}

TEST(Topology, AResistorToAnOpenNodeIsFine) {
  EXPECT_THAT(Deck("v1 in 0\nr1 in open").findings(), IsEmpty());
}

TEST(Topology, ANodeBetweenCapacitorsIsNamedWithThem) {
  Deck deck("v1 a 0\nc1 a b\nc2 b 0");
  const auto found = check_topology(deck.circuit);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, Kind::NoDcPath);
  EXPECT_EQ(found[0].sentence, "node b has no DC path to ground (c1, c2)");
  EXPECT_THAT(found[0].nodes, ElementsAre(*deck.circuit.find_node("b")));
  EXPECT_THAT(found[0].devices, ElementsAre(*deck.circuit.find_device("c1"),
                                            *deck.circuit.find_device("c2")));
}

TEST(Topology, AHeldNodeOrGivenChargesMakeItWellPosed) {
  Deck deck("v1 a 0\nc1 a b\nc2 b 0");
  const std::vector<UnknownId> held{*deck.circuit.find_node("b")};
  EXPECT_THAT(deck.findings({.held = held}), IsEmpty());
  EXPECT_THAT(deck.findings({.charges_are_given = true}), IsEmpty());
}

TEST(Topology, ParallelVoltageSourcesAreALoop) {
  EXPECT_THAT(Deck("v1 a 0\nv2 a 0\nr1 a 0").findings(),
              ElementsAre("loop of voltage sources v1, v2"));
}

TEST(Topology, ALongLoopNamesOnlyItsOwnMembers) {
  EXPECT_THAT(Deck("v1 a 0\nv2 a b\nv9 b z\ne1 b c a 0\nv3 c 0\nr1 z 0").findings(),
              ElementsAre("loop of voltage sources v1, v2, e1, v3"));
}

TEST(Topology, AnInductorAcrossASourceIsALoopInAnOperatingPointOnly) {
  Deck deck("v1 a 0\nl1 a 0\nr1 a 0");
  EXPECT_THAT(deck.findings(),
              ElementsAre("loop of voltage sources and inductors v1, l1 in "
                          "an operating point"));
  EXPECT_THAT(deck.findings({.charges_are_given = true}), IsEmpty());
}

TEST(Topology, ALoopOfInductorsIsFound) {
  EXPECT_THAT(Deck("l1 a 0\nl2 a 0\nr1 a 0").findings(),
              ElementsAre("loop of inductors l1, l2 in an operating point"));
}

TEST(Topology, ASourceWithBothPinsOnOneNodeIsALoop) {
  EXPECT_THAT(Deck("v1 a a\nr1 a 0").findings(),
              ElementsAre("loop of voltage sources v1"));
}

TEST(Topology, CurrentSourcesInSeriesAreACutset) {
  EXPECT_THAT(Deck("i1 0 a\ni2 a 0\nc1 a 0\nr2 b 0\ni3 0 b").findings(),
              ElementsAre("cutset of current sources i1, i2 at a"));
}

TEST(Topology, ACutsetMayEncloseSeveralNodes) {
  EXPECT_THAT(Deck("i1 0 a\nr1 a b\nc1 b 0\nr2 0 c").findings(),
              ElementsAre("cutset of current sources i1 at a, b"));
}

TEST(Topology, AnIslandIsNamed) {
  EXPECT_THAT(Deck("v1 a 0\nr1 a 0\nv2 x y\nr2 x y").findings(),
              ElementsAre("nodes x, y form an island without ground (v2, r2)"));
}

TEST(Topology, ACircuitWithoutGroundIsNamedOnce) {
  EXPECT_THAT(Deck("v1 a b\nr1 a b\nc1 a c").findings(),
              ElementsAre("no device is connected to ground (node 0)"));
}

TEST(Topology, AFloatingGateIsFound) {
  EXPECT_THAT(Deck("v1 d 0\nm1 d g 0 0\nc1 g d").findings(),
              ElementsAre("node g has no DC path to ground (m1, c1)"));
}

TEST(Topology, AControlInputAloneIsFound) {
  EXPECT_THAT(Deck("e1 a 0 x 0\nr1 a 0").findings(),
              ElementsAre("node x has no DC path to ground (e1)"));
}

TEST(Topology, AControlledSourceIntoACapacitorIsACutset) {
  EXPECT_THAT(Deck("v1 a 0\ng1 b 0 a 0\nc1 b 0").findings(),
              ElementsAre("cutset of current sources g1 at b"));
  EXPECT_THAT(Deck("v1 a 0\nf1 b 0 v1\nc1 b 0").findings(),
              ElementsAre("cutset of current sources f1 at b"));
}

TEST(Topology, AControlledSourceThatSensesItsOwnNodeIsLeftToTheSolver) {
  EXPECT_THAT(Deck("i1 0 a\ng1 a 0 a 0\nc1 a 0").findings(), IsEmpty());
  EXPECT_THAT(Deck("i1 0 a\ng1 a 0 b 0\ng2 b 0 a 0").findings(), IsEmpty());
}

TEST(Topology, AnOpenSwitchIsAPath) {
  EXPECT_THAT(Deck("v1 a 0\nc1 a b\nc2 b 0\ns1 b 0 a 0").findings(), IsEmpty());
}

TEST(Topology, AnOpAmpWithOutputResistanceIsNoVoltageSource) {
  Circuit c;
  auto amp = find_registration('n', "opamp", 1)->make();
  const auto rout = amp->type().model_parameter("rout").value();
  const BlockId block = c.add_block(std::move(amp));
  const BlockId v = c.add_block(find_registration('v', "", 1)->make());
  const UnknownId a = c.node("a");
  c.add_device(block, "n1", std::vector<UnknownId>{a, kGround, a, kGround}, {});
  c.add_device(v, "v1", std::vector<UnknownId>{a, kGround}, {});
  EXPECT_EQ(check_topology(c).size(), 1u);
  c.block(block).set_model({rout, 10.0});
  EXPECT_THAT(check_topology(c), IsEmpty());
}

TEST(Topology, FindingsAreLimited) {
  std::string lines = "r1 a 0\n";
  for (int k = 0; k < 100; ++k) lines += numbered("c", k) + numbered(" a x", k) + "\n";
  EXPECT_EQ(Deck(lines).findings().size(), 20u);
  EXPECT_EQ(Deck(lines).findings({.most = 3}).size(), 3u);
}

TEST(Topology, AMillionResistorsAreCheckedInLinearTime) {
  Circuit c;
  const BlockId r = c.add_block(find_registration('r', "", 1)->make());
  UnknownId before = kGround;
  for (int k = 0; k < 1000000; ++k) {
    const UnknownId node = c.node(numbered("n", k));
    c.add_device(r, numbered("r", k), std::vector<UnknownId>{before, node},
                 std::vector<Assignment>{{0, 1e3}});
    before = node;
  }
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THAT(check_topology(c), IsEmpty());
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  RecordProperty("seconds", std::to_string(took.count()));
  EXPECT_LT(took.count(), 1.5) << "0.1 s on an idle machine";
}

}  // namespace
}  // namespace arrayspice
