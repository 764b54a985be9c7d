// SPDX-License-Identifier: Apache-2.0
#include "behavior/coral_model.hpp"

#include <algorithm>
#include <cmath>

namespace arrayspice {

namespace {

using Vector = Eigen::VectorXd;
using Array = Eigen::ArrayXd;

/// The points (t_0, t_1, t_2) of a column's state at which its cells are tabulated.
std::vector<std::array<double, 3>> state_points() {
  std::vector<std::array<double, 3>> points;
  for (const double t0 : {0.0, 0.5, 1.0})
    for (const double t1 : {-1.0, 1.0})
      for (const double t2 : {-1.0, 1.0}) points.push_back({t0, t1, t2});
  return points;
}

/// Diagonal of T_word(d)^-1 d: what a bit line's voltage moves that of the word line.
Grid word_reaction(const Wires& wires, const Grid& d) {
  const double c = 1.0 / wires.segment;
  Grid reaction(d.rows(), d.cols());
  for (Eigen::Index i = 0; i < d.rows(); ++i) {
    Array left(d.cols()), right(d.cols());
    left[0] = 1.0 / (wires.near_end[i] + wires.segment);
    right[d.cols() - 1] =
        wires.far_end.empty() ? 0.0 : 1.0 / (wires.far_end[i] + wires.segment);
    for (Eigen::Index k = 1, j = d.cols() - 1; k < d.cols(); ++k, --j) {
      const double to_left = d(i, k - 1) + left[k - 1], to_right = d(i, j) + right[j];
      left[k] = c * to_left / (c + to_left);
      right[j - 1] = c * to_right / (c + to_right);
    }
    reaction.row(i) = d.row(i) / (left.transpose() + d.row(i) + right.transpose());
  }
  return reaction;
}

}  // namespace

CoralTables::CoralTables(const AnchoredSettings& settings, int products,
                         const WarmStart& start, LineArray& array)
    : start_(start.parts()), per_volt_(1.0 / settings.levels.back()) {
  fit_environment(settings.anchors);
  factor(settings, cell_currents(settings, array), products);
  Array missing = Array::Zero(rest_[0].size());
  for (std::int64_t s = 0; s < settings.anchors.rows; ++s) {
    const std::vector<double> y = outputs(row_of(settings.anchors, s));
    for (Eigen::Index j = 0; j < missing.size(); ++j)
      missing[j] += start_.anchor_outputs(s, j) - y[j];
  }
  rest_[0] += missing / static_cast<double>(settings.anchors.rows);
}

CoralTables::Monomials CoralTables::monomials(const States& t) {
  return {Array::Ones(t[0].size()), t[0], t[0] * t[0], t[1], t[0] * t[1], t[2]};
}

States CoralTables::scaled(const States& s) const {
  States t = s;
  for (std::size_t r = 0; r < t.size(); ++r) t[r] /= start_.smax[r];
  return t;
}

/// What the predicted u of the anchors misses, as a function of u and m.
void CoralTables::fit_environment(const Matrix& anchors) {
  const Eigen::Index rows = start_.d.rows();
  Eigen::MatrixXd features(anchors.rows * rows, 6);
  Vector missing(anchors.rows * rows);
  double largest = 0.0;
  for (Eigen::Index s = 0; s < anchors.rows; ++s) {
    const auto at = start_.predicted(row_of(anchors, s));
    const Array u =
        (start_.omega * start_.anchor_b[static_cast<std::size_t>(s)]).rowwise().sum();
    largest = std::max(largest, u.maxCoeff());
    features.middleRows(s * rows, rows) = environment_features(at.u, at.m);
    missing.segment(s * rows, rows) = (u - 1.0).matrix() - at.u;
  }
  u_fit_ = ridge_fit(features, missing);
  u_max_ = kHeadroom * largest;
}

Eigen::MatrixXd CoralTables::environment_features(const Vector& u1, double m) const {
  Eigen::MatrixXd f(u1.size(), 6);
  f.col(0) = u1;
  f.col(1).setConstant(m);
  f.col(2) = m * u1;
  f.col(3) = u1.cwiseAbs2();
  f.col(4).setConstant(m * m);
  f.col(5).setOnes();
  return f;
}

/// u / u_max of every row.
Vector CoralTables::environment(const WarmStart::Parts::Predicted& at) const {
  const Vector u = at.u + environment_features(at.u, at.m) * u_fit_;
  return (u.array() + 1.0) / u_max_;
}

/// Current into the sense of a column over a current into its bit line at each row.
Grid CoralTables::column_transfer(LineArray& array) const {
  const Wires& bit = array.model().bit;
  Grid ends = Grid::Zero(start_.d.rows(), start_.d.cols());
  for (Eigen::Index j = 0; j < ends.cols(); ++j) {
    if (!bit.far_end.empty()) ends(0, j) = 1.0 / (bit.far_end[j] + bit.segment);
    ends(ends.rows() - 1, j) += 1.0 / (bit.near_end[j] + bit.segment);
  }
  return solved_bits(array, start_.d, ends);
}

/// At rows of levels V_l and u_n, u_0 = 0 first.
std::vector<CoralTables::Currents> CoralTables::cell_currents(
    const AnchoredSettings& settings, LineArray& array) const {
  const auto points = state_points();
  Eigen::MatrixXd powers(points.size(), kMonomials);
  std::vector<Grid> b;
  for (std::size_t q = 0; q < points.size(); ++q) {
    States t, s;
    for (std::size_t r = 0; r < start_.smax.size(); ++r) {
      t.push_back(Array::Constant(1, points[q][r]));
      s.emplace_back(points[q][r] * start_.smax[r]);
    }
    b.push_back(start_.bit_voltages(s));
    const Monomials of_point = monomials(t);
    for (int a = 0; a < kMonomials; ++a) powers(q, a) = of_point[a][0];
  }
  const Eigen::MatrixXd weights =
      powers.completeOrthogonalDecomposition().pseudoInverse();
  const Grid transfer = column_transfer(array);
  std::vector<Currents> all;
  for (const double u : {0.0, u_max_})
    for (const double level : settings.levels) {
      const Grid rest = u * start_.rest;
      solve_rows(array, level, rest);
      const Grid w = grid_of(array.w(), array.columns());
      const Grid own =
          word_reaction(array.model().word, grid_of(array.slopes(), array.columns()));
      Currents& sum = all.emplace_back();
      sum.fill(Grid::Zero(w.rows(), w.cols()));
      for (std::size_t q = 0; q < b.size(); ++q) {
        array.start(std::vector<double>(array.rows(), level),
                    values_of(w + own * (b[q] - rest)), values_of(b[q]));
        const Grid i = grid_of(array.currents(), array.columns());
        const Grid f = (i + start_.d * b[q]) * transfer;
        for (int a = 0; a < kMonomials; ++a) sum[a] += weights(a, q) * f;
      }
    }
  return all;
}

/// change ~ sum_q x_q(l, n) C_q, the largest products (q, monomial) only.
void CoralTables::factor(const AnchoredSettings& settings, std::vector<Currents> currents,
                         int products) {
  const Currents first = currents.front();
  for (int a = 0; a < kMonomials; ++a) rest_[a] = first[a].colwise().sum().transpose();
  for (Currents& f : currents)
    for (int a = 0; a < kMonomials; ++a) f[a] -= first[a];
  const auto count = static_cast<Eigen::Index>(currents.size());
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(count, count);
  for (Eigen::Index k = 0; k < count; ++k)
    for (Eigen::Index l = 0; l < count; ++l)
      for (int a = 0; a < kMonomials; ++a)
        gram(k, l) += (currents[k][a] * currents[l][a]).sum();
  const Eigen::MatrixXd x =
      Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(gram).eigenvectors().rightCols(
          kRank);
  for (int q = 0; q < kRank; ++q)
    for (int a = 0; a < kMonomials; ++a) {
      Grid c = Grid::Zero(start_.d.rows(), start_.d.cols());
      for (Eigen::Index l = 0; l < count; ++l) c += x(l, q) * currents[l][a];
      products_.push_back({q, a, c});
    }
  std::ranges::stable_sort(products_, std::ranges::greater(),
                           [](const Product& p) { return p.c.squaredNorm(); });
  products_.resize(std::min<std::size_t>(products_.size(), products));
  find_row_functions(settings, x);
}

/// The polynomials of V through x_q(l, n), and linear in u.
void CoralTables::find_row_functions(const AnchoredSettings& settings,
                                     const Eigen::MatrixXd& x) {
  const auto levels = static_cast<Eigen::Index>(settings.levels.size());
  Array fraction(levels - 1);
  for (Eigen::Index l = 1; l < levels; ++l)
    fraction[l - 1] = settings.levels[static_cast<std::size_t>(l)] * per_volt_;
  const Eigen::MatrixXd at_rest = x.topRows(levels),
                        more = x.bottomRows(levels) - at_rest;
  for (int n = 0; n < 2; ++n) {
    const Eigen::MatrixXd& y = n == 0 ? at_rest : more;
    const RowMatrix rise = y.bottomRows(levels - 1).rowwise() - y.row(0);
    chi_[n].resize(levels, x.cols());
    chi_[n] << y.row(0), through_origin(fraction, rise);
  }
}

/// x_q of every row: (rows x functions).
Eigen::MatrixXd CoralTables::row_functions(std::span<const double> input,
                                           const Vector& u) const {
  Eigen::MatrixXd x(u.size(), kRank);
  for (Eigen::Index i = 0; i < u.size(); ++i) {
    const double v = std::max(0.0, input[i] * per_volt_);
    Eigen::RowVectorXd y = Eigen::RowVectorXd::Zero(kRank);
    for (Eigen::Index k = chi_[0].rows(); k-- > 0;)
      y = y * v + chi_[0].row(k) + u[i] * chi_[1].row(k);
    x.row(i) = y;
  }
  return x;
}

std::vector<double> CoralTables::outputs(std::span<const double> input) const {
  const WarmStart::Parts::Predicted at = start_.predicted(input);
  const Eigen::MatrixXd x = row_functions(input, environment(at));
  const Monomials t = monomials(scaled(at.s));
  Array y = Array::Zero(rest_[0].size());
  for (int a = 0; a < kMonomials; ++a) y += t[a] * rest_[a];
  for (const Product& p : products_)
    y += t[p.monomial] * (p.c.transpose() * x.col(p.function)).array();
  return {y.begin(), y.end()};
}

Matrix coral_outputs(const LineModel& model, const AnchoredSettings& settings,
                     int products, const Matrix& conductances, const Matrix& inputs) {
  LineArray array(model, conductances);
  const WarmStart start(settings, array);
  const CoralTables tables(settings, products, start, array);
  Matrix y{inputs.rows, model.columns(), {}};
  for (std::int64_t k = 0; k < inputs.rows; ++k) {
    const std::vector<double> out = tables.outputs(row_of(inputs, k));
    y.values.insert(y.values.end(), out.begin(), out.end());
  }
  return y;
}

}  // namespace arrayspice
