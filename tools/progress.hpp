// SPDX-License-Identifier: Apache-2.0
// How far a long job is, on stderr: a bar with an estimate on a terminal, a plain line
// now and then elsewhere, nothing with --quiet or when the job is short.
#pragma once

#include <chrono>
#include <string>

#include "tools/verb.hpp"

namespace arrayspice {

class ProgressLine {
 public:
  ProgressLine(std::string job, const CommonOptions& common);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// done: 0 .. 1 of the whole job.
  void update(const std::string& stage, double done);
  /// Clears the bar, so that results start on a fresh line.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;

  std::string job_;
  bool quiet_, terminal_, shown_ = false;
  Clock::time_point start_, last_;
};

/// "[######      ] 48 %  12 s left", about `width` characters in brackets.
std::string progress_bar(double done, double seconds_so_far, int width);

}  // namespace arrayspice
