// SPDX-License-Identifier: Apache-2.0
// What arrays with reset switches share: their clock and the charge
// amplifier, whose feedback capacitor the reset empties.
//
//                    +--/ rst /--+
//                    +--- Cf ----+
//    sense node j ---+--[amp]----+--- out_j
#pragma once

#include "netlists/arrays/geometry.hpp"
#include "netlists/arrays/sink.hpp"
#include "netlists/arrays/spec.hpp"

namespace arrayspice {

/// When the reset switches open.
inline double reset_end(const ArraySpec& spec) { return spec.timing.phase; }
/// When what follows begins: the middle of the first edge.
inline double product_start(const ArraySpec& spec) {
  return reset_end(spec) + spec.timing.gap;
}

/// The clock `rst` of the reset switches.
void reset_clock(const ArraySpec& spec, NetlistSink& sink);
/// Feedback, reset switch and amplifier of column j.
void charge_amplifier(const ArraySpec& spec, const ArrayGeometry& at, std::int64_t j,
                      NetlistSink& sink);

}  // namespace arrayspice
