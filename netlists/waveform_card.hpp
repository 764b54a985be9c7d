// SPDX-License-Identifier: Apache-2.0
// Waveforms as source cards write them: `PULSE(0 1 1n)`, `PWL 0 0 1n 1 r=0`, ...
#pragma once

#include <memory>
#include <string_view>

#include "devices/waveform.hpp"
#include "netlists/elements.hpp"

namespace arrayspice {

bool is_waveform(std::string_view word);

/// Reads a waveform from its keyword to the end of its arguments; null after an error.
/// What is not given has ngspice's default, which may depend on the .tran card.
std::shared_ptr<const Waveform> read_waveform(Element& e);

}  // namespace arrayspice
