// SPDX-License-Identifier: Apache-2.0
// PNG pictures (8-bit RGB) and their base64 form for pages that hold everything inside.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace arrayspice {

using Colour = std::array<std::uint8_t, 3>;

/// pixels: row by row from the top, width x height.
std::string png_bytes(std::uint32_t width, std::uint32_t height,
                      const std::vector<Colour>& pixels);

std::string base64(std::string_view bytes);

}  // namespace arrayspice
