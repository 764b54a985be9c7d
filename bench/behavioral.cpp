// SPDX-License-Identifier: Apache-2.0
// How far behavioral models are from the circuit, on weights and inputs of four kinds:
//   behavioral_bench ROWS SEGMENT_OHM CELL INPUT_MAXIMUM ARRAYS INPUTS
// prints one line per kind and model:  kind model nrmse differential nonideality, and of
// AWL-2 gradient errors and seconds for set-up and one product.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "behavior/accuracy.hpp"
#include "behavior/anchored_model.hpp"
#include "behavior/baselines.hpp"
#include "behavior/cell_table.hpp"
#include "behavior/gradient_check.hpp"
#include "behavior/mvm.hpp"
#include "behavior/test_vectors.hpp"

namespace {

using namespace arrayspice;

constexpr double kTableError = 1e-7;
constexpr std::int64_t kKinds = 5;  // test_vector's kinds come in turn
constexpr int kAdjointSweeps = 4;

struct Case {
  ArraySpec spec;
  LineModel line;
  AnchoredSettings anchored;
  std::int64_t arrays, inputs;
};

Case make_case(char** a) {
  ArraySpec spec;
  spec.array = {"current-domain", std::atoi(a[1]), std::atoi(a[1]), 1};
  spec.wire.word_line_resistance = spec.wire.bit_line_resistance = std::atof(a[2]);
  spec.cell.model = a[3];
  spec.input.maximum = std::atof(a[4]);
  spec.driver.resistance = 20.0;
  spec.sense.resistance = 10.0;
  const auto size = static_cast<std::size_t>(spec.array.rows);
  const double segment = spec.wire.word_line_resistance;
  LineModel line{measure_cell(spec, kTableError).table,
                 {segment, std::vector<double>(size, spec.driver.resistance), {}},
                 {segment, std::vector<double>(size, spec.sense.resistance), {}},
                 2};
  AnchoredSettings anchored = anchored_settings(spec, line);
  anchored.anchor_sweeps = spec.array.rows > 64 ? 6 : 3;
  return {spec, std::move(line), std::move(anchored), std::atoi(a[5]), std::atoi(a[6])};
}

double seconds(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void append(Matrix& all, const Matrix& more) {
  all.columns = more.columns;
  all.rows += more.rows;
  all.values.insert(all.values.end(), more.values.begin(), more.values.end());
}

/// Outputs of all models on all vectors of one kind.
class Kind {
 public:
  Kind(const Case& bench, std::int64_t first) : case_(bench), first_(first) {
    for (std::int64_t array = 0; array < bench.arrays; ++array) add_array(array);
  }

  void print() const {
    const std::string_view name =
        distribution_name(test_vector(case_.spec, first_, {}).kind);
    for (const auto& [model, y] : outputs_) {
      const Accuracy a = accuracy_of(y, truth_);
      fmt::print("{} {} {:.2e} {:.2e} {:.2e}\n", name, model, a.nrmse,
                 a.nrmse_differential.value_or(0.0),
                 nonideality_error(y, truth_, outputs_.at("ideal")));
    }
    fmt::print("{} gradient {:.2e} {:.2e}\n", name, gradient_.relative_by_conductance(),
               gradient_.relative_by_input());
    const auto products = static_cast<double>(case_.arrays * case_.inputs);
    fmt::print("{} seconds {:.2e} {:.2e}\n", name,
               set_up_ / static_cast<double>(case_.arrays), product_ / products);
  }

 private:
  void add_array(std::int64_t array) {
    const std::int64_t number = first_ + kKinds * case_.inputs * array;
    const Matrix w = test_vector(case_.spec, number, {}).weights;
    Matrix x{0, case_.spec.array.rows, {}};
    for (std::int64_t k = 0; k < case_.inputs; ++k)
      append(x, {1, x.columns, test_vector(case_.spec, number + kKinds * k, {}).inputs});
    append(truth_, ArraySolver(case_.spec, w).multiply(x));
    append(outputs_["ideal"], ideal_outputs(w, x));
    append(outputs_["dmr"], mean_ladder_outputs(case_.line, w, x));
    append(outputs_["line-2"], line_outputs(case_.line, w, x));
    add_anchored(w, x);
  }

  void add_anchored(const Matrix& w, const Matrix& x) {
    LineArray array(case_.line, w);
    std::optional<WarmStart> start;
    set_up_ += seconds([&] { start.emplace(case_.anchored, array); });
    for (std::int64_t k = 0; k < x.rows; ++k) {
      const std::span input(&x.values[k * x.columns],
                            static_cast<std::size_t>(x.columns));
      product_ += seconds([&] {
        start->start(input, array);
        array.sweep();
      });
      append(outputs_["awl-1"], {1, w.columns, array.outputs()});
      product_ += seconds([&] { array.sweep(); });
      append(outputs_["awl-2"], {1, w.columns, array.outputs()});
      if (k == 0) add_gradient(array, w, input);
    }
  }

  void add_gradient(LineArray& array, const Matrix& w, std::span<const double> input) {
    std::vector<double> weights;
    for (std::int64_t j = 0; j < w.columns; ++j)
      weights.push_back(static_cast<double>(j % 3) - 0.7);
    const auto truth = circuit_gradient(case_.spec, case_.line.table, w, input, weights);
    if (truth) gradient_.add(array.gradient(weights, kAdjointSweeps), *truth);
  }

  const Case& case_;
  std::int64_t first_;
  Matrix truth_;
  std::map<std::string, Matrix> outputs_;
  GradientError gradient_;
  double set_up_ = 0.0, product_ = 0.0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) {
    fmt::print(stderr,
               "usage: behavioral_bench ROWS SEGMENT_OHM CELL INPUT_MAXIMUM ARRAYS "
               "INPUTS\n");
    return 2;
  }
  const Case bench = make_case(argv);
  for (std::int64_t kind = 0; kind + 1 < kKinds; ++kind) Kind(bench, kind).print();
}
