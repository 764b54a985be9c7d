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
#include "netlists/atomic_file.hpp"
#include "tools/array_arguments.hpp"
#include "tools/progress.hpp"

namespace arrayspice {

namespace {

constexpr std::array<std::string_view, 3> kWritten{"npz", "safetensors", "csv"};
constexpr std::array<std::string_view, 5> kPlanned{"hdf5", "neurosim", "aihwkit",
                                                   "crosssim", "dataset"};

void declare(po::options_description& options,
             po::positional_options_description& positional) {
  declare_array_arguments(options, positional);
  options.add_options()("output,o",
                        po::value<std::string>()->required()->value_name("MODEL"),
                        "the file to write (a folder for csv)")(
      "format", po::value<std::string>()->value_name("NAME")->default_value("npz"),
      "npz | safetensors | csv")(
      "max-error", po::value<double>()->value_name("E"),
      "largest NRMSE on held-out arrays; the fewest sweeps that reach it are taken. "
      "Default: aim at 1e-6, refuse above 1e-3")(
      "tier", po::value<std::string>()->value_name("NAME")->default_value("auto"),
      "auto | awl (sweeps from an anchored start) | line (sweeps from the inputs)");
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
  for (const Tier tier : {Tier::Anchored, Tier::Line})
    if (name == tier_name(tier)) return tier;
  throw Failure(Exit::Input,
                fmt::format("--tier {} is unknown; there are auto, awl and line", name));
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
    if (format_ == "csv")
      OutputFolder::check(path_, kModelMeta);
    else
      file_.emplace(path_);
  }
  void write(const NpzContents& contents) {
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
  fmt::print("tier = {}\nsweeps = {}\nnrmse = {:.12g}\n", tier_name(model.tier),
             model.sweeps(), a.nrmse);
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

Exit run(const po::variables_map& given, const CommonOptions& common) {
  const std::string format = format_of(given);
  const auto arguments = read_array_arguments(given);
  if (!arguments) return Exit::Input;
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
  output.write(model_contents(model, arguments->spec, record));
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
