// SPDX-License-Identifier: Apache-2.0
// What stands between the outputs that a readout table describes and the numbers that an
// array gives: reading before they have settled, noise, converters.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "behavior/test_set.hpp"
#include "netlists/arrays/spec.hpp"

namespace arrayspice {

/// Outputs y(t) over those of the spec's own reading time, by time: the lines
/// y(t) = (1 - error) y + offset nearest to circuit solves. All have one size.
struct SettlingCurve {
  std::vector<double> time;              ///< s, rising
  std::vector<double> error;             ///< 1
  std::vector<double> offset, residual;  ///< the outputs' unit; residual: rms around it
  std::int64_t circuit_solves = 0;
};

/// The key of the spec that says how long outputs settle, s; null where outputs are
/// events or at rest.
double* settling_time_of(ArraySpec& spec);

/// Reads the first solves of the set at eighths to twice the spec's reading time, as far
/// as clock edges allow. Nothing without such a time. Throws Failure (Exit::Numeric).
std::optional<SettlingCurve> measure_settling_curve(const ArraySpec& spec,
                                                    const TestSet& set, int threads);

/// Standard deviation per column of what [noise] adds to an output, rms over the solves
/// of the set; empty: nothing.
std::vector<double> noise_of_outputs(const ArraySpec& spec, const TestSet& set);

/// The ADCs of the spec's chip.
struct ConverterTable {
  Matrix thresholds;  ///< (columns, codes - 1): the code is at least 1, 2 ... from
  std::vector<double> values;  ///< of the codes; both in the outputs' unit
};
std::optional<ConverterTable> converter_table(const ArraySpec& spec);

}  // namespace arrayspice
