// SPDX-License-Identifier: Apache-2.0
// One deck from its text to its results: read, check, run, print, write.
#pragma once

#include <string>

#include "netlists/failure.hpp"
#include "netlists/netlist.hpp"
#include "solver/linear_solver.hpp"

namespace arrayspice {

struct DeckRunOptions {
  std::string deck;
  std::string output;  ///< empty: no waveform file
  std::string format = "raw";
  ReadOptions read;
  LinearOptions linear;
  int threads = 1;
  bool stats = false, no_run = false, quiet = false, verbose = false;
};

/// Results go to stdout and the output file, diagnostics to stderr.
Exit run_deck(const DeckRunOptions& options);

}  // namespace arrayspice
