// SPDX-License-Identifier: Apache-2.0
// Threads that share the passes of one solve.
//
// A pass is a number of independent pieces, which the threads claim one by one; the
// caller takes part, and a thread that is not running when a pass starts is not waited
// for, so that a core taken away by somebody else costs its help and nothing more.
// Waiting threads spin for some microseconds (the next pass usually comes sooner), then
// sleep. Which thread does which piece must not matter: partial sums belong to pieces.
//
// Where the caches of two cores are far apart, or a core is busy, sharing a pass costs
// more than it saves: Pace finds out by trying, which cannot change a result.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

namespace arrayspice::lines {

/// Chooses between one thread and all of them by what a round of passes took lately.
class Pace {
 public:
  bool alone() const { return alone_; }
  /// A round took this long; the next may be done the other way.
  void record(double seconds);

 private:
  bool alone_ = true;
  int rounds_ = 0, stretch_ = kTrial;  // done, and to be done before a decision
  double best_ = 0.0;                  // of this stretch; 0: none yet
  double alone_seconds_ = 0.0, shared_seconds_ = 0.0;  // of the last stretch; 0: unknown
  static constexpr int kTrial = 4, kLong = 60;
};

class Team {
 public:
  /// `threads` with the caller; 1: no others are started.
  explicit Team(int threads);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int threads() const { return 1 + static_cast<int>(others_.size()); }
  /// Let the others rest until further notice.
  void work_alone(bool alone) { alone_ = alone; }

  /// Calls work(thread, piece) for every piece in [0, pieces), in any order.
  template <class Work>
  void for_each(std::int64_t pieces, const Work& work) {
    if (others_.empty() || alone_ || pieces < 2) {
      for (std::int64_t k = 0; k < pieces; ++k) work(0, k);
      return;
    }
    run(pieces, &work, [](const void* w, int thread, std::int64_t piece) {
      (*static_cast<const Work*>(w))(thread, piece);
    });
  }

 private:
  using Call = void (*)(const void* work, int thread, std::int64_t piece);

  void run(std::int64_t pieces, const void* work, Call call);
  void take_pieces(std::uint32_t pass, int thread);
  void wait_for_passes(int thread);

  // A ticket: number of the pass in the upper half, the next piece in the lower.
  alignas(64) std::atomic<std::uint64_t> ticket_ = 0;
  alignas(64) std::atomic<std::uint32_t> pass_ = 0;
  std::atomic<std::uint32_t> pieces_ = 0;
  std::atomic<const void*> work_ = nullptr;
  std::atomic<Call> call_ = nullptr;
  alignas(64) std::atomic<std::uint32_t> done_ = 0;
  std::atomic<bool> stop_ = false;
  bool alone_ = false;
  std::vector<std::jthread> others_;
};

/// Its life is a round of passes, done as `pace` says and timed for it.
class Round {
 public:
  Round(Team& team, Pace& pace) : pace_(team.threads() > 1 ? &pace : nullptr) {
    if (!pace_) return;
    team.work_alone(pace.alone());
    start_ = Clock::now();
  }
  ~Round() {
    if (pace_)
      pace_->record(std::chrono::duration<double>(Clock::now() - start_).count());
  }
  Round(const Round&) = delete;
  Round& operator=(const Round&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  Pace* pace_;
  Clock::time_point start_;
};

}  // namespace arrayspice::lines
