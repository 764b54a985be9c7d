// SPDX-License-Identifier: Apache-2.0
#include "behavior/readout_model.hpp"

#include <cassert>

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

}  // namespace

std::string_view readout_feature_name(ReadoutFeature feature) {
  constexpr std::array<std::string_view, kReadoutFeatures.size()> kNames{
      "none", "weight", "input", "product", "width"};
  return kNames[static_cast<std::size_t>(feature)];
}

ReadoutSums readout_sums(const ReadoutModel& model, const Matrix& weights,
                         const Matrix& inputs) {
  assert(inputs.rows == 1 && inputs.columns == weights.rows);
  ReadoutSums sums;
  for (std::int64_t j = 0; j < weights.columns; ++j) {
    double s = 0.0, load = 0.0;
    for (std::int64_t i = 0; i < weights.rows; ++i) {
      const double share =
          model.share.empty() ? 1.0 : model.share[static_cast<std::size_t>(i)];
      const double x = inputs(0, i), w = weights(i, j);
      s += share * model.cell.at(x, w);
      load += model.load ? model.load->at(x, w) : w;
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
  return outputs;
}

}  // namespace arrayspice
