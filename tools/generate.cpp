// SPDX-License-Identifier: Apache-2.0
// `arrayspice generate`: writes an array as a deck.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "netlists/arrays/adc.hpp"
#include "netlists/arrays/array_type.hpp"
#include "netlists/arrays/cell_model.hpp"
#include "netlists/arrays/spec_keys.hpp"
#include "netlists/atomic_file.hpp"
#include "netlists/version.hpp"
#include "tools/array_arguments.hpp"

namespace arrayspice {

namespace {

using Text = std::string;

void declare(po::options_description& options,
             po::positional_options_description& positional) {
  declare_array_arguments(options, positional, false);
  options.add_options()("output,o", po::value<Text>()->value_name("DECK"),
                        "the deck to write; default: standard output")(
      "inputs", po::value<Text>()->value_name("X.npy"),
      "input vectors (batch, rows) in V, s or levels; default: all at input.maximum")(
      "vector", po::value<std::int64_t>()->value_name("K")->default_value(0),
      "which of them, from 0")(
      "dialect", po::value<Text>()->value_name("D")->default_value("native"),
      "native | ngspice | xyce")("list-types", "the array types, then end")(
      "list-cells", po::value<Text>()->value_name("TYPE")->implicit_value(""),
      "structures and cell models of an array type, then end")(
      "list-keys", "every key of a spec as a table, then end");
}

const ArrayType& type_named(std::string_view name) {
  if (const ArrayType* type = find_array_type(name)) return *type;
  std::vector<std::string_view> names;
  for (const ArrayType* type : array_types()) names.push_back(type->name);
  throw Failure(Exit::Input,
                fmt::format("--list-cells: unknown array type '{}'; there are {}", name,
                            fmt::join(names, ", ")));
}

void list_structures(const ArrayType& type) {
  fmt::print("{}: cell.structure\n", type.name);
  for (const CellStructure& s : type.structures) {
    fmt::print("  {}: {}\n", s.name, s.doc);
    fmt::print("    weights {} to {} {}, inputs {} to {} {}\n", s.weight.minimum,
               s.weight.maximum, s.weight.unit, s.input.minimum, s.input.maximum,
               s.input.unit);
    fmt::print("    sense.kind {}\n", fmt::join(s.senses, " | "));
  }
}

/// The laws of cells whose weight is a conductance; other cells are what their structure
/// says.
void list_cell_models() {
  fmt::print("cell.model where weights are in S\n");
  for (const std::string_view model : cell_models()) {
    fmt::print("  {}\n", model);
    for (const ParameterInfo& p : cell_parameters(model))
      fmt::print("    {} = {} {}: {}\n", p.name, p.default_value, p.unit, p.doc);
  }
}

Exit list_cells(std::string_view name) {
  std::vector<const ArrayType*> types(array_types().begin(), array_types().end());
  if (!name.empty()) types = {&type_named(name)};
  for (const ArrayType* type : types) list_structures(*type);
  const bool conduct = std::ranges::any_of(types, [](const ArrayType* type) {
    return std::ranges::any_of(type->structures, [](const CellStructure& structure) {
      return structure.weight.unit == "S";
    });
  });
  if (conduct) list_cell_models();
  return Exit::Done;
}

Dialect dialect_of(const Text& word) {
  if (word == "native") return Dialect::Native;
  if (word == "ngspice") return Dialect::Ngspice;
  if (word == "xyce") return Dialect::Xyce;
  throw Failure(Exit::Input,
                fmt::format("--dialect is '{}'; there are native, ngspice, xyce", word));
}

std::vector<double> input_vector(const po::variables_map& given, const ArraySpec& spec) {
  const auto rows = static_cast<std::size_t>(spec.array.rows);
  const std::int64_t k = given["vector"].as<std::int64_t>();
  if (!given.contains("inputs")) {
    if (!given["vector"].defaulted())
      throw Failure(Exit::Input, "--vector selects a row of --inputs, which is missing");
    return std::vector<double>(rows, spec.input.maximum);
  }
  const Text file = given["inputs"].as<Text>();
  const Matrix inputs = read_matrix(file);
  check_inputs(spec, inputs, file);
  if (k < 0 || k >= inputs.rows)
    throw Failure(Exit::Input, fmt::format("--vector is {}; {} has vectors 0 to {}", k,
                                           file, inputs.rows - 1));
  const auto first = inputs.values.begin() + k * inputs.columns;
  return {first, first + inputs.columns};
}

void require_disk(const ArraySpec& spec, const std::filesystem::path& output) {
  std::error_code unknown;
  const auto folder = std::filesystem::absolute(output).parent_path();
  const auto space = std::filesystem::space(folder, unknown);
  if (!unknown && deck_size(spec) > static_cast<double>(space.available))
    throw Failure(Exit::Resource,
                  fmt::format("the deck needs about {:.3g} GB, {} has {:.3g} GB left",
                              deck_size(spec) / 1e9, folder.string(),
                              static_cast<double>(space.available) / 1e9));
}

Exit generate(const po::variables_map& given, const ArrayArguments& arguments) {
  const ArraySpec& spec = arguments.spec;
  const Dialect dialect = dialect_of(given["dialect"].as<Text>());
  const std::int64_t product = given["vector"].as<std::int64_t>();
  const std::vector<double> inputs =
      converted_inputs(spec, {1, spec.array.rows, input_vector(given, spec)}).values;
  const Matrix conductances = programmed_conductances(
      spec, arguments.weights.rows > 0 ? arguments.weights : default_weights(spec));
  const Text record[] = {fmt::format("arrayspice {}", version()),
                         command_text("generate", given)};
  if (!given.contains("output")) {
    write_array_deck(
        spec, conductances, inputs, dialect, record,
        [](std::string_view piece) {
          std::fwrite(piece.data(), 1, piece.size(), stdout);
        },
        product);
    return Exit::Done;
  }
  const std::filesystem::path output = given["output"].as<Text>();
  require_disk(spec, output);
  AtomicFile file(output);
  write_array_deck(
      spec, conductances, inputs, dialect, record,
      [&](std::string_view piece) { file.write(piece); }, product);
  file.commit();
  return Exit::Done;
}

Exit run(const po::variables_map& given, const CommonOptions&) {
  if (given.contains("list-types")) {
    for (const ArrayType* type : array_types()) fmt::print("{}\n", type->name);
    return Exit::Done;
  }
  if (given.contains("list-cells")) {
    // `--list-cells TYPE`: the word after an option with an optional value is positional.
    const Text type = given["list-cells"].as<Text>();
    return list_cells(type.empty() && given.contains("spec") ? given["spec"].as<Text>()
                                                             : type);
  }
  if (given.contains("list-keys")) {
    fmt::print("{}", describe_spec_keys());
    return Exit::Done;
  }
  if (!given.contains("spec"))
    throw Failure(Exit::Input,
                  "SPEC is missing; usage: arrayspice generate SPEC -o DECK");
  const auto arguments = read_array_arguments(given, memory_for_weights);
  return arguments ? generate(given, *arguments) : Exit::Input;
}

}  // namespace

const Verb kGenerate{"generate",
                     "SPEC -o DECK [options]",
                     "write an array as a deck for us, ngspice or Xyce",
                     "  arrayspice generate array.toml -o array.cir\n"
                     "  arrayspice simulate array.cir\n"
                     "  i(vsense_0) = 1.23456789012e-05\n"
                     "  ...",
                     declare,
                     run};

}  // namespace arrayspice
