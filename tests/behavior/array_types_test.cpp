// SPDX-License-Identifier: Apache-2.0
// Arrays of every computation type: without non-idealities they compute what their closed
// form says; an array made from a spec gives the answers of the reference deck of the
// same circuit, whose values come from an independent solution (tests/decks/types).
#include <gmock/gmock.h>

#include <cmath>
#include <fstream>
#include <regex>

#include "behavior/mvm.hpp"
#include "tests/behavior/typed_arrays.hpp"

namespace arrayspice {
namespace {

// --- ideal limits

struct IdealCase {
  std::string name, type;
  Overrides overrides;
};

class IdealLimit : public ::testing::TestWithParam<IdealCase> {};

TEST_P(IdealLimit, IsTheClosedForm) {
  const ArraySpec spec = typed_array(GetParam().type, 6, 3, GetParam().overrides);
  const Matrix weights = default_weights(spec), inputs = inputs_over_the_range(spec);
  const Matrix y = ArraySolver(spec, weights).multiply(inputs);
  const Matrix ideal = array_type(spec).ideal(spec, weights, inputs);
  for (std::size_t j = 0; j < y.values.size(); ++j)
    EXPECT_NEAR(y.values[j], ideal.values[j], 1e-6 * std::abs(ideal.values[j]))
        << "column " << j;
}

const Overrides kNoWires{"wire.word_line_resistance=0", "wire.bit_line_resistance=0"};
Overrides without_wires(const Overrides& others) {
  Overrides all = kNoWires;
  all.insert(all.end(), others.begin(), others.end());
  return all;
}

INSTANTIATE_TEST_SUITE_P(
    Types, IdealLimit,
    ::testing::Values(
        IdealCase{"Current", "current-domain", kNoWires},
        IdealCase{"Gated",
                  "capacitive-division",
                  {"sense.load_capacitance=0", "switch.off_resistance=1e18"}},
        IdealCase{"Programmable",
                  "capacitive-division",
                  {"cell.structure=programmable", "sense.load_capacitance=0",
                   "switch.off_resistance=1e18", "supply.reset=0.1"}},
        IdealCase{"Ladder",
                  "capacitive-division",
                  {"cell.structure=c2c", "sense.load_capacitance=0",
                   "switch.off_resistance=1e18"}},
        IdealCase{"GatedOnAmplifier",
                  "capacitive-division",
                  {"sense.kind=charge-amplifier", "sense.gain=1e9", "sense.clamp=1e3",
                   "sense.feedback_capacitance=1e-13", "sense.bandwidth=1e11",
                   "switch.off_resistance=1e18"}},
        IdealCase{"And",
                  "charge-redistribution",
                  {"sense.load_capacitance=0", "switch.off_resistance=1e18"}},
        IdealCase{"Xnor",
                  "charge-redistribution",
                  {"cell.structure=xnor", "sense.load_capacitance=0",
                   "switch.off_resistance=1e18"}},
        IdealCase{"Serial",
                  "charge-redistribution",
                  {"cell.structure=serial", "switch.off_resistance=1e18"}},
        IdealCase{"Open", "resistive-division", without_wires({"cell.model=ohmic"})},
        IdealCase{"PullResistor",
                  "resistive-division",
                  {"cell.structure=pull-resistor", "divider.up_resistance=2e4",
                   "switch.off_resistance=1e18", "switch.on_resistance=1e-6"}},
        IdealCase{"Series",
                  "resistive-division",
                  {"cell.structure=series", "switch.on_resistance=1e-6",
                   "switch.off_resistance=1e18", "timing.edge=1e-15"}}),
    [](const auto& info) { return info.param.name; });

/// The binary-weighted combination divides by more capacitance than the ideal: one factor
/// Cu/(M Cu + Cp + 2^B Cx) M, then (2^B - 1) Cx/((2^B - 1) Cx + Cout).
TEST(ChargeRedistribution, BinaryWeightsComeOutWithOneGainFactor) {
  const ArraySpec spec = typed_array("charge-redistribution", 6, 2,
                                     {"cell.structure=binary", "cell.bits=3",
                                      "cell.maximum=7", "switch.off_resistance=1e18"});
  const Matrix weights = default_weights(spec), inputs = inputs_over_the_range(spec);
  const Matrix y = ArraySolver(spec, weights).multiply(inputs);
  const Matrix ideal = array_type(spec).ideal(spec, weights, inputs);
  const double cu = 6e-15, cp = 2e-15, loads = 8e-15, cx = 1e-15, cout = 1e-15;
  const double gain = cu / (cu + cp + loads) * 7.0 * cx / (7.0 * cx + cout);
  for (std::size_t j = 0; j < y.values.size(); ++j)
    EXPECT_NEAR(y.values[j], gain * ideal.values[j], 1e-6 * ideal.values[j]);
}

TEST(ChargeRedistribution, CapacitorsThatDifferMoveTheOutputByTheirWeightedMean) {
  const ArraySpec spec =
      typed_array("charge-redistribution", 16, 2,
                  {"variation.capacitor_sigma=0.1", "switch.off_resistance=1e18"});
  const Matrix weights = default_weights(spec), inputs = inputs_over_the_range(spec);
  const Matrix y = ArraySolver(spec, weights).multiply(inputs);
  for (std::int64_t j = 0; j < 2; ++j) {
    double sum = 0.0, total = spec.sense.load_capacitance;
    for (std::int64_t i = 0; i < 16; ++i) {
      const double c =
          1e-15 * (1.0 + 0.1 * normal(1, {Draw::Capacitor, "Ccell"}, i, j, -1));
      sum += c * weights(i, j) * inputs(0, i);
      total += c;
    }
    EXPECT_NEAR(y(0, j), sum / total, 1e-6 * sum / total);
  }
}

TEST(CapacitiveDivision, FiniteGainLosesChargeToEverythingAtTheVirtualGround) {
  const ArraySpec spec =
      typed_array("capacitive-division", 5, 2,
                  {"cell.structure=programmable", "sense.kind=charge-amplifier",
                   "sense.gain=100", "sense.clamp=1e3", "sense.bandwidth=1e10",
                   "sense.feedback_capacitance=4e-14", "switch.off_resistance=1e18"});
  const Matrix weights = default_weights(spec), inputs = inputs_over_the_range(spec);
  const Matrix y = ArraySolver(spec, weights).multiply(inputs);
  for (std::int64_t j = 0; j < 2; ++j) {
    double charge = 0.0, total = spec.sense.load_capacitance + 4e-14;
    for (std::int64_t i = 0; i < 5; ++i) {
      charge += weights(i, j) * inputs(0, i);
      total += weights(i, j);
    }
    EXPECT_NEAR(y(0, j), -charge / (4e-14 + total / 100.0), 1e-6);
  }
}

// --- reference decks

std::string read_deck(const std::string& name) {
  std::ifstream stream(std::string(ARRAYSPICE_TEST_DATA) + "/../decks/types/" + name +
                       ".cir");
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Every match of a pattern (row, column, value) in a deck, as a matrix.
Matrix matrix_in(const std::string& deck, const std::string& pattern, std::int64_t rows,
                 std::int64_t columns) {
  Matrix values{rows, columns, std::vector<double>(rows * columns, 0.0)};
  const std::regex line(pattern);
  for (std::sregex_iterator at(deck.begin(), deck.end(), line), end; at != end; ++at)
    values(std::stol((*at)[1]), std::stol((*at)[2])) = std::stod((*at)[3]);
  return values;
}

/// The last number of every source `Vin_i`.
Matrix inputs_in(const std::string& deck, std::int64_t rows) {
  Matrix inputs{1, rows, std::vector<double>(rows, 0.0)};
  const std::regex line(R"(\nVin_(\d+) [^\n]* ([-0-9.e]+)\)?(?=\n))");
  for (std::sregex_iterator at(deck.begin(), deck.end(), line), end; at != end; ++at)
    inputs(0, std::stol((*at)[1])) = std::stod((*at)[2]);
  return inputs;
}

void expect_outputs(const std::string& deck, const std::string& measure, const Matrix& y,
                    std::int64_t first = 0) {
  for (std::int64_t j = first; j < y.columns; ++j) {
    const std::string name = measure + "_" + std::to_string(j);
    const ExpectedMeasure e = expected_measure(deck, name);
    EXPECT_NEAR(y(0, j), e.value, e.tolerance) << deck << ' ' << name;
  }
}

TEST(ReferenceDecks, GatedPlates) {
  const std::string deck = read_deck("cv1_gated");
  const ArraySpec spec = typed_array("capacitive-division", 8, 4,
                                     {"cell.bits=1", "cell.maximum=1", "supply.reset=0.4",
                                      "timing.settle=16e-9", "timing.gap=2e-9"});
  const Matrix w = matrix_in(deck, R"(\nEpl_(\d)_(\d) \S+ 0 in_\d 0 (\d))", 8, 4);
  expect_outputs("cv1_gated", "vout", ArraySolver(spec, w).multiply(inputs_in(deck, 8)));
}

TEST(ReferenceDecks, ProgrammableCapacitances) {
  const std::string deck = read_deck("cv3_progcap");
  const ArraySpec spec =
      typed_array("capacitive-division", 4, 2,
                  {"cell.structure=programmable", "sense.load_capacitance=15e-15",
                   "timing.settle=16e-9", "timing.gap=2e-9"});
  const Matrix c = matrix_in(deck, R"(\nCcell_(\d)_(\d) \S+ \S+ (\S+))", 4, 2);
  expect_outputs("cv3_progcap", "vout",
                 ArraySolver(spec, c).multiply(inputs_in(deck, 4)));
}

TEST(ReferenceDecks, LaddersOfEveryCode) {
  for (const auto& [measure, parasitic] : {std::pair{"v_", "0"}, {"vp_", "1e-16"}}) {
    const ArraySpec spec =
        typed_array("capacitive-division", 1, 4,
                    {"cell.structure=c2c", "cell.bits=8", "cell.maximum=255",
                     std::string("sense.load_capacitance=") + parasitic,
                     std::string("cell.inner_capacitance=") + parasitic});
    const std::vector<double> codes{1, 128, 255, 165};
    const Matrix y = ArraySolver(spec, {1, 4, codes}).multiply({1, 1, {0.8}});
    for (std::size_t j = 0; j < codes.size(); ++j) {
      const ExpectedMeasure e = expected_measure(
          "cv2_c2c", measure + std::to_string(static_cast<int>(codes[j])));
      EXPECT_NEAR(y.values[j], e.value, e.tolerance) << measure << codes[j];
    }
  }
}

TEST(ReferenceDecks, SharedCharges) {
  const std::string deck = read_deck("qr1_share");
  const Matrix w = matrix_in(deck, R"(\nXcell_(\d)_(\d) [^\n]* W=(\d))", 8, 2);
  const Overrides common{"supply.voltage=0.85", "input.maximum=0.85",
                         "switch.on_resistance=5000", "timing.edge=5e-11"};
  const ArraySpec plain = typed_array("charge-redistribution", 8, 2, common);
  const Matrix y = ArraySolver(plain, w).multiply(inputs_in(deck, 8));
  const ExpectedMeasure first = expected_measure("qr1_share", "vout_0");
  EXPECT_NEAR(y(0, 0), first.value, first.tolerance);
  Overrides coupled = common;
  coupled.push_back("switch.overlap_capacitance=5e-17");
  const ArraySpec spec = typed_array("charge-redistribution", 8, 2, coupled);
  expect_outputs("qr1_share", "vout", ArraySolver(spec, w).multiply(inputs_in(deck, 8)),
                 1);
}

TEST(ReferenceDecks, BinaryWeightedColumns) {
  const std::string deck = read_deck("qr2_multibit");
  const Matrix bits = matrix_in(deck, R"(\nXcell_(\d)_(\d) [^\n]* W=(\d))", 8, 4);
  Matrix w{8, 1, std::vector<double>(8, 0.0)};
  for (std::int64_t i = 0; i < 8; ++i)
    for (std::int64_t k = 0; k < 4; ++k) w(i, 0) += std::exp2(k) * bits(i, k);
  const ArraySpec spec = typed_array("charge-redistribution", 8, 1,
                                     {"cell.structure=binary", "supply.voltage=0.85",
                                      "input.maximum=0.85", "switch.on_resistance=5000"});
  const Matrix y = ArraySolver(spec, w).multiply(inputs_in(deck, 8));
  const ExpectedMeasure e = expected_measure("qr2_multibit", "vout");
  EXPECT_NEAR(y(0, 0), e.value, e.tolerance);
}

TEST(ReferenceDecks, SerialHalving) {
  for (const auto& [measure, extra] :
       {std::pair{"vout_0", "0"}, {"vout_1", "2.8e-16"}}) {  // 0.02 C1 + 0.2 fF
    const ArraySpec spec = typed_array(
        "charge-redistribution", 1, 1,
        {"cell.structure=serial", "cell.bits=8", "cell.maximum=255",
         "cell.unit_capacitance=4e-15", "supply.voltage=0.85", "input.maximum=0.85",
         "switch.on_resistance=5000", std::string("sense.load_capacitance=") + extra});
    const Matrix y = ArraySolver(spec, {1, 1, {181.0}}).multiply({1, 1, {0.85}});
    const ExpectedMeasure e = expected_measure("qr3_serial", measure);
    EXPECT_NEAR(y(0, 0), e.value, e.tolerance) << measure;
  }
}

TEST(ReferenceDecks, OpenBitLines) {
  for (const std::int64_t rows : {4, 8}) {
    const std::string name = "rd1_openbl_" + std::to_string(rows) + "x2";
    const std::string deck = read_deck(name);
    const ArraySpec spec = typed_array(
        "resistive-division", rows, 2,
        {"wire.word_line_resistance=2", "wire.bit_line_resistance=2",
         "driver.resistance=50", "sense.load_conductance=1e-6", "input.maximum=0.5"});
    Matrix g = matrix_in(deck, R"(\nRcell_(\d)_(\d) \S+ \S+ (\S+))", rows, 2);
    for (double& value : g.values) value = 1.0 / value;
    expect_outputs(name, "vout", ArraySolver(spec, g).multiply(inputs_in(deck, rows)));
  }
}

TEST(ReferenceDecks, PullUpAndPullDown) {
  const std::vector<std::int64_t> up{1, 3, 4, 6};
  Matrix w{8, 4, std::vector<double>(32, 0.0)};
  for (std::int64_t j = 0; j < 4; ++j)
    for (std::int64_t i = 0; i < up[static_cast<std::size_t>(j)]; ++i) w(i, j) = 1.0;
  const Matrix ones{1, 8, std::vector<double>(8, 1.0)};
  const ArraySpec linear =
      typed_array("resistive-division", 8, 4,
                  {"cell.structure=pull-resistor", "switch.on_resistance=1e-9",
                   "switch.off_resistance=1e20"});
  expect_outputs("rd2_updown", "vl", ArraySolver(linear, w).multiply(ones));
  const ArraySpec devices =
      typed_array("resistive-division", 8, 4, {"cell.structure=pull"});
  expect_outputs("rd2_updown", "vm", ArraySolver(devices, w).multiply(ones));
}

TEST(ReferenceDecks, ResistancesInSeries) {
  const std::string deck = read_deck("rd3_series");
  Matrix w{8, 3, std::vector<double>(24, 0.0)};
  const std::regex closed(R"(\nSp_(\d)_(\d) \S+ \S+ on )");
  for (std::sregex_iterator at(deck.begin(), deck.end(), closed), end; at != end; ++at)
    w(std::stol((*at)[1]), std::stol((*at)[2])) = 1.0;
  const Matrix ones{1, 8, std::vector<double>(8, 1.0)};
  for (const auto& [inner, first, last] :
       {std::tuple{"0", 0, 2}, std::tuple{"1e-15", 2, 3}}) {
    const ArraySpec spec = typed_array(
        "resistive-division", 8, 3,
        {"cell.structure=series", std::string("cell.inner_capacitance=") + inner});
    const Matrix y = ArraySolver(spec, w).multiply(ones);
    // The deck counts from 0; its switches change in the middle of an edge of 1 ps.
    constexpr double kRelease = 1.0005e-9;
    for (std::int64_t j = first; j < last; ++j) {
      const ExpectedMeasure e = expected_measure("rd3_series", "t_" + std::to_string(j));
      EXPECT_NEAR(y(0, j), e.value - kRelease, e.tolerance) << j;
    }
  }
}

}  // namespace
}  // namespace arrayspice
