// SPDX-License-Identifier: Apache-2.0
// Transients of a wired array with capacitances at its nodes, by the formulas of the
// general engine (tableau.hpp). Each stage is one solution of the array with
//
//     shunts alpha C and currents alpha (q_0 + h sum_{j<i} a_ij g_j),  alpha = 1/(d h),
//
// that starts from the last voltages, so that a stage costs what changed, not a solution
// from nothing. g = dq/dt is kept by node, and the charge that flows is the charge that
// arrives. Capacitances between neighbouring lines are a Coupling (coupling.hpp) of alpha
// C; what amplifiers at the ends remember is a charge of theirs (MovingEndLaw).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "solver/analysis.hpp"
#include "solver/lines/kernels.hpp"
#include "solver/lines/line_solver.hpp"
#include "solver/tableau.hpp"

namespace arrayspice::lines {

/// F, from each cell's node to ground, by line, and to the same node of the next line: of
/// all lines but the last; empty: none.
struct NodeCapacitance {
  std::vector<double> word, bit;
  std::vector<double> word_coupling, bit_coupling;
};

/// Ends of bit lines that take time: each has charges q of any unit, of which
///     dq/dt = alpha q - injected
/// in a time step; alpha = 0 and nothing injected: at rest. Charge c of column j is
/// element c * columns + j.
class MovingEndLaw : public EndLaw {
 public:
  virtual std::size_t charges_of_an_end() const { return 1; }
  /// Integrators never rest: their transients begin from_rest, at 0 V and without charge.
  virtual bool rests() const { return true; }
  virtual void set_step(double alpha, std::span<const double> injected) = 0;
  /// At the voltages of the last cells.
  virtual void charges(std::span<const double> voltage,
                       std::span<double> charge) const = 0;
  /// Derivatives at those voltages; charge_by_injected: charge c by what is injected
  /// into charge d at (c * charges + d) * columns + j.
  struct Slopes {
    std::vector<double> current_by_injected, charge_by_injected, charge_by_voltage;
  };
  virtual Slopes slopes(std::span<const double> voltage) const = 0;
};

struct LineTransientOptions {
  double stop = 0.0;               ///< s
  double max_step = 0.0;           ///< s
  Method method = Method::TrBdf2;  ///< TrBdf2, Trapezoidal or BackwardEuler
  bool fixed_step = false;  ///< every step = max_step; else TrBdf2 adapts its steps
  double reltol = 1e-3;     ///< truncation error over the largest voltage
  double tolerance = 1e-9;  ///< of a stage's solution, relative to this current:
  /// A; 0: what the inputs would drive through the ends of their lines.
  double current = 0.0;
  std::vector<double> corners = {};  ///< s, ascending: where inputs have corners
  MovingEndLaw* ends = nullptr;      ///< needs a law of the cells
};

struct LineTransientReport {
  bool completed = false;
  std::int64_t steps = 0, rejected = 0, iterations = 0;
  std::string message;  ///< why it stopped before the end
};

/// Inputs at time t: fills rows() voltages.
using InputWaveform = std::function<void(double t, std::span<double> inputs)>;
/// After every step: outputs (columns, A); return false to stop.
using LineObserver = std::function<bool(double t, std::span<const double> outputs)>;

class LineTransient {
 public:
  /// `law`: the cells; null: the ohmic cells that the solver has. Solver and law are in
  /// use until the end of run().
  LineTransient(LineSolver& solver, NodeCapacitance capacitance,
                const LineTransientOptions& options, CellLaw* law = nullptr);

  /// From the operating point at t = 0, or with `from_rest` from 0 V at every node.
  LineTransientReport run(const InputWaveform& waveform, const LineObserver& observe,
                          bool from_rest = false);
  /// Charges of the ends at the last time point.
  std::span<const double> end_charges() const { return end_charge_; }

 private:
  /// A number for every node: word lines and bit lines.
  struct Field {
    Buffer word, bit;
  };
  static Field make_field(std::int64_t size) { return {Buffer(size), Buffer(size)}; }

  bool start(const InputWaveform& waveform, bool from_rest);
  void set_step(const Tableau& formula, double h);
  bool take_step(const Tableau& formula, double h, double t_end,
                 const InputWaveform& waveform);
  bool solve_stage(double t, const InputWaveform& waveform);
  bool solve(const SolveOptions& linear, const NewtonOptions& newton);
  void set_matrix(double alpha);
  void prepare_stage(const Tableau& formula, int stage);
  void finish_stage(int stage);
  std::vector<double> end_voltages() const;
  void take_end_charges(std::vector<double>& charge);
  using Lanes = std::array<double, kWidth>;  // neighbours of one row within a panel
  Lanes word_charges(const Buffer& w, std::int64_t i, std::int64_t k) const;
  Lanes bit_charges(const Buffer& b, std::int64_t panel, std::int64_t k) const;
  void add_currents(std::span<const double> weights, Buffer Field::*family,
                    std::int64_t k, Lanes& sum) const;
  double error_of(const Tableau& formula);
  double end_error(std::span<const double> extra, const MovingEndLaw::Slopes& slopes,
                   const Buffer& bit) const;
  bool is_adaptive() const;
  double next_step(double h, double error, int order) const;
  double next_corner() const;
  bool advance(const InputWaveform& waveform);
  bool reject(double next);
  void accept(const Tableau& formula, double t);
  template <class Update>
  void for_each_row(const Update& update);

  LineSolver& solver_;
  NodeCapacitance capacitance_;
  LineTransientOptions options_;
  CellLaw* law_;
  LineTransientReport report_;
  double t_ = 0.0, alpha_ = 0.0, step_ = 0.0;
  bool derivative_is_known_ = false;  // g of the last point is that of this piece
  Field now_, injected_, increment_;
  std::vector<Field> g_;                           // dq/dt of the stages
  std::vector<double> end_charge_, end_injected_;  // empty: no such ends
  std::vector<std::vector<double>> end_g_;         // of the stages
  std::vector<double> inputs_, outputs_;
  double largest_voltage_ = 0.0, drive_ = 0.0;
  std::vector<double> largest_charge_;  // of each kind
};

}  // namespace arrayspice::lines
