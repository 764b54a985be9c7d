// SPDX-License-Identifier: Apache-2.0
#include "behavior/fit_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "behavior/array_probe.hpp"
#include "behavior/baselines.hpp"
#include "behavior/cell_table.hpp"
#include "behavior/coral_model.hpp"
#include "behavior/fit_anchored.hpp"
#include "behavior/mvm.hpp"
#include "behavior/parallel.hpp"
#include "behavior/sense_end.hpp"
#include "behavior/test_vectors.hpp"
#include "netlists/arrays/pairs.hpp"
#include "netlists/failure.hpp"

namespace arrayspice {

namespace {

constexpr std::int64_t kFirstValidation = std::int64_t{1}
                                          << 32;  // number of test vectors
constexpr double kMargin = 0.7;                   // of the bound, on the validation set
constexpr double kTableShare = 0.3;               // of the bound, for the cell table
// Fine enough for python/arrayspice/fused.py to put a polynomial in its place.
constexpr double kTableError = 1e-6;
constexpr double kStalled = 1.1;  // a sweep that brings less than this is not worth it
constexpr std::int64_t kFewestCoralRows = 3;  // one for each mode

/// A tier on the validation set: NRMSE after 1, 2, ... sweeps, and how many are taken.
struct TierFit {
  Tier tier = Tier::Line;
  std::vector<double> error;
  int sweeps = 0;
  double reached() const { return error[static_cast<std::size_t>(sweeps) - 1]; }
};

struct Solved {
  std::vector<TestVector> vectors;
  Matrix truth;
};

bool is_gated(const ArraySpec& spec) { return spec.cell.structure == "gate-input"; }

void require_supported(const ArraySpec& spec) {
  if (!has_line_model(spec))
    throw Failure(Exit::Input,
                  fmt::format("line models are of current-domain arrays with a "
                              "virtual-ground or regulated-cascode sense, not {} with {}",
                              spec.array.type, spec.sense.kind));
}

Wires wires_of(double segment, double end, bool both, std::int64_t lines) {
  const std::vector<double> ends(static_cast<std::size_t>(lines), end);
  return {segment, ends, both ? ends : std::vector<double>{}};
}

LineModel line_model(const ArraySpec& spec, ChordTable table, const SenseEnd& end) {
  LineModel model{
      std::move(table),
      wires_of(spec.wire.word_line_resistance, spec.driver.resistance,
               spec.driver.sides == "both", spec.array.rows),
      wires_of(spec.wire.bit_line_resistance, spec.sense.resistance + end.resistance,
               spec.sense.sides == "both", spec.array.columns),
      1};
  model.sense_voltage = end.voltage;
  if (is_gated(spec)) {  // no current in word lines
    model.word = wires_of(0.0, 0.0, false, spec.array.rows);
    model.read_voltage = spec.supply.read;
  }
  return model;
}

class Fitter {
 public:
  Fitter(const ArraySpec& spec, const FitOptions& options,
         const std::function<void(const std::string&, double)>& progress)
      : described_(spec),
        spec_(physical_array(spec)),
        nominal_(spec_),
        options_(options),
        progress_(progress) {
    described_.variation = nominal_.variation = {};
  }

  ExportedModel run() {
    const double aim = options_.max_error.value_or(kAimedError);
    const double bound = options_.max_error.value_or(kAcceptedError);
    report("cell table", 0.0);
    const MeasuredCell cell =
        measure_cell(spec_, std::min(kTableShare * aim, kTableError));
    const SenseEnd end = measure_sense_end(spec_);
    ExportedModel model{.line = line_model(spec_, cell.table, end),
                        .table_error = cell.error,
                        .circuit_solves = cell.solves + end.circuit_solves};
    require_tier(why_not_anchored(model.line));
    const Solved validation = solve_validation();
    choose(model, validation, aim, bound);
    model.test = test(model);
    judge(model);
    if (model.accuracy.nrmse > bound)
      throw Failure(
          Exit::Numeric,
          fmt::format("the model's error on held-out arrays is {:.3g}, above the "
                      "allowed {:.3g} (--max-error)",
                      model.accuracy.nrmse, bound));
    model.circuit_solves += kValidationSolves + kTestSolves;
    report("done", 1.0);
    return model;
  }

 private:
  void report(const std::string& stage, double done) const {
    if (progress_) progress_(stage, done);
  }

  /// Weights and inputs in the units of the spec; of pairs, signed weights.
  TestVector described_vector(std::int64_t number) const {
    TestVector v =
        test_vector(described_, number, options_.weights, options_.tier != Tier::Coral);
    if (options_.tier == Tier::Frozen) v.weights = options_.weights;
    return v;
  }
  /// What the cells hold and the word lines get.
  TestVector vector(std::int64_t number) const {
    const TestVector v = described_vector(number);
    return {v.kind, physical_weights(described_, v.weights),
            physical_input(described_, v.inputs)};
  }

  /// Of outputs of the cells that are built, on those of the described array.
  double error_of(const Matrix& answer, const Matrix& truth) const {
    return accuracy_of(logical_outputs(described_, answer),
                       logical_outputs(described_, truth))
        .nrmse;
  }

  std::vector<double> circuit(const TestVector& v) const {
    ArraySolver solver(nominal_, v.weights);
    return solver.multiply({1, spec_.array.rows, v.inputs}).values;
  }

  Solved solve_validation() const {
    Solved solved{std::vector<TestVector>(kValidationSolves),
                  empty_outputs(kValidationSolves)};
    for_all(kValidationSolves, "validation solves", 0.05, 0.2, [&](std::int64_t k) {
      TestVector& v = solved.vectors[static_cast<std::size_t>(k)];
      v = vector(kFirstValidation + k);
      set_row(solved.truth, k, circuit(v));
    });
    return solved;
  }

  /// The tier with the fewest sweeps that reach the aim, or that comes nearest to it.
  void choose(ExportedModel& model, const Solved& validation, double aim, double bound) {
    std::vector<TierFit> fits{fit_tier(Tier::Line, model, validation, aim)};
    model.line.sweeps = fits[0].sweeps;
    const std::string why_not = why_not_anchored(model.line);
    if (why_not.empty()) {
      model.anchored = anchored_settings(nominal_, model.line);
      model.anchored->anchor_sweeps = anchor_sweeps_for(fits[0].error);
      fits.push_back(fit_tier(Tier::Anchored, model, validation, aim));
      model.anchored->sweeps = fits[1].sweeps;
      model.anchored->adjoint_sweeps = adjoint_sweeps_for(
          nominal_, model.line, *model.anchored, of_gradient(validation.vectors));
    }
    if (options_.tier == Tier::Coral) fits.push_back(fit_coral(model, validation, aim));
    if (options_.tier == Tier::Frozen) fits.push_back(freeze(model, validation));
    if (options_.tier)
      std::erase_if(fits, [&](const TierFit& f) { return f.tier != options_.tier; });
    const TierFit& best = *std::ranges::min_element(fits, {}, [&](const TierFit& f) {
      return std::pair(std::max(f.reached(), aim) > bound, f.sweeps);
    });
    if (best.reached() > bound) refuse(fits, bound);
    model.tier = best.tier;
    model.convergence = best.error;
    if (!options_.tier && best.tier == Tier::Line) model.anchored.reset();
  }

  void require_tier(const std::string& why_not_anchored) const {
    const auto refuse = [](const std::string& why) { throw Failure(Exit::Input, why); };
    if (options_.tier && options_.tier != Tier::Line && is_gated(spec_))
      refuse("where inputs are gates there are swept lines alone: --tier line");
    const bool anchored = options_.tier == Tier::Anchored || options_.tier == Tier::Coral;
    if (anchored && !why_not_anchored.empty())
      refuse(fmt::format("there is no anchored start for {}", why_not_anchored));
    if (options_.tier == Tier::Coral && spec_.array.rows < kFewestCoralRows)
      refuse(fmt::format("--tier coral needs {} rows", kFewestCoralRows));
    if (options_.tier == Tier::Coral && described_.array.pairs == "interleaved")
      refuse("--tier coral takes inputs from 0; interleaved pairs need both signs");
    const bool has_weights = options_.weights.rows == described_.array.rows &&
                             options_.weights.columns == described_.array.columns;
    if (options_.tier == Tier::Frozen && !has_weights)
      refuse(
          "--tier frozen needs --weights of the whole array: it holds for those alone");
  }

  static std::string effort(const TierFit& fit) {
    if (fit.tier == Tier::Frozen) return "one matrix";
    if (fit.tier == Tier::Coral)
      return fmt::format("{} products", kCoralProducts[fit.sweeps - 1]);
    return fmt::format("{} sweeps", fit.sweeps);
  }

  [[noreturn]] static void refuse(const std::vector<TierFit>& fits, double bound) {
    const TierFit& best = *std::ranges::min_element(fits, {}, &TierFit::reached);
    throw Failure(Exit::Numeric,
                  fmt::format("the best model reaches an error of {:.3g} ({}), above the "
                              "allowed {:.3g} (--max-error)",
                              best.reached(), effort(best), bound));
  }

  /// Error over all validation solves after 1, 2, ... sweeps, until it is low enough or
  /// no longer falls.
  TierFit fit_tier(Tier tier, const ExportedModel& model, const Solved& validation,
                   double aim) const {
    std::vector<std::optional<LineArray>> arrays(kValidationSolves);
    for_all(kValidationSolves, "tiers", 0.2, 0.3, [&](std::int64_t k) {
      const TestVector& v = validation.vectors[static_cast<std::size_t>(k)];
      LineArray& array =
          arrays[static_cast<std::size_t>(k)].emplace(model.line, v.weights);
      if (tier == Tier::Line)
        array.start(model.line.seen(v.inputs));
      else
        WarmStart(*model.anchored, array).start(model.line.seen(v.inputs), array);
    });
    const int most = options_.max_error ? kMostSweeps : kThriftySweeps;
    TierFit fit{tier, {}, 0};
    while (static_cast<int>(fit.error.size()) < most) {
      Matrix answer = empty_outputs(validation.truth.rows);
      for_each_index(answer.rows, options_.threads, [&](std::int64_t k) {
        LineArray& array = *arrays[static_cast<std::size_t>(k)];
        array.sweep();
        set_row(answer, k, array.outputs());
      });
      fit.error.push_back(error_of(answer, validation.truth));
      if (fit.error.back() <= kMargin * aim || has_stalled(fit.error)) break;
    }
    fit.sweeps = chosen_sweeps(fit.error, aim);
    return fit;
  }

  /// As fit_tier, over numbers of products.
  TierFit fit_coral(ExportedModel& model, const Solved& validation, double aim) const {
    TierFit fit{Tier::Coral, {}, 0};
    for (const int products : kCoralProducts) {
      Matrix answer = empty_outputs(validation.truth.rows);
      for_all(answer.rows, "products", 0.3, 0.3, [&](std::int64_t k) {
        const TestVector& v = validation.vectors[static_cast<std::size_t>(k)];
        const Matrix input{1, spec_.array.rows, model.line.seen(v.inputs)};
        set_row(answer, k,
                coral_outputs(model.line, *model.anchored, products, v.weights, input)
                    .values);
      });
      fit.error.push_back(error_of(answer, validation.truth));
      if (fit.error.back() <= kMargin * aim) break;
    }
    fit.sweeps = chosen_sweeps(fit.error, aim);
    model.products = kCoralProducts[static_cast<std::size_t>(fit.sweeps) - 1];
    model.anchored->sweeps = 1;  // before the adjoint
    model.anchored->adjoint_sweeps = adjoint_sweeps_for(
        nominal_, model.line, *model.anchored, of_gradient(validation.vectors));
    return fit;
  }

  /// The matrix of the array at rest, which is that of ohmic cells everywhere.
  TierFit freeze(ExportedModel& model, const Solved& validation) const {
    model.frozen_weights = physical_weights(described_, options_.weights);
    measure_array(nominal_, model.frozen_weights, why_not_line_slopes(nominal_),
                  [&](ArrayProbe& probe) {
                    probe.solve(std::vector<double>(spec_.array.rows, 0.0));
                    model.frozen = probe.effective_conductance();
                  });
    Matrix answer = empty_outputs(validation.truth.rows);
    for (std::int64_t k = 0; k < answer.rows; ++k) {
      const TestVector& v = validation.vectors[static_cast<std::size_t>(k)];
      set_row(
          answer, k,
          ideal_outputs(model.frozen, {1, spec_.array.rows, model.line.seen(v.inputs)})
              .values);
    }
    return {Tier::Frozen, {error_of(answer, validation.truth)}, 1};
  }

  static bool has_stalled(const std::vector<double>& error) {
    const std::size_t n = error.size();
    return n > 3 && error[n - 3] < kStalled * error[n - 1];
  }

  /// The fewest sweeps that reach the aim, or come as near to it as any number does.
  static int chosen_sweeps(const std::vector<double>& error, double aim) {
    const double best = *std::min_element(error.begin(), error.end());
    const double enough = std::max(kMargin * aim, kStalled * best);
    return first_below(error, enough);
  }

  static std::span<const TestVector> of_gradient(const std::vector<TestVector>& all) {
    return std::span(all).first(static_cast<std::size_t>(kGradientSolves));
  }

  /// The chosen model and the baselines on the held-out solves.
  void judge(ExportedModel& model) const {
    const TestSet& set = model.test;
    model.accuracy = accuracy_of(set.model, set.y);
    Matrix ideal = empty_outputs(set.count), mean_ladder = ideal;
    std::vector<TestVector> vectors;
    for (std::int64_t k = 0; k < set.count; ++k) {
      const TestVector& v = vectors.emplace_back(vector(k));
      Matrix input{1, spec_.array.rows, v.inputs};
      if (model.line.is_gated())
        for (double& x : input.values) x *= model.line.read_voltage;
      set_row(ideal, k, ideal_outputs(v.weights, input).values);
      set_row(mean_ladder, k, mean_ladder_outputs(model.line, v.weights, input).values);
    }
    ideal = logical_outputs(described_, std::move(ideal));
    mean_ladder = logical_outputs(described_, std::move(mean_ladder));
    Matrix scaled = ideal;
    const double scale = best_scale(ideal, set.y);
    for (double& i : scaled.values) i *= scale;
    model.nonideality = nonideality_error(set.model, set.y, ideal);
    for (const auto& [name, outputs] :
         {std::pair("ideal", &ideal), std::pair("scale", &scaled),
          std::pair("dmr", &mean_ladder)})
      model.baselines.push_back({name, accuracy_of(*outputs, set.y),
                                 nonideality_error(*outputs, set.y, ideal)});
    if (model.tier != Tier::Anchored && model.tier != Tier::Coral) return;
    for (const TestVector& v : vectors) {
      LineArray array(model.line, v.weights);
      model.activity =
          std::max(model.activity,
                   WarmStart(*model.anchored, array).activity(model.line.seen(v.inputs)));
    }
    const auto error =
        anchored_gradient_error(nominal_, model.line, *model.anchored,
                                of_gradient(vectors), model.anchored->adjoint_sweeps);
    if (!error) return;
    model.gradient_by_conductance = error->relative_by_conductance();
    model.gradient_by_input = error->relative_by_input();
  }

  TestSet test(const ExportedModel& model) const {
    TestSet set = solve_test_set(
        described_, kTestSolves, [&](std::int64_t k) { return described_vector(k); },
        options_.threads,
        [&](double done) { report("held-out solves", 0.3 + 0.7 * done); });
    Matrix outputs = empty_outputs(kTestSolves);
    for_each_index(kTestSolves, options_.threads, [&](std::int64_t k) {
      const Matrix w = physical_weights(described_, weights_of(set, described_, k));
      const Matrix x = physical_inputs(described_, inputs_of(set, described_, k));
      set_row(outputs, k, model_outputs(model, w, x).values);
    });
    set.model = logical_outputs(described_, std::move(outputs));
    return set;
  }

  Matrix empty_outputs(std::int64_t rows) const {
    return {rows, spec_.array.columns,
            std::vector<double>(static_cast<std::size_t>(rows * spec_.array.columns))};
  }
  static void set_row(Matrix& to, std::int64_t k, const std::vector<double>& row) {
    std::copy(row.begin(), row.end(), to.values.begin() + k * to.columns);
  }

  /// work(k) on all threads, progress from one fraction of everything to another.
  void for_all(std::int64_t count, const char* stage, double from, double to,
               const std::function<void(std::int64_t)>& work) const {
    std::mutex mutex;
    std::int64_t done = 0;
    report(stage, from);
    for_each_index(count, options_.threads, [&](std::int64_t k) {
      work(k);
      const std::lock_guard lock(mutex);
      ++done;
      report(stage,
             from + (to - from) * static_cast<double>(done) / static_cast<double>(count));
    });
  }

  ArraySpec described_;       // without variation
  ArraySpec spec_, nominal_;  // of the cells that are built, with and without it
  const FitOptions& options_;
  const std::function<void(const std::string&, double)>& progress_;
};

}  // namespace

bool has_line_model(const ArraySpec& spec) {
  return spec.array.type == "current-domain" &&
         (spec.sense.kind == "virtual-ground" || spec.sense.kind == "regulated-cascode");
}

ExportedModel fit_model(const ArraySpec& spec, const FitOptions& options,
                        const std::function<void(const std::string&, double)>& progress) {
  require_supported(spec);
  return Fitter(spec, options, progress).run();
}

}  // namespace arrayspice
