// SPDX-License-Identifier: Apache-2.0
#include "behavior/fit_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "behavior/cell_table.hpp"
#include "behavior/mvm.hpp"
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
    std::vector<LineArray> arrays;
    Matrix truth{kValidationSolves, spec_.array.columns, {}};
    for (std::int64_t k = 0; k < kValidationSolves; ++k) {
      report("validation solves", 0.05 + 0.25 * fraction(k, kValidationSolves));
      const TestVector v = test_vector(nominal_, kFirstValidation + k, options_.weights);
      const std::vector<double> y = circuit(v);
      truth.values.insert(truth.values.end(), y.begin(), y.end());
      arrays.emplace_back(model.line, v.weights).start(v.inputs);
    }
    const int most = options_.max_error ? kMostSweeps : kThriftySweeps;
    std::vector<double>& error = model.convergence;
    while (static_cast<int>(error.size()) < most) {
      Matrix answer{truth.rows, truth.columns, {}};
      for (LineArray& array : arrays) {
        array.sweep();
        const std::vector<double> y = array.outputs();
        answer.values.insert(answer.values.end(), y.begin(), y.end());
      }
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
    set.y = set.model = {kTestSolves, spec_.array.columns, {}};
    const auto append = [](std::vector<double>& to, const std::vector<double>& from) {
      to.insert(to.end(), from.begin(), from.end());
    };
    for (std::int64_t k = 0; k < kTestSolves; ++k) {
      report("held-out solves", 0.3 + 0.7 * fraction(k, kTestSolves));
      const TestVector v = test_vector(nominal_, k, options_.weights);
      append(set.w, v.weights.values);
      append(set.x, v.inputs);
      append(set.y.values, circuit(v));
      append(set.model.values,
             line_outputs(line, v.weights, {1, spec_.array.rows, v.inputs}).values);
      set.kinds.emplace_back(distribution_name(v.kind));
    }
    return set;
  }

  static double fraction(std::int64_t done, std::int64_t all) {
    return static_cast<double>(done) / static_cast<double>(all);
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
