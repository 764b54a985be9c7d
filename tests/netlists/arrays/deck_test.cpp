// SPDX-License-Identifier: Apache-2.0
// Decks of arrays: names and geometry, and that ngspice gets the golden values from them.
#include <gmock/gmock.h>

#include "tests/netlists/arrays/array_decks.hpp"

namespace arrayspice {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string deck_of(const ArraySpec& spec, Dialect dialect = Dialect::Native) {
  return array_deck(spec, default_weights(spec),
                    std::vector<double>(spec.array.rows, 0.2), dialect);
}

TEST(ArrayDeck, NamesFollowTheGeometry) {
  ArraySpec spec = square_array(2, 1.0);
  const std::string deck = array_deck(spec, uniform_matrix(2, 2, 1e-4),
                                      std::vector<double>{0.2, 0.1}, Dialect::Native);
  for (const char* line :
       {"Vin_0 in_0 0 0.2\n", "Vin_1 in_1 0 0.1\n", "Rwl_0_0 in_0 wl_0_0 1\n",
        "Rwl_0_1 wl_0_0 wl_0_1 1\n", "Rcell_1_0 wl_1_0 bl_1_0 10000\n",
        "Rbl_0_1 bl_0_1 bl_1_1 1\n", "Rbl_1_1 bl_1_1 out_1 1\n", "Vsense_1 out_1 0 0\n",
        ".op\n", ".print op i(Vsense_0) i(Vsense_1)\n", ".end\n"})
    EXPECT_THAT(deck, HasSubstr(std::string("\n") + line)) << line;
}

TEST(ArrayDeck, BothSidesAddOneSegmentAndOneResistance) {
  ArraySpec spec = square_array(2, 1.0);
  spec.driver = {5.0, "both"};
  spec.sense.resistance = 7.0;
  spec.sense.sides = "both";
  const std::string deck = deck_of(spec);
  for (const char* line :
       {"Rdrv_0 in_0 drv_0 5\n", "Rwl_0_0 drv_0 wl_0_0 1\n", "Rwl_0_2 wl_0_1 drvr_0 1\n",
        "Rdrvr_0 drvr_0 in_0 5\n", "Rsenset_1 out_1 top_1 7\n", "Rblt_1 top_1 bl_0_1 1\n",
        "Rbl_1_1 bl_1_1 end_1 1\n", "Rsense_1 end_1 out_1 7\n"})
    EXPECT_THAT(deck, HasSubstr(std::string("\n") + line)) << line;
}

TEST(ArrayDeck, ZeroResistanceMakesNodesOne) {
  ArraySpec spec = square_array(2, 0.0);
  EXPECT_THAT(deck_of(spec), HasSubstr("\nRcell_1_0 in_1 out_0 "));
  EXPECT_THAT(deck_of(spec), Not(HasSubstr("\nRwl")));
  spec.driver.resistance = spec.sense.resistance = 3.0;
  EXPECT_THAT(deck_of(spec), HasSubstr("\nRdrv_1 in_1 wl_1_0 3\n"));
  EXPECT_THAT(deck_of(spec), HasSubstr("\nRcell_1_1 wl_1_0 bl_0_1 "));
  EXPECT_THAT(deck_of(spec), HasSubstr("\nRsense_1 bl_0_1 out_1 3\n"));
}

TEST(ArrayDeck, TheRecordOfTheSpecIsInItsHead) {
  ArraySpec spec = square_array(2, 1.25);
  const std::string deck = deck_of(spec);
  EXPECT_THAT(deck, HasSubstr("\n* word_line_resistance = 1.25\n"));
  EXPECT_THAT(deck, HasSubstr("\n* seed = 1\n"));
  EXPECT_EQ(deck.substr(0, 2), "* ");
}

TEST(ArrayDeck, NgspiceGetsTheGoldenCurrents) {
  if (!has_ngspice()) GTEST_SKIP() << "ngspice is not installed";
  const ArraySpec spec = square_array(8, 10.0);
  const auto y = run_ngspice(array_deck(spec, uniform_matrix(8, 8, 1e-4),
                                        std::vector<double>(8, 0.2), Dialect::Ngspice));
  ASSERT_EQ(y.count("i(vsense_0)"), 1u);
  EXPECT_NEAR(y.at("i(vsense_0)") / 160e-6, 0.967793404, 1e-9);
  EXPECT_NEAR(y.at("i(vsense_7)") / 160e-6, 0.941956940, 1e-9);
}

TEST(ArrayDeck, EveryVariantRunsInNgspice) {
  if (!has_ngspice()) GTEST_SKIP() << "ngspice is not installed";
  for (const char* structure : {"1R", "1T1R", "1S1R"}) {
    for (const char* model : {"ohmic", "sinh", "cubic", "stanford-rram"}) {
      for (const char* kind : {"virtual-ground", "tia", "integrator"}) {
        ArraySpec spec = square_array(3, 1.0);
        spec.cell.structure = structure;
        spec.cell.model = model;
        spec.cell.minimum = 1e-5;
        spec.sense.kind = kind;
        const auto y = run_ngspice(deck_of(spec, Dialect::Ngspice));
        EXPECT_GE(y.size(), 3u) << structure << ' ' << model << ' ' << kind;
      }
    }
  }
}

}  // namespace
}  // namespace arrayspice
