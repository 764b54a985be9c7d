// SPDX-License-Identifier: Apache-2.0
// Finds and loads the files of a deck. Only regular files are read; in a sandbox only
// those below the deck's folder and the include paths, symbolic links followed.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "netlists/netlist.hpp"

namespace arrayspice {

class SourceLoader {
 public:
  SourceLoader(const ReadOptions& options, std::filesystem::path deck_folder,
               Sources& sources, Diagnostics& diagnostics);

  /// Loads a deck named by the user; throws Failure when it cannot be read.
  std::uint16_t load_deck(const std::filesystem::path& path);
  /// Takes a text as the deck; 0 after an error.
  std::uint16_t add_deck(const std::string& name, std::string text);
  /// Loads what `including` includes, once: a second include of a file gives the same
  /// number. 0 after an error.
  std::uint16_t load_include(const std::string& name, std::uint16_t including,
                             Location where);

 private:
  std::filesystem::path find(const std::string& name, std::uint16_t including) const;
  bool allowed(const std::filesystem::path& canonical) const;
  std::uint16_t add(const std::string& shown, std::string text, Location where);
  std::string missing(const std::string& name, std::uint16_t including) const;

  const ReadOptions& options_;
  std::filesystem::path deck_folder_;
  Sources& sources_;
  Diagnostics& diagnostics_;
  std::map<std::filesystem::path, std::uint16_t> loaded_;
  std::vector<std::filesystem::path> folders_;  // by file number - 1
  std::size_t bytes_ = 0;
};

}  // namespace arrayspice
