// SPDX-License-Identifier: Apache-2.0
#include "behavior/fit_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "behavior/cell_table.hpp"
#include "behavior/mvm.hpp"
#include "behavior/parallel.hpp"
#include "behavior/test_vectors.hpp"
#include "netlists/failure.hpp"

namespace arrayspice {

namespace {

constexpr std::int64_t kFirstValidation = std::int64_t{1}
                                          << 32;  // number of test vectors
constexpr double kMargin = 0.7;                   // of the bound, on the validation set
constexpr double kTableShare = 0.3;               // of the bound, for the cell table
constexpr double kStalled = 1.1;  // a sweep that brings less than this is not worth it

void require_supported(const ArraySpec& spec) {
  if (spec.array.type != "current-domain" || spec.sense.kind != "virtual-ground")
    throw Failure(Exit::Input,
                  fmt::format("export models current-domain arrays with a virtual-ground "
                              "sense, not {} with {}",
                              spec.array.type, spec.sense.kind));
}

Wires wires_of(double segment, double end, bool both, std::int64_t lines) {
  const std::vector<double> ends(static_cast<std::size_t>(lines), end);
  return {segment, ends, both ? ends : std::vector<double>{}};
}

LineModel line_model(const ArraySpec& spec, ChordTable table) {
  return {std::move(table),
          wires_of(spec.wire.word_line_resistance, spec.driver.resistance,
                   spec.driver.sides == "both", spec.array.rows),
          wires_of(spec.wire.bit_line_resistance, spec.sense.resistance,
                   spec.sense.sides == "both", spec.array.columns),
          1};
}

class Fitter {
 public:
  Fitter(const ArraySpec& spec, const FitOptions& options,
         const std::function<void(const std::string&, double)>& progress)
      : spec_(spec), nominal_(spec), options_(options), progress_(progress) {
    nominal_.variation = {};
  }

  ExportedModel run() {
    const double aim = options_.max_error.value_or(kAimedError);
    const double bound = options_.max_error.value_or(kAcceptedError);
    report("cell table", 0.0);
    const MeasuredCell cell = measure_cell(spec_, kTableShare * aim);
    ExportedModel model{
        line_model(spec_, cell.table), {}, {}, {}, cell.error, cell.solves};
    validate(model, aim);
    if (model.convergence.back() > bound)
      throw Failure(
          Exit::Numeric,
          fmt::format("the model's error is {:.3g} after {} sweeps, "
                      "above the allowed {:.3g} (--max-error)",
                      model.convergence.back(), model.convergence.size(), bound));
    model.line.sweeps = chosen_sweeps(model.convergence, aim);
    model.test = test(model.line);
    model.accuracy = accuracy_of(model.test.model, model.test.y);
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

  std::vector<double> circuit(const TestVector& v) const {
    ArraySolver solver(nominal_, v.weights);
    return solver.multiply({1, spec_.array.rows, v.inputs}).values;
  }

  /// Error over all validation solves after 1, 2, ... sweeps, until it is low enough or
  /// no longer falls.
  void validate(ExportedModel& model, double aim) const {
    std::vector<std::optional<LineArray>> arrays(kValidationSolves);
    Matrix truth = empty_outputs(kValidationSolves);
    for_all(kValidationSolves, "validation solves", 0.05, 0.3, [&](std::int64_t k) {
      const TestVector v = test_vector(nominal_, kFirstValidation + k, options_.weights);
      set_row(truth, k, circuit(v));
      arrays[static_cast<std::size_t>(k)].emplace(model.line, v.weights).start(v.inputs);
    });
    const int most = options_.max_error ? kMostSweeps : kThriftySweeps;
    std::vector<double>& error = model.convergence;
    while (static_cast<int>(error.size()) < most) {
      Matrix answer = empty_outputs(truth.rows);
      for_each_index(truth.rows, options_.threads, [&](std::int64_t k) {
        LineArray& array = *arrays[static_cast<std::size_t>(k)];
        array.sweep();
        set_row(answer, k, array.outputs());
      });
      error.push_back(accuracy_of(answer, truth).nrmse);
      if (error.back() <= kMargin * aim || has_stalled(error)) break;
    }
  }

  static bool has_stalled(const std::vector<double>& error) {
    const std::size_t n = error.size();
    return n > 3 && error[n - 3] < kStalled * error[n - 1];
  }

  /// The fewest sweeps that reach the aim, or come as near to it as any number does.
  static int chosen_sweeps(const std::vector<double>& error, double aim) {
    const double best = *std::min_element(error.begin(), error.end());
    const double enough = std::max(kMargin * aim, kStalled * best);
    const auto first =
        std::find_if(error.begin(), error.end(), [&](double e) { return e <= enough; });
    return static_cast<int>(first - error.begin()) + 1;
  }

  TestSet test(const LineModel& line) const {
    TestSet set;
    set.count = kTestSolves;
    set.y = set.model = empty_outputs(kTestSolves);
    const auto count = static_cast<std::size_t>(kTestSolves);
    const auto rows = static_cast<std::size_t>(spec_.array.rows);
    set.w.resize(count * rows * static_cast<std::size_t>(spec_.array.columns));
    set.x.resize(count * rows);
    set.kinds.resize(count);
    for_all(kTestSolves, "held-out solves", 0.3, 1.0, [&](std::int64_t k) {
      const TestVector v = test_vector(nominal_, k, options_.weights);
      const auto put = [k](const std::vector<double>& from, std::vector<double>& to) {
        std::copy(from.begin(), from.end(),
                  to.begin() + k * static_cast<std::int64_t>(from.size()));
      };
      put(v.weights.values, set.w);
      put(v.inputs, set.x);
      put(circuit(v), set.y.values);
      put(line_outputs(line, v.weights, {1, spec_.array.rows, v.inputs}).values,
          set.model.values);
      set.kinds[static_cast<std::size_t>(k)] = distribution_name(v.kind);
    });
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

  const ArraySpec& spec_;
  ArraySpec nominal_;
  const FitOptions& options_;
  const std::function<void(const std::string&, double)>& progress_;
};

}  // namespace

ExportedModel fit_model(const ArraySpec& spec, const FitOptions& options,
                        const std::function<void(const std::string&, double)>& progress) {
  require_supported(spec);
  return Fitter(spec, options, progress).run();
}

}  // namespace arrayspice
