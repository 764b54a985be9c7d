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

void prepare_heap() {
  constexpr std::uintptr_t kLargePage = std::uintptr_t{2} << 20;
  constexpr int kReserve = 1 << 30;      // address space; memory is taken when touched
  constexpr int kOwnMapping = 32 << 20;  // larger blocks go back to the system when freed
  mallopt(M_TOP_PAD, kReserve);
  mallopt(M_TRIM_THRESHOLD, kReserve);
  mallopt(M_MMAP_THRESHOLD, kOwnMapping);
  const auto begin = reinterpret_cast<std::uintptr_t>(sbrk(0));
  void* volatile block = std::malloc(kOwnMapping / 2);  // extends the heap by the reserve
  std::free(block);
  const auto end = reinterpret_cast<std::uintptr_t>(sbrk(0));
  const std::uintptr_t first = (begin + kLargePage - 1) & ~(kLargePage - 1);
  if (end > first) madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
}

void release_heap_reserve() {
  constexpr int kDefaultPad = 128 << 10;  // glibc's own
  mallopt(M_TOP_PAD, kDefaultPad);
  malloc_trim(kDefaultPad);
}

#else

void prepare_heap() {}
void release_heap_reserve() {}

#endif

}  // namespace arrayspice
