// SPDX-License-Identifier: Apache-2.0
// The outputs of products as a file: .npy, .npz or .csv by the end of its name.
//
//   .npy  outputs
//   .npz  `y`, and with an ADC `codes` and `thresholds` (columns, codes - 1)
//   .csv  chip, product, outputs of all columns, codes of all columns
//
// Shapes are (batch, columns) of one chip, (chips, batch, columns) of several.
#pragma once

#include <filesystem>
#include <string>

#include "behavior/chip_products.hpp"
#include "netlists/npy.hpp"

namespace arrayspice {

class ProductFile {
 public:
  /// several: shapes have a dimension of chips, even of one.
  ProductFile(const ArraySpec& spec, bool several)
      : first_chip_(spec.variation.chip), several_(several) {}

  /// The next chip; all have the same shapes.
  void add(const ArraySpec& chip, const ChipProducts& products);

  std::string bytes(const std::filesystem::path& file) const;

 private:
  NpyArray shaped(std::vector<std::int64_t> of_chip,
                  const std::vector<double>& values) const;
  std::string csv() const;

  std::int64_t first_chip_, chips_ = 0, batch_ = 0, columns_ = 0, thresholds_each_ = 0;
  bool several_;
  std::vector<double> outputs_, codes_, thresholds_;
};

/// Bytes that it will need.
double memory_for_products(const ArraySpec& spec, std::int64_t batch, std::int64_t chips);

}  // namespace arrayspice
