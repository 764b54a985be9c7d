// SPDX-License-Identifier: Apache-2.0
// Doubles aligned to a cache line, as the vector kernels need them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <new>
#include <utility>

namespace arrayspice::lines {

class Buffer {
 public:
  Buffer() = default;
  /// `size` zeros.
  explicit Buffer(std::int64_t size)
      : data_(static_cast<double*>(::operator new(size * sizeof(double), kAlignment))),
        size_(size) {
    fill(0.0);
  }
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Buffer() { ::operator delete(data_, kAlignment); }

  double* data() { return data_; }
  const double* data() const { return data_; }
  std::int64_t size() const { return size_; }
  double& operator[](std::int64_t k) { return data_[k]; }
  double operator[](std::int64_t k) const { return data_[k]; }
  void fill(double value) { std::fill_n(data_, size_, value); }

 private:
  static constexpr std::align_val_t kAlignment{64};
  double* data_ = nullptr;
  std::int64_t size_ = 0;
};

}  // namespace arrayspice::lines
