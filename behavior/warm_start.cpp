// SPDX-License-Identifier: Apache-2.0
#include "behavior/warm_start.hpp"

#include <algorithm>
#include <cmath>

namespace arrayspice {

namespace {

constexpr int kNewton = 3;       // half sweeps of the row table
constexpr double kRidge = 1e-3;  // of the mean diagonal
constexpr double kTiny = 1e-30;  // instead of 0 in a denominator

using Vector = Eigen::VectorXd;
using Array = Eigen::ArrayXd;

Grid solved_words(LineArray& array, const Grid& d, const Grid& r) {
  CellValues x = values_of(r);
  array.solve_words(values_of(d), x);
  return grid_of(x, array.columns());
}

/// Resistance from every node of the unloaded word lines to their sources.
Grid resistance_to_sources(const Wires& wires, std::int64_t nodes) {
  Grid r(static_cast<Eigen::Index>(wires.near_end.size()), nodes);
  for (Eigen::Index i = 0; i < r.rows(); ++i)
    for (Eigen::Index j = 0; j < nodes; ++j) {
      const auto distance = [&](Eigen::Index steps) {
        return static_cast<double>(steps) * wires.segment;
      };
      const double left = wires.near_end[i] + wires.segment + distance(j);
      r(i, j) = left;
      if (wires.far_end.empty()) continue;
      const double right = wires.far_end[i] + wires.segment + distance(nodes - 1 - j);
      r(i, j) = left * right / (left + right);
    }
  return r;
}

}  // namespace

Grid grid_of(const CellValues& values, std::size_t columns) {
  return Eigen::Map<const Grid>(values.data(),
                                static_cast<Eigen::Index>(values.size() / columns),
                                static_cast<Eigen::Index>(columns));
}
CellValues values_of(const Grid& grid) {
  return {grid.data(), grid.data() + grid.size()};
}

Grid solved_bits(LineArray& array, const Grid& d, const Grid& r) {
  CellValues x = values_of(r);
  array.solve_bits(values_of(d), x);
  return grid_of(x, array.columns());
}

std::span<const double> row_of(const Matrix& m, std::int64_t k) {
  return std::span(m.values).subspan(static_cast<std::size_t>(k * m.columns),
                                     static_cast<std::size_t>(m.columns));
}

RowMatrix through_origin(const Array& x, const RowMatrix& values) {
  RowMatrix powers(x.size(), x.size());
  for (Eigen::Index k = 0; k < x.size(); ++k)
    powers.col(k) = x.pow(static_cast<double>(k + 1));
  return powers.partialPivLu().solve(values);
}

Eigen::VectorXd ridge_fit(const Eigen::MatrixXd& features, const Vector& wanted) {
  Eigen::MatrixXd normal = features.transpose() * features;
  normal.diagonal().array() += kRidge * normal.diagonal().mean();
  return normal.ldlt().solve(features.transpose() * wanted);
}

void solve_rows(LineArray& array, double level, const Grid& rest) {
  const std::vector<double> input(array.rows(), level);
  array.start(input, CellValues(values_of(rest).size(), level), values_of(rest));
  for (int step = 0; step < kNewton; ++step) array.sweep_words();
}

RowTable::RowTable(const AnchoredSettings& settings, LineArray& array, const Grid& rest,
                   double sign)
    : per_volt(sign / settings.levels.back()) {
  make_currents(settings, array, rest, sign);
  make_voltages(settings, array, rest, sign);
}

double RowTable::psi_at(double input) const {
  double y = 0.0;
  const double x = fraction(input);
  for (Eigen::Index k = psi.size(); k-- > 0;) y = (y + psi[k]) * x;
  return y;
}

Array RowTable::fractions(std::span<const double> levels) const {
  Array x(static_cast<Eigen::Index>(levels.size()) - 1);
  for (Eigen::Index l = 0; l < x.size(); ++l) x[l] = levels[l + 1] * std::abs(per_volt);
  return x;
}

void RowTable::make_currents(const AnchoredSettings& settings, LineArray& array,
                             const Grid& rest, double sign) {
  std::vector<Grid> change;
  for (const double level : settings.levels) {
    solve_rows(array, sign * level, rest);
    change.push_back(grid_of(array.currents(), array.columns()));
  }
  f0 = change.front();
  change.erase(change.begin());
  const auto count = static_cast<Eigen::Index>(change.size());
  for (Grid& f : change) f -= f0;
  Eigen::MatrixXd gram(count, count);
  for (Eigen::Index a = 0; a < count; ++a)
    for (Eigen::Index b = 0; b < count; ++b) gram(a, b) = (change[a] * change[b]).sum();
  Eigen::VectorXd z =
      Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(gram).eigenvectors().col(count - 1);
  if (z.sum() < 0.0) z = -z;
  c = Grid::Zero(f0.rows(), f0.cols());
  for (Eigen::Index a = 0; a < count; ++a) c += z[a] * change[a];
  psi = through_origin(fractions(settings.levels), z);
}

void RowTable::make_voltages(const AnchoredSettings& settings, LineArray& array,
                             const Grid& rest, double sign) {
  const auto count = static_cast<Eigen::Index>(settings.start_levels.size()) - 1;
  RowMatrix rise(count, rest.size());
  for (Eigen::Index l = 0; l <= count; ++l) {
    solve_rows(array, sign * settings.start_levels[l], rest);
    const Grid at = grid_of(array.w(), array.columns());
    if (l == 0)
      w0 = at;
    else
      rise.row(l - 1) = (at - w0).reshaped<Eigen::RowMajor>().matrix().transpose();
  }
  const RowMatrix a = through_origin(fractions(settings.start_levels), rise);
  for (Eigen::Index k = 0; k < count; ++k)
    w.push_back(Eigen::Map<const Grid>(a.row(k).data(), rest.rows(), rest.cols()));
}

WarmStart::Parts::Parts(const AnchoredSettings& settings, LineArray& array) {
  modes = Eigen::Map<const RowMatrix>(settings.modes.values.data(), settings.modes.rows,
                                      settings.modes.columns);
  solve_anchors(settings, array);
  find_profiles();
  for (const double sign : {1.0, -1.0}) tables.emplace_back(settings, array, rest, sign);
  couple(array);
  correct(settings.anchors);
}

void WarmStart::Parts::solve_anchors(const AnchoredSettings& settings, LineArray& array) {
  d = rest = Grid::Zero(static_cast<Eigen::Index>(array.rows()),
                        static_cast<Eigen::Index>(array.columns()));
  anchor_outputs = {
      settings.anchors.rows, static_cast<std::int64_t>(array.columns()), {}};
  for (std::int64_t s = 0; s < settings.anchors.rows; ++s) {
    array.start(row_of(settings.anchors, s));
    for (int sweep = 0; sweep < settings.anchor_sweeps; ++sweep) array.sweep();
    anchor_b.push_back(grid_of(array.b(), array.columns()));
    d += grid_of(array.slopes(), array.columns());
    rest += anchor_b.back();
    const std::vector<double> y = array.outputs();
    anchor_outputs.values.insert(anchor_outputs.values.end(), y.begin(), y.end());
  }
  d /= static_cast<double>(anchor_b.size());
  rest /= static_cast<double>(anchor_b.size());
}

/// phi_r: the shape of b over a column that the state s_r scales.
void WarmStart::Parts::find_profiles() {
  Grid first = Grid::Zero(d.rows(), d.cols());
  Eigen::RowVectorXd power = Eigen::RowVectorXd::Zero(d.cols());
  for (const Grid& one : anchor_b) {
    const Eigen::RowVectorXd s = modes.row(0) * one.matrix();
    first += one.rowwise() * s.array();
    power += s.cwiseAbs2();
  }
  first.rowwise() /= power.array().max(kTiny);
  profiles.push_back(first);
  for (Eigen::Index r = 1; r < modes.rows(); ++r)
    profiles.push_back(modes.row(r).transpose().array().replicate(1, first.cols()));
}

/// The matrices from rows to column states and from column states to rows.
void WarmStart::Parts::couple(LineArray& array) {
  std::vector<Grid> eta;
  for (Eigen::Index r = 0; r < modes.rows(); ++r) {
    const Grid e = modes.row(r).transpose().array().replicate(1, d.cols());
    eta.push_back(solved_bits(array, d, e));
    if (r > 0) {
      const Eigen::RowVectorXd along = modes.row(r) * profiles[0].matrix();
      eta.back() -= eta[0].rowwise() * along.array();
    }
  }
  const Grid by_rest = d * solved_words(array, d, d * rest);
  omega = d * resistance_to_sources(array.model().word, d.cols());
  const Array norm = (omega * rest).rowwise().sum().max(kTiny);
  omega.colwise() /= norm;
  std::vector<RowMatrix> by_u;
  by_psi.resize(tables.size());
  for (std::size_t r = 0; r < eta.size(); ++r) {
    for (std::size_t t = 0; t < tables.size(); ++t)
      by_psi[t].emplace_back(eta[r] * tables[t].c);
    by_u.emplace_back(eta[r] * by_rest);
    to_u.emplace_back(omega * profiles[r]);
    s0.push_back((eta[r] * (tables[0].f0 + d * rest)).colwise().sum().transpose());
  }
  compose(by_u);
}

/// What columns make of rows that other columns have changed, within the same matrices.
void WarmStart::Parts::compose(const std::vector<RowMatrix>& by_u) {
  const Vector u0 = environment(s0);
  for (std::size_t r = 0; r < s0.size(); ++r) s0[r] += (by_u[r].transpose() * u0).array();
  for (std::vector<RowMatrix>& of_table : by_psi) {
    RowMatrix u = RowMatrix::Zero(d.rows(), d.rows());
    for (std::size_t r = 0; r < s0.size(); ++r) u += of_table[r] * to_u[r].transpose();
    for (std::size_t r = 0; r < s0.size(); ++r) of_table[r] += u * by_u[r];
  }
}

States WarmStart::Parts::true_states(const Grid& b) const {
  States s{(modes.row(0) * b.matrix()).transpose()};
  const Grid beyond = b - profiles[0].rowwise() * s[0].transpose();
  for (Eigen::Index r = 1; r < modes.rows(); ++r)
    s.emplace_back((modes.row(r) * beyond.matrix()).transpose());
  return s;
}

/// u - 1 of every row.
Vector WarmStart::Parts::environment(const States& s) const {
  Vector u = Vector::Constant(to_u[0].rows(), -1.0);
  for (std::size_t r = 0; r < s.size(); ++r) u += to_u[r] * s[r].matrix();
  return u;
}

WarmStart::Parts::Predicted WarmStart::Parts::raw_states(
    std::span<const double> input) const {
  States s = s0;
  for (std::size_t t = 0; t < tables.size(); ++t) {
    Vector psi(static_cast<Eigen::Index>(input.size()));
    for (Eigen::Index i = 0; i < psi.size(); ++i) psi[i] = tables[t].psi_at(input[i]);
    for (std::size_t r = 0; r < s.size(); ++r)
      s[r] += (by_psi[t][r].transpose() * psi).array();
  }
  Vector u = environment(s);
  const double m = u.mean();
  return {std::move(s), std::move(u), m};
}

/// One row for each column of the array.
RowMatrix WarmStart::Parts::features(std::size_t r, const Predicted& raw) const {
  const Array t0 = raw.s[0] / smax[0], t = raw.s[r] / smax[r];
  const double m = raw.m;
  RowMatrix f(t0.size(), r == 0 ? 7 : 9);
  f.col(0) = t0;
  f.col(1) = m * t0;
  f.col(2) = t0 * t0;
  f.col(3).setConstant(m);
  f.col(4).setConstant(m * m);
  f.col(5).setOnes();
  f.col(6) = r == 0 ? Array(m * t0 * t0) : t;
  if (r > 0) {
    f.col(7) = m * t;
    f.col(8) = t0 * t;
  }
  return f;
}

/// Shifts and ridge fits that take the predicted states to those of the anchors.
void WarmStart::Parts::correct(const Matrix& anchors) {
  std::vector<States> wanted;
  for (const Grid& one : anchor_b) wanted.push_back(true_states(one));
  shift(anchors, wanted);
  std::vector<Predicted> raw;
  for (std::int64_t s = 0; s < anchors.rows; ++s)
    raw.push_back(raw_states(row_of(anchors, s)));
  for (std::size_t r = 0; r < s0.size(); ++r) {
    Array largest = Array::Constant(s0[r].size(), kTiny);
    for (const States& s : wanted) largest = largest.max(s[r].abs());
    smax.push_back(kHeadroom * largest);
  }
  for (std::size_t r = 0; r < s0.size(); ++r) fit_mode(r, raw, wanted);
}

void WarmStart::Parts::shift(const Matrix& anchors, const std::vector<States>& wanted) {
  States missing(s0.size(), Array::Zero(s0[0].size()));
  for (std::int64_t s = 0; s < anchors.rows; ++s) {
    const States found = raw_states(row_of(anchors, s)).s;
    for (std::size_t r = 0; r < s0.size(); ++r) missing[r] += wanted[s][r] - found[r];
  }
  for (std::size_t r = 0; r < s0.size(); ++r)
    s0[r] += missing[r] / static_cast<double>(anchors.rows);
}

void WarmStart::Parts::fit_mode(std::size_t r, const std::vector<Predicted>& raw,
                                const std::vector<States>& wanted) {
  const auto count = static_cast<Eigen::Index>(raw.size()), columns = d.cols();
  Eigen::MatrixXd all(count * columns, features(r, raw[0]).cols());
  Vector missing(count * columns);
  for (Eigen::Index s = 0; s < count; ++s) {
    const auto k = static_cast<std::size_t>(s);
    all.middleRows(s * columns, columns) = features(r, raw[k]);
    missing.segment(s * columns, columns) =
        ((wanted[k][r] - raw[k].s[r]) / smax[r]).matrix();
  }
  fit.push_back(ridge_fit(all, missing));
}

WarmStart::Parts::Predicted WarmStart::Parts::predicted(
    std::span<const double> input) const {
  const Predicted raw = raw_states(input);
  Predicted corrected = raw;
  for (std::size_t r = 0; r < raw.s.size(); ++r)
    corrected.s[r] += smax[r] * (features(r, raw) * fit[r]).array();
  return corrected;
}

Grid WarmStart::Parts::bit_voltages(const States& s) const {
  Grid b = profiles[0].rowwise() * s[0].transpose();
  for (std::size_t r = 1; r < s.size(); ++r)
    b += profiles[r].rowwise() * s[r].transpose();
  return b;
}

Grid WarmStart::Parts::word_voltages(std::span<const double> input) const {
  Grid w = tables[0].w0;
  for (const RowTable& table : tables)
    for (Eigen::Index i = 0; i < w.rows(); ++i) {
      const double x = table.fraction(input[i]);
      double power = x;
      for (std::size_t k = 0; k < table.w.size() && x > 0.0; ++k, power *= x)
        w.row(i) += power * table.w[k].row(i);
    }
  return w;
}

}  // namespace arrayspice
