// SPDX-License-Identifier: Apache-2.0
#include "behavior/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace arrayspice {

namespace {

/// Pieces are begun in their order, so every one before the first failure is finished.
class Queue {
 public:
  Queue(std::int64_t count, const std::function<void(int, std::int64_t)>& work)
      : count_(count), work_(work) {}

  void run(int thread) {
    for (std::int64_t k = next_++; k < count_ && !stop_; k = next_++) {
      try {
        work_(thread, k);
      } catch (...) {
        failed(k, std::current_exception());
      }
    }
  }
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  void failed(std::int64_t k, std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    if (!failure_ || k < first_) {
      failure_ = std::move(failure);
      first_ = k;
    }
    stop_ = true;
  }

  std::int64_t count_;
  const std::function<void(int, std::int64_t)>& work_;
  std::atomic<std::int64_t> next_ = 0;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
  std::int64_t first_ = 0;
  std::exception_ptr failure_;
};

}  // namespace

void for_each_index(std::int64_t count, int threads,
                    const std::function<void(int thread, std::int64_t k)>& work) {
  Queue queue(count, work);
  {
    std::vector<std::jthread> others;
    for (int thread = 1; thread < std::min<std::int64_t>(threads, count); ++thread)
      others.emplace_back([&queue, thread] { queue.run(thread); });
    queue.run(0);
  }
  queue.rethrow();
}

void for_each_index(std::int64_t count, int threads,
                    const std::function<void(std::int64_t k)>& work) {
  for_each_index(count, threads, [&work](int, std::int64_t k) { work(k); });
}

}  // namespace arrayspice
