// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <thread>

namespace arrayspice {

/// Puts the first part of the heap on large pages, at the start of the program. A small
/// deck costs more page faults than arithmetic, above all in a virtual machine: 64 x 64
/// cells take 3,400 faults of 4 KiB. Does nothing where the C library or the kernel
/// cannot.
void prepare_heap();

/// Gives the reserve back, for who limits the memory: address space would count.
void release_heap_reserve();

/// Touches the heap ahead of its user, in a thread of its own for as long as this lives:
/// in a virtual machine the first touch of memory costs more than most of what is done
/// with it.
class HeapWarmer {
 public:
  /// So many bytes of what prepare_heap() has reserved; 0: none.
  explicit HeapWarmer(std::uintmax_t bytes);

 private:
  std::jthread thread_;
};

}  // namespace arrayspice
