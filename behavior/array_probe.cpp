// SPDX-License-Identifier: Apache-2.0
#include "behavior/array_probe.hpp"

#include <fmt/format.h>

#include "behavior/array_lines.hpp"
#include "netlists/failure.hpp"

namespace arrayspice {

namespace {
/// Bytes that a circuit may take where the lines have failed.
constexpr double kMemory = 4e9;
}  // namespace

std::string why_not_line_slopes(const ArraySpec& spec) {
  if (std::string why_not = why_not_lines(spec); !why_not.empty()) return why_not;
  if (spec.sense.kind == "tia" && spec.sense.sides == "both")
    return "both ends of a bit line share an amplifier";
  return {};
}

std::string why_not_line_step(const ArraySpec& spec) {
  if (std::string why_not = why_not_line_slopes(spec); !why_not.empty()) return why_not;
  if (spec.array.type != "current-domain") return "outputs that are voltages of lines";
  if (spec.wire.word_line_resistance == 0.0 || spec.wire.bit_line_resistance == 0.0)
    return "wires without resistance";
  if (spec.cell.model == "stanford-rram") return "cells that move";
  if (spec.sense.kind == "tia" && spec.sense.pole == "before-clamp")
    return "amplifiers whose pole is before their clamp";
  return {};
}

void measure_array(const ArraySpec& spec, const Matrix& conductances,
                   const std::string& why_not_lines,
                   const std::function<void(ArrayProbe&)>& measure) {
  if (why_not_lines.empty()) {
    try {
      return measure(*make_line_probe(spec, conductances));
    } catch (const NotByLines& failure) {
      if (memory_needed(spec) > kMemory)
        throw Failure(Exit::Numeric,
                      fmt::format("{}, and as a circuit the array needs {:.3g} GB",
                                  failure.what(), memory_needed(spec) / 1e9));
    }
  }
  measure(*make_circuit_probe(spec, conductances));
}

}  // namespace arrayspice
