// SPDX-License-Identifier: Apache-2.0
// libFuzzer target: array specs. A value or an error, never both, never anything else.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "netlists/arrays/spec.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  arrayspice::Sources sources;
  arrayspice::Diagnostics diagnostics;
  const auto spec =
      arrayspice::read_spec_text(text, "fuzz.toml", {}, sources, diagnostics);
  if (spec.has_value() == diagnostics.has_errors()) std::abort();
  for (const auto& diagnostic : diagnostics.all())
    arrayspice::render(diagnostic, sources);
  return 0;
}
