// SPDX-License-Identifier: Apache-2.0
#include "tools/command_line.hpp"
#include "tools/heap.hpp"
#include "tools/signals.hpp"

int main(int argc, char** argv) {
  arrayspice::prepare_heap();
  arrayspice::handle_signals();
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  return static_cast<int>(arrayspice::run_command_line(arguments));
}
