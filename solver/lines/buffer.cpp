// SPDX-License-Identifier: Apache-2.0
#include "solver/lines/buffer.hpp"

#include <algorithm>
#include <cassert>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace arrayspice::lines {

namespace {

constexpr std::size_t kCacheLine = 64;
constexpr std::size_t kLargePage = std::size_t{2} << 20;

std::align_val_t alignment(std::size_t bytes) {
  return std::align_val_t{bytes >= kLargePage ? kLargePage : kCacheLine};
}

void prefer_large_pages([[maybe_unused]] void* data, [[maybe_unused]] std::size_t bytes) {
#ifdef __linux__
  if (bytes >= kLargePage) madvise(data, bytes, MADV_HUGEPAGE);
#endif
}

}  // namespace

Buffer::Buffer(std::int64_t size) : size_(size) {
  const std::size_t bytes = static_cast<std::size_t>(size) * sizeof(double);
  void* const data = ::operator new(bytes, alignment(bytes));
  prefer_large_pages(data, bytes);
  data_ = static_cast<double*>(data);
  fill(0.0);
}

Buffer::~Buffer() {
  ::operator delete(data_, alignment(static_cast<std::size_t>(size_) * sizeof(double)));
}

void Buffer::fill(double value) { std::fill_n(data_, size_, value); }

void Buffer::copy(const Buffer& from) {
  assert(from.size_ == size_);
  std::copy_n(from.data_, size_, data_);
}

}  // namespace arrayspice::lines
