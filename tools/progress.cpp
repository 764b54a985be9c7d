// SPDX-License-Identifier: Apache-2.0
#include "tools/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace arrayspice {

namespace {

using std::chrono::milliseconds;
constexpr auto kFirst = milliseconds(1000);    // work that is over by then says nothing
constexpr auto kRedraw = milliseconds(200);    // on a terminal
constexpr auto kPlain = milliseconds(10'000);  // between plain lines

std::string duration(double seconds) {
  const auto s = static_cast<long>(seconds + 0.5);
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600) return fmt::format("{} min {:02} s", s / 60, s % 60);
  return fmt::format("{} h {:02} min", s / 3600, s / 60 % 60);
}

}  // namespace

ProgressLine::ProgressLine(std::string what, bool quiet)
    : what_(std::move(what)), quiet_(quiet), terminal_(::isatty(STDERR_FILENO) == 1) {
  next_ = start_ + (terminal_ ? kFirst : kPlain);
}

ProgressLine::~ProgressLine() {
  if (shown_ && terminal_) fmt::print(stderr, "\r\x1b[K");
}

void ProgressLine::update(double fraction, std::string_view stage) {
  if (quiet_) return;
  const auto now = Clock::now();
  if (now < next_) return;
  next_ = now + (terminal_ ? kRedraw : kPlain);
  show(std::clamp(fraction, 0.0, 1.0),
       std::chrono::duration<double>(now - start_).count(), stage);
}

void ProgressLine::show(double fraction, double seconds, std::string_view stage) {
  shown_ = true;
  const std::string left =
      fraction > 0.0 ? duration(seconds * (1.0 - fraction) / fraction) + " left" : "";
  if (!terminal_) {
    fmt::print(stderr, "{}: {:.0f} %, {} {}\n", what_, 100.0 * fraction, left, stage);
    return;
  }
  constexpr int kWidth = 30;
  const int full = static_cast<int>(fraction * kWidth);
  fmt::print(stderr, "\r{} [{:#<{}}{:.<{}}] {:3.0f} % {} {}\x1b[K", what_, "", full, "",
             kWidth - full, 100.0 * fraction, left, stage);
  std::fflush(stderr);
}

}  // namespace arrayspice
