// SPDX-License-Identifier: Apache-2.0
// NumPy's .npy format (NEP 1; versions 1, 2, 3): a magic string, a Python dictionary with
// dtype, order and shape, then the numbers. We read little-endian float64 and float32 in
// C or Fortran order and write float64 in C order.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace arrayspice {

/// A dense array in C order.
struct NpyArray {
  std::vector<std::int64_t> shape;
  std::vector<double> values;
};

/// Reads an array; throws Failure: Exit::Resource when the file cannot be read,
/// Exit::Input when it is no array of ours (wrong type, truncated, NaN or infinity at an
/// index).
NpyArray read_npy(const std::filesystem::path& path);
/// The same from memory (members of an .npz); name is what messages call it.
NpyArray parse_npy(std::string_view bytes, const std::string& name);

/// The bytes of a .npy file.
std::string npy_bytes(std::span<const std::int64_t> shape,
                      std::span<const double> values);
void write_npy(const std::filesystem::path& path, std::span<const std::int64_t> shape,
               std::span<const double> values);

/// "(3, 4)", "(5,)": a shape as Python shows it.
std::string shape_text(std::span<const std::int64_t> shape);
/// "[2, 0]": the index of the k-th value in C order.
std::string index_text(std::span<const std::int64_t> shape, std::size_t k);

}  // namespace arrayspice
