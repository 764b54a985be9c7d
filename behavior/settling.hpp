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
#include "behavior/energy_meter.hpp"
#include "behavior/table.hpp"

namespace arrayspice {

/// Follows outputs over time; between two time points they decay or are straight lines.
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
  double crossing(std::size_t j, double t, double now, double slope) const;

  std::vector<double> final_, tolerance_, settled_, error_, slope_;
  double t_ = 0.0;
};

/// Half a step of what converts the outputs.
struct HalfStep {
  int bits = 8;        ///< half an LSB of so many bits over the output's largest change
  double given = 0.0;  ///< unless this is above 0: in the output's unit
  double of(double change) const;
};

struct StepResponse {
  std::vector<double> settling_time;  ///< s, per column
  std::vector<double> half_time;  ///< s, per column: from when on it is nearer than half
  Table waveform;                 ///< time and the first, middle and last column
  Energy power;                   ///< W, at rest with these inputs
  /// J, from 0 V until the slowest column has settled; 0 where that takes no time.
  Energy energy;
};

/// Steps all inputs from 0 to `inputs` (rows, V) at t = 0 and follows the outputs until
/// they have settled to half a step. An array without capacitance settles at once.
/// Amplifiers count with sense.supply_power. Throws Failure (Exit::Numeric) when the
/// transient fails.
StepResponse measure_settling(const ArraySpec& spec, const Matrix& conductances,
                              const std::vector<double>& inputs, const HalfStep& half);

/// A first guess of the slowest time constant, s: per line, its resistance up to the
/// middle times its capacitance, of lines that cells drive (resistive-division) the
/// cells' resistance times it; with an amplifier, its closed-loop time constant.
double estimated_time_constant(const ArraySpec& spec, const Matrix& conductances);

}  // namespace arrayspice
