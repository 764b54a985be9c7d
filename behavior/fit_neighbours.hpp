// SPDX-License-Identifier: Apache-2.0
// What neighbouring rows, and neighbouring columns, do to each other, from circuit
// solves.
#pragma once

#include <cstddef>
#include <optional>

#include "behavior/readout_model.hpp"
#include "behavior/test_set.hpp"
#include "netlists/arrays/spec.hpp"

namespace arrayspice {

/// The term of n_j that leaves the least mean square of y - (g (s + n) + o) over the set,
/// with g and o of the line through y over s. Directions that the set does not decide
/// stay 0. The model has no division. Nothing where the outputs do not depend on s.
std::optional<NeighbourTerm> fit_neighbours(const ReadoutModel& model, const TestSet& set,
                                            const ArraySpec& spec, std::size_t distance,
                                            std::size_t shapes);

/// The coupling of columns (readout_model.hpp) in a set.
struct FittedCoupling {
  double coupling;  ///< not negative
  double residual;  ///< rms that the fit leaves, outputs' unit
};
/// Its coefficient in the linear fit of y over powers of s, or of y (L + p) over s and L
/// (loads: one per column and solve), whichever leaves less. The model has neither
/// division nor coupling.
FittedCoupling fit_coupling(const ReadoutModel& model, const TestSet& set,
                            const ArraySpec& spec, const std::vector<double>& loads);

}  // namespace arrayspice
