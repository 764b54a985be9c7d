// SPDX-License-Identifier: Apache-2.0
#include "tools/array_arguments.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <vector>

#include "tools/memory_limit.hpp"

namespace arrayspice {

namespace {

using Strings = std::vector<std::string>;

double physical_memory() {
  return static_cast<double>(::sysconf(_SC_PHYS_PAGES)) *
         static_cast<double>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

void require_memory(const ArraySpec& spec, double needed,
                    const po::variables_map& given) {
  double limit = physical_memory();
  std::string_view limited_by = "this machine has";
  if (given.contains("max-memory")) {
    const std::size_t bytes = parse_bytes(given["max-memory"].as<std::string>());
    limit_memory(bytes);
    limit = static_cast<double>(bytes);
    limited_by = "--max-memory allows";
  }
  if (needed > limit)
    throw Failure(
        Exit::Resource,
        fmt::format("an array of {} x {} cells needs about {:.3g} GB of memory, "
                    "{} {:.3g} GB",
                    spec.array.rows, spec.array.columns, needed / 1e9, limited_by,
                    limit / 1e9));
}

void declare_array_arguments(po::options_description& options,
                             po::positional_options_description& positional,
                             bool spec_is_required) {
  auto* spec = po::value<std::string>()->value_name("SPEC");
  if (spec_is_required) spec->required();
  options.add_options()("spec", spec, "the array spec (TOML)")(
      "set", po::value<Strings>()->value_name("KEY=VALUE")->composing(),
      "override a key of the spec: --set wire.word_line_resistance=2.5")(
      "max-memory", po::value<std::string>()->value_name("BYTES"),
      "refuse what needs more, such as 500M or 4G; default: the memory of the machine")(
      "weights", po::value<std::string>()->value_name("W.npy"),
      "weights (rows, columns) in S, F or levels; default: uniform random by seed");
  positional.add("spec", 1);
}

std::optional<ArrayArguments> read_array_arguments(const po::variables_map& given,
                                                   double (*memory)(const ArraySpec&)) {
  ArrayArguments arguments;
  arguments.spec_file = given["spec"].as<std::string>();
  Sources sources;
  Diagnostics diagnostics;
  const Strings overrides =
      given.contains("set") ? given["set"].as<Strings>() : Strings{};
  const auto spec = read_spec(arguments.spec_file, overrides, sources, diagnostics);
  for (const Diagnostic& d : diagnostics.all())
    fmt::print(stderr, "{}\n", render(d, sources));
  if (!spec) return std::nullopt;
  arguments.spec = *spec;
  require_memory(*spec, memory(*spec), given);
  if (given.contains("weights")) {
    arguments.weights_file = given["weights"].as<std::string>();
    arguments.weights = read_matrix(arguments.weights_file);
    check_weights(*spec, arguments.weights, arguments.weights_file);
  }
  return arguments;
}

std::string command_text(std::string_view verb, const po::variables_map& given) {
  std::string text = fmt::format("arrayspice {}", verb);
  if (given.contains("spec")) text += " " + given["spec"].as<std::string>();
  for (const auto& [name, value] : given) {
    if (value.defaulted() || name == "spec" || name == "quiet" || name == "verbose")
      continue;
    const auto add = [&, &option = name](const auto& v) {
      text += fmt::format(" --{} {}", option, v);
    };
    if (const auto* all = boost::any_cast<Strings>(&value.value()))
      for (const std::string& one : *all) add(one);
    else if (const auto* word = boost::any_cast<std::string>(&value.value()))
      add(*word);
    else if (const auto* number = boost::any_cast<double>(&value.value()))
      add(*number);
    else if (const auto* count = boost::any_cast<int>(&value.value()))
      add(*count);
    else if (const auto* index = boost::any_cast<std::int64_t>(&value.value()))
      add(*index);
  }
  return text;
}

}  // namespace arrayspice
