// SPDX-License-Identifier: Apache-2.0
#include "tools/signals.hpp"

#include <unistd.h>

#include <csignal>

#include "netlists/atomic_file.hpp"

namespace arrayspice {

namespace {

extern "C" void end_at_signal(int number) {
  AtomicFile::remove_unfinished();
  constexpr char kText[] = "\nerror: interrupted; no output file was written\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kText, sizeof kText - 1);
  ::_exit(128 + number);
}

}  // namespace

void handle_signals() {
  struct sigaction action {};
  action.sa_handler = end_at_signal;
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction previous {};
    sigaction(number, nullptr, &previous);
    if (previous.sa_handler != SIG_IGN) sigaction(number, &action, nullptr);
  }
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace arrayspice
