// SPDX-License-Identifier: Apache-2.0
// One step of f(x, t) + dq/dt = 0, and its error.
//
// With g = dq/dt, a diagonally implicit Runge-Kutta formula (Butcher table a, c, with
// d = a_ii) takes the stages
//
//     q_i = q_0 + h sum_j a_ij g_j,   g_i = -f(x_i, t + c_i h)
// =>  f(x_i) + alpha q_i + history = 0,   alpha = 1/(d h),
//     history = -alpha (q_0 + h sum_{j<i} a_ij g_j),   g_i = alpha q_i + history,
//
// so all stages share one matrix G + alpha C, and the charge that flows is the charge
// that arrives. A step that starts at a corner of a source must not use g_0; it is taken
// by the two-stage formula of Alexander (1977), which has the same d as TR-BDF2.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "solver/newton.hpp"
#include "solver/tableau.hpp"

namespace arrayspice {

/// What a step came to, before it is accepted or not.
struct StepTrial {
  NewtonReport newton;
  /// Largest error over tolerance; negative when nothing is known.
  double error = -1.0;
  int error_order = 3;
  UnknownId worst = kNoUnknown;  ///< where the error is largest
};

class Integrator {
 public:
  Integrator(System& system, DirectSolver& solver, const TransientOptions& options);

  /// Starts at t with solution x and charges q; g is not known.
  void start(double t, std::vector<double> x, std::vector<double> q);
  /// x(0+) for given charges: f(x) + (q(x) - q)/h = 0 with a tiny h.
  NewtonReport make_consistent(double h, std::span<const double> q,
                               std::vector<double>& x);

  /// Computes a step of size h that ends at t_end; nothing changes until accept().
  StepTrial attempt(double h, double t_end);
  void accept();
  /// A source has a corner here: forget derivatives and history.
  void restart() { smooth_points_ = 0; }

  double time() const { return now_.t; }
  std::span<const double> x() const { return now_.x; }
  /// At the end of the step that was attempted last.
  std::span<const double> tried() const { return next_.x; }

 private:
  struct Point {
    double t = 0.0;
    std::vector<double> x, q, g;
  };

  NewtonReport solve_stage(double t, double alpha, std::vector<double>& x);
  NewtonReport take_stages(const Tableau& formula, double h, double t_end);
  NewtonReport take_gear(double h, double t_end);
  void predict(double t, std::vector<double>& x) const;
  void measure_error(std::span<const double> charge_error, double alpha,
                     StepTrial& trial);
  std::vector<double> tableau_error(const Tableau& formula, double h) const;
  std::vector<double> third_derivative_error(double factor) const;
  void find_dynamic_unknowns();
  void weigh_states(std::span<double> moved);

  System& system_;
  TransientOptions options_;
  Newton newton_;
  Env env_;
  Point now_, before_, next_;
  /// Accepted points since the last corner; 0: g of `now_` is not valid, >= 2: `before_`
  /// belongs to the same smooth piece.
  int smooth_points_ = 0;
  std::vector<std::vector<double>> g_;     // of the stages
  std::vector<double> history_, largest_;  // largest: max |x_k| seen
  std::vector<char> dynamic_;              // unknowns that carry charge
  struct State {
    UnknownId unknown;
    std::int32_t slot;
    double largest = 0.0;  // dq/dx so far
  };
  std::vector<State> states_;
};

}  // namespace arrayspice
