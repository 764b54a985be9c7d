// SPDX-License-Identifier: Apache-2.0
#include "behavior/wired_array.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace arrayspice {

namespace {

/// What a cell law leaves out (bulk junctions) may be this much of the largest current,
/// or below what the circuit method itself resolves.
constexpr double kLeftOut = 1e-10;
constexpr double kLeftOutAlways = 1e-16;  // A

/// Of the balance in a time step, over a norm of the cells' currents.
constexpr double kIntegration = 1e-8;

}  // namespace

WiredArray::WiredArray(const ArraySpec& spec, const Matrix& conductances, int threads)
    : spec_(spec),
      solver_(grid_of(spec), threads, reading_of(spec)),
      law_(cell_law_of(spec, conductances, solver_)),
      amplifiers_(amplifiers_of(spec)),
      output_over_reading_(output_over_reading(spec)),
      currents_(static_cast<std::size_t>(spec.array.columns), 0.0) {
  if (!law_) solver_.set_cells(conductances.values);
  for (std::int64_t j = 0; j < conductances.columns; ++j) {
    double total = solver_.grid().bit.first_end[j] + solver_.grid().bit.last_end[j];
    for (std::int64_t i = 0; i < conductances.rows; ++i) total += conductances(i, j);
    has_floating_line_ |= total == 0.0;
  }
}

bool WiredArray::converge(std::span<const double> inputs, bool from_present) {
  if (!law_) {
    const lines::SolveReport report = solver_.solve(inputs, currents_);
    effort_ = {0, report.iterations, report.residual, report.factor_nonzeros > 0};
    return report.converged;
  }
  const lines::NewtonReport report = solver_.solve(
      *law_, inputs, currents_, {.ends = amplifiers(), .warm_start = from_present});
  effort_ = {report.steps, report.linear_iterations, report.residual, report.factored};
  return report.converged;
}

std::string WiredArray::why_not(bool converged) const {
  if (!converged)
    return fmt::format("the array solver did not converge (relative residual {:.3g})",
                       effort_.residual);
  return has_floating_line_ ? "an open bit line has no conducting cell" : "";
}

void WiredArray::to_outputs(std::span<double> readings) const {
  for (std::size_t k = 0; k < readings.size(); ++k)
    readings[k] *= output_over_reading_[k % output_over_reading_.size()];
}

std::vector<WiredArray::Solved> WiredArray::solve_block(const Matrix& inputs,
                                                        std::int64_t first,
                                                        std::int64_t last,
                                                        Matrix& outputs) {
  const auto rows_of = [&](auto& matrix) {
    return std::span(&matrix.values[first * matrix.columns],
                     static_cast<std::size_t>((last - first) * matrix.columns));
  };
  const std::span<double> y = rows_of(outputs);
  std::vector<Solved> solved;
  for (const lines::SolveReport& report : solver_.solve_block(rows_of(inputs), y)) {
    effort_ = {0, report.iterations, report.residual, report.factor_nonzeros > 0};
    solved.push_back({effort_, why_not(report.converged)});
  }
  to_outputs(y);
  return solved;
}

std::string WiredArray::solve(std::span<const double> inputs, std::span<double> outputs,
                              bool from_present) {
  std::string reason = why_not(converge(inputs, from_present));
  if (!reason.empty()) return reason;
  double largest = 0.0;
  for (const double i : currents_) largest = std::max(largest, std::abs(i));
  if (law_ && law_->left_out() > kLeftOut * largest + kLeftOutAlways)
    return "the bulk junctions of access transistors conduct";
  for (std::size_t j = 0; j < outputs.size(); ++j)
    outputs[j] = amplifiers_ ? amplifiers_->output(j, currents_[j])
                             : output_over_reading_[j] * currents_[j];
  return {};
}

std::string WiredArray::integrate(std::span<const double> inputs, double current,
                                  std::span<double> outputs) {
  constexpr double kSteps = 200.0, kReltol = 1e-6;  // those of the circuit
  const double stop = spec_.sense.integration_time;
  lines::LineTransient transient(solver_, node_capacitance_of(spec_),
                                 {.stop = stop,
                                  .max_step = stop / kSteps,
                                  .reltol = kReltol,
                                  .tolerance = kIntegration,
                                  .current = current,
                                  .ends = amplifiers()},
                                 law_.get());
  const lines::LineTransientReport report = transient.run(
      [&](double, std::span<double> v) { std::ranges::copy(inputs, v.begin()); },
      [](double, std::span<const double>) { return true; }, true);
  effort_ = {report.steps, report.iterations, kIntegration, false};  // what steps keep
  if (!report.completed) return report.message;
  if (law_->left_out() > kLeftOut * current + kLeftOutAlways)
    return "the bulk junctions of access transistors conduct";
  for (std::size_t j = 0; j < outputs.size(); ++j)
    outputs[j] = amplifiers_->output_of_charge(transient.end_charges()[j]);
  return {};
}

bool WiredArray::respond(std::span<double> effective) {
  if (!solver_.effective_conductance(effective)) return false;
  to_outputs(effective);
  return true;
}

}  // namespace arrayspice
