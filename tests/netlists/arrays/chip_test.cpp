// SPDX-License-Identifier: Apache-2.0
// What a chip gets: moments of the draws within four standard errors of their estimates,
// closed forms, and that a draw depends on its element alone.
#include "netlists/arrays/chip.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <map>

#include "devices/pcm.hpp"
#include "netlists/arrays/array_type.hpp"
#include "netlists/arrays/cell_statistics.hpp"

namespace arrayspice {
namespace {

using ::testing::HasSubstr;

ArraySpec spec_of(const std::string& type, std::int64_t rows, std::int64_t columns,
                  const std::vector<std::string>& overrides, Diagnostics& diagnostics) {
  Sources sources;
  const auto spec =
      read_spec_text("[array]\ntype = \"" + type + "\"\nrows = " + std::to_string(rows) +
                         "\ncolumns = " + std::to_string(columns) + "\n",
                     "chip.toml", overrides, sources, diagnostics);
  for (const Diagnostic& d : diagnostics.all())
    EXPECT_EQ(d.severity, Severity::Warning) << d.text;
  return spec.value();
}
ArraySpec spec_of(const std::string& type, std::int64_t rows, std::int64_t columns,
                  const std::vector<std::string>& overrides) {
  Diagnostics diagnostics;
  return spec_of(type, rows, columns, overrides, diagnostics);
}

/// Everything that a sink hears, by name.
class Recorder final : public NetlistSink {
 public:
  std::map<std::string, double> values;
  std::map<std::string, Signal> signals;
  std::map<std::string, std::map<std::string, double>> devices;

  static std::string text(const Name& name) {
    std::string text;
    append_name(text, name);
    return text;
  }
  void element(const Name& name, Pins, double value) override {
    values[text(name)] = value;
  }
  void source(const Name& name, const Name&, const Name&, const Signal& signal) override {
    signals.insert_or_assign(text(name), signal);
  }
  void model(std::string_view, char, std::string_view, Values) override {}
  void device(const Name& name, Pins, std::string_view, Values given) override {
    for (const auto& [key, value] : given) devices[text(name)][std::string(key)] = value;
  }
  void cell(std::int64_t i, std::int64_t j, const Name&, const Name&,
            double siemens) override {
    values[text({"cell", i, j})] = siemens;
  }
  void selector(const Name&, const Name&, const Name&) override {}
  void amplifier(const Name& name, const Name&, const Name&, double offset) override {
    values[text(name)] = offset;
  }
  void initial(const Name&, double) override {}
};

Recorder heard(const ArraySpec& spec, std::int64_t product = 0) {
  Recorder recorder;
  const std::vector<double> inputs(static_cast<std::size_t>(spec.array.rows),
                                   spec.input.maximum);
  const Matrix weights{
      spec.array.rows, spec.array.columns,
      std::vector<double>(spec.array.rows * spec.array.columns, spec.cell.maximum)};
  describe_chip(spec, weights, inputs, product, recorder);
  return recorder;
}

/// Sample mean and standard deviation against what they should be.
void expect_moments(const std::vector<double>& x, double mean, double sigma,
                    double kurtosis = 3.0) {
  const auto n = static_cast<double>(x.size());
  double sum = 0.0, squares = 0.0;
  for (const double v : x) sum += v / n;
  for (const double v : x) squares += (v - sum) * (v - sum) / (n - 1.0);
  EXPECT_NEAR(sum, mean, 4.0 * sigma / std::sqrt(n));
  EXPECT_NEAR(std::sqrt(squares), sigma,
              4.0 * sigma * std::sqrt((kurtosis - 1.0) / (4.0 * n)));
}

std::vector<double> held(const ArraySpec& spec, double w) {
  std::vector<double> values;
  for (std::int64_t i = 0; i < spec.array.rows; ++i)
    for (std::int64_t j = 0; j < spec.array.columns; ++j)
      values.push_back(programmed_value(spec, w, i, j));
  return values;
}

TEST(CellStatistics, ProgrammingErrorFollowsItsPolynomial) {
  const ArraySpec spec =
      spec_of("current-domain", 120, 120,
              {"variation.programming_constant=0.01", "variation.programming_linear=0.04",
               "variation.programming_quadratic=-0.02"});
  for (const double u : {0.3, 0.7}) {
    const double w = u * spec.cell.maximum;
    expect_moments(held(spec, w), w,
                   spec.cell.maximum * (0.01 + 0.04 * u - 0.02 * u * u));
  }
}

TEST(CellStatistics, ConductancesDriftAsAPowerOfTime) {
  ArraySpec spec = spec_of("current-domain", 2, 2,
                           {"variation.time=3580", "variation.drift_exponent=0.05"});
  EXPECT_NEAR(programmed_value(spec, 1e-5, 1, 1), 1e-5 * std::pow(180.0, -0.05), 1e-18);
  spec.array.rows = spec.array.columns = 120;
  spec.variation.drift_exponent_sigma = 0.01;
  std::vector<double> exponents;
  for (const double g : held(spec, 1e-5))
    exponents.push_back(-std::log(g / 1e-5) / std::log(180.0));
  expect_moments(exponents, 0.05, 0.01);
  spec.variation.time = 0.0;
  EXPECT_EQ(programmed_value(spec, 1e-5, 1, 1), 1e-5);
}

TEST(CellStatistics, PhaseChangeCellsHaveTheirPublishedSpreadAtAnyScale) {
  const ArraySpec spec =
      spec_of("current-domain", 120, 120,
              {"variation.statistics=pcm", "cell.minimum=0", "cell.maximum=5e-5"});
  // 0.26348 + 1.9650 u - 1.1731 u^2 of 25 uS
  const double sigma = 2e-6 * (0.26348 + 1.9650 * 0.5 - 1.1731 * 0.25);
  EXPECT_NEAR(programming_sigma(spec, 2.5e-5), sigma, 1e-12);
  expect_moments(held(spec, 2.5e-5), 2.5e-5, sigma);
  const double q = 0.0088 / std::pow(0.5, 0.65);
  EXPECT_NEAR(read_sigma(spec, 2.5e-5),
              2.5e-5 * q * std::sqrt(std::log((20.0 + 2.5e-7) / 5e-7)), 1e-12);
}

TEST(CellStatistics, ReadingsDifferFromProductToProductAroundWhatIsHeld) {
  const ArraySpec spec = spec_of("current-domain", 4, 4, {"variation.read_noise=0.02"});
  EXPECT_EQ(held(spec, 1e-5), std::vector<double>(16, 1e-5));
  std::vector<double> readings;
  for (std::int64_t k = 0; k < 8000; ++k)
    readings.push_back(read_conductance(spec, 1e-5, 2, 1, k));
  expect_moments(readings, 1e-5, 2e-7);
  EXPECT_EQ(readings[5], read_conductance(spec, 1e-5, 2, 1, 5));
}

TEST(Chip, TransistorsHavePelgromMismatch) {
  const ArraySpec spec =
      spec_of("charge-domain", 70, 70,
              {"variation.threshold_coefficient=3e-9", "variation.gain_coefficient=1e-8",
               "variation.channel_length=1e-7", "cell.bits=2"});
  std::vector<double> thresholds, gains;
  for (const auto& [name, device] : heard(spec).devices)
    if (device.contains("delvto")) {
      thresholds.push_back(device.at("delvto"));
      gains.push_back(device.at("w") / device.at("l") / 3.0);
    }
  ASSERT_EQ(thresholds.size(), 4900u);
  // W/L = 3: sqrt(W L) = 0.1 um sqrt(3)
  expect_moments(thresholds, 0.0, 3e-9 / (1e-7 * std::sqrt(3.0)));
  expect_moments(gains, 1.0, 1e-8 / (1e-7 * std::sqrt(3.0)));
}

TEST(Chip, CapacitorsSpreadWithTheRootOfTheirUnits) {
  const ArraySpec spec =
      spec_of("capacitive-division", 70, 70,
              {"cell.structure=programmable", "cell.unit_capacitance=1e-15",
               "cell.maximum=4e-15", "variation.capacitor_sigma=0.02"});
  std::vector<double> factors;
  for (const auto& [name, value] : heard(spec).values)
    if (name.starts_with("Ccell")) factors.push_back(value / 4e-15);
  ASSERT_EQ(factors.size(), 4900u);
  expect_moments(factors, 1.0, 0.01);
}

TEST(Chip, WiresOfALineAreAlikeAndLinesDiffer) {
  const ArraySpec spec =
      spec_of("current-domain", 800, 3,
              {"variation.wire_resistance_sigma=0.2", "wire.word_line_capacitance=1e-15",
               "variation.wire_capacitance_sigma=0.1", "driver.resistance=50",
               "driver.sides=both", "variation.driver_resistance_sigma=0.3"});
  const Recorder chip = heard(spec);
  std::vector<double> wires, loads, left, right;
  for (std::int64_t i = 0; i < 800; ++i) {
    const std::string row = std::to_string(i);
    const double r = chip.values.at("Rwl_" + row + "_0");
    EXPECT_EQ(r, chip.values.at("Rwl_" + row + "_3"));
    EXPECT_EQ(r, wire_resistance_factor(spec, kWordLines, i));
    wires.push_back(r);
    loads.push_back(chip.values.at("Cwl_" + row + "_1") / 1e-15);
    left.push_back(chip.values.at("Rdrv_" + row) / 50.0);
    right.push_back(chip.values.at("Rdrvr_" + row) / 50.0);
  }
  const auto kurtosis = [](double sigma) {  // of a lognormal
    const double w = 1.0 + sigma * sigma;
    return std::pow(w, 4) + 2.0 * std::pow(w, 3) + 3.0 * w * w - 3.0;
  };
  expect_moments(wires, 1.0, 0.2, kurtosis(0.2));
  expect_moments(loads, 1.0, 0.1, kurtosis(0.1));
  expect_moments(left, 1.0, 0.3, kurtosis(0.3));
  EXPECT_NE(left, right);
}

TEST(Chip, AmplifiersAndComparatorsHaveOffsets) {
  const ArraySpec amplified =
      spec_of("current-domain", 1, 2000,
              {"sense.kind=tia", "variation.amplifier_offset_sigma=2e-3"});
  std::vector<double> offsets;
  for (const auto& [name, value] : heard(amplified).values)
    if (name.starts_with("amp")) offsets.push_back(value);
  ASSERT_EQ(offsets.size(), 2000u);
  expect_moments(offsets, 0.0, 2e-3);

  const ArraySpec compared = spec_of("time-domain", 1, 2000,
                                     {"cell.structure=crossing", "sense.kind=comparator",
                                      "variation.comparator_offset_sigma=5e-3"});
  offsets.clear();
  for (const auto& [name, device] : heard(compared).devices)
    if (device.contains("offset")) offsets.push_back(device.at("offset"));
  ASSERT_EQ(offsets.size(), 2000u);
  expect_moments(offsets, 0.0, 5e-3);
}

TEST(Chip, EdgesMoveAnewForEveryProductAndStayInOrder) {
  ArraySpec spec =
      spec_of("charge-domain", 4, 2, {"variation.jitter=2e-12", "input.maximum=1e-9"});
  const Signal nominal =
      heard(spec_of("charge-domain", 4, 2, {"input.maximum=1e-9"})).signals.at("Vin_1");
  std::vector<double> rises, falls;
  for (std::int64_t k = 0; k < 3000; ++k) {
    const Signal signal = heard(spec, k).signals.at("Vin_1");
    ASSERT_EQ(signal.points.size(), 5u);
    rises.push_back(signal.points[1].first - nominal.points[1].first);
    falls.push_back(signal.points[4].first - nominal.points[4].first);
    EXPECT_NEAR(signal.points[2].first - signal.points[1].first, spec.timing.edge, 1e-20);
  }
  expect_moments(rises, 0.0, 2e-12);
  expect_moments(falls, 0.0, 2e-12);
  spec.variation.jitter = 1e-8;  // more than the pulse is long
  for (std::int64_t k = 0; k < 50; ++k)
    for (const auto& [name, signal] : heard(spec, k).signals)
      EXPECT_TRUE(std::is_sorted(signal.points.begin(), signal.points.end())) << name;
}

TEST(Chip, ChipsOfASeedDifferAndHaveTheirSupplies) {
  ArraySpec spec = spec_of("resistive-division", 2, 2,
                           {"cell.structure=pull", "variation.supply_sigma=0.03"});
  std::vector<double> supplies;
  for (spec.variation.chip = 0; spec.variation.chip < 2000; ++spec.variation.chip)
    supplies.push_back(heard(spec).signals.at("Vdd").start() / 0.8);
  expect_moments(supplies, 1.0, 0.03);
}

TEST(Chip, CapacitancesBetweenLinesAndFeedbackResistorsDiffer) {
  const ArraySpec spec =
      spec_of("current-domain", 900, 900,
              {"sense.kind=tia", "wire.coupling_capacitance=1e-15",
               "variation.wire_capacitance_sigma=0.1", "variation.resistor_sigma=0.05"});
  std::vector<double> words, bits, feedback;
  const ArraySpec few = [&] {
    ArraySpec narrow = spec;  // the draws of a line depend on its number alone
    narrow.array.columns = 3;
    return narrow;
  }();
  const Recorder chip = heard(few);
  for (std::int64_t k = 0; k + 1 < 900; ++k) {
    const std::string row = std::to_string(k);
    const double c = chip.values.at("Ccwl_" + row + "_0");
    EXPECT_EQ(c, chip.values.at("Ccwl_" + row + "_2"));
    EXPECT_EQ(c, 1e-15 * wire_capacitance_factor(spec, kBetweenWordLines, k));
    words.push_back(c / 1e-15);
    bits.push_back(wire_capacitance_factor(spec, kBetweenBitLines, k));
    feedback.push_back(feedback_factor(spec, k));
  }
  EXPECT_EQ(chip.values.at("Ccbl_5_1"),
            1e-15 * wire_capacitance_factor(spec, kBetweenBitLines, 1));
  EXPECT_EQ(chip.values.at("Rfeedback_2"), 1e4 * feedback[2]);
  expect_moments(words, 1.0, 0.1);
  expect_moments(bits, 1.0, 0.1);
  expect_moments(feedback, 1.0, 0.05);
  EXPECT_NE(words, bits);
}

TEST(Chip, AnElementKeepsItsDrawWhenTheArrayGrows) {
  const std::vector<std::string> all{
      "variation.capacitor_sigma=0.1",        "variation.threshold_coefficient=1e-9",
      "variation.wire_resistance_sigma=0.1",  "variation.comparator_offset_sigma=1e-3",
      "variation.resistor_sigma=0.1",         "variation.read_noise=0.1",
      "variation.amplifier_offset_sigma=1e-3"};
  for (const ArrayType* type : array_types()) {
    for (const CellStructure& structure : type->structures) {
      auto overrides = all;
      overrides.push_back("cell.structure=" + std::string(structure.name));
      const ArraySpec small = spec_of(std::string(type->name), 2, 2, overrides);
      ArraySpec large = small;
      large.array.rows = 5;
      large.array.columns = 4;
      const Recorder few = heard(small), many = heard(large);
      for (const auto& [name, value] : few.values) {
        const bool is_of_a_cell = name.starts_with("Ccell") || name.starts_with("cell");
        if (!is_of_a_cell && !name.starts_with("amp")) continue;
        EXPECT_EQ(value, many.values.at(name)) << type->name << ' ' << name;
      }
      for (const auto& [name, device] : few.devices)
        EXPECT_EQ(device, many.devices.at(name)) << type->name << ' ' << name;
    }
  }
}

TEST(Chip, NamesOfElementsHaveDrawsOfTheirOwn) {
  std::map<std::uint64_t, std::string> seen;
  for (const ArrayType* type : array_types())
    for (const CellStructure& structure : type->structures) {
      const Recorder chip =
          heard(spec_of(std::string(type->name), 2, 2,
                        {"cell.structure=" + std::string(structure.name)}));
      const auto note = [&](const std::string& name) {
        const std::string stem = name.substr(0, name.find('_'));
        const auto [at, is_new] = seen.emplace(Purpose(Draw::Capacitor, stem).code, stem);
        EXPECT_EQ(at->second, stem);
      };
      for (const auto& [name, value] : chip.values) note(name);
      for (const auto& [name, value] : chip.devices) note(name);
    }
  EXPECT_GT(seen.size(), 20u);
}

TEST(Chip, KeysWithoutAnythingToVaryAreToldAndBadValuesHaveAPlace) {
  Diagnostics diagnostics;
  spec_of("current-domain", 2, 2,
          {"variation.threshold_coefficient=1e-9", "variation.resistor_sigma=0.1"},
          diagnostics);
  std::string told;
  for (const Diagnostic& d : diagnostics.all()) told += d.text + '\n';
  EXPECT_THAT(told, HasSubstr("'variation.threshold_coefficient' has no effect without "
                              "transistors in the array"));
  EXPECT_THAT(told, HasSubstr("'variation.resistor_sigma' has no effect without "
                              "resistors in cells or around amplifiers in the array"));

  Sources sources;
  Diagnostics errors;
  EXPECT_FALSE(
      read_spec_text("[array]\ntype = \"current-domain\"\nrows = 2\n"
                     "columns = 2\n[variation]\n  read_noise = -1\n",
                     "bad.toml", {}, sources, errors));
  ASSERT_EQ(errors.all().size(), 1u);
  EXPECT_THAT(render(errors.all()[0], sources),
              HasSubstr("bad.toml:6:3: error: 'variation.read_noise' must be a number of "
                        "0 or more, not -1"));
}

}  // namespace
}  // namespace arrayspice
