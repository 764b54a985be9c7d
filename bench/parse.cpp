// SPDX-License-Identifier: Apache-2.0
// parse DECK...: reads and elaborates decks without solving them; prints, per deck, the
// elements, wall and processor seconds, and the peak memory of the process, with the heap
// as the program has it. Used by parse.py.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>

#include "netlists/netlist.hpp"
#include "tools/heap.hpp"

namespace {

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](timeval t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

int read(const char* path) {
  const auto start = std::chrono::steady_clock::now();
  const double processor = processor_seconds();
  arrayspice::Sources sources;
  arrayspice::Diagnostics diagnostics;
  const auto netlist = arrayspice::read_netlist(path, {}, sources, diagnostics);
  if (!netlist) {
    for (const auto& d : diagnostics.all())
      std::fprintf(stderr, "%s", arrayspice::render(d, sources).c_str());
    return 2;
  }
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  std::printf("%zu %.6f %.6f %.1f %.6f %.6f\n", netlist->elements, wall.count(),
              processor_seconds() - processor, peak_megabytes(), netlist->parse_seconds,
              netlist->elaborate_seconds);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  arrayspice::prepare_heap();
  for (int k = 1; k < argc; ++k)
    if (const int status = read(argv[k]); status != 0) return status;
  return 0;
}
