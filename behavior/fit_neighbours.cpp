// SPDX-License-Identifier: Apache-2.0
#include "behavior/fit_neighbours.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cassert>
#include <cmath>

#include "behavior/statistics.hpp"

namespace arrayspice {

namespace {

/// Of singular values, relative to the largest: what is smaller is not decided.
constexpr double kUndecided = 1e-7;
/// A column that varies less, relative to its size, does not vary.
constexpr double kVaries = 1e-12;

/// Takes the means off the columns, and gives the norms of what is left; columns that do
/// not vary become 0.
Eigen::VectorXd centre(Eigen::MatrixXd& design) {
  const Eigen::VectorXd before = design.colwise().norm();
  design.rowwise() -= Eigen::RowVectorXd(design.colwise().mean());
  Eigen::VectorXd after = design.colwise().norm();
  for (Eigen::Index t = 0; t < after.size(); ++t) {
    if (after[t] > kVaries * before[t]) continue;
    design.col(t).setZero();
    after[t] = 1.0;
  }
  return after;
}

/// The last coefficient of the linear fit of y over the columns.
FittedCoupling last_coefficient(const Eigen::MatrixXd& columns,
                                const Eigen::VectorXd& y) {
  const Eigen::VectorXd scale = columns.colwise().norm().cwiseMax(1e-300);
  const Eigen::MatrixXd scaled = columns * scale.cwiseInverse().asDiagonal();
  const Eigen::VectorXd c = scaled.completeOrthogonalDecomposition().solve(y);
  return {std::max(0.0, c[c.size() - 1] / scale[scale.size() - 1]),
          (scaled * c - y).norm() / std::sqrt(static_cast<double>(y.size()))};
}

}  // namespace

std::optional<NeighbourTerm> fit_neighbours(const ReadoutModel& model, const TestSet& set,
                                            const ArraySpec& spec, std::size_t distance,
                                            std::size_t shapes) {
  assert(!model.division && !model.neighbours);
  const auto alone = static_cast<std::size_t>(spec.array.rows) * shapes;
  const std::size_t terms = alone + distance * shapes * shapes;
  std::vector<double> sums;
  Eigen::MatrixXd design(set.y.rows * set.y.columns, static_cast<Eigen::Index>(terms));
  for (std::int64_t k = 0; k < set.count; ++k) {
    const Matrix w = weights_of(set, spec, k), x = inputs_of(set, spec, k);
    const std::vector<double> s = readout_sums(model, w, x).u;
    sums.insert(sums.end(), s.begin(), s.end());
    const std::vector<Matrix> phi = response_shapes(model.cell, w, x, shapes);
    for (std::int64_t j = 0; j < w.columns; ++j) {
      const std::vector<double> products = neighbour_products(phi, distance, j);
      for (std::size_t t = 0; t < terms; ++t)
        design(k * w.columns + j, static_cast<Eigen::Index>(t)) = products[t];
    }
  }
  const FittedLine line = fit_line(sums, set.y.values);
  if (line.gain == 0.0) return {};
  Eigen::VectorXd rest(design.rows());
  for (Eigen::Index k = 0; k < rest.size(); ++k)
    rest[k] = set.y.values[k] - line.gain * sums[k] - line.offset;
  const Eigen::VectorXd scale = centre(design);
  Eigen::CompleteOrthogonalDecomposition<Eigen::MatrixXd> solver;
  solver.setThreshold(kUndecided);
  solver.compute(design * scale.cwiseInverse().asDiagonal());
  const Eigen::VectorXd c = solver.solve(rest).cwiseQuotient(scale) / line.gain;
  const auto split = c.begin() + static_cast<std::ptrdiff_t>(alone);
  return NeighbourTerm{distance, shapes, {c.begin(), split}, {split, c.end()}};
}

FittedCoupling fit_coupling(const ReadoutModel& model, const TestSet& set,
                            const ArraySpec& spec, const std::vector<double>& loads) {
  assert(!model.division && model.coupling == 0.0);
  Matrix flow = decoupled(1.0, set.y);  // out of each column, for coupling 1
  for (std::size_t k = 0; k < flow.values.size(); ++k) flow.values[k] -= set.y.values[k];
  const auto count = static_cast<Eigen::Index>(set.y.values.size());
  Eigen::MatrixXd sums(count, 5), divided(count, 6);
  Eigen::VectorXd y(count);
  Eigen::Index at = 0;
  for (std::int64_t k = 0; k < set.count; ++k)
    for (const double s :
         readout_sums(model, weights_of(set, spec, k), inputs_of(set, spec, k)).u) {
      const double load = loads[at] == 0.0 ? 1.0 : loads[at];
      const double f = flow.values[at];
      y[at] = set.y.values[at];
      sums.row(at) << 1.0, s, s * s, s * s * s, -f;
      divided.row(at) << 1.0, 1.0 / load, s / load, y[at] / load, f / load, -f;
      ++at;
    }
  const FittedCoupling plain = last_coefficient(sums, y);
  const FittedCoupling loaded = last_coefficient(divided, y);
  return plain.residual <= loaded.residual ? plain : loaded;
}

}  // namespace arrayspice
