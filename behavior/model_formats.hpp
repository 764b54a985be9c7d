// SPDX-License-Identifier: Apache-2.0
// Other containers for the members of an exported model: the same names, numbers and
// meta.json as in the .npz.
#pragma once

#include <filesystem>
#include <string>

#include "behavior/npz.hpp"

namespace arrayspice {

/// The safetensors format: 8 bytes of header length, a JSON header with dtype, shape and
/// offsets, then the numbers; texts become its __metadata__.
std::string safetensors_bytes(const NpzContents& contents);

/// A folder with meta.json and one table per array: `cell_ratio.csv`. The last axis runs
/// along a line; leading axes are flattened.
void write_csv_folder(const std::filesystem::path& folder, const NpzContents& contents);

}  // namespace arrayspice
