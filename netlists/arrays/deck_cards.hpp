// SPDX-License-Identifier: Apache-2.0
// The parts of an array deck that do not grow with the array: models and macros, and the
// analysis that computes the outputs.
#pragma once

#include <string>

#include "netlists/arrays/array.hpp"

namespace arrayspice {

/// `.model` cards; for other simulators the `.func` and `.subckt` that stand for devices
/// that only we have.
std::string model_cards(const ArraySpec& spec, Dialect dialect);

/// The outputs `y_j` of separate pairs; inputs and outputs of the next are those of the
/// spec.
std::string difference_cards(const ArraySpec& spec, Dialect dialect);

/// Options, analysis, and one printed result per output.
std::string analysis_cards(const ArraySpec& spec, std::span<const double> inputs,
                           Dialect dialect);

}  // namespace arrayspice
