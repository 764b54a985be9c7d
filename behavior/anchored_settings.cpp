// SPDX-License-Identifier: Apache-2.0
// What the anchored start needs once for a geometry: anchors, modes, levels.
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "behavior/anchored_model.hpp"
#include "behavior/test_vectors.hpp"

namespace arrayspice {

namespace {

constexpr std::int64_t kAnchors = 8, kModes = 3;
constexpr int kLevels = 4;                         // of the row table, beside 0
constexpr std::array kStartLevels{0.0, 0.4, 0.9};  // of the largest input
constexpr std::int64_t kFirstAnchor = std::int64_t{1} << 33;  // number of test vectors

/// Inputs of two test vectors of every kind with inputs from 0 to the maximum.
Matrix anchor_inputs(const ArraySpec& spec) {
  Matrix anchors{0, spec.array.rows, {}};
  ArraySpec narrow =
      spec;  // the kind and the inputs of a vector do not depend on columns
  narrow.array.columns = 1;
  for (std::int64_t k = kFirstAnchor; anchors.rows < kAnchors; ++k) {
    const TestVector v = test_vector(narrow, k, {});
    if (v.kind == Distribution::Bipolar) continue;
    anchors.values.insert(anchors.values.end(), v.inputs.begin(), v.inputs.end());
    ++anchors.rows;
  }
  return anchors;
}

double mean_end(const std::vector<double>& ends, double segment) {
  double sum = 0.0;
  for (const double r : ends) sum += 1.0 / (r + segment);
  return ends.empty() ? 0.0 : sum / static_cast<double>(ends.size());
}

/// The eigenvectors of an unloaded bit line with the smallest eigenvalues.
Matrix bit_line_modes(const LineModel& model) {
  const auto rows = static_cast<Eigen::Index>(model.rows());
  const double c = 1.0 / model.bit.segment;
  Eigen::VectorXd diagonal = Eigen::VectorXd::Constant(rows, 2.0 * c);
  diagonal[0] += mean_end(model.bit.far_end, model.bit.segment) - c;
  diagonal[rows - 1] += mean_end(model.bit.near_end, model.bit.segment) - c;
  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver;
  solver.computeFromTridiagonal(diagonal, Eigen::VectorXd::Constant(rows - 1, -c));
  const std::int64_t count = std::min<std::int64_t>(kModes, rows);
  Matrix modes{count, model.rows(), {}};
  for (std::int64_t r = 0; r < count; ++r) {
    const Eigen::VectorXd e = solver.eigenvectors().col(r);
    const double sign = e.sum() < 0.0 ? -1.0 : 1.0;
    for (Eigen::Index i = 0; i < rows; ++i) modes.values.push_back(sign * e[i]);
  }
  return modes;
}

}  // namespace

std::string why_not_anchored(const LineModel& model) {
  if (model.word.segment == 0.0 || model.bit.segment == 0.0)
    return "wires without resistance";
  return {};
}

AnchoredSettings anchored_settings(const ArraySpec& spec, const LineModel& model) {
  AnchoredSettings settings;
  settings.anchors = anchor_inputs(spec);
  settings.modes = bit_line_modes(model);
  for (int l = 0; l <= kLevels; ++l)
    settings.levels.push_back(spec.input.maximum * 0.5 *
                              (1.0 - std::cos(std::numbers::pi * l / kLevels)));
  for (const double level : kStartLevels)
    settings.start_levels.push_back(spec.input.maximum * level);
  return settings;
}

Matrix anchored_outputs(const LineModel& model, const AnchoredSettings& settings,
                        const Matrix& conductances, const Matrix& inputs) {
  LineArray array(model, conductances);
  const WarmStart start(settings, array);
  Matrix y{inputs.rows, model.columns(), {}};
  y.values.reserve(static_cast<std::size_t>(y.rows * y.columns));
  for (std::int64_t k = 0; k < inputs.rows; ++k) {
    start.start(std::span(inputs.values)
                    .subspan(static_cast<std::size_t>(k * inputs.columns),
                             static_cast<std::size_t>(inputs.columns)),
                array);
    for (int sweep = 0; sweep < settings.sweeps; ++sweep) array.sweep();
    const std::vector<double> out = array.outputs();
    y.values.insert(y.values.end(), out.begin(), out.end());
  }
  return y;
}

}  // namespace arrayspice
