// SPDX-License-Identifier: Apache-2.0
// Columns that share nothing but ideal sources are solved one by one.
#include "behavior/array_experiment.hpp"
#include "behavior/mvm.hpp"
#include "tests/behavior/typed_arrays.hpp"

namespace arrayspice {
namespace {

TEST(Columns, AreIndependentUnlessWiresDriversOrCouplingJoinThem) {
  const auto independent = [](const std::string& type, const Overrides& overrides) {
    return columns_are_independent(typed_array(type, 5, 4, overrides));
  };
  EXPECT_TRUE(independent("time-domain", {}));
  EXPECT_TRUE(independent("charge-domain", {"cell.structure=stack"}));
  EXPECT_TRUE(independent("charge-redistribution", {"cell.structure=binary"}));
  EXPECT_TRUE(independent("capacitive-division", {"cell.structure=c2c"}));
  EXPECT_TRUE(independent("resistive-division", {"cell.structure=series"}));
  EXPECT_FALSE(independent("charge-domain", {"wire.word_line_resistance=1"}));
  EXPECT_FALSE(independent("capacitive-division", {"driver.resistance=10"}));
  EXPECT_FALSE(independent(
      "time-domain", {"cell.structure=crossing", "wire.coupling_capacitance=1e-16"}));
  EXPECT_FALSE(independent("resistive-division", {}));
}

class SolvedAlone : public ::testing::TestWithParam<std::pair<std::string, std::string>> {
 protected:
  ArraySpec spec() const {
    return typed_array(GetParam().first, 5, 3, {"cell.structure=" + GetParam().second});
  }
};

TEST_P(SolvedAlone, AColumnGivesWhatItGivesAmongTheOthers) {
  const Matrix weights = default_weights(spec()), inputs = inputs_over_the_range(spec());
  std::vector<double> together(3);
  ArrayExperiment(spec(), weights).run(inputs.values, together);
  const Matrix alone = ArraySolver(spec(), weights).multiply(inputs);
  for (std::size_t j = 0; j < 3; ++j)
    EXPECT_NEAR(alone.values[j], together[j], 5e-6 * std::abs(together[j])) << j;
}

TEST_P(SolvedAlone, TheNumberOfThreadsChangesNoBit) {
  const Matrix weights = default_weights(spec());
  const Matrix one = inputs_over_the_range(spec());
  Matrix inputs{2, 5, one.values};
  inputs.values.insert(inputs.values.end(), one.values.rbegin(), one.values.rend());
  MvmOptions many;
  many.threads = 3;
  EXPECT_EQ(ArraySolver(spec(), weights).multiply(inputs).values,
            ArraySolver(spec(), weights, many).multiply(inputs).values);
}

INSTANTIATE_TEST_SUITE_P(Types, SolvedAlone,
                         ::testing::Values(std::pair{"charge-domain", "1T"},
                                           std::pair{"charge-redistribution", "serial"},
                                           std::pair{"capacitive-division", "gated"},
                                           std::pair{"time-domain", "delay-chain"},
                                           std::pair{"time-domain", "starved"}),
                         [](const auto& info) {
                           std::string name = info.param.second;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace arrayspice
