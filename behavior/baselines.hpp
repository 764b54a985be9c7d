// SPDX-License-Identifier: Apache-2.0
// Simple models beside which an exported one is judged: what its user would have without
// it.
#pragma once

#include "behavior/line_model.hpp"
#include "netlists/arrays/array.hpp"

namespace arrayspice {

/// Outputs I_j = sum_i V_i g_ij (batch x columns).
Matrix ideal_outputs(const Matrix& conductances, const Matrix& inputs);

/// Outputs of the closed form with mean rows and columns ("DMR", IEEE 9184938), which is
/// G_eff = diag(a) G diag(b); resistances of drivers and senses, which its source leaves
/// out, count as part of the segment next to them. Far ends are left open.
Matrix mean_ladder_outputs(const LineModel& model, const Matrix& conductances,
                           const Matrix& inputs);

/// The factor c that brings c x ideal nearest to the truth.
double best_scale(const Matrix& ideal, const Matrix& truth);

}  // namespace arrayspice
