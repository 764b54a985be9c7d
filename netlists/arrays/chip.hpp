// SPDX-License-Identifier: Apache-2.0
// One chip: an array whose elements are no longer what the spec says but what this chip
// of this seed got. What an array type tells its sink goes through here, so that circuit,
// deck and array solver have the same chip.
//
//   capacitors       C max(0, 1 + s z/sqrt(n)), an average of n units
//   resistors, wires R exp(s z - s^2/2): lognormal, keeps the mean; wires by line
//   transistors      Pelgrom: threshold + A_VT z/sqrt(W L),
//                    gain (1 + A_beta z/sqrt(W L))
//   amplifiers,      offset + s z
//   comparators
//   supply           VDD (1 + s z), one for the chip
//   cells            reading noise, for every product anew
//   edges            of sources that move, for every product anew: t + s z
//
// with z standard normal, keyed by seed, chip, purpose (kind and name of the element),
// its indices, and the number of the product. Sources: M. Pelgrom, A. Duinmaijer, A.
// Welbers, IEEE J. Solid-State Circuits 24, 1433 (1989).
#pragma once

#include <optional>
#include <set>
#include <span>

#include "netlists/arrays/array.hpp"
#include "netlists/arrays/experiment.hpp"
#include "netlists/arrays/random.hpp"
#include "netlists/arrays/sink.hpp"

namespace arrayspice {

inline Chip chip_of(const ArraySpec& spec) {
  return {spec.array.seed, spec.variation.chip};
}

/// Positive, mean 1, standard deviation sigma, from a standard normal z.
double lognormal_factor(double sigma, double z);

/// Of all segments of a line of this chip over what the spec says.
double wire_resistance_factor(const ArraySpec& spec, std::string_view family,
                              std::int64_t line);
double wire_capacitance_factor(const ArraySpec& spec, std::string_view family,
                               std::int64_t line);
inline constexpr std::string_view kWordLines = "wl", kBitLines = "bl";
/// Of the capacitances between a line and the next one.
inline constexpr std::string_view kBetweenWordLines = "cwl", kBetweenBitLines = "cbl";
/// Of the feedback resistor of a column over what the spec says.
double feedback_factor(const ArraySpec& spec, std::int64_t column);
/// F, of the integrator of a column.
double integrating_capacitance(const ArraySpec& spec, std::int64_t column);
/// Of a driver, `Rdrv` (left) or `Rdrvr` (right).
double driver_factor(const ArraySpec& spec, std::string_view stem, std::int64_t row);
/// V, of the amplifier of a column, beside that of the spec.
double amplifier_offset(const ArraySpec& spec, std::int64_t column);

/// Do the transistors of a chip differ?
bool transistors_differ(const ArraySpec& spec);
/// How one differs from what the spec says.
struct Mismatch {
  double threshold = 0.0;  ///< V, added
  double gain = 1.0;       ///< a factor on KP W/L
};
/// The access transistor of a cell (1T1R).
Mismatch access_mismatch(const ArraySpec& spec, std::int64_t row, std::int64_t column);

/// Tells the sink this chip during product number `product`.
void describe_chip(const ArraySpec& spec, const Matrix& weights,
                   std::span<const double> inputs, std::int64_t product,
                   NetlistSink& sink);

/// What is done with this chip.
Experiment chip_experiment(const ArraySpec& spec);

/// The kinds of draws that an array of this spec would make with all variations on.
std::set<Draw> draws_of(const ArraySpec& spec);

}  // namespace arrayspice
