// SPDX-License-Identifier: Apache-2.0
// The types of arrays: how they compute, which cells and sense circuits they offer, their
// circuit, what is done with it, and what it would compute without non-idealities. A type
// is one file beside this one, and one line in array_type.cpp.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "netlists/arrays/array.hpp"
#include "netlists/arrays/experiment.hpp"
#include "netlists/arrays/sink.hpp"

namespace arrayspice {

/// A range of numbers with its unit.
struct Domain {
  std::string_view unit;  ///< "S", "F", "V", "s"; "level": a whole number from 0
  double minimum, maximum;
};

/// A cell, and the array made of it.
struct CellStructure {
  std::string_view name, doc;
  Domain weight;  ///< default range; the most levels follow from cell.bits
  Domain input;   ///< default range; minimum < 0: inputs have both signs
  std::span<const std::string_view> senses;  ///< the first is the default
};

struct ArrayType {
  std::string_view name, doc;
  std::span<const CellStructure> structures;  ///< the first is the default
  /// Keys or whole sections of the spec that only some types use, and this one does.
  std::span<const std::string_view> keys;
  /// Defaults of this type for keys that differ from those of ArraySpec.
  void (*set_defaults)(ArraySpec&);
  /// What of the spec does not go together; empty: nothing.
  std::string (*contradiction)(const ArraySpec&);
  /// Tells the sink every element. Weights (rows, columns) and inputs (rows) are in the
  /// structure's units; weights are those of this chip, after variation.
  void (*describe)(const ArraySpec&, const Matrix& weights,
                   std::span<const double> inputs, NetlistSink&);
  Experiment (*experiment)(const ArraySpec&);
  /// Outputs (batch, columns) of the same array without any non-ideality: wires,
  /// parasitics, finite gain, mismatch.
  Matrix (*ideal)(const ArraySpec&, const Matrix& weights, const Matrix& inputs);
  /// Standard deviation per column of what noise does to one product with `inputs`
  /// (rows), in the output's unit.
  using NoiseOfProduct = std::vector<double>(const ArraySpec&, const Matrix& weights,
                                             std::span<const double> inputs);
  /// Thermal noise of the charges on lines (`noise.thermal`), which is added to outputs;
  /// comparators that are no part of the circuit (`noise.comparator`) too.
  NoiseOfProduct* reset_noise = nullptr;
  /// Noise that the circuit itself contains, before decisions: what to expect of it.
  NoiseOfProduct* decision_noise = nullptr;
};

std::span<const ArrayType* const> array_types();
/// Null when there is none of that name.
const ArrayType* find_array_type(std::string_view name);
const CellStructure* find_structure(const ArrayType& type, std::string_view name);

/// What a spec says when it only names its type and structure: the structure's ranges and
/// sense, then what the type sets.
void apply_defaults(const ArrayType& type, const CellStructure& structure,
                    ArraySpec& spec);

/// Those of a valid spec.
const ArrayType& array_type(const ArraySpec& spec);
const CellStructure& cell_structure(const ArraySpec& spec);

/// What this spec allows.
Domain weight_domain(const ArraySpec& spec);
Domain input_domain(const ArraySpec& spec);

}  // namespace arrayspice
