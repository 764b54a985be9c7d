// SPDX-License-Identifier: Apache-2.0
// Files that the build puts into the program: Python that exported modules are made of.
#pragma once

#include <span>
#include <string_view>

namespace arrayspice {

struct EmbeddedText {
  std::string_view name;  ///< "arrayspice/ladder.py", "modules/aihwkit_model.py"
  std::string_view text;
};

std::span<const EmbeddedText> embedded_texts();

}  // namespace arrayspice
