// SPDX-License-Identifier: Apache-2.0
// Where bit lines end, as their currents see it.
#pragma once

#include <cstdint>

#include "netlists/arrays/spec.hpp"

namespace arrayspice {

/// v = voltage + resistance i, i the current out of a bit line into its sense.
struct SenseEnd {
  double voltage = 0.0;     ///< V
  double resistance = 0.0;  ///< ohm, without sense.resistance
  std::int64_t circuit_solves = 0;
};

/// 0 V for a virtual ground; the line nearest to circuit solves of one cell for a
/// regulated cascode, whose amplifier has a finite gain. Outputs are currents. Throws
/// Failure (Exit::Numeric) when the circuit has no solution.
SenseEnd measure_sense_end(const ArraySpec& spec);

}  // namespace arrayspice
