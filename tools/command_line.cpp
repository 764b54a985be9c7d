// SPDX-License-Identifier: Apache-2.0
#include "tools/command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <iostream>
#include <new>
#include <sstream>
#include <thread>

#include "netlists/diagnostic.hpp"
#include "netlists/version.hpp"
#include "tools/build_facts.hpp"
#include "tools/verbs.hpp"

namespace arrayspice {

namespace {

constexpr std::string_view kExitCodes =
    "Exit codes: 0 done, 1 numbers could not be computed, 2 bad input or usage,\n"
    "3 file or memory limit, 130 interrupted.\n";

void print_overview() {
  fmt::print(
      "arrayspice {}: circuit simulator for analog in-memory computing arrays\n\n"
      "usage: arrayspice VERB [options]\n\n",
      version());
  for (const Verb* verb : verbs()) fmt::print("  {:<10}{}\n", verb->name, verb->summary);
  fmt::print(
      "\n'arrayspice VERB --help' shows the options of a verb and an example;\n"
      "'arrayspice --version' how the program was built.\n\n{}",
      kExitCodes);
}

void print_help(const Verb& verb) {
  std::ostringstream options;
  options << options_of(verb);
  std::string_view example = verb.example;
  while (example.ends_with('\n')) example.remove_suffix(1);
  fmt::print("usage: arrayspice {} {}\n\n{}\n\n{}\nExample:\n{}\n\n{}", verb.name,
             verb.synopsis, verb.summary, options.str(), example, kExitCodes);
}

/// "; did you mean 'x'?" or nothing.
std::string suggestion(std::string_view given,
                       const std::vector<std::string_view>& among) {
  const std::string_view best = nearest(given, among);
  return best.empty() ? std::string() : fmt::format("; did you mean '{}'?", best);
}

const Verb& find_verb(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Verb* verb : verbs()) {
    if (verb->name == name) return *verb;
    names.push_back(verb->name);
  }
  if (name.starts_with('-'))
    throw Failure(
        Exit::Input,
        fmt::format("option '{}' before the verb; usage: arrayspice VERB [options]",
                    name));
  throw Failure(Exit::Input,
                fmt::format("unknown verb '{}'{} ('arrayspice --help' lists all)", name,
                            suggestion(name, names)));
}

std::string unknown_option(const std::string& given,
                           const po::options_description& known) {
  std::vector<std::string> names;
  for (const auto& option : known.options())
    if (!option->long_name().empty()) names.push_back("--" + option->long_name());
  return fmt::format("unknown option '{}'{}", given,
                     suggestion(given, {names.begin(), names.end()}));
}

/// "--output", but "DECK" for the option that is written without its name.
std::string argument_name(std::string option,
                          const po::positional_options_description& positional) {
  if (positional.max_total_count() == 0) return option;
  std::string first = positional.name_for_position(0);
  if (option != "--" + first) return option;
  for (char& c : first)
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return first;
}

po::variables_map parse(const Verb& verb, std::span<const std::string> arguments) {
  po::options_description declared, options;
  po::positional_options_description positional;
  verb.declare(declared, positional);
  options.add(options_of(verb));
  po::variables_map given;
  using namespace po::command_line_style;
  try {
    po::store(po::command_line_parser({arguments.begin(), arguments.end()})
                  .options(options)
                  .positional(positional)
                  .style(unix_style & ~allow_guessing)
                  .run(),
              given);
    if (!given.contains("help")) po::notify(given);
  } catch (const po::unknown_option& e) {
    throw Failure(Exit::Input, unknown_option(e.get_option_name(), options));
  } catch (const po::too_many_positional_options_error&) {
    throw Failure(Exit::Input, fmt::format("too many arguments; usage: arrayspice {} {}",
                                           verb.name, verb.synopsis));
  } catch (const po::required_option& e) {
    throw Failure(Exit::Input, fmt::format("{} is missing; usage: arrayspice {} {}",
                                           argument_name(e.get_option_name(), positional),
                                           verb.name, verb.synopsis));
  } catch (const po::error& e) {
    throw Failure(Exit::Input, e.what());
  }
  return given;
}

CommonOptions common_options(const po::variables_map& given) {
  CommonOptions common;
  common.quiet = given.contains("quiet");
  common.verbose = given.contains("verbose");
  common.threads = given["threads"].as<int>();
  if (common.threads < 0)
    throw Failure(Exit::Input, "--threads needs a number of 1 or more (0: all cores)");
  if (common.threads == 0)
    common.threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  return common;
}

Exit run_verb(std::span<const std::string> arguments) {
  if (arguments.empty()) {
    print_overview();
    return Exit::Input;
  }
  const std::string& first = arguments.front();
  if (first == "--version" || first == "-V") {
    fmt::print("{}", build_facts());
    return Exit::Done;
  }
  if (first == "--help" || first == "-h" || (first == "help" && arguments.size() == 1)) {
    print_overview();
    return Exit::Done;
  }
  if (first == "help") {
    print_help(find_verb(arguments[1]));
    return Exit::Done;
  }
  const Verb& verb = find_verb(first);
  const po::variables_map given = parse(verb, arguments.subspan(1));
  if (given.contains("help")) {
    print_help(verb);
    return Exit::Done;
  }
  return verb.run(given, common_options(given));
}

/// Results that did not reach stdout (a full disk) must not end with 0.
void flush_results() {
  std::cout.flush();
  if (std::fflush(stdout) != 0 || std::ferror(stdout) || !std::cout)
    throw Failure(Exit::Resource, "the results could not be written to standard output");
}

Exit fail(Exit code, std::string_view what) {
  std::fflush(stdout);
  fmt::print(stderr, "error: {}\n", what);
  return code;
}

}  // namespace

po::options_description options_of(const Verb& verb) {
  po::options_description all("Options", 90), common("Common options", 90);
  po::positional_options_description positional;
  verb.declare(all, positional);
  common.add_options()(
      "threads", po::value<int>()->value_name("N")->default_value(0, "all"),
      std::string(verb.threads).c_str())("quiet,q", "no progress, no warnings")(
      "verbose,v", "say more on stderr")("help,h", "this page");
  return std::move(all.add(common));
}

Exit run_command_line(std::span<const std::string> arguments) {
  try {
    const Exit code = run_verb(arguments);
    flush_results();
    return code;
  } catch (const Failure& e) {
    return fail(e.code(), e.what());
  } catch (const std::bad_alloc&) {
    return fail(Exit::Resource, "out of memory");
  } catch (const std::length_error&) {
    return fail(Exit::Resource,
                "out of memory: a table would be larger than the address space");
  } catch (const std::exception& e) {
    return fail(Exit::Numeric, fmt::format("internal: {}; please report this", e.what()));
  }
}

}  // namespace arrayspice
