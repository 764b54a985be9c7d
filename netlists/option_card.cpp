// SPDX-License-Identifier: Apache-2.0
#include "netlists/option_card.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "netlists/lookup.hpp"
#include "netlists/messages.hpp"
#include "netlists/values.hpp"

namespace arrayspice {

namespace {

struct NumberOption {
  std::string_view name;
  Range range;
  void (*set)(DeckOptions&, double);
  bool is_whole = false;
};

constexpr Range kIterations{1.0, 1e9, false};
constexpr Range kRelative{0.0, 1.0, true};
constexpr Range kCelsius{-273.15, std::numeric_limits<double>::infinity(), true};
constexpr double kUndamped = 0.5;  // xmu of the trapezoidal formula

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
        [](DeckOptions& o, double x) { o.tolerances.itl1 = static_cast<int>(x); }, true},
    NumberOption{
        "itl2", kIterations,
        [](DeckOptions& o, double x) { o.tolerances.itl2 = static_cast<int>(x); }, true},
    NumberOption{
        "itl4", kIterations,
        [](DeckOptions& o, double x) { o.tolerances.itl4 = static_cast<int>(x); }, true},
    NumberOption{"temp", kCelsius, [](DeckOptions& o, double x) { o.temperature = x; }},
    NumberOption{"tnom", kCelsius,
                 [](DeckOptions& o, double x) { o.nominal_temperature = x; }},
    NumberOption{"maxord",
                 {1.0, 6.0, false},
                 [](DeckOptions& o, double x) { o.highest_order = static_cast<int>(x); },
                 true},
    NumberOption{"xmu",
                 {0.0, kUndamped, false},
                 [](DeckOptions& o, double x) { o.is_damped = x != kUndamped; }},
};

/// Words that are accepted and change nothing, and why that does not matter.
struct Ignored {
  std::string_view name;
  std::string_view why;
};
constexpr std::string_view kListing = "such listings are not printed";
constexpr std::string_view kFormat = "results are printed with 12 digits or more";
constexpr std::string_view kAllThere =
    ".print, .save and -o can name every voltage and current";
constexpr std::string_view kSolver =
    "the linear solver and its pivots are chosen by cost and size; --solver overrides";
constexpr std::string_view kAids =
    "aids to find an operating point are tried in turn, each with steps of its own";
constexpr std::string_view kSteps =
    "time steps follow from the truncation error, without a limit to their number";
constexpr std::string_view kChecks = "such checks are not made";
constexpr std::array kIgnored{
    Ignored{"acct", kListing},
    Ignored{"autostop", "a transient runs to its stop time; measures stay the same"},
    Ignored{"badmos3", "there is no transistor model of level 3"},
    Ignored{"brief", kListing},
    Ignored{"bypass", "every device is evaluated at every iteration"},
    Ignored{"captab", kListing},
    Ignored{"co", kFormat},
    Ignored{"cptime", "there is no limit of processor time"},
    Ignored{"gminsteps", kAids},
    Ignored{"ingold", kFormat},
    Ignored{"interp", "results stay at the time points of the solver"},
    Ignored{"itl3", kSteps},
    Ignored{"itl5", kSteps},
    Ignored{"itl6", kAids},
    Ignored{"keepopinfo", kAllThere},
    Ignored{"klu", kSolver},
    Ignored{"limpts", kSteps},
    Ignored{"list", kListing},
    Ignored{"lteminstep", kSteps},
    Ignored{"lvltim", kSteps},
    Ignored{"measform", kFormat},
    Ignored{"minbreak", kSteps},
    Ignored{"noacct", kListing},
    Ignored{"nobjthread", kSolver},
    Ignored{"node", kListing},
    Ignored{"noinit", kListing},
    Ignored{"nomod", kListing},
    Ignored{"noopiter", kAids},
    Ignored{"nopage", kListing},
    Ignored{"num_threads", kSolver},
    Ignored{"numdgt", kFormat},
    Ignored{"opts", kListing},
    Ignored{"pivrel", kSolver},
    Ignored{"pivtol", kSolver},
    Ignored{"post", kAllThere},
    Ignored{"probe", kAllThere},
    Ignored{"savecurrents", kAllThere},
    Ignored{"seed", "no function of a deck draws random numbers"},
    Ignored{"sparse", kSolver},
    Ignored{"srcsteps", kAids},
    Ignored{"trytocompact", kSolver},
    Ignored{"unwrap", "there is no .ac analysis"},
    Ignored{"warn", kChecks},
    Ignored{"width", kFormat},
};

/// Options of SPICE programs that would change results: errors, with what to do instead.
constexpr std::string_view kHiddenElements = "write the elements that it adds as cards";
constexpr std::string_view kOwnSizes = "give every transistor its sizes";
constexpr std::string_view kOwnLimits = "reltol, abstol, vntol and trtol set the errors";
constexpr std::array kRefused{
    Ignored{"abstran", kOwnLimits},
    Ignored{"cshunt", kHiddenElements},
    Ignored{"defad", kOwnSizes},
    Ignored{"defas", kOwnSizes},
    Ignored{"defl", kOwnSizes},
    Ignored{"defpd", kOwnSizes},
    Ignored{"defps", kOwnSizes},
    Ignored{"defw", kOwnSizes},
    Ignored{"gshunt", kHiddenElements},
    Ignored{"newtrunc", kOwnLimits},
    Ignored{"ramptime", "ramp the sources with PWL"},
    Ignored{"reltran", kOwnLimits},
    Ignored{"rseries", kHiddenElements},
    Ignored{"rshunt", kHiddenElements},
    Ignored{"scale", kOwnSizes},
    Ignored{"scalm", kOwnSizes},
};

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

const Ignored* find(std::span<const Ignored> list, std::string_view name) {
  const auto at = std::find_if(list.begin(), list.end(),
                               [&](const Ignored& i) { return i.name == name; });
  return at == list.end() ? nullptr : &*at;
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

void refuse(std::string_view name, Location where, Diagnostics& diagnostics) {
  if (const Ignored* refused = find(kRefused, name)) {
    diagnostics.error(
        message::kUnsupported, where,
        fmt::format("option '{}' is not supported; {}", name, refused->why));
    return;
  }
  std::vector<std::string_view> known{"method"};
  for (const Ignored& option : kIgnored) known.push_back(option.name);
  for (const NumberOption& option : kNumbers) known.push_back(option.name);
  diagnostics.error(
      message::kUnknownOption, where,
      fmt::format("there is no option '{}'{}", name, suggestion(name, known)));
}

/// Ignored words of one card: those with the same reason share a warning.
class IgnoredWords {
 public:
  void add(const Ignored& word, Location where) {
    const auto at = std::find_if(groups_.begin(), groups_.end(),
                                 [&](const Group& g) { return g.why == word.why; });
    if (at == groups_.end())
      groups_.push_back({word.why, where, {word.name}});
    else
      at->names.push_back(word.name);
  }
  void report(Diagnostics& diagnostics) const {
    for (const Group& g : groups_)
      diagnostics.warning(message::kIgnored, g.where,
                          fmt::format("{} {} no effect: {}", fmt::join(g.names, ", "),
                                      g.names.size() == 1 ? "has" : "have", g.why));
  }

 private:
  struct Group {
    std::string_view why;
    Location where;
    std::vector<std::string_view> names;
  };
  std::vector<Group> groups_;
};

void set_number(const NumberOption& option, double value, Location where,
                DeckOptions& options, Diagnostics& diagnostics) {
  const bool is_fraction = option.is_whole && value != std::floor(value);
  if (is_fraction || !option.range.contains(value)) {
    diagnostics.error(
        message::kOptionValue, where,
        fmt::format("{} cannot be {:g}; {}{}", option.name, value,
                    range_text(option.range), is_fraction ? ", a whole number" : ""));
    return;
  }
  option.set(options, value);
  options.given.emplace_back(option.name, value);
  if (option.name == "xmu" && options.is_damped) options.damping_given_at = where;
  if (option.name == "maxord" && value > 2.0)
    diagnostics.warning(message::kIgnored, where,
                        "maxord above 2 has no effect: the formulas of integration are "
                        "of order 2, with steps as small as the tolerances need");
}

}  // namespace

void read_options(Cursor& cursor, const NameScope& scope, DeckOptions& options,
                  Diagnostics& diagnostics) {
  IgnoredWords ignored_words;
  while (!cursor.done_or_brackets()) {
    const Location where = cursor.here();
    const std::string_view name = cursor.word();
    const bool has_value = cursor.accept('=');
    if (name.empty()) {
      diagnostics.error(message::kSyntax, where,
                        "an option is written name or name=value");
      break;
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
    } else if (const Ignored* ignored = find(kIgnored, name)) {
      ignored_words.add(*ignored, where);
    } else {
      refuse(name, where, diagnostics);
    }
  }
  ignored_words.report(diagnostics);
}

void check_damping(const DeckOptions& options, Diagnostics& diagnostics) {
  if (!options.is_damped) return;
  if (options.formula() == Method::Trapezoidal)
    diagnostics.error(message::kUnsupported, options.damping_given_at,
                      "a trapezoidal formula damped by xmu is not supported; leave "
                      "method=trap out: the default, TR-BDF2, is damped by itself");
  else
    diagnostics.warning(message::kIgnored, options.damping_given_at,
                        "xmu has no effect: the formula of integration is damped by "
                        "itself");
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

std::string describe_options() {
  std::string text =
      "# Options of a deck\n\nMade from the tables in `netlists/option_card.cpp` by "
      "`./dev docs`.\n\n## What `.options` sets\n\n| option | allowed |\n|---|---|\n"
      "| `method` | trap, gear, trbdf2 (default), euler |\n";
  for (const NumberOption& option : kNumbers)
    text += fmt::format("| `{}` | {}{} |\n", option.name, range_text(option.range),
                        option.is_whole ? ", a whole number" : "");
  text += "\n## Accepted with a warning: no effect here\n\n| option | why |\n|---|---|\n";
  for (const Ignored& option : kIgnored)
    text += fmt::format("| `{}` | {} |\n", option.name, option.why);
  text += "\n## Refused: would change results\n\n| option | instead |\n|---|---|\n";
  for (const Ignored& option : kRefused)
    text += fmt::format("| `{}` | {} |\n", option.name, option.why);
  return text;
}

}  // namespace arrayspice
