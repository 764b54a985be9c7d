// SPDX-License-Identifier: Apache-2.0
// Newton's method on the equations of one instant,
//
//     F(x) = f(x) + alpha q(x) + history + shunt (x - reference) = 0
//     J    = G    + alpha C              + shunt I
//
// alpha = 0 is an operating point; a formula of integration supplies alpha and history.
// The shunt acts on nodes only: to ground it is gmin stepping, to an earlier point the
// artificial capacitance of the pseudo-transient.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "solver/analysis.hpp"

namespace arrayspice {

struct Equation {
  double alpha = 0.0;                   ///< 1/s
  std::span<const double> history{};    ///< A per row; empty: 0
  double shunt = 0.0;                   ///< S
  std::span<const double> reference{};  ///< V per unknown; empty: 0
  /// The row of the first node reads sum q_k = charge instead.
  std::span<const ConservedCharge> conserved{};
  std::span<const NodeValue> held{};  ///< rows that read x_k = value instead
};

struct Accuracy {
  double reltol = 1e-3;
  int most_iterations = 100;
  bool polish = false;  ///< one step more after convergence, when it would change x
  /// Keeps the factors of an earlier point as long as the iteration converges fast with
  /// them (the chord method): for systems that are nearly linear.
  bool keep_factors = false;
};

struct NewtonReport {
  Outcome outcome = Outcome::NotConverged;
  int iterations = 0;
  /// Singular, NotFinite: the unknown at fault. NotConverged: those that moved most.
  std::vector<UnknownId> worst;
  bool ok() const { return outcome == Outcome::Converged; }
};

class Newton {
 public:
  Newton(System& system, DirectSolver& solver, const Tolerances& tolerances);

  /// x: start and solution.
  NewtonReport solve(const Equation& equation, const Env& env, const Accuracy& accuracy,
                     std::vector<double>& x);
  /// f and q at the solution, g and c at the last point where they were asked for.
  const Evaluation& evaluation() const { return at_; }
  /// b becomes J^-1 b with the factors of the last iteration; false when that fails.
  bool apply_inverse(std::span<double> b) { return solver_.solve(b) == FactorStatus::Ok; }
  /// The smallest change that counts of an unknown of this size.
  double tolerance(UnknownId k, double reltol, double size) const {
    return reltol * size + absolute_[quantity_[k]];
  }

 private:
  class ByQuantity {
   public:
    double& operator[](Quantity q) { return value_[static_cast<std::size_t>(q)]; }
    double operator[](Quantity q) const { return value_[static_cast<std::size_t>(q)]; }

   private:
    std::array<double, 3> value_{};
  };

  void find_nodes();
  void evaluate(const Equation& equation, const Env& env, std::span<const double> x);
  void put_conserved(const Equation& equation);
  std::span<const double> form_matrix(const Equation& equation);
  bool has_factors_for(const Equation& equation) const;
  bool step(const Equation& equation, std::span<const double> x, NewtonReport& report);
  bool move(const Equation& equation, const Env& env, std::vector<double>& x);
  bool is_finite(NewtonReport& report) const;
  double step_size(std::span<const double> x, double reltol) const;
  bool arrived(const Equation& equation, std::span<const double> x, double moved,
               double reltol, int iterations) const;
  std::vector<UnknownId> moved_most(std::span<const double> x, double reltol) const;
  UnknownId least_balanced() const;
  double residual_norm() const;
  UnknownId first_not_finite(std::span<const double> v) const;

  System& system_;
  DirectSolver& solver_;
  bool linear_;
  bool have_jacobian_ = false;
  static constexpr double kNoAlpha = -1.0;
  double factored_alpha_ = kNoAlpha;         // of the last factors
  bool keeps_factors_ = false;               // in the next step
  std::vector<Quantity> quantity_;           // by unknown
  ByQuantity absolute_;                      // tolerance of an unknown
  ByQuantity residual_tolerance_;            // of its row
  std::vector<std::int32_t> node_diagonal_;  // slots where the shunt goes
  std::vector<UnknownId> nodes_;
  Evaluation at_;
  std::vector<double> residual_, step_, matrix_;
};

/// "v(out), x1.mid (devices r1, d3); ..." for messages.
std::string describe_unknowns(const System& system, std::span<const UnknownId> unknowns);
/// Shortest text of a number for messages.
std::string number_text(double value);

}  // namespace arrayspice
