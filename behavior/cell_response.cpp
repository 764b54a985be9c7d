// SPDX-License-Identifier: Apache-2.0
#include "behavior/cell_response.hpp"

#include <algorithm>
#include <cmath>

#include "behavior/mvm.hpp"
#include "behavior/readout_model.hpp"
#include "netlists/arrays/array_type.hpp"
#include "netlists/failure.hpp"

namespace arrayspice {

namespace {

constexpr std::size_t kInputPoints = 65, kWeightPoints = 33;

/// All whole numbers of a range of levels, else a number of points.
UniformGrid grid_of(const Domain& domain, std::size_t points) {
  const double span = domain.maximum - domain.minimum;
  if (domain.unit == "level")
    return {domain.minimum, 1.0, static_cast<std::size_t>(std::lround(span)) + 1};
  return {domain.minimum, span / static_cast<double>(points - 1), points};
}

double middle(const Domain& domain) {
  const double value = 0.5 * (domain.minimum + domain.maximum);
  return domain.unit == "level" ? std::floor(value) : value;
}

class CellProbe {
 public:
  CellProbe(const ArraySpec& spec, int threads, double coupling)
      : spec_(spec),
        coupling_(coupling),
        weight_(weight_domain(spec)),
        input_(input_domain(spec)),
        rows_(spec.array.rows),
        columns_(spec.array.columns) {
    options_.threads = threads;
  }

  CellResponse run() {
    measure_shares();
    measure_output();
    return std::move(out_);
  }

 private:
  Matrix middle_weights() const {
    return {
        rows_, columns_,
        std::vector<double>(static_cast<std::size_t>(rows_ * columns_), middle(weight_))};
  }
  /// Of levels every second one is on.
  Matrix middle_inputs() const {
    Matrix x{1, rows_, {}};
    for (std::int64_t i = 0; i < rows_; ++i)
      x.values.push_back(input_.unit != "level" ? middle(input_)
                         : i % 2 == 1           ? input_.maximum
                                                : input_.minimum);
    return x;
  }
  Matrix solve(const Matrix& weights, const Matrix& inputs) {
    out_.circuit_solves += inputs.rows;
    return decoupled(coupling_, ArraySolver(spec_, weights, options_).multiply(inputs));
  }

  /// The weight of one row in every column goes from minimum to maximum, while this row's
  /// input is at its maximum and those of its neighbours are not: where all inputs are
  /// equal, a division does not depend on the weights.
  void measure_shares() {
    Matrix inputs{2, rows_, {}};
    for (std::int64_t k = 0; k < inputs.rows; ++k)
      for (std::int64_t i = 0; i < rows_; ++i)
        inputs.values.push_back(i % 2 == k ? input_.maximum : middle(input_));
    for (std::int64_t first = 0; first < rows_; first += columns_) {
      const std::int64_t count = std::min(columns_, rows_ - first);
      const auto with = [&](double weight) {
        Matrix weights = middle_weights();
        for (std::int64_t j = 0; j < count; ++j) weights(first + j, j) = weight;
        return solve(weights, inputs);
      };
      const Matrix high = with(weight_.maximum), low = with(weight_.minimum);
      for (std::int64_t j = 0; j < count; ++j) {
        const std::int64_t k = (first + j) % 2;
        out_.share.push_back(high(k, j) - low(k, j));
      }
    }
    const auto size = [](double a, double b) { return std::abs(a) < std::abs(b); };
    const auto largest = std::ranges::max_element(out_.share, size);
    if (*largest == 0.0)
      throw Failure(Exit::Numeric, "the outputs do not depend on the weights");
    row_ = typical_row(std::abs(*largest));
    const double whole = out_.share[static_cast<std::size_t>(row_)];
    for (double& share : out_.share) share /= whole;
  }

  /// The middle one of those that count at least half as much as the largest: the first
  /// and the last stage of a chain are not like the others.
  std::int64_t typical_row(double largest) const {
    std::vector<std::int64_t> strong;
    for (std::size_t i = 0; i < out_.share.size(); ++i)
      if (std::abs(out_.share[i]) >= 0.5 * largest)
        strong.push_back(static_cast<std::int64_t>(i));
    return strong[strong.size() / 2];
  }

  /// The chosen row's input takes all values, its cells in different columns take
  /// different weights.
  void measure_output() {
    BilinearTable& table = out_.output;
    table.a = grid_of(input_, kInputPoints);
    table.b = grid_of(weight_, kWeightPoints);
    table.values.resize(table.a.count * table.b.count);
    const auto points = static_cast<std::int64_t>(table.b.count);
    Matrix inputs{static_cast<std::int64_t>(table.a.count), rows_, {}};
    for (std::int64_t k = 0; k < inputs.rows; ++k) {
      Matrix x = middle_inputs();
      x(0, row_) = table.a[static_cast<std::size_t>(k)];
      inputs.values.insert(inputs.values.end(), x.values.begin(), x.values.end());
    }
    for (std::int64_t first = 0; first < points; first += columns_) {
      const std::int64_t count = std::min(columns_, points - first);
      Matrix weights = middle_weights();
      for (std::int64_t j = 0; j < count; ++j)
        weights(row_, j) =
            std::min(table.b[static_cast<std::size_t>(first + j)], weight_.maximum);
      const Matrix y = solve(weights, inputs);
      for (std::int64_t k = 0; k < y.rows; ++k)
        for (std::int64_t j = 0; j < count; ++j)
          table.values[static_cast<std::size_t>(k * points + first + j)] = y(k, j);
    }
  }

  const ArraySpec& spec_;
  double coupling_;
  Domain weight_, input_;
  std::int64_t rows_, columns_, row_ = 0;
  MvmOptions options_;
  CellResponse out_;
};

}  // namespace

CellResponse measure_cell_response(const ArraySpec& spec, int threads, double coupling) {
  return CellProbe(spec, threads, coupling).run();
}

}  // namespace arrayspice
