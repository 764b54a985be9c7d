// SPDX-License-Identifier: Apache-2.0
// `arrayspice mvm`: circuit-accurate products of one array with a batch of inputs.
#include <fmt/format.h>

#include <cstdio>

#include "behavior/product_file.hpp"
#include "netlists/atomic_file.hpp"
#include "tools/array_arguments.hpp"
#include "tools/progress.hpp"

namespace arrayspice {

namespace {

using Text = std::string;

void declare(po::options_description& options,
             po::positional_options_description& positional) {
  declare_array_arguments(options, positional);
  options.add_options()(
      "inputs", po::value<Text>()->required()->value_name("X.npy"),
      "input vectors (batch, rows) in the unit of the type: V, s or levels")(
      "output,o", po::value<Text>()->required()->value_name("Y.npy"),
      "outputs (batch, columns) in A, V or s, as the type says; .npz: with the codes and "
      "thresholds of ADCs; .csv: one line per product")(
      "chips", po::value<int>()->value_name("K"),
      "outputs (K, batch, columns) of chips variation.chip, variation.chip + 1 ...")(
      "solver", po::value<Text>()->value_name("S")->default_value("auto"),
      "auto | klu | cholmod | array")("stats",
                                      "what was decided and what it took, on stderr");
}

void choose_solver(const Text& word, MvmOptions& options) {
  if (word == "klu")
    options.backend = Backend::Klu;
  else if (word == "cholmod")
    options.backend = Backend::Cholmod;
  else if (word == "array")
    options.method = MvmMethod::Lines;
  else if (word != "auto")
    throw Failure(
        Exit::Input,
        fmt::format("--solver is '{}'; there are auto, klu, cholmod, array", word));
  if (options.backend != Backend::Auto) options.method = MvmMethod::Circuit;
}

/// K of --chips.
int chip_count(const po::variables_map& given) {
  if (!given.contains("chips")) return 1;
  const int chips = given["chips"].as<int>();
  constexpr int kMost = 1000000;
  if (chips < 1 || chips > kMost)
    throw Failure(Exit::Input,
                  fmt::format("--chips is {}; allowed is 1 to {}", chips, kMost));
  return chips;
}

void print_stats(const ChipProducts& products) {
  const MvmStats& s = products.stats;
  fmt::print(stderr,
             "method = {} ({})\neffective_matrix = {}\nsolves = {}\n"
             "newton_steps = {}\nlinear_iterations = {}\nworst_residual = {:.3g}\n"
             "build_seconds = {:.4g}\nsolve_seconds = {:.4g}\n",
             s.method, s.reason, s.effective_matrix ? "yes" : "no", s.solves,
             s.newton_steps, s.linear_iterations, s.worst_residual, s.build_seconds,
             s.solve_seconds);
  if (s.by_factors > 0)
    fmt::print(stderr,
               "by_factors = {} (the iteration on the lines did not converge; order: "
               "geometric nested dissection)\n",
               s.by_factors);
  if (s.by_circuit > 0)
    fmt::print(stderr, "by_circuit = {} ({})\n", s.by_circuit, s.by_circuit_reason);
  if (products.codes.rows > 0) fmt::print(stderr, "clipped = {}\n", products.clipped);
  if (s.linear.backend.empty()) return;
  fmt::print(stderr,
             "backend = {} ({})\nordering = {}\nunknowns = {}\nfactor_nonzeros = {}\n"
             "factorisations = {}\norder_seconds = {:.4g}\nfactor_seconds = {:.4g}\n",
             s.linear.backend, s.linear.reason, s.linear.ordering, s.linear.unknowns,
             s.linear.factor_nonzeros, s.linear.factorisations, s.linear.order_seconds,
             s.linear.factor_seconds);
}

Exit run(const po::variables_map& given, const CommonOptions& common) {
  MvmOptions options;
  options.threads = common.threads;
  choose_solver(given["solver"].as<Text>(), options);
  const auto arguments = read_array_arguments(given, memory_for_mvm);
  if (!arguments) return Exit::Input;
  const ArraySpec& spec = arguments->spec;
  const Text input_file = given["inputs"].as<Text>();
  const Matrix inputs = read_matrix(input_file);
  check_inputs(spec, inputs, input_file);

  const int chips = chip_count(given);
  require_memory(
      spec, memory_for_mvm(spec) + memory_for_products(spec, inputs.rows, chips), given);
  const std::filesystem::path output = given["output"].as<Text>();
  AtomicFile file(output);  // now, not after a long computation

  ProgressLine progress("mvm", common.quiet);
  options.progress = [&](std::int64_t done, std::int64_t of) {
    progress.update(static_cast<double>(done) / static_cast<double>(of),
                    fmt::format("{} of {}", done, of));
    return true;
  };
  const Matrix weights =
      arguments->weights.rows > 0 ? arguments->weights : default_weights(spec);
  ProductFile products(spec, given.contains("chips"));
  for (int k = 0; k < chips; ++k) {
    ArraySpec chip = spec;
    chip.variation.chip += k;
    const ChipProducts of_chip = multiply_on_chip(chip, weights, inputs, options);
    products.add(chip, of_chip);
    if (given.contains("stats")) print_stats(of_chip);
  }
  file.write(products.bytes(output));
  file.commit();
  return Exit::Done;
}

}  // namespace

const Verb kMvm{
    "mvm",
    "SPEC --inputs X.npy -o Y.npy [options]",
    "circuit-accurate matrix-vector products of one array with many inputs",
    "  arrayspice mvm array.toml --weights W.npy --inputs X.npy -o Y.npy --stats",
    declare,
    run,
    "threads for the inputs, 32 at a time; results do not depend on it"};

}  // namespace arrayspice
