// SPDX-License-Identifier: Apache-2.0
// How many sweeps the anchors and the gradients of AWL-k and CORAL take.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "behavior/anchored_model.hpp"
#include "behavior/gradient_check.hpp"
#include "behavior/test_vectors.hpp"

namespace arrayspice {

/// 1 + the first index with an error that is not above the bound; 1 + size: none has.
int first_below(const std::vector<double>& error, double bound);

/// Given the error of LINE-k for k = 1, 2, ...
int anchor_sweeps_for(const std::vector<double>& line_error);

/// The fewest adjoint sweeps whose gradient is that of the circuit to 3e-3, or that more
/// do not better.
int adjoint_sweeps_for(const ArraySpec& spec, const LineModel& line,
                       const AnchoredSettings& anchored,
                       std::span<const TestVector> vectors);

/// Of random sums of outputs after the settings' sweeps; nothing where the circuit's
/// gradient is not known.
std::optional<GradientError> anchored_gradient_error(const ArraySpec& spec,
                                                     const LineModel& line,
                                                     const AnchoredSettings& anchored,
                                                     std::span<const TestVector> vectors,
                                                     int adjoint_sweeps);

}  // namespace arrayspice
