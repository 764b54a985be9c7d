// SPDX-License-Identifier: Apache-2.0
// The HDF5 container, written without its library: every array a contiguous dataset of
// float64 in the group that its name says, every text a dataset of one string. HDF5 1.8
// and later read it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "behavior/npz.hpp"

namespace arrayspice {

std::string hdf5_bytes(const NpzContents& contents);

/// The checksum of HDF5's metadata: Bob Jenkins's lookup3 with initial value 0.
std::uint32_t lookup3(std::string_view bytes);

}  // namespace arrayspice
