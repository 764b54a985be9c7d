// SPDX-License-Identifier: Apache-2.0
// Everything `arrayspice extract` measures of one array, and the folder it writes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "behavior/product_cost.hpp"
#include "behavior/table.hpp"
#include "netlists/arrays/array.hpp"

namespace arrayspice {

/// Told what is being measured and how much of everything is done (0 .. 1).
using Progress = std::function<void(const std::string& stage, double done)>;

struct ExtractOptions {
  int bits = 8;              ///< resolution that settling is measured for
  int points = 17;           ///< of the transfer curves
  std::int64_t samples = 0;  ///< chips, for the variation; 0: none
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
  Matrix conductances;  ///< of the cells after variation, S
  Matrix ir_drop;  ///< cell voltage / input voltage, all inputs at maximum; may be empty
  Matrix effective_conductance;  ///< S (or V/V), at half of full scale; may be empty
  Table cell_iv;
  Table transfer;       ///< input scale, then one column per output
  Table products;       ///< per output: random products, against the ideal ones
  Table inl;            ///< per column: full scale, largest nonlinearity
  Table settling;       ///< per column
  Table energy;         ///< of a product, by where it comes from; may be empty
  Table step_response;  ///< empty for an array without capacitance
  Table noise;          ///< per column; empty unless the sense is a virtual ground
  Table product_noise;  ///< per column; empty without anything that differs
  Table converter;      ///< per column; empty without an ADC
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

/// Of any array, by its products alone: transfer, distance from the ideal, spread, energy
/// and latency. What extract() does for arrays that are no crossbars at rest.
Extraction extract_products(const ArraySpec& spec, const Matrix& weights,
                            const ExtractOptions& options, const Progress& progress);

/// Parts of both: of products with the same inputs, and of the ADCs at these outputs.
/// `held`: what the cells hold.
void extract_product_noise(const ArraySpec& spec, const Matrix& held,
                           const std::vector<double>& inputs,
                           const ExtractOptions& options, Extraction& out);
void extract_converters(const ArraySpec& spec, const Matrix& outputs, Extraction& out);

/// What one product costs, and to what half step outputs must settle. `inputs`: which
/// they were.
HalfStep half_step_of(const ArraySpec& spec, const ExtractOptions& options);
void extract_cost(const ArraySpec& spec, const ProductCost& cost,
                  const ExtractOptions& options, std::string_view inputs,
                  Extraction& out);

/// Means and standard deviations per column over chips. sample(k): the outputs of the
/// k-th; told how many are done.
struct Spread {
  std::vector<double> mean, sigma;
};
Spread spread_of_samples(const ExtractOptions& options, std::int64_t columns,
                         const std::function<std::vector<double>(std::int64_t)>& sample,
                         const std::function<void(std::int64_t done)>& told);
Table spread_table(const Spread& spread, std::string_view unit);
/// sigma over |mean|, mean over columns.
double relative_spread(const Spread& spread);

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
