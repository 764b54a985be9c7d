// SPDX-License-Identifier: Apache-2.0
// `arrayspice export`: compresses an array into a behavioral model and writes it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "behavior/fit_model.hpp"
#include "behavior/model_formats.hpp"
#include "behavior/output_folder.hpp"
#include "behavior/training_sets.hpp"
#include "netlists/atomic_file.hpp"
#include "tools/array_arguments.hpp"
#include "tools/progress.hpp"

namespace arrayspice {

namespace {

constexpr std::array<std::string_view, 5> kWritten{"npz", "safetensors", "csv",
                                                   "neurosim", "dataset"};
constexpr std::array<std::string_view, 3> kFolders{"csv", "neurosim", "dataset"};
constexpr std::array<std::string_view, 3> kPlanned{"hdf5", "aihwkit", "crosssim"};
constexpr std::int64_t kDefaultSamples = 256;

void declare(po::options_description& options,
             po::positional_options_description& positional) {
  declare_array_arguments(options, positional);
  options.add_options()("output,o",
                        po::value<std::string>()->required()->value_name("MODEL"),
                        "the file to write (a folder for csv, neurosim, dataset)")(
      "format", po::value<std::string>()->value_name("NAME")->default_value("npz"),
      "npz | safetensors | csv: the model; neurosim: its tables of states and outputs; "
      "dataset: circuit solves (V, G) -> I and no model")(
      "samples",
      po::value<std::int64_t>()->value_name("N")->default_value(kDefaultSamples),
      "solves of --format dataset")(
      "max-error", po::value<double>()->value_name("E"),
      "largest NRMSE on held-out arrays; the fewest sweeps that reach it are taken. "
      "Default: aim at 1e-6, refuse above 1e-3")(
      "tier", po::value<std::string>()->value_name("NAME")->default_value("auto"),
      "auto | awl (sweeps from an anchored start) | line (sweeps from the inputs) | "
      "coral (matrix products, inputs from 0) | frozen (one matrix of --weights, ohmic "
      "cells); auto takes awl or line, whichever needs fewer sweeps");
}

std::string format_of(const po::variables_map& given) {
  const std::string format = given["format"].as<std::string>();
  if (std::ranges::count(kWritten, format) > 0) return format;
  const char* what = std::ranges::count(kPlanned, format) > 0
                         ? "is not written by this version"
                         : "is unknown";
  throw Failure(Exit::Input, fmt::format("--format {} {}; this version writes {}", format,
                                         what, fmt::join(kWritten, ", ")));
}

std::optional<Tier> tier_of(const po::variables_map& given) {
  const std::string name = given["tier"].as<std::string>();
  if (name == "auto") return {};
  std::vector<std::string_view> names{"auto"};
  for (const Tier tier : kTiers) {
    if (name == tier_name(tier)) return tier;
    names.push_back(tier_name(tier));
  }
  throw Failure(Exit::Input, fmt::format("--tier {} is unknown; there are {}", name,
                                         fmt::join(names, ", ")));
}

FitOptions fit_options(const po::variables_map& given, const ArrayArguments& arguments) {
  FitOptions options;
  options.weights = arguments.weights;
  options.tier = tier_of(given);
  if (!given.contains("max-error")) return options;
  options.max_error = given["max-error"].as<double>();
  if (!(*options.max_error > 0.0 && *options.max_error < 1.0))
    throw Failure(Exit::Input,
                  fmt::format("--max-error is {}; allowed is above 0, below 1",
                              *options.max_error));
  return options;
}

/// Where the model goes: opened before the work, so that a path that cannot be written is
/// known at once.
class ModelOutput {
 public:
  ModelOutput(std::string path, std::string format)
      : path_(std::move(path)), format_(std::move(format)) {
    if (std::ranges::count(kFolders, format_) > 0)
      OutputFolder::check(path_, kModelMeta);
    else
      file_.emplace(path_);
  }
  void write(const ExportedModel& model, const ArraySpec& spec,
             const ModelRecord& record) {
    if (format_ == "neurosim")
      return write_neurosim_folder(path_, model, spec, record.command);
    const NpzContents contents = model_contents(model, spec, record);
    if (!file_) return write_csv_folder(path_, contents);
    file_->write(format_ == "npz" ? npz_bytes(contents) : safetensors_bytes(contents));
    file_->commit();
  }

 private:
  std::string path_, format_;
  std::optional<AtomicFile> file_;
};

void print_figures(const ExportedModel& model) {
  const Accuracy& a = model.accuracy;
  const bool sweeps = model.tier == Tier::Line || model.tier == Tier::Anchored;
  fmt::print("tier = {}\n{} = {}\nnrmse = {:.12g}\n", tier_name(model.tier),
             sweeps ? "sweeps" : "products", model.cost(), a.nrmse);
  if (a.nrmse_differential)
    fmt::print("nrmse_differential = {:.12g}\n", *a.nrmse_differential);
  fmt::print("max_error = {:.12g}\np99_error = {:.12g}\nnonideality_error = {:.12g}\n",
             a.max, a.p99, model.nonideality);
  if (model.gradient_by_conductance)
    fmt::print(
        "gradient_by_conductance_error = {:.12g}\n"
        "gradient_by_input_error = {:.12g}\n",
        *model.gradient_by_conductance, *model.gradient_by_input);
  for (const Baseline& baseline : model.baselines)
    fmt::print("nrmse_{} = {:.12g}\n", baseline.name, baseline.accuracy.nrmse);
  fmt::print("held_out_solves = {}\ncircuit_solves = {}\n", model.test.count,
             model.circuit_solves);
}

/// Circuit solves in a folder, without a model.
Exit write_dataset(const po::variables_map& given, const CommonOptions& common,
                   const ArrayArguments& arguments) {
  const auto samples = given["samples"].as<std::int64_t>();
  if (samples < 1)
    throw Failure(Exit::Input,
                  fmt::format("--samples is {}; at least 1 is needed", samples));
  const std::string path = given["output"].as<std::string>();
  OutputFolder::check(path, kModelMeta);
  ProgressLine progress("export", common.quiet);
  const TestSet set =
      make_dataset(arguments.spec, samples, arguments.weights, common.threads,
                   [&](double done) { progress.update(done, "solves"); });
  write_dataset_folder(path, set, arguments.spec, command_text("export", given));
  fmt::print("samples = {}\n", samples);
  return Exit::Done;
}

Exit run(const po::variables_map& given, const CommonOptions& common) {
  const std::string format = format_of(given);
  const auto arguments = read_array_arguments(given);
  if (!arguments) return Exit::Input;
  if (format == "dataset") return write_dataset(given, common, *arguments);
  FitOptions options = fit_options(given, *arguments);
  options.threads = common.threads;
  ModelOutput output(given["output"].as<std::string>(), format);
  ProgressLine progress("export", common.quiet);
  const ExportedModel model = fit_model(
      arguments->spec, options,
      [&](const std::string& stage, double done) { progress.update(done, stage); });
  const ModelRecord record{arguments->spec_file, command_text("export", given),
                           arguments->weights_file,
                           options.max_error.value_or(kAcceptedError)};
  output.write(model, arguments->spec, record);
  print_figures(model);
  return Exit::Done;
}

}  // namespace

const Verb kExport{"export",
                   "SPEC -o MODEL [--max-error E] [options]",
                   "compress an array into a validated behavioral model",
                   "  arrayspice export array.toml -o model.npz --max-error 1e-4\n"
                   "  arrayspice report model.npz -o model.html",
                   declare,
                   run,
                   "threads for the arrays that the model is validated and tested on; "
                   "results do not depend on it"};

}  // namespace arrayspice
