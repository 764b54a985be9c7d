// SPDX-License-Identifier: Apache-2.0
// When outputs have settled after a step of all inputs from 0 to full scale.
//
// A column has settled at the last time its output is farther than half an LSB of a B-bit
// converter, |y(inf)| / 2^(B+1), from its final value. A single RC does so at
// t = RC ln 2^(B+1), and has come to half of its final value at t = RC ln 2.
#pragma once

#include <span>
#include <vector>

#include "behavior/array_probe.hpp"
#include "behavior/table.hpp"

namespace arrayspice {

/// Follows outputs over time; between two time points they are straight lines.
class SettlingWatch {
 public:
  /// tolerance: per column, how near to `final_values` counts as settled.
  SettlingWatch(std::vector<double> final_values, std::vector<double> tolerance);

  void observe(double t, std::span<const double> y);
  /// The last time each column was outside its tolerance; 0 when it never was.
  const std::vector<double>& settled_at() const { return settled_; }
  /// All columns are within their tolerance now.
  bool is_settled() const;

 private:
  std::vector<double> final_, tolerance_, settled_, error_;
  double t_ = 0.0;
};

struct StepResponse {
  std::vector<double> settling_time;  ///< s, per column
  std::vector<double> half_time;  ///< s, per column: from when on it is nearer than half
  Table waveform;                 ///< time and the first, middle and last column
};

/// Steps all inputs from 0 to `inputs` (rows, V) at t = 0 and follows the outputs until
/// they have settled to half an LSB of `bits` bits, or to `half_step` where it is given
/// (in the output's unit). An array without capacitance settles at once. Throws Failure
/// (Exit::Numeric) when the transient fails.
StepResponse measure_settling(const ArraySpec& spec, const Matrix& conductances,
                              const std::vector<double>& inputs, int bits,
                              double half_step = 0.0);

/// A first guess of the slowest time constant, s: per line, its resistance up to the
/// middle times its capacitance; of an open line, what it holds over its cells; with an
/// amplifier, its closed-loop time constant.
double estimated_time_constant(const ArraySpec& spec, const Matrix& conductances);

}  // namespace arrayspice
