// SPDX-License-Identifier: Apache-2.0
// What one product costs: energy, latency, and the time of a whole cycle.
//
// Arrays that take time run through a cycle of their circuit: the product, then the
// inputs and clocks return and the lines are restored, until the next product could
// begin. Where the cycle does not end as it began (capacitors that keep what the product
// left), it is repeated, and the one that does is metered: products with the same inputs,
// one after another.
//
// Arrays at rest: all inputs step from 0 V, the lines at 0 V before; the power they take
// as long as the slowest output needs, and what charges the lines (settling.hpp).
//
// The latency begins when the inputs come, after reset or precharge. It ends when all
// outputs that are voltages or currents are within half a step of what is read, and those
// that are times have come.
#pragma once

#include <span>

#include "behavior/energy_meter.hpp"
#include "behavior/settling.hpp"
#include "netlists/arrays/array.hpp"

namespace arrayspice {

struct ProductCost {
  Energy product;        ///< J, to the outputs
  Energy restoring;      ///< J, what follows until the cycle is closed
  Energy power;          ///< W: at rest, or the mean over the cycle
  double latency = 0.0;  ///< s
  double cycle = 0.0;    ///< s; 0 for an array at rest
  /// Largest voltage that differs between start and end of the cycle, over the largest
  /// that differed before it was restored.
  double left = 0.0;

  double energy() const { return product.total() + restoring.total(); }
};

/// `inputs`: rows, in the structure's unit. Throws Failure(Exit::Numeric).
ProductCost cost_of_product(const ArraySpec& spec, const Matrix& weights,
                            std::span<const double> inputs, const HalfStep& half = {},
                            int threads = 1);

/// Of an array at rest, from its response to a step.
ProductCost cost_at_rest(const StepResponse& step);

/// Amplifiers and comparators of each column.
int sense_circuits(const ArraySpec& spec);

}  // namespace arrayspice
