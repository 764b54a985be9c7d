// SPDX-License-Identifier: Apache-2.0
// Everything `arrayspice extract` measures of one array, and the folder it writes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "behavior/table.hpp"
#include "netlists/arrays/array.hpp"

namespace arrayspice {

/// Told what is being measured and how much of everything is done (0 .. 1).
using Progress = std::function<void(const std::string& stage, double done)>;

struct ExtractOptions {
  int bits = 8;              ///< resolution that settling is measured for
  int points = 17;           ///< of the transfer curves
  std::int64_t samples = 0;  ///< arrays with other seeds, for the variation; 0: none
  int threads = 1;           ///< for those; the result does not depend on it
};

/// A number worth printing.
struct KeyFigure {
  std::string name;
  double value;
  std::string unit;
  std::string meaning;
};

struct Extraction {
  Matrix conductances;           ///< of the cells after variation, S
  Matrix ir_drop;                ///< cell voltage / input voltage, all inputs at maximum
  Matrix effective_conductance;  ///< S (or V/V), at half of full scale
  Table cell_iv;
  Table transfer;       ///< input scale, then one column per output
  Table inl;            ///< per column: full scale, largest nonlinearity
  Table settling;       ///< per column
  Table step_response;  ///< empty for an array without capacitance
  Table noise;          ///< per column; empty unless the sense is a virtual ground
  Table variation;      ///< per column; empty without samples
  std::vector<KeyFigure> figures;
  std::int64_t circuit_solves = 0;
};

/// Bytes that it will need in one thread.
double memory_for_extract(const ArraySpec& spec);

/// Throws Failure: Exit::Input for an array that cannot be measured this way,
/// Exit::Numeric when a circuit has no solution.
Extraction extract(const ArraySpec& spec, const Matrix& weights,
                   const ExtractOptions& options, const Progress& progress);

/// What a result must say of where it comes from.
struct Provenance {
  std::string spec_file;
  std::string command;       ///< as typed
  std::string weights_file;  ///< empty: default weights
};

/// summary.json, array.toml, .npy maps and .csv tables.
void write_extraction(const std::filesystem::path& folder, const Extraction& extraction,
                      const ArraySpec& spec, const ExtractOptions& options,
                      const Provenance& provenance);
inline constexpr std::string_view kExtractionRecord = "summary.json";

}  // namespace arrayspice
