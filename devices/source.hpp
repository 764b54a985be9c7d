// SPDX-License-Identifier: Apache-2.0
// What the two independent sources share: which value holds when.
#pragma once

#include <limits>
#include <memory>

#include "devices/block.hpp"

namespace arrayspice {

/// In DC the `dc` value, else the waveform; each stands in for the other when missing.
template <class Source>
double source_value(const Source& s, const Env& env) {
  const bool use_dc = !s.waveform || (!env.transient && given(s.dc));
  const double value = use_dc ? (given(s.dc) ? s.dc : 0.0) : s.waveform->value(env.time);
  return env.source_scale * value;
}

template <class Source>
double source_breakpoint(const Source& s, double t) {
  return s.waveform ? s.waveform->next_breakpoint(t)
                    : std::numeric_limits<double>::infinity();
}

}  // namespace arrayspice
