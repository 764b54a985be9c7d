// SPDX-License-Identifier: Apache-2.0
// The current-domain array: every cell adds its current to its bit line, whose end is
// held at (nearly) 0 V.
#pragma once

#include <span>

#include "netlists/arrays/array.hpp"
#include "netlists/arrays/sink.hpp"

namespace arrayspice {

/// Tells the sink every element: sources, word lines, cells, bit lines, sense circuits.
/// Cells of 0 S are open circuits and are left out.
void describe_current_domain(const ArraySpec& spec, const Matrix& conductances,
                             std::span<const double> inputs, NetlistSink& sink);

}  // namespace arrayspice
