// SPDX-License-Identifier: Apache-2.0
// The spec reader: defaults, overrides, and one bad input per kind with its place.
#include "netlists/arrays/spec.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "netlists/arrays/spec_keys.hpp"

namespace arrayspice {
namespace {

using ::testing::HasSubstr;

const std::string kSmall = "[array]\ntype = \"current-domain\"\nrows = 4\ncolumns = 3\n";

struct Reading {
  std::optional<ArraySpec> spec;
  std::string messages;
};

Reading read(const std::string& text, const std::vector<std::string>& overrides = {}) {
  Sources sources;
  Diagnostics diagnostics;
  Reading reading;
  reading.spec = read_spec_text(text, "a.toml", overrides, sources, diagnostics);
  for (const Diagnostic& d : diagnostics.all())
    reading.messages.append(render(d, sources)).append("\n");
  EXPECT_EQ(reading.spec.has_value(), !diagnostics.has_errors());
  return reading;
}

TEST(Spec, OnlyTypeRowsAndColumnsAreRequired) {
  const auto reading = read(kSmall);
  ASSERT_TRUE(reading.spec) << reading.messages;
  EXPECT_EQ(reading.spec->array.rows, 4);
  EXPECT_EQ(reading.spec->cell.model, "ohmic");
  EXPECT_EQ(reading.spec->wire.word_line_resistance, 1.0);
  EXPECT_EQ(reading.spec->input.maximum, 0.2);

  const auto nothing = read("");
  for (const char* key : {"array.type", "array.rows", "array.columns"})
    EXPECT_THAT(nothing.messages, HasSubstr(std::string(key).append("' is missing")));
}

TEST(Spec, ASpecWrittenOutReadsBackTheSame) {
  auto reading = read(kSmall +
                      "[cell]\nmodel = \"sinh\"\nminimum = 1.234567890123e-7\n"
                      "[cell.parameters]\nv0 = 0.3\n[sense]\nkind = \"tia\"\n");
  ASSERT_TRUE(reading.spec) << reading.messages;
  const std::string text = write_spec(*reading.spec);
  const auto again = read(text);
  ASSERT_TRUE(again.spec) << again.messages << text;
  EXPECT_EQ(write_spec(*again.spec), text);
  EXPECT_EQ(again.spec->cell.minimum, 1.234567890123e-7);
  EXPECT_EQ(again.spec->cell.parameters.at("v0"), 0.3);
}

TEST(Spec, OverridesWinInOrderAndNeedNoQuotes) {
  const auto reading =
      read(kSmall, {"wire.word_line_resistance=2", "wire.word_line_resistance=3.5",
                    "sense.kind=tia", "array.rows=1e3", "cell.model=\"sinh\"",
                    "cell.parameters.v0=0.3"});
  ASSERT_TRUE(reading.spec) << reading.messages;
  EXPECT_EQ(reading.spec->wire.word_line_resistance, 3.5);
  EXPECT_EQ(reading.spec->sense.kind, "tia");
  EXPECT_EQ(reading.spec->array.rows, 1000);
  EXPECT_EQ(reading.spec->cell.parameters.at("v0"), 0.3);
}

TEST(Spec, UnknownKeysAreRefusedWithTheirPlaceAndTheNearestKey) {
  EXPECT_THAT(read(kSmall + "[wire]\nword_line_resistence = 1\n").messages,
              HasSubstr("a.toml:6:1: error: unknown key 'wire.word_line_resistence'; did "
                        "you mean 'word_line_resistance'?"));
  EXPECT_THAT(read(kSmall + "[wires]\n").messages, HasSubstr("did you mean [wire]?"));
  EXPECT_THAT(read(kSmall + "[wire]\nmodel = 1\n").messages,
              HasSubstr("did you mean 'cell.model'?"));
  EXPECT_THAT(read(kSmall + "[cell.parameters]\nv0 = 1\n").messages,
              HasSubstr("a.toml:6:1: error: a ohmic cell has no parameter 'v0'"));
}

TEST(Spec, WrongTypesAndValuesOutOfRangeSayWhatWouldBeRight) {
  EXPECT_THAT(
      read("[array]\ntype = \"current-domain\"\nrows = 0\ncolumns = 3\n").messages,
      HasSubstr("a.toml:3:1: error: 'array.rows' must be a whole number of 1 or "
                "more, not 0"));
  EXPECT_THAT(read(kSmall, {"array.rows=-1"}).messages, HasSubstr("not -1"));
  EXPECT_THAT(read(kSmall, {"array.rows=2.5"}).messages, HasSubstr("a whole number"));
  EXPECT_THAT(read(kSmall + "[wire]\nbit_line_resistance = -1.0\n").messages,
              HasSubstr("must be a number of 0 or more, not -1"));
  EXPECT_THAT(read(kSmall + "[wire]\nbit_line_resistance = nan\n").messages,
              HasSubstr("not nan"));
  EXPECT_THAT(read(kSmall + "[wire]\nbit_line_resistance = \"1k\"\n").messages,
              HasSubstr("must be a number"));
  EXPECT_THAT(read(kSmall + "[sense]\nkind = \"integrater\"\n").messages,
              HasSubstr("did you mean \"integrator\"?"));
  EXPECT_THAT(read(kSmall + "[sense]\nkind = true\n").messages, HasSubstr("E0603"));
  EXPECT_THAT(read(kSmall + "cell = 3\n").messages,
              HasSubstr("unknown key 'array.cell'"));
  EXPECT_THAT(read("wire = 3\n" + kSmall).messages, HasSubstr("must be a section"));
}

TEST(Spec, ValuesThatContradictEachOtherAreRefused) {
  EXPECT_THAT(read(kSmall + "[cell]\nminimum = 2e-4\n").messages,
              HasSubstr("a.toml:6:1: error: 'cell.minimum' = 0.0002 is greater than "
                        "'cell.maximum' = 0.0001"));
  EXPECT_THAT(
      read(kSmall, {"variation.stuck_on=0.6", "variation.stuck_off=0.6"}).messages,
      HasSubstr("is more than 1"));
  EXPECT_THAT(read(kSmall, {"selector.on_resistance=1e6"}).messages,
              HasSubstr("vth must be above ron ihold"));
}

TEST(Spec, ValuesThatChangeNothingAreWarnedOf) {
  const auto reading =
      read(kSmall + "[sense]\ngain = 1e3\nclamp = 1.0\n", {"access.threshold=0.5"});
  ASSERT_TRUE(reading.spec);
  EXPECT_THAT(reading.messages,
              HasSubstr("a.toml:6:1: warning: 'sense.gain' has no effect without"));
  EXPECT_THAT(reading.messages, HasSubstr("'access.threshold' has no effect without "
                                          "cell.structure = \"1T1R\""));
  EXPECT_THAT(reading.messages, ::testing::Not(HasSubstr("clamp")));  // its default
  EXPECT_EQ(read(kSmall, {"sense.kind=tia", "sense.gain=1e3"}).messages, "");
  EXPECT_THAT(read(kSmall, {"selector.current_scale=1e-9"}).messages,
              HasSubstr("'selector.current_scale' has no effect without cell.structure = "
                        "\"1S1R\""));
  EXPECT_THAT(
      read(kSmall, {"cell.structure=1S1R", "selector.holding_current=1e-6"}).messages,
      HasSubstr("has no effect without selector.model = \"threshold\""));
  EXPECT_EQ(read(kSmall, {"cell.structure=1S1R", "selector.voltage_scale=0.1"}).messages,
            "");
}

TEST(Spec, KeysOfOtherTypesAreWarnedOfWithTheTypesThatUseThem) {
  const std::string capacitive =
      "[array]\ntype = \"capacitive-division\"\nrows = 4\ncolumns = 3\n";
  const auto other =
      read(capacitive, {"access.threshold=0.3", "selector.model=threshold"});
  ASSERT_TRUE(other.spec) << other.messages;
  EXPECT_THAT(other.messages, HasSubstr("'access.threshold' has no effect without "
                                        "array.type = \"current-domain\" or "));
  EXPECT_THAT(other.messages, HasSubstr("'selector.model' has no effect without "
                                        "array.type = \"current-domain\""));
  EXPECT_EQ(read(capacitive, {"supply.reset=0.1"}).messages, "");
}

TEST(Spec, BadTomlAndBadOverridesAreRefused) {
  EXPECT_THAT(read("[array\n").messages, HasSubstr("a.toml:1:"));
  EXPECT_THAT(read(kSmall + "rows = 5\n").messages, HasSubstr("E0601"));
  EXPECT_THAT(read(kSmall, {"wire.foo=1"}).messages,
              HasSubstr("error: --set wire.foo: "));
  EXPECT_THAT(read(kSmall, {"rows"}).messages, HasSubstr("section.key=value"));
}

TEST(Spec, EveryKeyIsUniqueAndItsDefaultIsAllowed) {
  std::set<std::string> names;
  ArraySpec defaults;
  for (const SpecKey& key : spec_keys()) {
    EXPECT_TRUE(names.insert(key.full_name()).second) << key.full_name();
    EXPECT_FALSE(key.doc.empty());
    if (key.is_required()) continue;
    if (const auto* number = std::get_if<SpecKey::Number>(&key.member)) {
      EXPECT_TRUE(key.range.contains((*number)(defaults))) << key.full_name();
    }
    if (const auto* text = std::get_if<SpecKey::Text>(&key.member)) {
      EXPECT_EQ(std::count(key.words.begin(), key.words.end(), (*text)(defaults)), 1);
    }
  }
  EXPECT_THAT(describe_spec_keys(),
              HasSubstr("| `wire.word_line_resistance` | ohm | 1 |"));
}

}  // namespace
}  // namespace arrayspice
