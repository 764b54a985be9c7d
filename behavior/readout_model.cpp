// SPDX-License-Identifier: Apache-2.0
#include "behavior/readout_model.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

#include "behavior/line_model.hpp"

namespace arrayspice {

namespace {

double ratio(double above, double below) { return below == 0.0 ? 0.0 : above / below; }

/// The second sum of column j.
double feature(ReadoutFeature what, const Matrix& w, const Matrix& x, std::int64_t j) {
  double weight = 0.0, input = 0.0, product = 0.0, square = 0.0;
  for (std::int64_t i = 0; i < w.rows; ++i) {
    const double xi = x(0, i), wij = w(i, j);
    weight += wij;
    input += xi;
    product += xi * wij;
    square += xi * xi * wij;
  }
  switch (what) {
    case ReadoutFeature::Weight:
      return weight;
    case ReadoutFeature::Input:
      return input;
    case ReadoutFeature::Product:
      return product;
    case ReadoutFeature::Width:
      return ratio(square, product);
    case ReadoutFeature::None:
      break;
  }
  return 0.0;
}

/// table/max |table| w^power at the points, w from 0 to 1 along the second axis.
BilinearTable shape_of(const BilinearTable& table, std::size_t power) {
  BilinearTable result = table;
  double largest = 0.0;
  for (const double f : table.values) largest = std::max(largest, std::abs(f));
  if (largest == 0.0) return result;
  for (std::size_t k = 0; k < table.a.count; ++k)
    for (std::size_t l = 0; l < table.b.count; ++l)
      result.values[k * table.b.count + l] =
          table(k, l) / largest *
          std::pow((table.b[l] - table.b[0]) / (table.b.last() - table.b[0]),
                   static_cast<double>(power));
  return result;
}

}  // namespace

std::vector<Matrix> response_shapes(const BilinearTable& cell, const Matrix& weights,
                                    const Matrix& inputs, std::size_t shapes) {
  std::vector<Matrix> all;
  for (std::size_t a = 0; a < shapes; ++a) {
    const BilinearTable table = shape_of(cell, a);
    Matrix& phi = all.emplace_back(weights);
    for (std::int64_t i = 0; i < phi.rows; ++i)
      for (std::int64_t j = 0; j < phi.columns; ++j)
        phi(i, j) = table.at(inputs(0, i), weights(i, j));
  }
  return all;
}

std::vector<double> neighbour_products(const std::vector<Matrix>& shapes,
                                       std::size_t distance, std::int64_t column) {
  const std::int64_t rows = shapes.front().rows;
  const std::size_t count = shapes.size();
  std::vector<double> alone, both(distance * count * count, 0.0);
  for (std::int64_t i = 0; i < rows; ++i)
    for (const Matrix& phi : shapes) alone.push_back(phi(i, column));
  const auto apart = static_cast<std::int64_t>(distance);
  for (std::int64_t i = apart; i < rows; ++i) {
    auto sum = both.begin() + i % apart * static_cast<std::int64_t>(count * count);
    for (const Matrix& later : shapes)
      for (const Matrix& before : shapes)
        *sum++ += later(i, column) * before(i - apart, column);
  }
  alone.insert(alone.end(), both.begin(), both.end());
  return alone;
}

std::string_view readout_feature_name(ReadoutFeature feature) {
  constexpr std::array<std::string_view, kReadoutFeatures.size()> kNames{
      "none", "weight", "input", "product", "width"};
  return kNames[static_cast<std::size_t>(feature)];
}

ReadoutSums readout_sums(const ReadoutModel& model, const Matrix& weights,
                         const Matrix& inputs) {
  assert(inputs.rows == 1 && inputs.columns == weights.rows);
  ReadoutSums sums;
  std::vector<Matrix> shapes;
  if (model.neighbours)
    shapes = response_shapes(model.cell, weights, inputs, model.neighbours->shapes);
  for (std::int64_t j = 0; j < weights.columns; ++j) {
    double s = 0.0, load = 0.0;
    for (std::int64_t i = 0; i < weights.rows; ++i) {
      const double share =
          model.share.empty() ? 1.0 : model.share[static_cast<std::size_t>(i)];
      const double x = inputs(0, i), w = weights(i, j);
      s += share * model.cell.at(x, w);
      load += model.load ? model.load->at(x, w) : w;
    }
    if (const auto& term = model.neighbours) {
      const std::vector<double> products = neighbour_products(shapes, term->distance, j);
      s = std::inner_product(term->own.begin(), term->own.end(), products.begin(), s);
      s = std::inner_product(term->both.begin(), term->both.end(),
                             products.end() - std::ssize(term->both), s);
    }
    if (model.division) {
      const auto& p = *model.division;
      s = (p[0] * s + p[1] + p[2] * load) / (load + p[3]);
    }
    sums.u.push_back(s);
    sums.v.push_back(feature(model.second, weights, inputs, j));
  }
  return sums;
}

Matrix readout_outputs(const ReadoutModel& model, const Matrix& weights,
                       const Matrix& inputs) {
  const ReadoutSums sums = readout_sums(model, weights, inputs);
  Matrix outputs{1, weights.columns, {}};
  for (std::size_t j = 0; j < sums.u.size(); ++j)
    outputs.values.push_back(model.readout.at(sums.u[j], sums.v[j]));
  return coupled(model.coupling, std::move(outputs));
}

Matrix decoupled(double coupling, Matrix outputs) {
  if (coupling == 0.0) return outputs;
  const Matrix y = outputs;
  for (std::int64_t k = 0; k < y.rows; ++k)
    for (std::int64_t j = 0; j + 1 < y.columns; ++j) {
      const double flow = coupling * (y(k, j) - y(k, j + 1));
      outputs(k, j) += flow;
      outputs(k, j + 1) -= flow;
    }
  return outputs;
}

/// The columns are the nodes of a ladder: every one is held at its own output by 1, and
/// its neighbours are `coupling` away.
Matrix coupled(double coupling, Matrix outputs) {
  if (coupling == 0.0) return outputs;
  const auto columns = static_cast<std::size_t>(outputs.columns);
  const std::vector<double> load(columns, 1.0);
  std::vector<double> scratch(columns);
  for (std::int64_t k = 0; k < outputs.rows; ++k)
    solve_ladder(
        {.c = coupling}, load,
        std::span(outputs.values).subspan(static_cast<std::size_t>(k) * columns, columns),
        scratch);
  return outputs;
}

}  // namespace arrayspice
