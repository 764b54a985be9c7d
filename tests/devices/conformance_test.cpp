// SPDX-License-Identifier: Apache-2.0
// What every device owes, checked over the registry: a sound parameter table, the exact
// Jacobian where it declares one, Kirchhoff's law among its pins, finite values anywhere.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <cmath>
#include <random>
#include <set>

#include "tests/devices/single_device.hpp"

namespace arrayspice::testing {
namespace {

/// A device of the registry with parameters that bring all its terms into play.
struct Case {
  std::string name;
  const Registration* kind;
  Settings model, instance;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

std::string label(const Registration& r) {
  std::string name(1, r.letter);
  if (!r.model_type.empty()) name += '_' + std::string(r.model_type);
  if (r.level != 1) name += "_level_" + std::to_string(r.level);
  return name;
}

/// Every device with its defaults; what has no default gets a 1.
std::vector<Case> cases() {
  std::vector<Case> all;
  for (const Registration& r : registry()) {
    Case c{label(r), &r, {}, {}};
    const ParameterInfo* principal =
        r.type().instance_parameters.empty() ? nullptr : &r.type().instance_parameters[0];
    if (principal && r.card != ModelCard::Required &&
        std::isnan(principal->default_value))
      c.instance.push_back({principal->name, 1.0});
    all.push_back(std::move(c));
  }
  const Settings transistor{{"vto", 0.5},     {"kp", 1e-4},    {"gamma", 0.4},
                            {"lambda", 0.05}, {"rd", 100.0},   {"rsh", 20.0},
                            {"tox", 2e-8},    {"cj", 3e-4},    {"cjsw", 2e-10},
                            {"cgso", 3e-10},  {"cgdo", 3e-10}, {"cgbo", 1e-10}};
  const Settings geometry{{"w", 1e-5},   {"l", 1e-6},  {"ad", 1e-11},
                          {"as", 1e-11}, {"pd", 2e-5}, {"ps", 2e-5}};
  all.push_back({"full_diode",
                 find_registration('d', "d", 1),
                 {{"rs", 10.0}, {"cjo", 1e-12}, {"tt", 1e-9}, {"bv", 1.2}, {"ikf", 1e-3}},
                 {{"area", 2.0}}});
  all.push_back({"full_nmos", find_registration('m', "nmos", 1), transistor, geometry});
  all.push_back({"full_pmos", find_registration('m', "pmos", 1), transistor, geometry});
  const Settings ekv{{"lambda", 0.1}, {"dibl", 0.05},  {"cox", 1e-2},
                     {"cgso", 3e-10}, {"cgdo", 3e-10}, {"cgbo", 1e-10}};
  all.push_back({"full_ekv_n", find_registration('m', "nmos", 44), ekv, {}});
  all.push_back({"full_ekv_p", find_registration('m', "pmos", 44), ekv, {}});
  for (const double window : {0.0, 2.0, 3.0})
    all.push_back({"ion_drift_window_" + std::to_string(static_cast<int>(window)),
                   find_registration('n', "ion_drift", 1),
                   {{"window", window}, {"p", 2.0}},
                   {}});
  all.push_back({"exponential_vteam",
                 find_registration('n', "vteam", 1),
                 {{"exponential", 1.0}, {"voff", 0.1}, {"aoff", 2.0}},
                 {}});
  all.push_back(
      {"full_comparator",
       find_registration('n', "comparator", 1),
       {{"gain", 10.0}, {"hysteresis", 0.05}, {"rout", 100.0}, {"offset", 1e-2}},
       {}});
  all.push_back({"full_mtj",
                 find_registration('n', "mtj", 1),
                 {{"a", 0.2}, {"b", 0.3}},
                 {{"x", 0.7}}});
  all.push_back({"old_pcm", find_registration('n', "pcm", 1), {{"time", 1e5}}, {}});
  all.push_back({"full_fefet",
                 find_registration('n', "fefet", 1),
                 {{"lambda", 0.1}, {"dibl", 0.05}, {"cg", 1e-2}, {"vc", 0.2}},
                 {}});
  all.push_back({"full_flash_cell",
                 find_registration('n', "flash_cell", 1),
                 {{"cgs", 1e-16}, {"cgd", 2e-16}, {"lambda", 0.1}},
                 {{"vth", 0.2}}});
  all.push_back({"full_injecting_switch",
                 find_registration('n', "injecting_switch", 1),
                 {{"vt", 0.0}, {"cov", 1e-16}, {"cch", 3e-16}, {"vth", 0.1}},
                 {}});
  all.push_back({"clamped_opamp",
                 find_registration('n', "opamp", 1),
                 {{"clamp", 1.0}, {"rout", 100.0}, {"offset", 1e-3}},
                 {}});
  all.push_back({"coupled_k",
                 find_registration('k', "", 1),
                 {},
                 {{"k", 0.9}, {"l1", 1e-3}, {"l2", 4e-3}}});
  return all;
}

class Conformance : public ::testing::TestWithParam<Case> {
 protected:
  SingleDevice make() const {
    return SingleDevice(*GetParam().kind, GetParam().model, GetParam().instance);
  }
  /// A random point with voltages within +-reach, states within +-4 reach.
  void scatter(SingleDevice& device, double reach) {
    std::uniform_real_distribution<double> uniform(-reach, reach);
    for (std::size_t u = 1; u < device.x().size(); ++u) {
      const auto quantity = device.circuit().quantity(static_cast<UnknownId>(u));
      device.x()[u] = (quantity == Quantity::State ? 4.0 : 1.0) * uniform(random_);
    }
  }

 private:
  std::mt19937 random_{1};
};

INSTANTIATE_TEST_SUITE_P(Registry, Conformance, ::testing::ValuesIn(cases()),
                         [](const auto& c) { return c.param.name; });

void expect_sound(const std::vector<ParameterInfo>& table) {
  std::set<std::string_view> names;
  for (const ParameterInfo& p : table) {
    EXPECT_TRUE(names.insert(p.name).second) << p.name << " is listed twice";
    EXPECT_FALSE(p.doc.empty()) << p.name;
    EXPECT_TRUE(std::none_of(p.name.begin(), p.name.end(), ::isupper)) << p.name;
    EXPECT_TRUE(std::isnan(p.default_value) || p.range.contains(p.default_value))
        << p.name;
  }
}

TEST_P(Conformance, ParameterTablesAreSound) {
  const DeviceType& type = GetParam().kind->type();
  expect_sound(type.model_parameters);
  expect_sound(type.instance_parameters);
  EXPECT_FALSE(type.name.empty());
}

TEST_P(Conformance, BranchesAndPinsFitTogether) {
  const DeviceType& type = GetParam().kind->type();
  std::set<std::string_view> names;
  bool internal = false;
  for (const Pin& pin : type.pins) {
    EXPECT_TRUE(names.insert(pin.name).second) << pin.name;
    EXPECT_TRUE(!internal || pin.scope == Scope::Internal) << "external pins come first";
    internal = pin.scope == Scope::Internal;
  }
  for (const Branch& b : type.branches) {
    EXPECT_LT(b.from, type.pins.size());
    EXPECT_LT(b.to, type.pins.size());
  }
}

/// Central differences of f and q against g and c, entry by entry; where the pattern has
/// no entry (or the slot is marked as never conductive) the difference must vanish.
void expect_jacobian(SingleDevice& device) {
  const Evaluation at = device.evaluate();
  const SparsePattern& pattern = device.circuit().pattern();
  const auto n = static_cast<UnknownId>(device.x().size());
  for (UnknownId column = 1; column < n; ++column) {
    // A microampere through a cell changes more than a microvolt across it.
    const bool is_current = device.circuit().quantity(column) == Quantity::Current;
    const double h = is_current ? 1e-7 : 1e-6;
    const double x = device.x()[column];
    device.x()[column] = x + h;
    const Evaluation up = device.residual();
    device.x()[column] = x - h;
    const Evaluation down = device.residual();
    device.x()[column] = x;
    for (UnknownId row = 1; row < n; ++row) {
      const std::int32_t slot = pattern.slot(row, column);
      const double df = (up.f[row] - down.f[row]) / (2 * h);
      const double dq = (up.q[row] - down.q[row]) / (2 * h);
      const double g = slot < 0 ? 0.0 : at.g[slot],
                   c = slot < 0 ? 0.0 : at.capacitance(slot);
      const double f_noise = 4e-15 / h * (std::abs(up.f[row]) + std::abs(at.f[row]));
      const double q_noise = 4e-15 / h * (std::abs(up.q[row]) + std::abs(at.q[row]));
      EXPECT_NEAR(g, df, 2e-6 * std::abs(df) + f_noise) << row << ',' << column;
      EXPECT_NEAR(c, dq, 2e-6 * std::abs(dq) + q_noise) << row << ',' << column;
      EXPECT_TRUE(slot < 0 || device.circuit().conductive()[slot] || g == 0.0);
      if (slot < 0) {
        EXPECT_EQ(df, 0.0) << row << ',' << column << " is not declared";
        EXPECT_EQ(dq, 0.0) << row << ',' << column << " is not declared";
      }
    }
  }
}

TEST_P(Conformance, JacobianEqualsFiniteDifferences) {
  SingleDevice device = make();
  for (const double gmin : {0.0, 1e-9})
    for (const bool transient : {false, true}) {
      device.env().gmin = gmin;
      device.env().transient = device.env().moving = transient;
      for (int k = 0; k < 20; ++k) {
        scatter(device, 0.45);
        expect_jacobian(device);
      }
    }
}

TEST_P(Conformance, CurrentsAndChargesOfTheNodesSumToZero) {
  SingleDevice device = make();
  for (int k = 0; k < 20; ++k) {
    scatter(device, 0.45);
    double f = 0, q = 0, most_f = 0, most_q = 0;
    for (std::size_t p = 0; p < device.type().pins.size(); ++p) {
      if (device.type().pins[p].quantity != Quantity::Voltage) continue;
      f += device.f(p);
      q += device.q(p);
      most_f = std::max(most_f, std::abs(device.f(p)));
      most_q = std::max(most_q, std::abs(device.q(p)));
    }
    EXPECT_NEAR(f, 0.0, 1e-14 * most_f);
    EXPECT_NEAR(q, 0.0, 1e-14 * most_q);
  }
}

TEST_P(Conformance, NothingChangesWhenAllVoltagesRiseTogether) {
  SingleDevice device = make();
  for (int k = 0; k < 20; ++k) {
    scatter(device, 1.0);
    const Evaluation before = device.residual();
    std::set<UnknownId>
        nodes;  // a collapsed internal pin is a node that is there already
    for (std::size_t p = 0; p < device.type().pins.size(); ++p)
      if (device.type().pins[p].quantity == Quantity::Voltage)
        nodes.insert(device.pin(p));
    for (const UnknownId u : nodes) device.x()[u] += 2.0;
    const Evaluation after = device.residual();
    for (std::size_t p = 0; p < device.type().pins.size(); ++p) {
      const UnknownId u = device.pin(p);
      EXPECT_NEAR(after.f[u], before.f[u], 1e-12 * std::abs(before.f[u]) + 1e-12);
      EXPECT_NEAR(after.q[u], before.q[u], 1e-12 * std::abs(before.q[u]) + 1e-24);
    }
  }
}

TEST_P(Conformance, ValuesStayFiniteFarAway) {
  SingleDevice device = make();
  device.env().transient = device.env().moving = true;
  for (int k = 0; k < 50; ++k) {
    scatter(device, 1e3);
    Evaluation e;
    device.circuit().forget_limits();
    for (int repeat = 0; repeat < 3; ++repeat)
      device.circuit().evaluate(device.x(), device.env(), Want::ResidualAndJacobian, e);
    for (const auto* values : {&e.f, &e.q, &e.g, &e.c})
      EXPECT_THAT(
          *values,
          ::testing::Each(::testing::Truly([](double v) { return std::isfinite(v); })));
  }
}

TEST(Registry, FindsEachEntryByItsOwnKey) {
  std::set<std::tuple<char, std::string_view, int>> keys;
  for (const Registration& r : registry()) {
    EXPECT_TRUE(keys.insert({r.letter, r.model_type, r.level}).second) << label(r);
    EXPECT_EQ(find_registration(r.letter, r.model_type, r.level), &r);
    EXPECT_EQ(r.make()->type().name, r.type().name);
  }
  EXPECT_EQ(find_registration('d', "", 1), nullptr) << "a diode needs a card";
  EXPECT_EQ(find_registration('m', "nmos", 99), nullptr);
  EXPECT_EQ(find_registration('z', "", 1), nullptr);
}

}  // namespace
}  // namespace arrayspice::testing
