// SPDX-License-Identifier: Apache-2.0
// The pages of `arrayspice report`: of a folder that extract wrote, of a model that
// export wrote.
#pragma once

#include <filesystem>
#include <string>

namespace arrayspice {

/// Both throw Failure: Exit::Resource for what cannot be read, Exit::Input for what is
/// not of ours.
std::string extraction_page(const std::filesystem::path& folder);
std::string model_page(const std::filesystem::path& file);

}  // namespace arrayspice
