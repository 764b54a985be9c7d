// SPDX-License-Identifier: Apache-2.0
// A table of a function of two numbers from scattered samples of it.
#pragma once

#include <cstddef>
#include <span>

#include "behavior/bilinear_table.hpp"

namespace arrayspice {

/// The table of a_count x b_count points over the range of the samples that minimises
/// the mean square error plus `smoothness` squared times the mean square of its second
/// differences, all relative to the range of y. Samples that say nothing about a point
/// leave it on the plane through its neighbours. All spans have one size, not 0.
BilinearTable fit_table(std::span<const double> a, std::span<const double> b,
                        std::span<const double> y, std::size_t a_count,
                        std::size_t b_count, double smoothness);

}  // namespace arrayspice
