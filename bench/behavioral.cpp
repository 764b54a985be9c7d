// SPDX-License-Identifier: Apache-2.0
// How far behavioral models are from the circuit, on weights and inputs of four kinds:
//   behavioral_bench ROWS SEGMENT_OHM CELL INPUT_MAXIMUM ARRAYS INPUTS [NETWORK]
// prints one line per kind and model:  kind model nrmse differential nonideality, of
// AWL-2 and CORAL gradient errors, the sweeps of anchors and adjoint, and of AWL-2
// seconds for set-up and one product.
//   behavioral_bench dataset ROWS SEGMENT_OHM CELL INPUT_MAXIMUM ARRAYS FILE
// writes circuit solves for a network (bench/geniex.py): for each array float32 G /
// G_max, and for each of two inputs V / V_max and I_ideal / I.
#include <fmt/format.h>

#include <Eigen/Dense>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "behavior/accuracy.hpp"
#include "behavior/aihwkit_fit.hpp"
#include "behavior/anchored_model.hpp"
#include "behavior/baselines.hpp"
#include "behavior/cell_table.hpp"
#include "behavior/coral_model.hpp"
#include "behavior/fit_anchored.hpp"
#include "behavior/mvm.hpp"
#include "behavior/test_vectors.hpp"
#include "behavior/warm_start.hpp"

namespace {

using namespace arrayspice;

/// I_ideal / I of every column by one hidden layer (bench/geniex.py writes the file).
class Network {
 public:
  Network(const std::string& path, const ArraySpec& spec)
      : g_unit_(spec.cell.maximum), v_unit_(spec.input.maximum) {
    std::ifstream file(path, std::ios::binary);
    std::int64_t hidden = 0;
    file.read(reinterpret_cast<char*>(&hidden), sizeof hidden);
    const Eigen::Index cells = spec.array.rows * spec.array.columns;
    for (Weights* w : {&by_g_, &by_v_, &bias_, &out_, &out_bias_}) {
      w->resize(w == &by_g_   ? cells
                : w == &by_v_ ? spec.array.rows
                : w == &out_  ? hidden
                              : 1,
                w == &out_ || w == &out_bias_ ? spec.array.columns : hidden);
      file.read(reinterpret_cast<char*>(w->data()),
                static_cast<std::streamsize>(sizeof(float)) * w->size());
    }
    if (!file) throw std::runtime_error(path + " is not a network of this array");
  }

  Matrix outputs(const Matrix& g, const Matrix& x) const {
    const Weights cells = row(g.values).transpose() / static_cast<float>(g_unit_);
    const Weights of_g = bias_ + cells * by_g_;
    Matrix y = ideal_outputs(g, x);
    for (std::int64_t k = 0; k < x.rows; ++k) {
      const auto input = row_of(x, k);
      const Weights v =
          row({input.begin(), input.end()}).transpose() / static_cast<float>(v_unit_);
      const Weights hidden = (of_g + v * by_v_).cwiseMax(0.0F);
      const Weights ratio = hidden * out_ + out_bias_;
      for (std::int64_t j = 0; j < y.columns; ++j) y(k, j) /= ratio(0, j);
    }
    return y;
  }

 private:
  using Weights = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  static Eigen::VectorXf row(const std::vector<double>& values) {
    return Eigen::Map<const Eigen::VectorXd>(values.data(),
                                             static_cast<Eigen::Index>(values.size()))
        .cast<float>();
  }

  double g_unit_, v_unit_;
  Weights by_g_, by_v_, bias_, out_, out_bias_;
};

constexpr double kTableError = 1e-7;
constexpr std::int64_t kKinds = 5;  // test_vector's kinds come in turn
constexpr std::int64_t kFitted = 8, kFirstFitted = std::int64_t{1} << 32;
constexpr std::size_t kMostCold = 10;  // sweeps

constexpr int kProducts = 16;      // of CORAL
constexpr int kInputsOfArray = 2;  // of a data set
constexpr std::int64_t kFirstOfDataset = std::int64_t{1} << 35;

struct Case {
  ArraySpec spec;
  LineModel line;
  AnchoredSettings anchored;
  std::int64_t arrays, inputs;
  std::optional<Network> network;
};

ArraySpec make_spec(char** a) {
  ArraySpec spec;
  spec.array = {"current-domain", std::atoi(a[1]), std::atoi(a[1]), 1};
  spec.wire.word_line_resistance = spec.wire.bit_line_resistance = std::atof(a[2]);
  spec.cell.model = a[3];
  spec.input.maximum = std::atof(a[4]);
  spec.driver.resistance = 20.0;
  spec.sense.resistance = 10.0;
  return spec;
}

void append(Matrix& all, const Matrix& more) {
  all.columns = more.columns;
  all.rows += more.rows;
  all.values.insert(all.values.end(), more.values.begin(), more.values.end());
}

/// As export chooses them, on vectors that no model is judged on.
AnchoredSettings fitted_settings(const ArraySpec& spec, const LineModel& line) {
  std::vector<TestVector> vectors;
  Matrix truth{0, spec.array.columns, {}};
  std::vector<LineArray> arrays;
  for (std::int64_t k = 0; k < kFitted; ++k) {
    const TestVector& v =
        vectors.emplace_back(test_vector(spec, kFirstFitted + k, {}, false));
    append(truth, ArraySolver(spec, v.weights).multiply({1, spec.array.rows, v.inputs}));
    arrays.emplace_back(line, v.weights).start(v.inputs);
  }
  std::vector<double> error;
  while (error.size() < kMostCold) {
    Matrix y{0, spec.array.columns, {}};
    for (LineArray& array : arrays) {
      array.sweep();
      append(y, {1, y.columns, array.outputs()});
    }
    error.push_back(accuracy_of(y, truth).nrmse);
  }
  AnchoredSettings anchored = anchored_settings(spec, line);
  anchored.anchor_sweeps = anchor_sweeps_for(error);
  anchored.sweeps = 2;
  anchored.adjoint_sweeps = adjoint_sweeps_for(spec, line, anchored, vectors);
  return anchored;
}

Case make_case(int argc, char** a) {
  ArraySpec spec = make_spec(a);
  const auto size = static_cast<std::size_t>(spec.array.rows);
  const double segment = spec.wire.word_line_resistance;
  LineModel line{measure_cell(spec, kTableError).table,
                 {segment, std::vector<double>(size, spec.driver.resistance), {}},
                 {segment, std::vector<double>(size, spec.sense.resistance), {}},
                 2};
  AnchoredSettings anchored = fitted_settings(spec, line);
  Case bench{
      spec,        std::move(line), std::move(anchored), std::atoi(a[5]), std::atoi(a[6]),
      std::nullopt};
  if (argc > 7) bench.network.emplace(a[7], spec);
  return bench;
}

double seconds(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
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
    for (const auto& [model, error] : gradient_)
      fmt::print("{} gradient-{} {:.2e} {:.2e}\n", name, model,
                 error.relative_by_conductance(), error.relative_by_input());
    fmt::print("{} sweeps {} {}\n", name, case_.anchored.anchor_sweeps,
               case_.anchored.adjoint_sweeps);
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
    append(outputs_["aihwkit"], aihwkit_outputs(case_.spec, w, x));
    if (case_.network) append(outputs_["geniex"], case_.network->outputs(w, x));
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
      if (k == 0) add_gradient("coral", array, w, input);
      product_ += seconds([&] { array.sweep(); });
      append(outputs_["awl-2"], {1, w.columns, array.outputs()});
      if (k == 0) add_gradient("awl-2", array, w, input);
    }
    const CoralTables coral(case_.anchored, kProducts, *start, array);
    for (std::int64_t k = 0; k < x.rows; ++k)
      append(outputs_["coral"], {1, w.columns, coral.outputs(row_of(x, k))});
  }

  /// Of the state that the array is in, which CORAL shares with AWL-1.
  void add_gradient(const std::string& model, LineArray& array, const Matrix& w,
                    std::span<const double> input) {
    std::vector<double> weights;
    for (std::int64_t j = 0; j < w.columns; ++j)
      weights.push_back(static_cast<double>(j % 3) - 0.7);
    const auto truth = circuit_gradient(case_.spec, case_.line.table, w, input, weights);
    if (truth)
      gradient_[model].add(array.gradient(weights, case_.anchored.adjoint_sweeps),
                           *truth);
  }

  const Case& case_;
  std::int64_t first_;
  Matrix truth_;
  std::map<std::string, Matrix> outputs_;
  std::map<std::string, GradientError> gradient_;
  double set_up_ = 0.0, product_ = 0.0;
};

/// Kinds in turn without inputs below 0; a column without current counts as ideal.
void write_dataset(char** a) {
  const ArraySpec spec = make_spec(a);
  std::ofstream file(a[6], std::ios::binary);
  for (std::int64_t k = 0; k < std::atoll(a[5]); ++k) {
    std::vector<float> sample;
    Matrix w, x{0, spec.array.rows, {}};
    for (std::int64_t n = 0; n < kInputsOfArray; ++n) {
      // The same kind as k: there are four.
      const TestVector v = test_vector(
          spec, kFirstOfDataset + k % 4 + 4 * (kInputsOfArray * (k / 4) + n), {}, false);
      if (n == 0) w = v.weights;
      append(x, {1, x.columns, v.inputs});
    }
    const Matrix y = ArraySolver(spec, w).multiply(x), ideal = ideal_outputs(w, x);
    for (const double g : w.values)
      sample.push_back(static_cast<float>(g / spec.cell.maximum));
    for (std::int64_t n = 0; n < x.rows; ++n) {
      for (const double v : row_of(x, n))
        sample.push_back(static_cast<float>(v / spec.input.maximum));
      for (std::int64_t j = 0; j < y.columns; ++j)
        sample.push_back(y(n, j) > 0.0 ? static_cast<float>(ideal(n, j) / y(n, j))
                                       : 1.0F);
    }
    file.write(reinterpret_cast<const char*>(sample.data()),
               static_cast<std::streamsize>(sizeof(float) * sample.size()));
  }
  if (!file) throw std::runtime_error(std::string("cannot write ") + a[6]);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 8 && std::string_view(argv[1]) == "dataset") {
    write_dataset(argv + 1);
    return 0;
  }
  if (argc != 7 && argc != 8) {
    fmt::print(
        stderr,
        "usage: behavioral_bench ROWS SEGMENT_OHM CELL INPUT_MAXIMUM ARRAYS "
        "INPUTS [NETWORK]\n"
        "       behavioral_bench dataset ROWS SEGMENT_OHM CELL INPUT_MAXIMUM ARRAYS "
        "FILE\n");
    return 2;
  }
  const Case bench = make_case(argc, argv);
  for (std::int64_t kind = 0; kind + 1 < kKinds; ++kind) Kind(bench, kind).print();
}
