// SPDX-License-Identifier: Apache-2.0
// `arrayspice export`: compresses an array into a behavioral model and writes it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "behavior/fit_model.hpp"
#include "behavior/hdf5.hpp"
#include "behavior/model_formats.hpp"
#include "behavior/output_folder.hpp"
#include "behavior/readout_file.hpp"
#include "behavior/tool_modules.hpp"
#include "behavior/training_sets.hpp"
#include "netlists/arrays/pairs.hpp"
#include "netlists/atomic_file.hpp"
#include "tools/array_arguments.hpp"
#include "tools/progress.hpp"

namespace arrayspice {

namespace {

constexpr std::array<std::string_view, 8> kWritten{
    "npz", "safetensors", "hdf5", "csv", "neurosim", "aihwkit", "crosssim", "dataset"};
constexpr std::array<std::string_view, 4> kFolders{"csv", "neurosim", "crosssim",
                                                   "dataset"};
constexpr std::array<std::string_view, 3> kOfLineModels{"neurosim", "aihwkit",
                                                        "crosssim"};
constexpr std::int64_t kDefaultSamples = 256;

void declare(po::options_description& options,
             po::positional_options_description& positional) {
  declare_array_arguments(options, positional);
  options.add_options()(
      "output,o", po::value<std::string>()->required()->value_name("MODEL"),
      "the file to write (a folder for csv, neurosim, crosssim, dataset)")(
      "format", po::value<std::string>()->value_name("NAME")->default_value("npz"),
      "npz | safetensors | hdf5 | csv: the model; aihwkit | crosssim: Python that runs "
      "it there; neurosim: tables of states and outputs; dataset: circuit solves (V, G) "
      "-> "
      "I and no model")(
      "samples",
      po::value<std::int64_t>()->value_name("N")->default_value(kDefaultSamples),
      "solves of --format dataset")(
      "max-error", po::value<double>()->value_name("E"),
      "largest NRMSE on held-out arrays; the fewest sweeps that reach it are taken. "
      "Default: aim at 1e-6, refuse above 1e-3")(
      "tier", po::value<std::string>()->value_name("NAME")->default_value("auto"),
      "auto | awl (sweeps from an anchored start) | line (sweeps from the inputs) | "
      "coral (matrix products, inputs from 0) | frozen (one matrix of --weights, ohmic "
      "cells) | readout (a table of sums: arrays without a virtual ground); auto takes "
      "awl or line, whichever needs fewer sweeps, or readout");
}

std::string format_of(const po::variables_map& given) {
  const std::string format = given["format"].as<std::string>();
  if (std::ranges::count(kWritten, format) > 0) return format;
  throw Failure(Exit::Input, fmt::format("--format {} is unknown; there are {}", format,
                                         fmt::join(kWritten, ", ")));
}

std::optional<Tier> tier_of(const po::variables_map& given) {
  const std::string name = given["tier"].as<std::string>();
  if (name == "auto" || name == kReadoutTier) return {};
  std::vector<std::string_view> names{"auto"};
  for (const Tier tier : kTiers) {
    if (name == tier_name(tier)) return tier;
    names.push_back(tier_name(tier));
  }
  names.push_back(kReadoutTier);
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
    if (format_ == "crosssim") return write_crosssim_folder(path_, model, spec, record);
    if (format_ == "aihwkit") return write(aihwkit_module(model, spec, record));
    write(model_contents(model, spec, record));
  }
  void write(const NpzContents& contents) {
    if (format_ == "csv") return write_csv_folder(path_, contents);
    write(format_ == "hdf5"  ? hdf5_bytes(contents)
          : format_ == "npz" ? npz_bytes(contents)
                             : safetensors_bytes(contents));
  }

 private:
  void write(const std::string& bytes) {
    file_->write(bytes);
    file_->commit();
  }

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

void print_figures(const ReadoutExport& model) {
  const ReadoutModel& m = model.model;
  const Accuracy& a = model.accuracy;
  fmt::print("tier = {}\ntable = {} x {}\nsecond = {}\ncell = {} x {}\n", kReadoutTier,
             m.readout.a.count, m.readout.b.count, readout_feature_name(m.second),
             m.cell.a.count, m.cell.b.count);
  if (m.neighbours)
    fmt::print("neighbours = {} rows apart, shapes {}\n", m.neighbours->distance,
               m.neighbours->shapes);
  if (m.coupling > 0.0) fmt::print("coupling = {:.12g}\n", m.coupling);
  fmt::print("full_scale = {:.12g}\nnrmse = {:.12g}\n", model.full_scale, a.nrmse);
  if (a.nrmse_differential)
    fmt::print("nrmse_differential = {:.12g}\n", *a.nrmse_differential);
  fmt::print("max_error = {:.12g}\np99_error = {:.12g}\n", a.max, a.p99);
  for (const ReadoutExport::Rival& rival : model.rivals)
    fmt::print("nrmse_{} = {:.12g}\n", rival.name, rival.nrmse);
  fmt::print("held_out_solves = {}\ncircuit_solves = {}\n", model.test.count,
             model.circuit_solves);
}

void require_line_options(const po::variables_map& given, const std::string& format,
                          const ArraySpec& spec) {
  if (std::ranges::count(kOfLineModels, format) > 0 &&
      (has_pairs(spec) || spec.cell.structure == "gate-input"))
    throw Failure(Exit::Input, fmt::format("--format {} describes arrays with inputs on "
                                           "the cells, without pairs",
                                           format));
  if (given["tier"].as<std::string>() == kReadoutTier)
    throw Failure(Exit::Input, fmt::format("--tier {} is for arrays without a virtual "
                                           "ground; the models of this one sweep lines",
                                           kReadoutTier));
}

void require_readout_options(const po::variables_map& given, const std::string& format) {
  if (const auto tier = given["tier"].as<std::string>();
      tier != "auto" && tier != kReadoutTier)
    throw Failure(Exit::Input,
                  fmt::format("--tier {} models current-domain arrays with a "
                              "virtual-ground sense; this array takes {}",
                              tier, kReadoutTier));
  if (std::ranges::count(kOfLineModels, format) > 0)
    throw Failure(Exit::Input,
                  fmt::format("--format {} describes current-domain arrays with a "
                              "virtual-ground sense",
                              format));
}

Exit run(const po::variables_map& given, const CommonOptions& common) {
  const std::string format = format_of(given);
  const auto arguments = read_array_arguments(given);
  if (!arguments) return Exit::Input;
  if (format == "dataset") return write_dataset(given, common, *arguments);
  const bool by_lines = has_line_model(arguments->spec);
  if (by_lines)
    require_line_options(given, format, arguments->spec);
  else
    require_readout_options(given, format);
  FitOptions options = fit_options(given, *arguments);
  options.threads = common.threads;
  ModelOutput output(given["output"].as<std::string>(), format);
  ProgressLine progress("export", common.quiet);
  const auto report = [&](const std::string& stage, double done) {
    progress.update(done, stage);
  };
  const ModelRecord record{arguments->spec_file, command_text("export", given),
                           arguments->weights_file,
                           options.max_error.value_or(kAcceptedError)};
  if (by_lines) {
    const ExportedModel model = fit_model(arguments->spec, options, report);
    output.write(model, arguments->spec, record);
    print_figures(model);
  } else {
    const ReadoutExport model = fit_readout(arguments->spec, options, report);
    output.write(readout_contents(model, arguments->spec, record));
    print_figures(model);
  }
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
