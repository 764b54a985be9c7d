// SPDX-License-Identifier: Apache-2.0
// Progress of long work on stderr: a bar with an estimate on a terminal, a plain line now
// and then elsewhere, nothing when the work is short or the user wants quiet.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace arrayspice {

class ProgressLine {
 public:
  ProgressLine(std::string what, bool quiet);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// fraction of the work that is done, 0..1; stage: what is being done. Cheap enough to
  /// call at every step.
  void update(double fraction, std::string_view stage = {});

 private:
  using Clock = std::chrono::steady_clock;
  void show(double fraction, double seconds, std::string_view stage);

  std::string what_;
  bool quiet_;
  bool terminal_;
  bool shown_ = false;
  Clock::time_point start_ = Clock::now();
  Clock::time_point next_;
};

}  // namespace arrayspice
