// SPDX-License-Identifier: Apache-2.0
// Comparators at the end of lines, with the noise of their decisions.
//
//   line j --[cmp]-- cmp_j         ref_j --Vnoise_j-- lvl_j --Vthermal_j-- level
//
// The sources of noise are there where the spec asks for noise. They hold rms values:
// what a product gets is drawn by chip.cpp, one number for each stretch of their signal.
#pragma once

#include <span>
#include <vector>

#include "netlists/arrays/array.hpp"
#include "netlists/arrays/sink.hpp"
#include "netlists/arrays/spec.hpp"

namespace arrayspice {

/// Names of the sources of noise: of every decision, of the charge that is decided on.
inline constexpr std::string_view kDecisionNoise{"Vnoise"}, kChargeNoise{"Vthermal"};
inline bool is_noise(std::string_view stem) {
  return stem == kDecisionNoise || stem == kChargeNoise;
}

/// Comparators from 0 V to the supply.
void comparator_model(const ArraySpec& spec, NetlistSink& sink, std::string_view name,
                      double gain, double delay, double hysteresis = 0.0,
                      double range = 1.0);

/// The sense "comparator": the output of column j is high while its line is above the
/// threshold. When it is half way depends on no gain, how clearly it decides does.
inline constexpr double kTimingGain = 100.0, kDecidingGain = 1e4;
inline bool compares(const ArraySpec& spec) { return spec.sense.kind == "comparator"; }
/// Are outputs what comparators decided of a line at rest, rather than analog?
inline bool decides(const ArraySpec& spec) {
  return spec.array.type != "time-domain" && (compares(spec) || spec.sense.kind == "sar");
}
void threshold_model(const ArraySpec& spec, NetlistSink& sink, double gain);
inline constexpr Name kThreshold{"th"};

/// Compares a line with a node `level`. thermal: rms of the line's charge noise, V;
/// decisions: when a new decision begins, s, after the first.
struct Comparison {
  Name line, level = kThreshold;
  double thermal = 0.0;
  std::span<const double> decisions = {};
};
void compare(const ArraySpec& spec, const Comparison& comparison, std::int64_t j,
             NetlistSink& sink);

/// What ideal comparators make of ideal lines.
Matrix compared(const ArraySpec& spec, Matrix lines);

/// P(z < x) of a standard normal z.
double normal_probability(double x);
/// Standard deviation of what comparators make of a line (V) with noise of `sigma` (V).
double compared_deviation(const ArraySpec& spec, double line, double sigma);
/// Charge noise of the line and decision noise together, V, as the spec asks for them.
double decision_sigma(const ArraySpec& spec, double thermal);

}  // namespace arrayspice
