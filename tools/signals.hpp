// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace arrayspice {

/// From now on SIGINT, SIGTERM and SIGHUP remove unfinished output files and end the
/// process with 128 + signal (130 for SIGINT); a closed pipe is a write error, no signal.
void handle_signals();

}  // namespace arrayspice
