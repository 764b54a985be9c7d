// SPDX-License-Identifier: Apache-2.0
#include "tools/heap.hpp"

#include <cstdint>
#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace arrayspice {

#ifdef __GLIBC__

namespace {

constexpr std::uintptr_t kLargePage = std::uintptr_t{2} << 20;

/// The first large page at or after an address.
std::uintptr_t next_page(std::uintptr_t address) {
  return (address + kLargePage - 1) & ~(kLargePage - 1);
}

/// Page by page, until there is no more heap or nobody needs it. Populating leaves what
/// is in a page as it is; an older kernel refuses.
void warm(const std::stop_token& stop, std::uintptr_t first, std::uintptr_t bytes) {
#ifdef MADV_POPULATE_WRITE
  for (std::uintptr_t at = first; at < first + bytes && !stop.stop_requested();
       at += kLargePage)
    if (madvise(reinterpret_cast<void*>(at), kLargePage, MADV_POPULATE_WRITE) != 0)
      return;
#endif
}

}  // namespace

HeapWarmer::HeapWarmer(std::uintmax_t bytes) {
  // What is allocated now lies at the end of what is in use.
  void* volatile block = bytes > 0 ? std::malloc(kLargePage) : nullptr;
  if (!block) return;
  const auto first = next_page(reinterpret_cast<std::uintptr_t>(block));
  std::free(block);
  thread_ = std::jthread([=](const std::stop_token& stop) { warm(stop, first, bytes); });
}

void prepare_heap() {
  constexpr int kReserve = 1 << 30;      // address space; memory is taken when touched
  constexpr int kOwnMapping = 32 << 20;  // larger blocks go back to the system when freed
  mallopt(M_TOP_PAD, kReserve);
  mallopt(M_TRIM_THRESHOLD, kReserve);
  mallopt(M_MMAP_THRESHOLD, kOwnMapping);
  const auto begin = reinterpret_cast<std::uintptr_t>(sbrk(0));
  void* volatile block = std::malloc(kOwnMapping / 2);  // extends the heap by the reserve
  std::free(block);
  const auto end = reinterpret_cast<std::uintptr_t>(sbrk(0));
  const std::uintptr_t first = next_page(begin);
  if (end > first) madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
}

void release_heap_reserve() {
  constexpr int kDefaultPad = 128 << 10;  // glibc's own
  mallopt(M_TOP_PAD, kDefaultPad);
  malloc_trim(kDefaultPad);
}

#else

HeapWarmer::HeapWarmer(std::uintmax_t) {}
void prepare_heap() {}
void release_heap_reserve() {}

#endif

}  // namespace arrayspice
