// SPDX-License-Identifier: Apache-2.0
// What every exported model's file is called inside, and where it comes from.
#pragma once

#include <string>
#include <string_view>

namespace arrayspice {

inline constexpr std::string_view kModelSchema = "aimc-behav/1";
inline constexpr std::string_view kModelMeta = "meta.json";

/// What meta.json says beside the model itself.
struct ModelRecord {
  std::string spec_file;
  std::string command;
  std::string weights_file;
  double max_error = 0.0;
};

}  // namespace arrayspice
