// SPDX-License-Identifier: Apache-2.0
// Runge-Kutta formulas with one matrix for all stages, as the time steps use them:
//
//     q_i = q_0 + h sum_j a_ij g_j,   g = dq/dt,   d = a_ii
#pragma once

#include <array>

#include "solver/analysis.hpp"

namespace arrayspice {

struct Tableau {
  static constexpr int kMostStages = 3;
  int stages;
  bool explicit_first;  ///< stage 0 is the start of the step
  double diagonal;
  std::array<double, kMostStages> c;
  std::array<std::array<double, kMostStages>, kMostStages> a;
  /// Error of q_1 = h sum e_i g_i; all 0: from the third derivative of q instead.
  std::array<double, kMostStages> error;
  int error_order;  ///< the error falls with h to this power
};

namespace tableaus {

inline constexpr double kRoot2 = 1.4142135623730951;
inline constexpr double kD = 1.0 - 0.5 * kRoot2;  // 1 - 1/sqrt 2
inline constexpr double kW = 0.25 * kRoot2;

/// Bank et al. (1985), as a Runge-Kutta formula and with the embedded third-order weights
/// of Hosea and Shampine (1996).
inline constexpr Tableau kTrBdf2{
    .stages = 3,
    .explicit_first = true,
    .diagonal = kD,
    .c = {0.0, 2.0 * kD, 1.0},
    .a = {{{0.0, 0.0, 0.0}, {kD, kD, 0.0}, {kW, kW, kD}}},
    .error = {kW - (1.0 - kW) / 3.0, kW - (3.0 * kW + 1.0) / 3.0, kD - kD / 3.0},
    .error_order = 3};

/// Alexander (1977), two stages, L-stable; error against backward Euler. It needs no
/// derivative at its start, which is unknown at a corner of a source.
inline constexpr Tableau kStarter{.stages = 2,
                                  .explicit_first = false,
                                  .diagonal = kD,
                                  .c = {kD, 1.0, 0.0},
                                  .a = {{{kD, 0.0, 0.0}, {1.0 - kD, kD, 0.0}, {}}},
                                  .error = {1.0 - kD, kD - 1.0, 0.0},
                                  .error_order = 2};

inline constexpr Tableau kTrapezoidal{.stages = 2,
                                      .explicit_first = true,
                                      .diagonal = 0.5,
                                      .c = {0.0, 1.0, 0.0},
                                      .a = {{{0.0, 0.0, 0.0}, {0.5, 0.5, 0.0}, {}}},
                                      .error = {},
                                      .error_order = 3};

inline constexpr Tableau kBackwardEuler{.stages = 1,
                                        .explicit_first = false,
                                        .diagonal = 1.0,
                                        .c = {1.0, 0.0, 0.0},
                                        .a = {{{1.0, 0.0, 0.0}, {}, {}}},
                                        .error = {},
                                        .error_order = 2};

}  // namespace tableaus
}  // namespace arrayspice
