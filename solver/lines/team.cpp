// SPDX-License-Identifier: Apache-2.0
#include "solver/lines/team.hpp"

#include <algorithm>

namespace arrayspice::lines {

namespace {

/// Longer than the serial parts between passes, far below a time slice.
constexpr std::chrono::microseconds kSpin{20};
/// A piece number that no pass has.
constexpr std::uint64_t kClosed = 0xffffffff;

void pause_briefly() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

/// Waits until `value` is no longer `old`: first spinning, then asleep.
void wait_while(const std::atomic<std::uint32_t>& value, std::uint32_t old) {
  const auto until = std::chrono::steady_clock::now() + kSpin;
  do {
    for (int k = 0; k < 64; ++k) {
      if (value.load(std::memory_order_acquire) != old) return;
      pause_briefly();
    }
  } while (std::chrono::steady_clock::now() < until);
  value.wait(old, std::memory_order_acquire);
}

}  // namespace

/// The first round of a stretch does not count: it moves the data from one cache to
/// another.
void Pace::record(double seconds) {
  if (++rounds_ > 1) best_ = best_ == 0.0 ? seconds : std::min(best_, seconds);
  if (rounds_ < stretch_) return;
  (alone_ ? alone_seconds_ : shared_seconds_) = best_;
  rounds_ = 0;
  best_ = 0.0;
  const bool known = alone_seconds_ > 0.0 && shared_seconds_ > 0.0;
  const bool alone_is_best = alone_seconds_ <= shared_seconds_;
  const bool was_long = stretch_ == kLong;
  if (known && !was_long) {
    alone_ = alone_is_best;
    stretch_ = kLong;
  } else {
    alone_ = !alone_;
    stretch_ = kTrial;
  }
}

Team::Team(int threads) {
  for (int k = 1; k < threads; ++k)
    others_.emplace_back([this, k] { wait_for_passes(k); });
}

Team::~Team() {
  stop_ = true;
  ++pass_;
  pass_.notify_all();
}

void Team::wait_for_passes(int thread) {
  for (std::uint32_t seen = 0; !stop_;) {
    wait_while(pass_, seen);
    seen = pass_.load(std::memory_order_acquire);
    if (!stop_) take_pieces(seen, thread);
  }
}

/// A claim succeeds only while the ticket is of this pass: a thread that comes late
/// cannot take a piece of the next one with the work of the last.
void Team::take_pieces(std::uint32_t pass, int thread) {
  const void* const work = work_.load(std::memory_order_acquire);
  const Call call = call_.load(std::memory_order_acquire);
  const std::uint32_t pieces = pieces_.load(std::memory_order_acquire);
  std::uint64_t ticket = ticket_.load(std::memory_order_acquire);
  while (ticket >> 32 == pass && static_cast<std::uint32_t>(ticket) < pieces) {
    if (!ticket_.compare_exchange_weak(ticket, ticket + 1, std::memory_order_acq_rel))
      continue;
    call(work, thread, static_cast<std::uint32_t>(ticket));
    if (done_.fetch_add(1, std::memory_order_acq_rel) + 1 == pieces) done_.notify_one();
    ticket = ticket_.load(std::memory_order_acquire);
  }
}

void Team::run(std::int64_t pieces, const void* work, Call call) {
  const std::uint32_t pass = pass_.load(std::memory_order_relaxed) + 1;
  // Closed while the work changes: a thread that read half of the new work finds no
  // piece to claim.
  ticket_.store(std::uint64_t{pass} << 32 | kClosed, std::memory_order_release);
  done_.store(0, std::memory_order_release);
  pieces_.store(static_cast<std::uint32_t>(pieces), std::memory_order_release);
  work_.store(work, std::memory_order_release);
  call_.store(call, std::memory_order_release);
  ticket_.store(std::uint64_t{pass} << 32, std::memory_order_release);
  pass_.store(pass, std::memory_order_release);
  pass_.notify_all();
  take_pieces(pass, 0);
  for (auto done = done_.load(std::memory_order_acquire); done != pieces;
       done = done_.load(std::memory_order_acquire))
    wait_while(done_, done);
}

}  // namespace arrayspice::lines
