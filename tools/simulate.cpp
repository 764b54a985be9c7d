// SPDX-License-Identifier: Apache-2.0
// `arrayspice simulate`: runs the analyses of a SPICE deck.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "netlists/number.hpp"
#include "netlists/values.hpp"
#include "tools/deck_run.hpp"
#include "tools/memory_limit.hpp"
#include "tools/verb.hpp"
#include "tools/waveform_writer.hpp"

namespace arrayspice {

namespace {

constexpr std::string_view kExample =
    "  $ cat divider.cir\n"
    "  voltage divider\n"
    "  v1 a 0 3\n"
    "  r1 a b 1k\n"
    "  r2 b 0 2k\n"
    "  .op\n"
    "  .print op v(b) i(v1)\n"
    "  $ arrayspice simulate divider.cir\n"
    "  v(b) = 2.00000000000000e+00\n"
    "  i(v1) = -1.00000000000000e-03\n";

using Strings = std::vector<std::string>;

void declare(po::options_description& options,
             po::positional_options_description& positional) {
  options.add_options()("deck", po::value<std::string>()->required()->value_name("DECK"),
                        "the deck to run (also as first argument)")(
      "output,o", po::value<std::string>()->value_name("FILE"),
      "write the waveforms of all analyses there")(
      "format", po::value<std::string>()->value_name("NAME"),
      "raw | raw-ascii | csv | npz; default: by the name of FILE, else raw")(
      "solver", po::value<std::string>()->value_name("NAME")->default_value("auto"),
      "auto | klu | cholmod | array")(
      "define,D", po::value<Strings>()->value_name("NAME=VALUE")->composing(),
      "set a parameter of the deck, over its .param")(
      "stats", "print to stderr what was decided, what it cost, how exact the result is")(
      "no-run", "read and check the deck, print its size, run nothing")(
      "sandbox", "read only below the deck's own folder and the include paths")(
      "include-path", po::value<Strings>()->value_name("DIR")->composing(),
      "where .include and .lib look after the deck's folder")(
      "max-memory", po::value<std::string>()->value_name("BYTES"),
      "refuse what needs more (suffixes k, M, G)");
  positional.add("deck", 1);
}

Backend backend(const std::string& name) {
  if (name == "auto") return Backend::Auto;
  if (name == "klu") return Backend::Klu;
  if (name == "cholmod") return Backend::Cholmod;
  if (name == "array") return Backend::Array;
  throw Failure(
      Exit::Input,
      fmt::format("--solver {}: unknown{}; auto, klu, cholmod and array are known", name,
                  suggestion(name, {"auto", "klu", "cholmod", "array"})));
}

std::pair<std::string, double> definition(const std::string& text) {
  const std::size_t equal = text.find('=');
  const auto value =
      equal == std::string::npos ? std::nullopt : parse_number(text.substr(equal + 1));
  if (!value || equal == 0)
    throw Failure(
        Exit::Input,
        fmt::format("-D {}: the form is -D name=value, the value a number", text));
  std::string name = text.substr(0, equal);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return {name, *value};
}

std::string format_of(const po::variables_map& given, const std::string& output) {
  const auto known = waveform_formats();
  if (given.contains("format")) {
    const auto name = given["format"].as<std::string>();
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw Failure(
          Exit::Input,
          fmt::format("--format {}: unknown{}; raw, raw-ascii, csv and npz are known",
                      name, suggestion(name, {known.begin(), known.end()})));
    return name;
  }
  for (const std::string_view name : known)
    if (output.ends_with(fmt::format(".{}", name))) return std::string(name);
  return "raw";
}

DeckRunOptions run_options(const po::variables_map& given, const CommonOptions& common) {
  DeckRunOptions options;
  options.deck = given["deck"].as<std::string>();
  options.threads = common.threads;
  options.quiet = common.quiet;
  options.verbose = common.verbose;
  options.stats = given.contains("stats");
  options.no_run = given.contains("no-run");
  options.linear.backend = backend(given["solver"].as<std::string>());
  if (given.contains("output")) options.output = given["output"].as<std::string>();
  options.format = format_of(given, options.output);
  options.read.sandbox = given.contains("sandbox");
  if (given.contains("define"))
    for (const std::string& text : given["define"].as<Strings>())
      options.read.parameters.push_back(definition(text));
  if (given.contains("include-path"))
    for (const std::string& path : given["include-path"].as<Strings>())
      options.read.include_paths.emplace_back(path);
  if (given.contains("max-memory")) {
    options.read.max_memory = parse_bytes(given["max-memory"].as<std::string>());
    limit_memory(options.read.max_memory);
  }
  return options;
}

Exit run(const po::variables_map& given, const CommonOptions& common) {
  const std::string& deck = given["deck"].as<std::string>();
  if (deck.ends_with(".toml"))
    throw Failure(
        Exit::Input,
        fmt::format("{} is an array spec; 'arrayspice generate {} -o array.cir' "
                    "writes its deck",
                    deck, deck));
  return run_deck(run_options(given, common));
}

}  // namespace

const Verb kSimulate{"simulate",
                     "DECK [-o FILE] [options]",
                     "run the analyses of a SPICE deck",
                     kExample,
                     declare,
                     run};

}  // namespace arrayspice
