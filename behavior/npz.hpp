// SPDX-License-Identifier: Apache-2.0
// The .npz container: a ZIP file of .npy members that numpy.load reads, and text members
// (`meta.json`) beside them. Members are stored, not deflated, with a fixed date, so
// equal contents give equal bytes.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "netlists/npy.hpp"

namespace arrayspice {

/// Members by name: `arrays["cell/x"]` is the ZIP member `cell/x.npy`, which numpy calls
/// `cell/x`; a text keeps its own name.
struct NpzContents {
  std::map<std::string, NpyArray, std::less<>> arrays;
  std::map<std::string, std::string, std::less<>> texts;
};

/// The file as bytes, texts first. Throws Failure (Exit::Resource) beyond the 4 GiB that
/// the format holds.
std::string npz_bytes(const NpzContents& contents);
/// Written whole or not at all.
void write_npz(const std::filesystem::path& path, const NpzContents& contents);

/// Reads a file whose members are stored as they are (numpy.savez, not
/// savez_compressed). Throws Failure: Exit::Resource when it cannot be read, Exit::Input
/// when it is not such a file or damaged.
NpzContents read_npz(const std::filesystem::path& path);
NpzContents parse_npz(std::string_view bytes, const std::string& name);

/// Arrays of rank 0 and 1.
NpyArray npy_scalar(double value);
NpyArray npy_vector(std::vector<double> values);

}  // namespace arrayspice
