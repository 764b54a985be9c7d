// SPDX-License-Identifier: Apache-2.0
// A verb of the program: one file each, listed in main.cpp. Help, checks and shell
// completion come from these tables.
#pragma once

#include <boost/program_options.hpp>
#include <string_view>

#include "netlists/failure.hpp"

namespace arrayspice {

namespace po = boost::program_options;

/// Options that every verb has.
struct CommonOptions {
  int threads = 1;
  bool quiet = false;
  bool verbose = false;
};

struct Verb {
  std::string_view name;
  std::string_view synopsis;  ///< "DECK [-o FILE] [options]"
  std::string_view summary;   ///< one line
  std::string_view example;   ///< one worked example with its output
  void (*declare)(po::options_description& options,
                  po::positional_options_description& positional);
  /// May throw Failure; everything else that leaves it is a bug.
  Exit (*run)(const po::variables_map& given, const CommonOptions& common);
  /// What --threads does for this verb.
  std::string_view threads = "accepted by every verb; this one works in one thread";
};

extern const Verb kSimulate, kGenerate, kMvm, kExtract, kExport, kReport;

}  // namespace arrayspice
