// SPDX-License-Identifier: Apache-2.0
// The three ways a job can fail that are not diagnostics with a place in a deck; `tools/`
// turns them into `error: ...` and the exit code.
#pragma once

#include <stdexcept>
#include <string>

namespace arrayspice {

enum class Exit : int {
  Done = 0,
  Numeric = 1,
  Input = 2,
  Resource = 3,
  Interrupted = 130
};

class Failure : public std::runtime_error {
 public:
  Failure(Exit code, const std::string& what) : std::runtime_error(what), code_(code) {}
  Exit code() const { return code_; }

 private:
  Exit code_;
};

}  // namespace arrayspice
