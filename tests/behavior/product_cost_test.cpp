// SPDX-License-Identifier: Apache-2.0
// Energy and latency of a product against closed forms. Transients follow voltages to
// 1e-6 of themselves; trapezoids under their currents are as good as the steps are short,
// which 1e-3 allows for.
#include "behavior/product_cost.hpp"

#include <numeric>

#include "behavior/array_probe.hpp"
#include "behavior/extract.hpp"
#include "tests/behavior/typed_arrays.hpp"

namespace arrayspice {
namespace {

constexpr double kLn512 = 6.238324625039508;  // half an LSB of 8 bits

double sum_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

void expect_part(double value, double expected, double tolerance = 1e-3) {
  EXPECT_NEAR(value, expected, tolerance * std::abs(expected));
}

// --- energy

/// A driver that takes a plate to V delivers V Q, Q = C (V - dV) with dV the step of the
/// bit line. The way back goes to ground and leaves the line as it was.
TEST(ProductEnergy, OfCapacitiveDivisionIsTheChargeOfItsDrivers) {
  const ArraySpec spec =
      typed_array("capacitive-division", 4, 1,
                  {"cell.structure=programmable", "sense.load_capacitance=2e-14",
                   "switch.off_resistance=1e18", "timing.edge=1e-10"});
  const Matrix weights{4, 1, {1e-15, 2e-15, 3e-15, 4e-15}};
  const std::vector<double> inputs{0.8, 0.1, 0.4, 0.2};
  double charge = 0.0, total = 2e-14, energy = 0.0;
  for (std::size_t i = 0; i < 4; ++i) {
    charge += weights.values[i] * inputs[i];
    total += weights.values[i];
  }
  for (std::size_t i = 0; i < 4; ++i)
    energy += inputs[i] * weights.values[i] * (inputs[i] - charge / total);
  const ProductCost cost = cost_of_product(spec, weights, inputs);
  expect_part(cost.product.inputs, energy);
  EXPECT_LT(std::abs(cost.restoring.total()), 1e-3 * energy);
  EXPECT_LT(cost.left, 1e-3);
  EXPECT_NEAR(cost.cycle,
              2.0 * spec.timing.phase + 2.0 * spec.timing.gap + spec.timing.settle +
                  2.5 * spec.timing.edge,
              1e-12);
}

/// Plates that only a share of the input reaches, 0.4 of it, take that share's square.
TEST(ProductEnergy, OfGatedPlatesIsThatOfTheirOwnVoltage) {
  const ArraySpec spec = typed_array("capacitive-division", 1, 1,
                                     {"sense.load_capacitance=1e-9"});  // a line at rest
  const double plate = 0.8 * 6.0 / 15.0, c = spec.cell.unit_capacitance;
  const ProductCost cost = cost_of_product(spec, {1, 1, {6.0}}, {{0.8}});
  expect_part(cost.product.inputs, c * plate * plate);
}

/// What a product takes from a precharged bit line the supply puts back: C V_rst dV.
TEST(ProductEnergy, OfAChargeDomainArrayIsThePrechargeOfItsBitLines) {
  const ArraySpec spec = typed_array("charge-domain", 4, 3, {"timing.phase=2e-9"});
  const Matrix weights = default_weights(spec), inputs = inputs_over_the_range(spec);
  double swing = 0.0;
  for (const double y : solved(spec, weights, inputs)) swing += 0.8 - y;
  const double c = spec.sense.load_capacitance + 4.0 * spec.wire.bit_line_capacitance;
  const ProductCost cost = cost_of_product(spec, weights, inputs.values);
  ASSERT_GT(swing, 0.05);
  expect_part(cost.restoring.supplies, c * 0.8 * swing);
  EXPECT_LT(std::abs(cost.product.total()), 1e-2 * cost.energy());
}

/// In a sequence of equal products a capacitor goes from what the last one shared, y, to
/// its own sample and back: C V (V - y) from the driver. One cycle later the state is the
/// same, though not at the first.
TEST(ProductEnergy, OfChargeRedistributionIsThatOfCapacitorsThatWereShared) {
  const ArraySpec spec =
      typed_array("charge-redistribution", 6, 2, {"sense.load_capacitance=4e-15"});
  const Matrix weights = default_weights(spec), inputs = inputs_over_the_range(spec);
  const std::vector<double> y = closed_form(spec, weights, inputs);
  double energy = 0.0;
  for (std::int64_t j = 0; j < 2; ++j) {
    const double shared = y[static_cast<std::size_t>(j)] * 6e-15 / (6e-15 + 4e-15);
    for (std::int64_t i = 0; i < 6; ++i) {
      const double v = weights(i, j) * inputs(0, i);
      energy += 1e-15 * v * (v - shared);
    }
  }
  const ProductCost cost = cost_of_product(spec, weights, inputs.values);
  expect_part(cost.product.inputs, energy, 3e-3);
  EXPECT_LT(cost.left, 1e-3);
}

/// XNOR cells whose bit is 0 sample V_DD less the input: their drivers hang on V_DD.
TEST(ProductEnergy, OfXnorCellsIsThatOfWhatTheyDrive) {
  const ArraySpec spec = typed_array("charge-redistribution", 4, 1,
                                     {"cell.structure=xnor", "sense.load_capacitance=0"});
  const Matrix weights{4, 1, {1, 0, 0, 1}};
  const std::vector<double> inputs{0.8, 0.0, 0.8, 0.8};  // samples V_DD, V_DD, 0, V_DD
  const ProductCost cost = cost_of_product(spec, weights, inputs);
  expect_part(cost.energy(), 3.0 * 1e-15 * 0.8 * (0.8 - 0.6), 3e-3);
}

/// Without a reset in the circuit: a source at its voltage brings all capacitors back.
TEST(ProductEnergy, OfSerialCyclesHoldsTheResetThatIsNoPartOfTheirCircuit) {
  const ArraySpec spec = typed_array("charge-redistribution", 3, 2,
                                     {"cell.structure=serial", "supply.reset=0.3"});
  const Matrix weights = default_weights(spec), inputs = inputs_over_the_range(spec);
  double missing = 0.0;
  for (const double y : solved(spec, weights, inputs)) missing += 0.3 - y;
  const ProductCost cost = cost_of_product(spec, weights, inputs.values);
  expect_part(cost.restoring.supplies, 0.3 * 2.0 * 3e-15 * missing);
}

/// Every stage charges its capacitor once in a cycle, whatever resists: C VDD^2.
TEST(ProductEnergy, OfADelayChainIsThatOfItsCapacitors) {
  const ArraySpec spec = typed_array("time-domain", 5, 2, {});
  const Matrix weights = default_weights(spec);
  const ProductCost cost = cost_of_product(spec, weights, {{1.0, 0.0, 1.0, 1.0, 0.0}});
  const double c = spec.cell.unit_capacitance, volt = spec.supply.voltage;
  expect_part(cost.product.inverters + cost.restoring.inverters, 10.0 * c * volt * volt);
  // Stages 1 and 3 of five rise in the product.
  expect_part(cost.product.inverters, 4.0 * c * volt * volt);
  expect_part(cost.energy(), 10.0 * c * volt * volt);
}

/// Starved inverters of transistors: the supply gives C VDD^2 a stage and, while both
/// transistors conduct, more.
TEST(ProductEnergy, OfStarvedInvertersComesFromTheSupply) {
  const ArraySpec spec = typed_array("time-domain", 4, 1, {"cell.structure=starved"});
  const ProductCost cost =
      cost_of_product(spec, {4, 1, {0.7, 0.6, 0.7, 0.6}}, {{1.0, 1.0, 1.0, 1.0}});
  const double volt = spec.supply.voltage;
  const double least = 4.0 * spec.cell.unit_capacitance * volt * volt;
  EXPECT_GT(cost.product.supplies + cost.restoring.supplies, least);
  EXPECT_LT(cost.product.supplies + cost.restoring.supplies, 1.5 * least);
  EXPECT_LT(std::abs(cost.energy() - cost.product.supplies - cost.restoring.supplies),
            1e-3 * least);
}

/// The currents take a bit line from 0 V to its threshold: V_DD C V_th.
TEST(ProductEnergy, OfACrossingIsTheChargeOfTheBitLine) {
  const ArraySpec spec =
      typed_array("time-domain", 4, 2, {"cell.structure=crossing", "timing.edge=1e-15"});
  const Matrix weights = default_weights(spec);
  const ProductCost cost = cost_of_product(spec, weights, {{0.0, 1e-10, 2e-10, 3e-10}});
  const double c = 4.0 * spec.wire.bit_line_capacitance;
  expect_part(cost.product.supplies, 2.0 * c * 0.4 * spec.supply.voltage);
}

TEST(ProductEnergy, OfPulsesOnConductancesIsThatOfTheirOhmicLoss) {
  const ArraySpec spec =
      typed_array("time-domain", 3, 2, {"cell.structure=pwm", "sense.gain=1e6"});
  const Matrix weights = default_weights(spec);
  const std::vector<double> inputs{1e-8, 2e-8, 4e-8};
  double energy = 0.0;
  for (std::int64_t i = 0; i < 3; ++i)
    for (std::int64_t j = 0; j < 2; ++j)
      energy += std::pow(spec.supply.read, 2) * weights(i, j) *
                inputs[static_cast<std::size_t>(i)];
  expect_part(cost_of_product(spec, weights, inputs).product.inputs, energy, 2e-3);
}

/// C is discharged from VDD to the threshold and charged again: C VDD (VDD - V_th).
TEST(ProductEnergy, OfResistancesInSeriesIsThePrecharge) {
  const ArraySpec spec =
      typed_array("resistive-division", 4, 2, {"cell.structure=series"});
  const ProductCost cost = cost_of_product(spec, default_weights(spec), {{1, 0, 1, 1}});
  const double c = spec.sense.load_capacitance, volt = spec.supply.voltage;
  expect_part(cost.energy(), 2.0 * c * volt * (volt - spec.sense.threshold), 5e-3);
}

/// Driver R into C at the word line, G from there to a virtual ground: power at rest for
/// as long as it settles, and C v^2 (settling.hpp).
TEST(ProductEnergy, OfAnArrayAtRestIsPowerTimesLatencyAndWhatChargesItsLines) {
  const ArraySpec spec =
      typed_array("current-domain", 1, 1,
                  {"wire.word_line_resistance=0", "wire.bit_line_resistance=0",
                   "wire.word_line_capacitance=1e-12", "driver.resistance=1e4"});
  const double g = 1e-5, v = 0.2 * 1e-4 / (1e-4 + g), tau = 1e-12 / (1e-4 + g);
  const ProductCost cost = cost_of_product(spec, {1, 1, {g}}, {{0.2}});
  expect_part(cost.power.inputs, 0.2 * g * v, 1e-9);
  expect_part(cost.latency, tau * kLn512, 2e-3);
  expect_part(cost.energy(), 0.2 * g * v * tau * kLn512 + 1e-12 * v * v, 2e-3);
  EXPECT_EQ(cost.cycle, 0.0);
}

TEST(ProductEnergy, OfAnArrayAtRestIsItsPower) {
  const ArraySpec spec =
      typed_array("current-domain", 2, 1,
                  {"wire.word_line_resistance=0", "wire.bit_line_resistance=0"});
  const ProductCost cost = cost_of_product(spec, {2, 1, {1e-5, 2e-5}}, {{0.2, 0.1}});
  EXPECT_NEAR(cost.power.total(), 1e-5 * 0.04 + 2e-5 * 0.01, 1e-15);
}

/// Pairs: both columns of a pair take power.
TEST(ProductEnergy, OfPairsIsThatOfAllCellsThatAreBuilt) {
  const ArraySpec spec =
      typed_array("current-domain", 1, 1,
                  {"wire.word_line_resistance=0", "array.pairs=separate",
                   "wire.bit_line_resistance=0"});
  const Matrix cells = programmed_conductances(spec, {1, 1, {5e-5}});
  const ProductCost cost = cost_of_product(spec, cells, {{0.2}});
  EXPECT_NEAR(cost.power.total(), 0.04 * (5e-5 + 1e-6 + 1e-6), 1e-15);
}

/// The lines know power and charge from the operating point; the circuit adds up its
/// currents. Cells of two terminals need not be straight for the power; what charges the
/// lines is then near.
TEST(ProductEnergy, ByLinesIsThatOfTheCircuit) {
  for (const auto& [model, tolerance] :
       {std::pair{"ohmic", 1e-3}, std::pair{"sinh", 1e-2}}) {
    const ArraySpec spec =
        typed_array("current-domain", 5, 4,
                    {std::string("cell.model=") + model, "wire.word_line_resistance=200",
                     "wire.bit_line_resistance=300", "wire.word_line_capacitance=1e-14",
                     "wire.bit_line_capacitance=2e-14", "wire.coupling_capacitance=5e-15",
                     "driver.resistance=500", "sense.resistance=400"});
    const Matrix g = default_weights(spec);
    const std::vector<double> x{0.2, 0.1, 0.05, 0.2, 0.15};
    const auto lines = make_line_probe(spec, g), circuit = make_circuit_probe(spec, g);
    const ArrayProbe::Step step{.stop = 2e-9, .max_step = 5e-11, .reltol = 1e-5};
    const auto nothing = [](double, std::span<const double>) {};
    const Energy by_lines = lines->step(x, step, nothing);
    circuit->solve(x);
    lines->solve(x);
    expect_part(lines->power().total(), circuit->power().total(), 1e-9);
    expect_part(by_lines.total(), circuit->step(x, step, nothing).total(), tolerance);
    // The test must see the charge, not the power alone.
    EXPECT_GT(by_lines.total(), 1.1 * 2e-9 * lines->power().total());
  }
}

TEST(ProductEnergy, OfSenseCircuitsIsTheirPowerForAsLongAsTheProductTakes) {
  const ArraySpec spec =
      typed_array("capacitive-division", 2, 3,
                  {"sense.kind=charge-amplifier", "sense.supply_power=1e-5"});
  const ProductCost cost = cost_of_product(spec, default_weights(spec), {{0.1, 0.2}});
  const double time = spec.timing.phase + spec.timing.gap + spec.timing.settle;
  expect_part(cost.product.sense, 3.0 * 1e-5 * time, 1e-9);
}

// --- latency

/// One plate C behind a driver R, the line's load Cp: tau = R C Cp/(C + Cp).
TEST(Latency, OfCapacitiveDivisionIsThatOfAnRc) {
  const ArraySpec spec =
      typed_array("capacitive-division", 1, 1,
                  {"cell.structure=programmable", "cell.maximum=1e-13",
                   "sense.load_capacitance=3e-14", "driver.resistance=1e4",
                   "timing.edge=1e-13", "switch.off_resistance=1e18"});
  const double tau = 1e4 * 1e-13 * 3e-14 / (1e-13 + 3e-14);
  expect_part(cost_of_product(spec, {1, 1, {1e-13}}, {{0.5}}).latency, tau * kLn512,
              2e-3);
}

/// The phase of sampling, the gap, then one capacitor C into the line's Cp through a
/// switch R: tau = R C Cp/(C + Cp).
TEST(Latency, OfChargeRedistributionIsItsPhasesAndTheSharing) {
  const ArraySpec spec = typed_array(
      "charge-redistribution", 1, 1,
      {"cell.unit_capacitance=1e-14", "sense.load_capacitance=1e-14",
       "switch.on_resistance=2e4", "timing.edge=1e-13", "switch.off_resistance=1e18"});
  const double tau = 2e4 * 0.5e-14;
  expect_part(cost_of_product(spec, {1, 1, {1.0}}, {{0.8}}).latency,
              spec.timing.phase + spec.timing.gap + tau * kLn512, 1e-3);
}

/// A ramp is within half a step of its end a 512th of its length before.
TEST(Latency, OfAChargeDomainArrayIsItsLongestPulse) {
  const ArraySpec spec = typed_array("charge-domain", 2, 1,
                                     {"timing.edge=1e-13", "access.body_effect=0",
                                      "access.channel_length_modulation=0"});
  expect_part(cost_of_product(spec, {2, 1, {0.0, 1.0}}, {{1e-10, 1e-10}}).latency,
              1e-10 * (1.0 - 1.0 / 512.0), 2e-3);
}

TEST(Latency, OfTimesIsTheSlowestOfThem) {
  const ArraySpec spec = typed_array("time-domain", 4, 3, {});
  const Matrix weights = default_weights(spec), inputs{1, 4, {1, 0, 1, 1}};
  EXPECT_NEAR(cost_of_product(spec, weights, inputs.values).latency,
              largest(solved(spec, weights, inputs)), 1e-15);
}

/// A ramp begins when the integration has ended.
TEST(Latency, OfAPulseWidthArrayIsItsIntegrationAndTheRamp) {
  const ArraySpec spec = typed_array("time-domain", 3, 2, {"cell.structure=pwm"});
  const Matrix weights = default_weights(spec), inputs{1, 3, {1e-8, 4e-8, 2e-8}};
  EXPECT_NEAR(cost_of_product(spec, weights, inputs.values).latency,
              spec.sense.integration_time + largest(solved(spec, weights, inputs)),
              1e-15);
}

/// Bit lines that nothing but their cells drives: tau = C/sum G.
TEST(Latency, OfOpenBitLinesIsThatOfTheirCells) {
  const ArraySpec spec =
      typed_array("resistive-division", 3, 2,
                  {"wire.word_line_resistance=0", "wire.bit_line_resistance=0",
                   "sense.load_capacitance=5e-14"});
  const Matrix weights{3, 2, {1e-5, 2e-5, 3e-5, 5e-5, 6e-5, 9e-5}};
  expect_part(cost_of_product(spec, weights, {{0.2, 0.1, 0.05}}).latency,
              5e-14 / 1e-4 * kLn512, 2e-3);
}

/// Cells that pull: M resistances in parallel, the line's wires as load.
TEST(Latency, OfPullingCellsIsThatOfAllInParallel) {
  const ArraySpec spec =
      typed_array("resistive-division", 4, 1,
                  {"cell.structure=pull-resistor", "wire.bit_line_capacitance=1e-14",
                   "divider.up_resistance=2e4", "divider.down_resistance=2e4"});
  const ProductCost cost = cost_of_product(spec, {4, 1, {1, 1, 0, 1}}, {{1, 1, 1, 1}});
  const double tau = 2e4 / 4.0 * 4e-14, v = 0.75 * 0.8;
  expect_part(cost.latency, tau * kLn512, 2e-3);
  expect_part(cost.power.supplies, 0.8 * (0.8 - v) * 3.0 / 2e4, 1e-6);
  expect_part(cost.energy(), cost.power.supplies * cost.latency + 4e-14 * v * v, 3e-3);
}

// --- extract

Extraction extracted_with(const std::string& power) {
  const ArraySpec spec =
      typed_array("capacitive-division", 3, 2,
                  {"sense.kind=charge-amplifier", "sense.supply_power=" + power});
  return extract(spec, default_weights(spec), {.points = 3}, {});
}

KeyFigure energy_of(const Extraction& e) {
  for (const KeyFigure& f : e.figures)
    if (f.name == "energy") return f;
  ADD_FAILURE() << "no energy";
  return {};
}

TEST(ExtractCost, SaysThatAmplifiersAreNotCountedUnlessTheyAre) {
  const Extraction plain = extracted_with("0"), counted = extracted_with("1e-4");
  EXPECT_NE(energy_of(plain).meaning.find("not in it"), std::string::npos);
  EXPECT_EQ(energy_of(counted).meaning.find("not in it"), std::string::npos);
  EXPECT_GT(energy_of(counted).value, 2.0 * energy_of(plain).value);
}

TEST(ExtractCost, SaysWhereTheEnergyComesFrom) {
  const Extraction e = extracted_with("1e-4");
  ASSERT_EQ(e.energy.columns.size(), 7u);
  ASSERT_EQ(e.energy.rows(), 2u);
  EXPECT_NEAR(sum_of(e.energy.columns[6]), energy_of(e).value, 1e-20);
  for (const std::size_t part : {0u, 1u}) {
    double sum = 0.0;
    for (std::size_t c = 1; c < 6; ++c) sum += e.energy.columns[c][part];
    EXPECT_NEAR(sum, e.energy.columns[6][part], 1e-25);
  }
}

void expect_cost(const ArrayType& type, const CellStructure& structure,
                 std::string_view sense) {
  Overrides overrides{"cell.structure=" + std::string(structure.name),
                      "sense.kind=" + std::string(sense),
                      "wire.bit_line_capacitance=1e-15"};
  // The feedback of pwm is emptied within a phase.
  if (structure.name == "pwm") overrides.push_back("switch.on_resistance=10");
  const ArraySpec spec = typed_array(std::string(type.name), 3, 2, overrides);
  SCOPED_TRACE(spec.array.type + " " + spec.cell.structure + " " + spec.sense.kind);
  const ProductCost cost = cost_of_product(
      spec, default_weights(spec), std::vector<double>(3, input_domain(spec).maximum));
  EXPECT_GT(cost.latency, 0.0);
  EXPECT_GT(cost.energy(), 0.0);
  EXPECT_LT(cost.left, 1e-2);
}

/// No type is left without a latency and an energy.
TEST(ExtractCost, IsThereForEveryStructureOfEveryType) {
  for (const ArrayType* type : array_types())
    for (const CellStructure& structure : type->structures)
      for (const std::string_view sense : structure.senses)
        expect_cost(*type, structure, sense);
}

}  // namespace
}  // namespace arrayspice
