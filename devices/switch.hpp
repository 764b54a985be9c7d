// SPDX-License-Identifier: Apache-2.0
// What the two switches share: an ideal contact with hysteresis.
//
// Closed (resistance ron) once the control exceeds threshold + hysteresis, open (roff)
// once it falls below threshold - hysteresis, else as it was. Source and defaults:
// ngspice manual, "Switches" (ron = 1 ohm, roff = 1/gmin = 1e12 ohm).
#pragma once

#include "devices/block.hpp"

namespace arrayspice {

enum SwitchState : int { kOpen, kClosed };

struct SwitchInstance {
  double on = 0.0;
  double off = 0.0;
  double m = 1.0;
};

inline constexpr std::array kSwitchInstanceParameters{
    Param<SwitchInstance>{
        "on", &SwitchInstance::on, "", {0.0, 1.0}, "1: closed at first"},
    Param<SwitchInstance>{
        "off", &SwitchInstance::off, "", {0.0, 1.0}, "1: open at first"},
    Param<SwitchInstance>{"m", &SwitchInstance::m, "", kPositive, "parallel devices"},
};

inline int initial_switch_state(const SwitchInstance& s) {
  return s.on > 0.0 && s.off == 0.0 ? kClosed : kOpen;
}

inline int next_switch_state(double control, double threshold, double hysteresis,
                             int state) {
  if (control > threshold + hysteresis) return kClosed;
  if (control < threshold - hysteresis) return kOpen;
  return state;
}

}  // namespace arrayspice
