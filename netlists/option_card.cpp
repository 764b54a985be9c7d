// SPDX-License-Identifier: Apache-2.0
#include "netlists/option_card.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "netlists/lookup.hpp"
#include "netlists/messages.hpp"
#include "netlists/values.hpp"

namespace arrayspice {

namespace {

struct NumberOption {
  std::string_view name;
  Range range;
  void (*set)(DeckOptions&, double);
};

constexpr Range kIterations{1.0, 1e9, false};
constexpr Range kRelative{0.0, 1.0, true};
constexpr Range kCelsius{-273.15, std::numeric_limits<double>::infinity(), true};

constexpr std::array kNumbers{
    NumberOption{"reltol", kRelative,
                 [](DeckOptions& o, double x) { o.tolerances.reltol = x; }},
    NumberOption{"abstol", kPositive,
                 [](DeckOptions& o, double x) { o.tolerances.abstol = x; }},
    NumberOption{"vntol", kPositive,
                 [](DeckOptions& o, double x) { o.tolerances.vntol = x; }},
    NumberOption{"chgtol", kPositive,
                 [](DeckOptions& o, double x) { o.tolerances.chgtol = x; }},
    NumberOption{"trtol", kPositive,
                 [](DeckOptions& o, double x) { o.tolerances.trtol = x; }},
    NumberOption{"gmin", kNotNegative,
                 [](DeckOptions& o, double x) { o.tolerances.gmin = x; }},
    NumberOption{
        "itl1", kIterations,
        [](DeckOptions& o, double x) { o.tolerances.itl1 = static_cast<int>(x); }},
    NumberOption{
        "itl2", kIterations,
        [](DeckOptions& o, double x) { o.tolerances.itl2 = static_cast<int>(x); }},
    NumberOption{
        "itl4", kIterations,
        [](DeckOptions& o, double x) { o.tolerances.itl4 = static_cast<int>(x); }},
    NumberOption{"temp", kCelsius, [](DeckOptions& o, double x) { o.temperature = x; }},
    NumberOption{"tnom", kCelsius,
                 [](DeckOptions& o, double x) { o.nominal_temperature = x; }},
    NumberOption{"maxord",
                 {1.0, 6.0, false},
                 [](DeckOptions& o, double x) {
                   if (x == 1.0) o.method = Method::BackwardEuler;
                 }},
};

/// Printing, other solvers, other programs' aids: nothing that changes an exact result.
constexpr std::array<std::string_view, 45> kAccepted{
    "acct",     "noacct",     "list",         "nomod",      "node",
    "nopage",   "post",       "ingold",       "numdgt",     "opts",
    "klu",      "sparse",     "noinit",       "noopiter",   "gminsteps",
    "srcsteps", "interp",     "savecurrents", "autostop",   "keepopinfo",
    "limpts",   "lvltim",     "pivtol",       "pivrel",     "itl3",
    "itl5",     "itl6",       "cptime",       "minbreak",   "bypass",
    "width",    "seed",       "probe",        "nobjthread", "num_threads",
    "brief",    "measform",   "captab",       "co",         "unwrap",
    "warn",     "lteminstep", "trytocompact", "xmu",        "badmos3"};

struct MethodName {
  std::string_view name;
  Method method;
};
constexpr std::array kMethods{MethodName{"trap", Method::Trapezoidal},
                              MethodName{"trapezoidal", Method::Trapezoidal},
                              MethodName{"gear", Method::Gear2},
                              MethodName{"gear2", Method::Gear2},
                              MethodName{"trbdf2", Method::TrBdf2},
                              MethodName{"tr-bdf2", Method::TrBdf2},
                              MethodName{"euler", Method::BackwardEuler}};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void set_method(std::string_view name, Location where, DeckOptions& options,
                Diagnostics& diagnostics) {
  const auto at = std::find_if(kMethods.begin(), kMethods.end(),
                               [&](const MethodName& m) { return m.name == name; });
  if (at == kMethods.end()) {
    diagnostics.error(
        message::kOptionValue, where,
        fmt::format("method '{}' is none of trap, gear, trbdf2, euler", name));
    return;
  }
  options.method = at->method;
}

void report_unknown(std::string_view name, Location where, Diagnostics& diagnostics) {
  std::vector<std::string_view> known(kAccepted.begin(), kAccepted.end());
  known.push_back("method");
  for (const NumberOption& option : kNumbers) known.push_back(option.name);
  diagnostics.error(
      message::kUnknownOption, where,
      fmt::format("there is no option '{}'{}", name, suggestion(name, known)));
}

void set_number(const NumberOption& option, double value, Location where,
                DeckOptions& options, Diagnostics& diagnostics) {
  if (!option.range.contains(value)) {
    diagnostics.error(message::kOptionValue, where,
                      fmt::format("{} cannot be {:g}; {}", option.name, value,
                                  range_text(option.range)));
    return;
  }
  option.set(options, value);
  options.given.emplace_back(option.name, value);
}

}  // namespace

void read_options(Cursor& cursor, const NameScope& scope, DeckOptions& options,
                  Diagnostics& diagnostics) {
  while (!cursor.done_or_brackets()) {
    const Location where = cursor.here();
    const std::string_view name = cursor.word();
    const bool has_value = cursor.accept('=');
    if (name.empty()) {
      diagnostics.error(message::kSyntax, where,
                        "an option is written name or name=value");
      return;
    }
    const ValueText text = has_value ? cursor.value() : ValueText{};
    const auto number =
        std::find_if(kNumbers.begin(), kNumbers.end(),
                     [&](const NumberOption& o) { return o.name == name; });
    if (name == "method" && text) {
      set_method(text.text, where, options, diagnostics);
    } else if (number != kNumbers.end() && text) {
      if (const auto value = evaluate(text, cursor, scope, diagnostics))
        set_number(*number, *value, where, options, diagnostics);
    } else if (number != kNumbers.end() || name == "method") {
      diagnostics.error(message::kOptionValue, where,
                        fmt::format("option {} needs a value: {}=...", name, name));
    } else if (!contains(kAccepted, name)) {
      report_unknown(name, where, diagnostics);
    }
  }
}

void read_temperature(Cursor& cursor, const NameScope& scope, DeckOptions& options,
                      Diagnostics& diagnostics) {
  const Location where = cursor.here();
  const ValueText text = cursor.value();
  const auto value = text ? evaluate(text, cursor, scope, diagnostics) : std::nullopt;
  if (!text)
    diagnostics.error(message::kSyntax, where,
                      ".temp needs a temperature in degrees Celsius");
  if (!value) return;
  if (!kCelsius.contains(*value)) {
    diagnostics.error(
        message::kOptionValue, where,
        fmt::format("a temperature of {:g} degrees Celsius does not exist", *value));
    return;
  }
  if (!cursor.done())
    diagnostics.error(message::kUnsupported, cursor.here(),
                      "one temperature a run; run the deck again for the others");
  options.temperature = *value;
  options.given.emplace_back("temp", *value);
}

}  // namespace arrayspice
