// SPDX-License-Identifier: Apache-2.0
// libFuzzer target: decks through parser and elaboration. A value or an error, never
// both, never anything else.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "netlists/netlist.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  arrayspice::Sources sources;
  arrayspice::Diagnostics diagnostics;
  arrayspice::ReadOptions options;
  options.sandbox = true;
  options.max_memory = std::size_t{64} << 20;
  const auto netlist = arrayspice::read_netlist_text(text, "fuzz.cir", "/nonexistent",
                                                     options, sources, diagnostics);
  if (netlist.has_value() == diagnostics.has_errors()) std::abort();
  for (const auto& diagnostic : diagnostics.all())
    arrayspice::render(diagnostic, sources);
  return 0;
}
