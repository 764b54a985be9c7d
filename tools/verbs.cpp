// SPDX-License-Identifier: Apache-2.0
#include "tools/verbs.hpp"

namespace arrayspice {

std::span<const Verb* const> verbs() {
  static constexpr const Verb* kVerbs[] = {
      &kSimulate,
      &kGenerate,
      &kMvm,
      &kExtract,
      &kExport,
      &kReport,
  };
  return kVerbs;
}

}  // namespace arrayspice
