// SPDX-License-Identifier: Apache-2.0
// Doubles aligned to a cache line, as the vector kernels need them; large buffers lie on
// large pages, because the word-line pass visits one page per panel.
#pragma once

#include <cstdint>
#include <utility>

namespace arrayspice::lines {

class Buffer {
 public:
  Buffer() = default;
  /// `size` zeros.
  explicit Buffer(std::int64_t size);
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Buffer();

  double* data() { return data_; }
  const double* data() const { return data_; }
  std::int64_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  double* begin() { return data_; }
  double* end() { return data_ + size_; }
  const double* begin() const { return data_; }
  const double* end() const { return data_ + size_; }
  double& operator[](std::int64_t k) { return data_[k]; }
  double operator[](std::int64_t k) const { return data_[k]; }
  void fill(double value);
  /// Copies the numbers of a buffer of the same size.
  void copy(const Buffer& from);

 private:
  double* data_ = nullptr;
  std::int64_t size_ = 0;
};

}  // namespace arrayspice::lines
