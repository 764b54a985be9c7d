// SPDX-License-Identifier: Apache-2.0
#include "solver/lines/coupling.hpp"

#include <algorithm>
#include <cmath>

#include "solver/lines/residual.hpp"

namespace arrayspice::lines {

namespace {

/// How well M is solved for: more costs more than it saves.
constexpr double kRough = 0.05;

}  // namespace

void add_from_neighbours(SchurSolver& schur, const Coupling& coupling, const Buffer& w,
                         const Buffer& b, Buffer& fw, Buffer& fb) {
  const std::int64_t rows = schur.grid().rows, columns = schur.grid().columns;
  const auto between = [](const std::vector<double>& lines, std::int64_t line) {
    const bool is_joined = line >= 0 && line < std::ssize(lines);
    return is_joined ? lines[static_cast<std::size_t>(line)] : 0.0;
  };
  schur.team().for_each(schur.panels(), [&](int, std::int64_t panel) {
    const std::int64_t first = panel * kWidth, last = std::min(first + kWidth, columns);
    for (std::int64_t i = 0; i < rows; ++i) {
      const std::int64_t row = schur.index(i, first);
      const double up = between(coupling.word, i - 1), down = between(coupling.word, i);
      for (std::int64_t k = row; k < row + last - first; ++k) {
        const double above = i > 0 ? w[k - kWidth] : 0.0;
        const double below = i + 1 < rows ? w[k + kWidth] : 0.0;
        fw[k] += up * above + down * below;
      }
      for (std::int64_t j = first; j < last; ++j) {
        const double left = j > 0 ? b[schur.index(i, j - 1)] : 0.0;
        const double right = j + 1 < columns ? b[schur.index(i, j + 1)] : 0.0;
        fb[row + j - first] +=
            between(coupling.bit, j - 1) * left + between(coupling.bit, j) * right;
      }
    }
  });
}

CoupledSolver::CoupledSolver(SchurSolver& schur)
    : schur_(schur),
      x_(make_field()),
      rest_(make_field()),
      cell_current_(schur.size()),
      no_terminal_(static_cast<std::size_t>(
                       std::max(schur.panels(), schur.panel_size() / kWidth) * kWidth),
                   0.0),
      partial_(static_cast<std::size_t>(schur.panels())) {
  for (Direction& d : directions_) d = {make_field(), make_field()};
}

CoupledSolver::Field CoupledSolver::make_field() const {
  return {Buffer(schur_.size()), Buffer(schur_.size())};
}

/// By panel and lane, so that it vectorises and does not depend on the threads.
double CoupledSolver::dot(const Field& a, const Field& b) {
  const std::int64_t size = schur_.panel_size();
  schur_.team().for_each(schur_.panels(), [&](int, std::int64_t panel) {
    std::array<double, kWidth> lanes{};
    for (std::int64_t k = panel * size; k < (panel + 1) * size; k += kWidth)
      for (std::int64_t l = 0; l < kWidth; ++l)
        lanes[l] += a.w[k + l] * b.w[k + l] + a.b[k + l] * b.b[k + l];
    double sum = 0.0;
    for (const double lane : lanes) sum += lane;
    partial_[panel] = sum;
  });
  double sum = 0.0;
  for (const double part : partial_) sum += part;
  return sum;
}

void CoupledSolver::add(double factor, const Field& a, Field& to) {
  const std::int64_t size = schur_.panel_size();
  schur_.team().for_each(schur_.panels(), [&](int, std::int64_t panel) {
    for (std::int64_t k = panel * size; k < (panel + 1) * size; ++k) {
      to.w[k] += factor * a.w[k];
      to.b[k] += factor * a.b[k];
    }
  });
}

/// z = M^-1 rest, roughly.
void CoupledSolver::precondition(Direction& next, SolveReport& report,
                                 const SolveOptions& options) {
  const SolveReport inner =
      schur_.solve(rest_.w, rest_.b, {.tolerance = kRough, .coarse = options.coarse});
  report.iterations += inner.iterations;
  schur_.word_voltages(rest_.w, next.z.w);
  next.z.b.copy(schur_.bit_voltages());
}

/// (M - E) z, from the elements: the residual pass gives what flows out of the nodes.
void CoupledSolver::apply(const Coupling& coupling, const Field& z, Field& image) {
  const Buffer &in = schur_.in(), &out = schur_.out();
  Buffer& i = cell_current_;
  schur_.team().for_each(schur_.panels(), [&](int, std::int64_t panel) {
    const std::int64_t first = panel * schur_.panel_size();
    for (std::int64_t k = first; k < first + schur_.panel_size(); ++k)
      i[k] = out[k] * z.w[k] - in[k] * z.b[k];
    residual_pass({.grid = &schur_.grid(),
                   .padded_rows = schur_.panel_size() / kWidth,
                   .word_terminal = no_terminal_.data(),
                   .bit_terminal = no_terminal_.data(),
                   .bit_varied = schur_.bit_varied(),
                   .w = z.w.data(),
                   .b = z.b.data(),
                   .i = i.data(),
                   .conductance = nullptr,
                   .word_inject = nullptr,
                   .bit_inject = nullptr,
                   .fw = image.w.data(),
                   .fb = image.b.data()},
                  panel);
  });
  add_from_neighbours(schur_, coupling, z.w, z.b, image.w, image.b);
  for (Buffer* f : {&image.w, &image.b})
    for (double& value : *f) value = -value;
}

SolveReport CoupledSolver::solve(const Coupling& coupling, const Buffer& s,
                                 const Buffer& t, const SolveOptions& options) {
  x_.w.fill(0.0);
  x_.b.fill(0.0);
  rest_.w.copy(s);
  rest_.b.copy(t);
  for (Direction& d : directions_) d.norm2 = 0.0;
  SolveReport report;
  report.scale = std::sqrt(dot(rest_, rest_));
  const double enough = std::max(options.tolerance * report.scale, options.absolute);
  double left = report.scale;
  std::size_t at = 0;
  while (left > enough && report.iterations < options.max_iterations) {
    Direction& next = directions_[at];
    next.norm2 = 0.0;
    at = (at + 1) % kKept;
    precondition(next, report, options);
    apply(coupling, next.z, next.image);
    for (const Direction& old : directions_) {
      if (old.norm2 == 0.0) continue;
      const double along = dot(next.image, old.image) / old.norm2;
      add(-along, old.z, next.z);
      add(-along, old.image, next.image);
    }
    next.norm2 = dot(next.image, next.image);
    if (!(next.norm2 > 0.0)) break;
    const double length = dot(rest_, next.image) / next.norm2;
    add(length, next.z, x_);
    add(-length, next.image, rest_);
    left = std::sqrt(dot(rest_, rest_));
    ++report.iterations;
  }
  report.converged = left <= enough;
  report.residual = report.scale > 0.0 ? left / report.scale : 0.0;
  return report;
}

}  // namespace arrayspice::lines
