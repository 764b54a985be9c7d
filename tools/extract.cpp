// SPDX-License-Identifier: Apache-2.0
// `arrayspice extract`: measures an array and writes a folder of maps and tables.
#include "behavior/extract.hpp"

#include <fmt/format.h>

#include "behavior/output_folder.hpp"
#include "tools/array_arguments.hpp"
#include "tools/progress.hpp"

namespace arrayspice {

namespace {

void declare(po::options_description& options,
             po::positional_options_description& positional) {
  declare_array_arguments(options, positional);
  options.add_options()("output,o",
                        po::value<std::string>()->required()->value_name("DIR"),
                        "the folder to write; an earlier extraction is replaced")(
      "samples", po::value<int>()->value_name("N")->default_value(0),
      "arrays with other seeds, for the spread of the outputs")(
      "bits", po::value<int>()->value_name("B")->default_value(8),
      "settling and latency are to half an LSB of B bits where there is no converter")(
      "points", po::value<int>()->value_name("P")->default_value(17),
      "points of the transfer curves");
}

/// An option that is a whole number in a range.
int whole_number(const po::variables_map& given, const char* name, int least, int most) {
  const int value = given[name].as<int>();
  if (value < least || value > most)
    throw Failure(Exit::Input, fmt::format("--{} is {}; allowed is {} to {}", name, value,
                                           least, most));
  return value;
}

Exit run(const po::variables_map& given, const CommonOptions& common) {
  ExtractOptions options;
  options.samples = whole_number(given, "samples", 0, 1000000);
  options.bits = whole_number(given, "bits", 1, 24);
  options.points = whole_number(given, "points", 3, 1001);
  options.threads = common.threads;
  const std::string folder = given["output"].as<std::string>();
  OutputFolder::check(folder, kExtractionRecord);
  const auto arguments = read_array_arguments(given, memory_for_extract);
  if (!arguments) return Exit::Input;
  const ArraySpec& spec = arguments->spec;
  const Matrix weights =
      arguments->weights.rows > 0 ? arguments->weights : default_weights(spec);

  ProgressLine progress("extract", common.quiet);
  const Extraction extraction = extract(
      spec, weights, options,
      [&](const std::string& stage, double done) { progress.update(done, stage); });
  write_extraction(
      given["output"].as<std::string>(), extraction, spec, options,
      {arguments->spec_file, command_text("extract", given), arguments->weights_file});
  for (const KeyFigure& figure : extraction.figures)
    fmt::print("{} = {:.12g}{}{}\n", figure.name, figure.value,
               figure.unit.empty() ? "" : " ", figure.unit);
  return Exit::Done;
}

}  // namespace

const Verb kExtract{
    "extract",
    "SPEC -o DIR [options]",
    "measure an array: IR drop, nonlinearity, settling, energy, latency, variation",
    "  arrayspice extract array.toml -o measured/\n"
    "  arrayspice report measured/ -o measured.html",
    declare,
    run,
    "threads for the arrays of --samples; results do not depend on it"};

}  // namespace arrayspice
