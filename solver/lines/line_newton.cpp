// SPDX-License-Identifier: Apache-2.0
// Newton's method for cells of any law, with F the currents that do not balance:
//
//     T_w dw = in db + F_w,   T_b db = out dw + F_b,   w += length dw,   b += length db
//
// The linear systems are solved only as well as the step deserves (Eisenstat and Walker,
// SIAM J. Sci. Comput. 17 (1996), choice 2); the length is reduced while |F| does not
// fall. An amplifier at the end of a bit line enters as its tangent, a voltage behind a
// conductance.
#include <algorithm>
#include <cmath>

#include "solver/lines/kernels.hpp"
#include "solver/lines/line_solver.hpp"

namespace arrayspice::lines {

namespace {

/// Largest change of a cell's voltage in a step once a full step has failed: exponentials
/// without series resistance overshoot further than halving repairs.
constexpr double kLongestChange = 0.3;  // V
constexpr double kLoosest = 1e-2;       // tolerance of a linear system
/// Rounding may stop |F| a little above its floor; a true failure is far above.
constexpr double kNearFloor = 1e-9;
/// What is left of F has one sign in all cells, so that a column's error is this large.
constexpr double kHarmless = 5e-12;

}  // namespace

void LineSolver::allocate_newton(const CellLaw& law) {
  for (Buffer* b : {&i_, &out_, &dw_, &try_w_, &try_b_})
    if (b->empty()) *b = Buffer(size());
  if (!law.symmetric() && in_.empty()) in_ = Buffer(size());
}

/// The tangent of the amplifiers at the present bit-line voltages. An amplifier at both
/// ends joins them; the present voltage of its node stands for that in the matrix, which
/// is nearly right where the node is a virtual ground.
void LineSolver::take_end_law(const EndLaw& ends, const Buffer& b) {
  for (std::vector<double>* v : {&end_voltage_, &end_current_, &end_conductance_})
    v->resize(columns());
  Family& bit = schur_.change_grid().bit;
  if (!has_end_law_) plain_last_end_ = bit.last_end;
  has_end_law_ = true;
  const auto to_node = [&](std::int64_t j) {
    return bit.first_end[j] + plain_last_end_[j];
  };
  for (std::int64_t j = 0; j < columns(); ++j) {
    const double first = bit.first_end[j] / to_node(j);
    end_voltage_[j] = first * b[index(0, j)] + (1.0 - first) * b[index(rows() - 1, j)];
  }
  ends.evaluate(end_voltage_, end_current_, end_conductance_);
  for (std::int64_t j = 0; j < columns(); ++j) {
    if (bit.first_end[j] > 0.0) {
      bit_terminal_[j] = end_voltage_[j] - end_current_[j] / to_node(j);
      continue;
    }
    bit.last_end[j] = end_conductance_[j];
    bit_terminal_[j] = end_voltage_[j] - end_current_[j] / end_conductance_[j];
  }
}

bool LineSolver::remove_end_law() {
  if (!has_end_law_) return false;
  schur_.change_grid().bit.last_end = plain_last_end_;
  std::fill(bit_terminal_.begin(), bit_terminal_.end(), 0.0);
  has_end_law_ = false;
  return true;
}

/// Evaluates cells and ends at the voltages and forms F.
LineSolver::Balance LineSolver::evaluate(CellLaw& law, const EndLaw* ends,
                                         const Buffer& w, const Buffer& b) {
  double* const in = law.symmetric() ? out_.data() : in_.data();
  schur_.team().for_each(schur_.panels(), [&](int, std::int64_t panel) {
    const std::int64_t first = panel * schur_.panel_size();
    law.evaluate(first, first + schur_.panel_size(), w.data(), b.data(),
                 {i_.data(), out_.data(), in});
  });
  if (ends) take_end_law(*ends, b);
  return balance(w, b, i_.data());
}

/// The step length to try after a full step has failed.
double LineSolver::shortened(const Buffer& dw, const Buffer& db) const {
  double largest = 0.0;
  for (std::int64_t k = 0; k < size(); ++k)
    largest = std::max(largest, std::abs(dw[k] - db[k]));
  return std::min(0.5, kLongestChange / largest);
}

/// One Newton step with line search; false when no step length reduces |F|.
bool LineSolver::step(CellLaw& law, const NewtonOptions& options, double forcing,
                      NewtonReport& report) {
  schur_.factor(law.symmetric() ? out_ : in_, out_);
  const SolveReport linear = solve_for(fw_, fb_,
                                       {.tolerance = forcing,
                                        .max_iterations = options.max_linear_iterations,
                                        .coarse = options.coarse});
  report.linear_iterations += linear.iterations;
  report.factored |= linear.factor_nonzeros > 0;
  ++report.steps;
  const Buffer &dw = word_change(), &db = bit_change();
  double length = 1.0;
  for (int trial = 0; trial <= options.max_halvings; ++trial) {
    for (std::int64_t k = 0; k < size(); ++k) {
      try_w_[k] = w_[k] + length * dw[k];
      try_b_[k] = b_[k] + length * db[k];
    }
    const Balance then = evaluate(law, options.ends, try_w_, try_b_);
    if (then.f < (1.0 - 1e-4 * length) * now_.f) {
      now_ = then;
      std::swap(w_, try_w_);
      std::swap(b_, try_b_);
      return true;
    }
    length = trial == 0 ? shortened(dw, db) : 0.5 * length;
  }
  now_ = evaluate(law, options.ends, w_, b_);
  return false;
}

NewtonReport LineSolver::solve(CellLaw& law, std::span<const double> inputs,
                               std::span<double> outputs, const NewtonOptions& options) {
  allocate_newton(law);
  drive(inputs);
  if (!options.ends) remove_end_law();
  if (!options.warm_start) {
    w_.fill(0.0);
    b_.fill(0.0);
    law.start();
  }
  hold_driven_lines(w_);
  now_ = evaluate(law, options.ends, w_, b_);
  NewtonReport report;
  double forcing = kLoosest;
  while (true) {
    const double enough =
        std::max({options.tolerance * now_.i, options.absolute, now_.floor,
                  std::min(2.0 * now_.floor, kHarmless * now_.i)});
    report.converged = now_.f <= enough;
    if (report.converged || report.steps >= options.max_steps) break;
    const double before = now_.f;
    // Solving beyond what ends the iteration is in vain.
    const double useful = 0.1 * enough / before;
    if (!step(law, options, std::max(std::min(forcing, kLoosest), useful), report)) {
      report.converged = now_.f <= kNearFloor * now_.i;
      break;
    }
    forcing = 0.9 * (now_.f / before) * (now_.f / before);
  }
  report.residual = now_.i > 0.0 ? now_.f / now_.i : now_.f;
  schur_.factor(law.symmetric() ? out_ : in_, out_);  // for gradient()
  cells_are_factored_ = false;
  read_outputs(outputs);
  return report;
}

}  // namespace arrayspice::lines
