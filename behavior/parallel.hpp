// SPDX-License-Identifier: Apache-2.0
// Independent pieces of work on several threads. Who does which piece is left to chance,
// so a piece must not depend on what its thread did before.
#pragma once

#include <cstdint>
#include <functional>

namespace arrayspice {

/// Calls work(k) for k = 0 .. count - 1, on up to `threads` threads. When some throw, no
/// more are begun, and the exception of the smallest k goes on to the caller.
void for_each_index(std::int64_t count, int threads,
                    const std::function<void(std::int64_t k)>& work);

/// The same with the number of the thread, from 0, for work that needs a place of its
/// own.
void for_each_index(std::int64_t count, int threads,
                    const std::function<void(int thread, std::int64_t k)>& work);

}  // namespace arrayspice
