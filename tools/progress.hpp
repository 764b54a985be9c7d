// SPDX-License-Identifier: Apache-2.0
// Progress of long work on stderr: a bar with an estimate on a terminal, a plain line now
// and then elsewhere, nothing when the work is short or the user wants quiet.
#pragma once

#include <chrono>
#include <string>

namespace arrayspice {

class Progress {
 public:
  Progress(std::string what, bool quiet);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// fraction of the work that is done, 0..1; cheap enough to call at every step.
  void update(double fraction);

 private:
  using Clock = std::chrono::steady_clock;
  void show(double fraction, double seconds);

  std::string what_;
  bool quiet_;
  bool terminal_;
  bool shown_ = false;
  Clock::time_point start_ = Clock::now();
  Clock::time_point next_;
  unsigned calls_ = 0;
};

}  // namespace arrayspice
