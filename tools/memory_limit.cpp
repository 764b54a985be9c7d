// SPDX-License-Identifier: Apache-2.0
#include "tools/memory_limit.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <cmath>
#include <cstdlib>

#include "netlists/failure.hpp"
#include "tools/heap.hpp"

namespace arrayspice {

std::size_t parse_bytes(const std::string& text) {
  char* end = nullptr;
  double bytes = std::strtod(text.c_str(), &end);
  const std::string suffix = end;
  if (suffix == "k" || suffix == "K") bytes *= 1e3;
  if (suffix == "M") bytes *= 1e6;
  if (suffix == "G") bytes *= 1e9;
  const bool known =
      suffix.empty() || suffix == "k" || suffix == "K" || suffix == "M" || suffix == "G";
  if (end == text.c_str() || !known || !(bytes >= 1.0) || !(bytes < 1e18))
    throw Failure(Exit::Input,
                  fmt::format("--max-memory {}: a number of bytes is expected, such as "
                              "2000000, 500M or 4G",
                              text));
  return static_cast<std::size_t>(bytes);
}

void limit_memory(std::size_t bytes) {
  release_heap_reserve();
  const rlimit limit{bytes, bytes};
  ::setrlimit(RLIMIT_DATA, &limit);
}

}  // namespace arrayspice
