// SPDX-License-Identifier: Apache-2.0
#include "tools/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace arrayspice {

namespace {

using std::chrono::duration;

constexpr double kBarEvery = 0.1, kLineEvery = 10.0;  // s
constexpr int kBarWidth = 30;

}  // namespace

std::string progress_bar(double done, double seconds_so_far, int width) {
  const double part = std::clamp(done, 0.0, 1.0);
  const auto filled = static_cast<std::size_t>(part * width);
  std::string bar(static_cast<std::size_t>(width), ' ');
  std::fill_n(bar.begin(), filled, '#');
  const std::string left =
      part > 0.02 ? fmt::format("{:.0f} s left", seconds_so_far * (1.0 - part) / part)
                  : std::string();
  return fmt::format("[{}] {:3.0f} %  {}", bar, 100.0 * part, left);
}

ProgressLine::ProgressLine(std::string job, const CommonOptions& common)
    : job_(std::move(job)),
      quiet_(common.quiet),
      terminal_(::isatty(STDERR_FILENO) != 0),
      start_(Clock::now()),
      last_(start_) {}

ProgressLine::~ProgressLine() { finish(); }

void ProgressLine::update(const std::string& stage, double done) {
  const auto now = Clock::now();
  if (quiet_ ||
      duration<double>(now - last_).count() < (terminal_ ? kBarEvery : kLineEvery))
    return;
  last_ = now;
  shown_ = terminal_;
  const double seconds = duration<double>(now - start_).count();
  if (terminal_)
    fmt::print(stderr, "\r\x1b[K{} {} {}", job_, progress_bar(done, seconds, kBarWidth),
               stage);
  else
    fmt::print(stderr, "{}: {:.0f} %, {} ({:.0f} s)\n", job_, 100.0 * done, stage,
               seconds);
  std::fflush(stderr);
}

void ProgressLine::finish() {
  if (shown_) fmt::print(stderr, "\r\x1b[K");
  shown_ = false;
}

}  // namespace arrayspice
