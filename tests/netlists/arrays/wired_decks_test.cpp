// SPDX-License-Identifier: Apache-2.0
// Array decks of every kind, their cards in a random order: solved on their wires they
// give what factoring gives, and what is no array is factored.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/netlists/reading.hpp"

namespace arrayspice {
namespace {

using testing::Reading;

/// An n x n array: cells from word lines (w) to bit lines (b), driven at d<i>, with the
/// ends of the bit lines at e<j>. Outputs are nodes whose names begin with o.
class ArrayDeck {
 public:
  explicit ArrayDeck(int n, double wire = 1.0) : n_(n) {
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) {
        segment("rw", i, j, j == 0 ? fmt::format("d{}", i) : word(i, j - 1), word(i, j),
                wire);
        segment("rb", i, j, bit(i, j), i + 1 == n ? fmt::format("e{}", j) : bit(i + 1, j),
                wire);
      }
  }

  int size() const { return n_; }
  static std::string word(int i, int j) { return fmt::format("w{}_{}", i, j); }
  static std::string bit(int i, int j) { return fmt::format("b{}_{}", i, j); }
  double draw(double low, double high) {
    return std::uniform_real_distribution<>(low, high)(engine_);
  }
  bool chance(double probability) { return draw(0.0, 1.0) < probability; }

  template <class... Arguments>
  void add(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    cards_.push_back(fmt::format(format, std::forward<Arguments>(arguments)...));
  }
  template <class Act>
  ArrayDeck& each_cell(const Act& act) {
    for (int i = 0; i < n_; ++i)
      for (int j = 0; j < n_; ++j) act(*this, i, j);
    return *this;
  }
  template <class Act>
  ArrayDeck& each_line(const Act& act) {
    for (int k = 0; k < n_; ++k) act(*this, k);
    return *this;
  }
  /// The wire segment leaves the deck, or gets another resistance.
  void cut(const std::string& name) {
    std::erase_if(cards_,
                  [&](const std::string& c) { return c.starts_with(name + " "); });
  }

  std::string text(const std::string& analysis = ".op") {
    std::shuffle(cards_.begin(), cards_.end(), engine_);
    std::string all = "array\n.model fet nmos(level=1 vto=0.4 kp=300u)\n";
    for (const std::string& card : cards_) all += card + "\n";
    return all + analysis + "\n.end\n";
  }

 private:
  void segment(const char* kind, int i, int j, const std::string& from,
               const std::string& to, double wire) {
    add("{}{}_{} {} {} {}", kind, i, j, from, to, wire);
  }

  int n_;
  std::mt19937 engine_{11};
  std::vector<std::string> cards_;
};

// --- drivers

void grounded_drivers(ArrayDeck& a, int i) {
  a.add("v{} in{} 0 {}", i, i, a.draw(0.05, 0.2));
  a.add("rd{} in{} d{} 10", i, i, i);
}

// --- cells

void resistor(ArrayDeck& a, int i, int j) {
  a.add("rc{}_{} {} {} {}", i, j, a.word(i, j), a.bit(i, j), 1.0 / a.draw(1e-5, 1e-4));
}
/// A memory cell and its access transistor at the gate g<i>.
void one_transistor(ArrayDeck& a, int i, int j) {
  a.add("rc{}_{} {} m{}_{} {}", i, j, a.word(i, j), i, j, 1.0 / a.draw(1e-5, 1e-4));
  a.add("mc{}_{} m{}_{} g{} {} 0 fet w=10u l=1u", i, j, i, j, i, a.bit(i, j));
}
void gate_source(ArrayDeck& a, int i) { a.add("vg{} g{} 0 1.8", i, i); }

// --- ends of bit lines

void sense_resistor(ArrayDeck& a, int j) { a.add("rs{} e{} 0 10", j, j); }
void observe_end(ArrayDeck& a, int j) { a.add("eo{} o{} 0 e{} 0 1", j, j, j); }
void grounded_ammeter(ArrayDeck& a, int j) {
  a.add("vs{} e{} 0 0", j, j);
  a.add("h{} o{} 0 vs{} 1", j, j, j);
}
void floating_ammeter(ArrayDeck& a, int j) {
  a.add("vs{} e{} o{} 0", j, j, j);
  a.add("ro{} o{} 0 10", j, j);
}
void transimpedance(ArrayDeck& a, int j) {
  a.add("rf{} e{} o{} 10k", j, j, j);
  a.add("ef{} o{} 0 0 e{} 1e5", j, j, j);
}

struct Solved {
  std::vector<double> outputs;
  LinearStats stats;
};

Solved solve(const std::string& text, Backend backend) {
  Reading deck(text);
  EXPECT_TRUE(deck.netlist) << deck.all();
  if (!deck.netlist) return {};
  Circuit& circuit = *deck.netlist->circuit;
  const bool tran = std::holds_alternative<TranCommand>(deck.netlist->analyses[0].what);
  DirectSolver solver(circuit.pattern(), {backend},
                      tran ? std::span<const std::uint8_t>{} : circuit.conductive());
  std::vector<double> x(circuit.unknowns(), 0.0);
  OperatingPointOptions options;
  options.env.transient = tran;
  Summary summary = operating_point(circuit, solver, options, x);
  EXPECT_TRUE(summary.ok()) << summary.message;
  if (tran) {
    const auto& command = std::get<TranCommand>(deck.netlist->analyses[0].what);
    TransientOptions steps;
    steps.env = options.env;
    steps.step = steps.max_step = command.step;
    steps.stop = command.stop;
    steps.fixed_step = true;
    steps.tolerances.reltol = 1e-8;  // so that Newton's error does not show
    summary = transient(circuit, solver, steps, x, [](double, auto) { return true; });
    EXPECT_TRUE(summary.ok()) << summary.message;
  }
  Solved result{{}, solver.stats()};
  for (UnknownId u = 1; u < circuit.unknowns(); ++u)
    if (circuit.is_node(u) && circuit.unknown_name(u).starts_with('o'))
      result.outputs.push_back(x[u]);
  return result;
}

/// Solves the deck both ways and compares its outputs; returns how wires were used.
LinearStats compare(const std::string& text) {
  const Solved wires = solve(text, Backend::Array), factors = solve(text, Backend::Klu);
  EXPECT_EQ(wires.outputs.size(), factors.outputs.size());
  EXPECT_FALSE(factors.outputs.empty());
  double largest = 0.0, worst = 0.0;
  for (std::size_t k = 0; k < wires.outputs.size(); ++k) {
    largest = std::max(largest, std::abs(factors.outputs[k]));
    worst = std::max(worst, std::abs(wires.outputs[k] - factors.outputs[k]));
  }
  EXPECT_GT(largest, 0.0);
  EXPECT_LE(worst, 1e-9 * largest);
  return wires.stats;
}

void expect_array(const std::string& text, std::int64_t most_iterations) {
  const LinearStats stats = compare(text);
  EXPECT_EQ(stats.backend, "array") << stats.reason;
  EXPECT_LE(stats.array_iterations, most_iterations * stats.solves) << stats.reason;
}

TEST(WiredDecks, ResistorsWithGroundedAmmeters) {
  expect_array(ArrayDeck(24)
                   .each_line(grounded_drivers)
                   .each_cell(resistor)
                   .each_line(grounded_ammeter)
                   .text(),
               8);
}

TEST(WiredDecks, ResistorsWithFloatingAmmeters) {
  expect_array(ArrayDeck(24)
                   .each_line(grounded_drivers)
                   .each_cell(resistor)
                   .each_line(floating_ammeter)
                   .text(),
               8);
}

TEST(WiredDecks, ResistorsWithTransimpedanceAmplifiers) {
  expect_array(ArrayDeck(24)
                   .each_line(grounded_drivers)
                   .each_cell(resistor)
                   .each_line(transimpedance)
                   .text(),
               8);
}

TEST(WiredDecks, TransistorsWithTransimpedanceAmplifiers) {
  expect_array(ArrayDeck(24)
                   .each_line(grounded_drivers)
                   .each_line(gate_source)
                   .each_cell(one_transistor)
                   .each_line(transimpedance)
                   .text(),
               10);
}

TEST(WiredDecks, CapacitorsInATransient) {
  const auto pulse = [](ArrayDeck& a, int i) {
    a.add("v{} in{} 0 pulse(0 {} 0 0.1n 0.1n 1n 3n)", i, i, a.draw(0.05, 0.2));
    a.add("rd{} in{} d{} 10", i, i, i);
  };
  const auto capacitors = [](ArrayDeck& a, int i, int j) {
    a.add("cw{}_{} {} 0 1f", i, j, a.word(i, j));
    a.add("cb{}_{} {} 0 1f", i, j, a.bit(i, j));
  };
  expect_array(ArrayDeck(24)
                   .each_line(pulse)
                   .each_cell(resistor)
                   .each_cell(capacitors)
                   .each_line(transimpedance)
                   .text(".tran 20p 0.4n"),
               8);
}

TEST(WiredDecks, SaturatedTransistors) {
  // Little gate overdrive, much drain voltage.
  const auto drivers = [](ArrayDeck& a, int i) {
    a.add("v{} in{} 0 {}", i, i, a.draw(0.8, 1.2));
    a.add("rd{} in{} d{} 10", i, i, i);
    a.add("vg{} g{} 0 0.5", i, i);
  };
  const auto cell = [](ArrayDeck& a, int i, int j) {
    a.add("rc{}_{} {} m{}_{} {}", i, j, a.word(i, j), i, j, 1.0 / a.draw(1e-4, 1e-3));
    a.add("mc{}_{} m{}_{} g{} {} 0 fet w=10u l=1u", i, j, i, j, i, a.bit(i, j));
  };
  expect_array(
      ArrayDeck(24).each_line(drivers).each_cell(cell).each_line(transimpedance).text(),
      10);
}

void open_and_stuck(ArrayDeck& a, int i, int j) {
  if (a.chance(0.01)) {  // an open segment
    a.cut(fmt::format("rw{}_{}", i, j));
    a.add("rw{}_{} {} {} 1e12", i, j, j == 0 ? fmt::format("d{}", i) : a.word(i, j - 1),
          a.word(i, j));
  }
  if (a.chance(0.02)) a.cut(fmt::format("rc{}_{}", i, j));  // a cell that is not there
  if (a.chance(0.02)) a.add("rstuck{}_{} {} {} 1k", i, j, a.word(i, j), a.bit(i, j));
}

TEST(WiredDecks, TransistorsWithOpenWiresAndStuckCells) {
  expect_array(ArrayDeck(32)
                   .each_line(grounded_drivers)
                   .each_line(gate_source)
                   .each_cell(one_transistor)
                   .each_cell(open_and_stuck)
                   .each_line(transimpedance)
                   .text(),
               14);
}

TEST(WiredDecks, WiresWithMissingSegments) {
  const auto missing = [](ArrayDeck& a, int i, int j) {
    if (a.chance(0.01) && j > 0) a.cut(fmt::format("rw{}_{}", i, j));
    if (a.chance(0.02)) a.add("rstuck{}_{} {} {} 1k", i, j, a.word(i, j), a.bit(i, j));
  };
  expect_array(ArrayDeck(32)
                   .each_line(grounded_drivers)
                   .each_cell(resistor)
                   .each_cell(missing)
                   .each_line(sense_resistor)
                   .each_line(observe_end)
                   .text(),
               14);
}

TEST(WiredDecks, CommonGroundRail) {
  const auto to_rail = [](ArrayDeck& a, int j) { a.add("rs{} e{} rail 10", j, j); };
  ArrayDeck deck(24);
  deck.add("rrail rail 0 0.5");
  expect_array(deck.each_line(grounded_drivers)
                   .each_cell(resistor)
                   .each_line(to_rail)
                   .each_line(observe_end)
                   .text(),
               14);
}

TEST(WiredDecks, OneAmplifierSumsAllColumns) {
  const auto transistor_and_sum = [](ArrayDeck& a, int j) {
    transimpedance(a, j);
    a.add("rsum{} o{} sum 10k", j, j);
  };
  ArrayDeck deck(24);
  deck.add("rfb sum ototal 1k");
  deck.add("esum ototal 0 0 sum 1e5");
  expect_array(deck.each_line(grounded_drivers)
                   .each_line(gate_source)
                   .each_cell(one_transistor)
                   .each_line(transistor_and_sum)
                   .text(),
               14);
}

TEST(WiredDecks, SharedSupplyRailSumOpensAndStuckCells) {
  const auto supplied = [](ArrayDeck& a, int i) {
    a.add("rd{} supply d{} {}", i, i, a.draw(10.0, 1000.0));
  };
  const auto sum = [](ArrayDeck& a, int j) {
    transimpedance(a, j);
    a.add("rsum{} o{} sum 10k", j, j);
  };
  ArrayDeck deck(24);
  deck.add("vdd vdd 0 0.2");
  deck.add("rdd vdd supply 1");
  deck.add("rfb sum ototal 1k");
  deck.add("esum ototal 0 0 sum 1e5");
  expect_array(deck.each_line(supplied)
                   .each_cell(resistor)
                   .each_cell(open_and_stuck)
                   .each_line(sum)
                   .text(),
               20);
}

TEST(WiredDecks, FloatingSourcesBetweenArrayNodes) {
  ArrayDeck deck(24);
  deck.add("vf1 {} {} 0.01", deck.word(3, 5), deck.bit(3, 5));
  deck.add("vf2 {} {} -0.02", deck.word(7, 20), deck.word(15, 2));
  deck.add("vf3 {} {} 0.01", deck.bit(12, 12), deck.bit(20, 3));
  expect_array(deck.each_line(grounded_drivers)
                   .each_cell(resistor)
                   .each_line(sense_resistor)
                   .each_line(observe_end)
                   .text(),
               30);
}

void gate_wire(ArrayDeck& a, int i) {
  a.add("vg{} gin{} 0 1.8", i, i);
  for (int j = 0; j < a.size(); ++j)
    a.add("rg{}_{} {} g{}_{} 10", i, j,
          j == 0 ? fmt::format("gin{}", i) : fmt::format("g{}_{}", i, j - 1), i, j);
}
void transistor_at_gate_wire(ArrayDeck& a, int i, int j) {
  a.add("rc{}_{} {} m{}_{} {}", i, j, a.word(i, j), i, j, 1.0 / a.draw(1e-5, 1e-4));
  a.add("mc{}_{} m{}_{} g{}_{} {} 0 fet w=10u l=1u", i, j, i, j, i, j, a.bit(i, j));
}

TEST(WiredDecks, GateLinesOfNodes) {
  expect_array(ArrayDeck(24)
                   .each_line(grounded_drivers)
                   .each_line(gate_wire)
                   .each_cell(transistor_at_gate_wire)
                   .each_line(transimpedance)
                   .text(),
               12);
}

TEST(WiredDecks, GateLinesWithTheirCapacitancesInATransient) {
  const auto capacitors = [](ArrayDeck& a, int i, int j) {
    a.add("cgs{}_{} g{}_{} {} 2f", i, j, i, j, a.bit(i, j));
    a.add("cgd{}_{} g{}_{} m{}_{} 2f", i, j, i, j, i, j);
  };
  const auto pulsed_gate = [](ArrayDeck& a, int i) {
    gate_wire(a, i);
    a.cut(fmt::format("vg{}", i));
    a.add("vg{} gin{} 0 pulse(0 1.8 0 50p 50p 1n 3n)", i, i);
  };
  expect_array(ArrayDeck(24)
                   .each_line(grounded_drivers)
                   .each_line(pulsed_gate)
                   .each_cell(transistor_at_gate_wire)
                   .each_cell(capacitors)
                   .each_line(transimpedance)
                   .text(".tran 20p 0.2n"),
               14);
}

class WireResistance : public ::testing::TestWithParam<double> {};

TEST_P(WireResistance, WithTransistorsGivesWhatFactoringGives) {
  expect_array(ArrayDeck(24, GetParam())
                   .each_line(grounded_drivers)
                   .each_line(gate_source)
                   .each_cell(one_transistor)
                   .each_line(transimpedance)
                   .text(),
               40);
}
INSTANTIATE_TEST_SUITE_P(Ohms, WireResistance,
                         ::testing::Values(0.1, 10.0, 100.0, 1000.0));

TEST(WiredDecks, ShortedCells) {
  const auto shorted = [](ArrayDeck& a, int i, int j) {
    if (a.chance(0.01)) a.add("rshort{}_{} {} {} 2", i, j, a.word(i, j), a.bit(i, j));
  };
  compare(ArrayDeck(24)
              .each_line(grounded_drivers)
              .each_cell(resistor)
              .each_cell(shorted)
              .each_line(sense_resistor)
              .each_line(observe_end)
              .text());
}

TEST(WiredDecks, CellsThatConductLikeWiresAreFactored) {
  const auto conductor = [](ArrayDeck& a, int i, int j) {
    a.add("rc{}_{} {} {} {}", i, j, a.word(i, j), a.bit(i, j), a.draw(0.5, 2.0));
  };
  const LinearStats stats = compare(ArrayDeck(48)
                                        .each_line(grounded_drivers)
                                        .each_cell(conductor)
                                        .each_line(sense_resistor)
                                        .each_line(observe_end)
                                        .text());
  EXPECT_NE(stats.backend, "array");
  EXPECT_FALSE(stats.reason.empty());
}

}  // namespace
}  // namespace arrayspice
