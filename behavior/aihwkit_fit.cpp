// SPDX-License-Identifier: Apache-2.0
// aihwkit's steady-state model of an output with n inputs, from its documentation and
// RPUCuda: a = n sum_j |w_j x_j| / ir_drop_g_ratio, c = a (a (0.05 a - 0.2) + 0.5),
// y = sum_j w_j x_j - ir_drop c sum_j w_j x_j (1 - (1 - j/n)^2), then y / (1 + nu |y|)
// with nu = out_nonlinearity.
#include "behavior/aihwkit_fit.hpp"

#include <cmath>
#include <span>
#include <vector>

namespace arrayspice {

namespace {

/// One differential output of one solve, in units of G_max - G_min times V_max.
struct Output {
  double ideal = 0.0;
  double drop = 0.0;  ///< c sum_j w_j x_j (1 - (1 - j/n)^2)
  double circuit = 0.0;
};

double g_ratio(const ArraySpec& spec) {
  const double segment = spec.wire.bit_line_resistance;
  return segment > 0.0 ? 1.0 / (segment * spec.cell.maximum) : 0.0;
}

/// Of terms w_i x_i of row i, which is input n - 1 - i.
Output output_of(std::span<const double> terms, double ratio) {
  const auto n = static_cast<double>(terms.size());
  Output out;
  double current = 0.0, placed = 0.0;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const double p = static_cast<double>(i + 1) / n;
    current += std::abs(terms[i]);
    out.ideal += terms[i];
    placed += terms[i] * (1.0 - p * p);
  }
  if (ratio == 0.0) return out;
  const double a = n / ratio * current;
  out.drop = a * (a * (0.05 * a - 0.2) + 0.5) * placed;
  return out;
}

std::vector<Output> outputs_of(const TestSet& test, const ArraySpec& spec) {
  const double unit = (spec.cell.maximum - spec.cell.minimum) * spec.input.maximum;
  std::vector<Output> outputs;
  for (std::int64_t k = 0; k < test.count; ++k) {
    const Matrix g = weights_of(test, spec, k), x = inputs_of(test, spec, k);
    for (std::int64_t j = 0; j + 1 < g.columns; j += 2) {
      std::vector<double> terms;
      for (std::int64_t i = 0; i < g.rows; ++i)
        terms.push_back((g(i, j) - g(i, j + 1)) * x(0, i) / unit);
      Output out = output_of(terms, g_ratio(spec));
      out.circuit = (test.y(k, j) - test.y(k, j + 1)) / unit;
      outputs.push_back(out);
    }
  }
  return outputs;
}

struct Trial {
  double ir_drop = 0.0, nonlinearity = 0.0;
  double scale = 1.0, squares = 0.0;  ///< best factor, and what it leaves
};

/// The factor with the least squares for these two parameters.
Trial tried(const std::vector<Output>& outputs, double ir_drop, double nonlinearity) {
  double model = 0.0, both = 0.0, circuit = 0.0;
  for (const Output& out : outputs) {
    double y = out.ideal - ir_drop * out.drop;
    y /= 1.0 + nonlinearity * std::abs(y);
    model += y * y;
    both += y * out.circuit;
    circuit += out.circuit * out.circuit;
  }
  const double scale = model > 0.0 ? both / model : 1.0;
  return {ir_drop, nonlinearity, scale, circuit - scale * both};
}

/// A grid over both parameters, made finer around its best point.
Trial best_of(const std::vector<Output>& outputs, double ir_drop, double nonlinearity) {
  constexpr int kSteps = 10, kRounds = 8;
  constexpr double kFiner = 0.3;
  Trial best = tried(outputs, 0.0, 0.0);
  Trial center{0.5 * ir_drop, 0.5 * nonlinearity};
  for (int round = 0; round < kRounds; ++round) {
    for (int a = -kSteps; a <= kSteps; ++a)
      for (int b = -kSteps; b <= kSteps; ++b) {
        const auto at = [](double middle, double width, int k) {
          return std::max(0.0, middle + 0.5 * width * k / kSteps);
        };
        const Trial trial = tried(outputs, at(center.ir_drop, ir_drop, a),
                                  at(center.nonlinearity, nonlinearity, b));
        if (trial.squares < best.squares) best = trial;
      }
    center = best;
    ir_drop *= kFiner;
    nonlinearity *= kFiner;
  }
  return best;
}

/// Least-squares quadratic through sigma over |w| of a pair, one cell of which holds |w|.
void fit_modifier(const ArraySpec& spec, AihwkitFit& fit) {
  constexpr int kPoints = 33;
  const double range = spec.cell.maximum - spec.cell.minimum;
  double a[3][4] = {}, norm = 0.0, left = 0.0;
  const auto sigma_at = [&](double w) {
    return spec.variation.conductance_sigma *
           std::hypot(spec.cell.minimum + w * range, spec.cell.minimum) / range;
  };
  const auto at = [](int k) { return static_cast<double>(k) / (kPoints - 1); };
  for (int k = 0; k < kPoints; ++k) {
    const double powers[3] = {1.0, at(k), at(k) * at(k)};
    for (int r = 0; r < 3; ++r) {
      for (int c = 0; c < 3; ++c) a[r][c] += powers[r] * powers[c];
      a[r][3] += powers[r] * sigma_at(at(k));
    }
  }
  for (int p = 0; p < 3; ++p)  // positive definite: no pivots
    for (int r = 0; r < 3; ++r) {
      if (r == p) continue;
      const double factor = a[r][p] / a[p][p];
      for (int c = p; c < 4; ++c) a[r][c] -= factor * a[p][c];
    }
  auto& c = fit.modifier_coefficients;
  for (int r = 0; r < 3; ++r) c[static_cast<std::size_t>(r)] = a[r][3] / a[r][r];
  for (int k = 0; k < kPoints; ++k) {
    const double sigma = sigma_at(at(k)), w = at(k);
    const double miss = c[0] + w * (c[1] + w * c[2]) - sigma;
    norm += sigma * sigma;
    left += miss * miss;
  }
  fit.modifier_error = norm > 0.0 ? std::sqrt(left / norm) : 0.0;
}

}  // namespace

AihwkitFit fit_aihwkit(const TestSet& test, const ArraySpec& spec) {
  const std::vector<Output> outputs = outputs_of(test, spec);
  double circuit = 0.0, ideal = 0.0;
  for (const Output& out : outputs) {
    circuit += out.circuit * out.circuit;
    ideal += (out.ideal - out.circuit) * (out.ideal - out.circuit);
  }
  const auto count = static_cast<double>(outputs.size());
  AihwkitFit fit;
  fit.ir_drop_g_ratio = g_ratio(spec);
  if (circuit > 0.0) {
    constexpr double kLargestDrop = 4.0, kLargestBend = 2.0;
    const Trial best = best_of(outputs, fit.ir_drop_g_ratio > 0.0 ? kLargestDrop : 0.0,
                               kLargestBend / std::sqrt(circuit / count));
    fit.out_scale = best.scale;
    fit.ir_drop = best.ir_drop;
    fit.out_nonlinearity = best.nonlinearity;
    fit.out_noise = std::sqrt(best.squares / count) / std::abs(best.scale);
    fit.error = std::sqrt(best.squares / circuit);
    fit.ideal_error = std::sqrt(ideal / circuit);
  }
  fit_modifier(spec, fit);
  return fit;
}

Matrix aihwkit_outputs(const ArraySpec& spec, const Matrix& g, const Matrix& inputs) {
  const double unit = spec.cell.maximum * spec.input.maximum;
  Matrix y{inputs.rows, g.columns, {}};
  for (std::int64_t k = 0; k < inputs.rows; ++k)
    for (std::int64_t j = 0; j < g.columns; ++j) {
      std::vector<double> terms;
      for (std::int64_t i = 0; i < g.rows; ++i)
        terms.push_back(g(i, j) * inputs(k, i) / unit);
      const Output out = output_of(terms, g_ratio(spec));
      y.values.push_back((out.ideal - out.drop) * unit);
    }
  return y;
}

}  // namespace arrayspice
